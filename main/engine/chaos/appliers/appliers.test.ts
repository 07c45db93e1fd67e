import { expect, test } from 'vitest';
import type { Topology } from '../../../contract/index.ts';
import { newLife } from '../../fleet/lifecycle/life.ts';
import { attributesProblem } from '../../links/index.ts';
import { catalogue } from '../catalogue/index.ts';
import type { FaultDraft } from '../faults/faults.ts';
import { previewOf } from '../preview.ts';
import { chooseCopies } from './copies.ts';
import { toxicOf } from './toxic-of.ts';

const lives = [1, 2, 3, 4].map((index) => newLife({ service: 'orders' as never, index }));
const target = { kind: 'service', service: 'orders' } as const;

test.each([
  [{}, 4],
  [{ copies: 0, percent: 50 }, 2],
  [{ copies: 0, percent: 1 }, 1],
  [{ copies: 0, percent: 0 }, 1],
  [{ copies: 3, percent: 25 }, 3],
  [{ copies: 9, percent: 100 }, 4],
])('%j hits %d of four copies', (parameters, count) => {
  const chosen = chooseCopies({ target, parameters }, 'orders', lives);
  expect(chosen).toHaveLength(count);
  expect(new Set(chosen).size).toBe(count);
});

test('copies are chosen at random, and one that is named is that one', () => {
  const order = [0.9, 0.1, 0.5, 0.2];
  const random = (): number => order.shift() ?? 0;
  expect(chooseCopies({ target, parameters: { copies: 2 } }, 'orders', lives, random)).toEqual([2, 4]);
  expect(chooseCopies({ target: { ...target, instance: 3 }, parameters: { copies: 2 } }, 'orders', lives)).toEqual([3]);
  const none = (): number[] => chooseCopies({ target, parameters: {} }, 'orders', []);
  expect(none).toThrow(expect.objectContaining({ code: 'SERVICE_NOT_RUNNING' }));
});

test('the links program takes every fault on an edge as it is said to it', () => {
  for (const { kind, scope, parameters } of catalogue) {
    if (scope !== 'edge' || kind === 'refuse') continue;
    const least = Object.fromEntries(parameters.map((one) => [one.name, one.min ?? one.default ?? 'x']));
    const most = Object.fromEntries(parameters.map((one) => [one.name, one.max ?? one.default ?? 'x']));
    for (const given of [least, most]) {
      const toxic = toxicOf(kind, given);
      expect(toxic, kind).not.toBeNull();
      expect([kind, attributesProblem(toxic?.type ?? '', toxic?.attributes)]).toEqual([kind, null]);
    }
  }
  expect(toxicOf('refuse', {})).toBeNull();
});

const node = (id: string, service: string | null = id) => ({ id, service }) as unknown as Topology['nodes'][number];
const call = (from: string, to: string, ratePerSecond: number) =>
  ({ from, to, ratePerSecond, source: 'seen' }) as unknown as Topology['edges'][number];
const topology: Topology = {
  range: { from: '', to: '' },
  nodes: [
    node('orders'),
    node('gateway'),
    node('postgres'),
    node('postgres/orders', 'postgres'),
    node('kafka/events', 'kafka'),
  ],
  edges: [
    call('gateway', 'orders', 12.4),
    call('orders', 'postgres/orders', 30),
    call('orders', 'postgres', 2),
    call('kafka/events', 'orders', 5),
  ],
};

const draft = (kind: string, given: Partial<FaultDraft['entry']>): FaultDraft =>
  ({
    kind: catalogue.find((one) => one.kind === kind),
    entry: { parameters: {}, before: {}, ...given },
    ground: { services: [{ id: 'orders', copies: [1, 2], store: null }] },
  }) as unknown as FaultDraft;

test.each([
  [
    draft('latency', { target: { kind: 'edge', from: 'gateway', to: 'orders' }, parameters: { percent: 50 } }),
    30,
    'Latency on gateway → orders, for 30 s: about 6.2 of 12 requests a second. The share is of connections: of one that is hit all requests are, of others none.',
  ],
  [
    draft('http-delay', { target: { kind: 'edge', from: 'gateway', to: 'orders' }, parameters: { percent: 50 } }),
    30,
    'Delayed requests on gateway → orders, for 30 s: about 6.2 of 12 requests a second.',
  ],
  [
    draft('refuse', { target: { kind: 'edge', from: 'orders', to: 'postgres' } }),
    null,
    'Connection refused on orders → postgres, until it is removed: 32 requests a second.',
  ],
  [
    draft('hang', { target: { kind: 'edge', from: 'orders', to: 'kafka' } }),
    600,
    'Hang on orders → kafka, for 10 min: 5 requests a second.',
  ],
  [
    draft('hang', { target: { kind: 'edge', from: 'gateway', to: 'postgres' } }),
    5,
    'Hang on gateway → postgres, for 5 s: no requests were seen there.',
  ],
  [
    draft('pause', { target, before: { copies: [2] } }),
    60,
    'Pause on 1 of 2 copies of orders, for 60 s: about 8.7 of 17 requests a second from gateway and kafka.',
  ],
  [
    draft('kill', { target, before: { copies: [1, 2] } }),
    60,
    'Kill on all 2 copies of orders, once: 17 requests a second from gateway and kafka.',
  ],
  [
    draft('clock-offset', { target, before: { copies: [1, 2] } }),
    60,
    'Clock offset on all 2 copies of orders, for 60 s: 17 requests a second from gateway and kafka. It is restarted at the start and at the end.',
  ],
])('a preview says what is touched', (given, forSeconds, summary) => {
  expect(previewOf(given, topology, forSeconds).summary).toBe(summary);
});
