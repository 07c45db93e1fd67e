import { describe, vi } from 'vitest';
import { faultsSuite } from './faults-suite.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

describe('faults on local processes', () => faultsSuite('process'));
