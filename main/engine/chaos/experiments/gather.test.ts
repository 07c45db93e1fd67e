import { expect, test } from 'vitest';
import type { FaultView } from '../../../contract/index.ts';
import { type GatherSources, gather } from './gather.ts';
import { Witness } from './witness.ts';

const node = (id: string, service: string | null = id) => ({
  id,
  kind: 'service',
  health: 'healthy',
  parent: null,
  service,
});
const call = (from: string, to: string) => ({ from, to, ratePerSecond: 1, errorRate: 0, p95Ms: 5 });
const topology = {
  nodes: [node('orders'), node('mails'), node('kafka'), node('kafka/placed', 'kafka')],
  edges: [call('orders', 'kafka/placed'), call('kafka/placed', 'mails'), call('kafka', 'orders')],
};
const points = [
  { atMs: 1000, ratePerSecond: 10, errorsPerSecond: 0, p95Ms: 5 },
  { atMs: 2000, ratePerSecond: 10, errorsPerSecond: 5, p95Ms: 5 },
  { atMs: 3000, ratePerSecond: 100, errorsPerSecond: 2, p95Ms: 900 },
];
const sources = {
  'telemetry.services': async () => [],
  'telemetry.timeline': async () => ({ points }),
  'topology.get': async () => topology,
  'traces.search': () => Promise.reject(new Error('there are none')),
} as unknown as GatherSources;

const fault = (kind: string, from: string): FaultView => ({
  id: `${kind} ${from}`,
  kind,
  target: { kind: 'edge', from, to: 'kafka' },
  parameters: {},
  since: new Date(1500).toISOString(),
  until: null,
  state: 'active',
  problem: null,
  experiment: null,
});

test('the worst moment is when most requests failed, with the faults that were on each call, a consumed one too', async () => {
  const witness = new Witness([], [fault('latency', 'orders'), fault('hang', 'mails')]);
  const run = { fromMs: 0, toMs: 4000 };
  const { worst, traces } = await gather(run, run, sources, witness);
  expect(worst?.atMs).toBe(2000);
  expect(worst?.edges.map(({ from, to, faults }) => [from, to, faults])).toEqual([
    ['orders', 'kafka/placed', ['latency']],
    ['kafka/placed', 'mails', ['hang']],
    // A call of the broker's own.
    ['kafka', 'orders', []],
  ]);
  expect(traces).toEqual([]);
});
