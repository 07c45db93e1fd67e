import { describe, vi } from 'vitest';
import { withoutContainers } from '../support/containers.ts';
import { IMAGES } from './faults-bench.ts';
import { faultsSuite } from './faults-suite.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

const without = await withoutContainers(...IMAGES);
const why = without === null ? '' : ` (skipped: ${without})`;

describe.skipIf(without !== null)(`faults on containers${why}`, () => faultsSuite('docker'));
