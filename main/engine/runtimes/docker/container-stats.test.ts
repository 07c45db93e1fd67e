import type Dockerode from 'dockerode';
import { expect, it } from 'vitest';
import { ServiceId } from '../../../contract/index.ts';
import { ContainerStats } from './container-stats.ts';

it('measures again after the engine was away when it was first asked', async () => {
  let isAway = true;
  const signals: unknown[] = [];
  const docker = {
    info: async ({ abortSignal }: { abortSignal: unknown }) => {
      signals.push(abortSignal);
      if (isAway) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      return { MemTotal: 1000 };
    },
    getContainer: () => ({
      stats: async ({ abortSignal }: { abortSignal: unknown }) => {
        signals.push(abortSignal);
        return { cpu_stats: { cpu_usage: { total_usage: 5 } }, memory_stats: { usage: 70, limit: 1000 } };
      },
    }),
  } as unknown as Dockerode;
  const stats = new ContainerStats(docker, false);
  const ref = { service: ServiceId.parse('a'), index: 1 };
  const all = [{ id: 'a-1', ref, containerId: 'c', pid: null, startedAtMs: 0 }];
  await expect(stats.pass(all)).rejects.toThrow('ECONNREFUSED');
  isAway = false;
  expect(await stats.pass(all)).toMatchObject([{ memoryBytes: 70, memoryLimitBytes: null }]);
  // No question waits for ever.
  expect(signals.every((one) => one instanceof AbortSignal)).toBe(true);
});
