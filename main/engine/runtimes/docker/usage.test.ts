import { expect, it } from 'vitest';
import { ServiceId } from '../../../contract/index.ts';
import { type Usage, UsageRates } from './usage.ts';

const instance = { service: ServiceId.parse('a'), index: 1 };
const usage = (given: Partial<Usage>): Usage => ({
  cpuNs: 0,
  memoryBytes: 100,
  memoryLimitBytes: null,
  network: null,
  disk: null,
  ...given,
});

it('tells what was used since the measurement before, of one core', () => {
  const rates = new UsageRates();
  const at = (given: Partial<Usage>, atMs: number, life = 'first') =>
    rates.rate('a-1', instance, life, usage(given), atMs);
  expect(at({ cpuNs: 5e9, network: { inBytes: 1000, outBytes: 0 } }, 0)).toMatchObject({
    cpuPercent: 0,
    cpuSeconds: 5,
    network: { inBytes: 1000, inBytesPerSecond: 0 },
  });
  expect(at({ cpuNs: 8e9, network: { inBytes: 5000, outBytes: 200 } }, 2000)).toMatchObject({
    cpuPercent: 150,
    network: { inBytesPerSecond: 2000, outBytesPerSecond: 100 },
    disk: null,
  });
  // Started anew: its counters say nothing about the time before.
  expect(at({ cpuNs: 1e9 }, 4000, 'second').cpuPercent).toBe(0);
});
