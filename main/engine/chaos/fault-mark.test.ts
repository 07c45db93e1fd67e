import { expect, test } from 'vitest';
import type { FaultView } from '../../contract/index.ts';
import { faultMark } from './fault-mark.ts';

const fault = (kind: string, target: FaultView['target']): FaultView => ({
  id: 'f1',
  kind,
  target,
  parameters: {},
  since: '2026-11-22T20:00:00.000Z',
  until: null,
  state: 'active',
  problem: null,
  experiment: null,
});
const atMs = Date.parse('2026-11-22T20:00:00.000Z');

test('what is done in a moment has an end, too, or the timeline would show it for ever', () => {
  expect(faultMark(fault('kill', { kind: 'service', service: 'inventory' }), atMs + 40)).toEqual({
    id: 'fault-f1',
    kind: 'fault',
    atMs,
    untilMs: atMs + 40,
    service: 'inventory',
    text: 'Kill on inventory',
  });
});

test('what lasts has none while it is on', () => {
  const mark = faultMark(fault('latency', { kind: 'edge', from: 'orders', to: 'payments' }), null);
  expect(mark).toMatchObject({ untilMs: null, service: null, text: 'Latency on orders → payments' });
});
