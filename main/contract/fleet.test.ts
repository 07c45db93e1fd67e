import { expect, test } from 'vitest';
import { isServiceUp } from './fleet.ts';

test('a job that ended well is up, and what failed is not because nothing tells its health', () => {
  const up = (state: Parameters<typeof isServiceUp>[0]['state'], health: 'healthy' | 'none' | 'unknown') =>
    isServiceUp({ state, health });
  expect([up('running', 'healthy'), up('running', 'none'), up('exited', 'unknown')]).toEqual([true, true, true]);
  expect([up('failed', 'none'), up('stopped', 'none'), up('running', 'unknown')]).toEqual([false, false, false]);
});
