import { expect, it } from 'vitest';
import type { FaultTarget, FaultView, Topology } from '../../../main/contract/index.ts';
import { faultFlags } from './fault-flags.ts';
import { GraphStore } from './graph-store.ts';

const NOW = 1_000_000;
const on = (target: FaultTarget): FaultView => ({
  id: JSON.stringify(target),
  kind: 'latency',
  target,
  parameters: {},
  since: new Date(NOW).toISOString(),
  until: new Date(NOW + 30_000).toISOString(),
  state: 'active',
  problem: null,
  experiment: null,
});
const node = (id: string, service: string | null = id) => ({ id, service });
const topology = {
  nodes: [
    node('orders'),
    node('payments'),
    node('postgres/orders', 'postgres'),
    node('kafka/jobs', 'kafka'),
    node('bank', null),
  ],
  edges: [
    { from: 'orders', to: 'payments' },
    { from: 'orders', to: 'postgres/orders' },
    { from: 'kafka/jobs', to: 'orders' },
    { from: 'payments', to: 'bank' },
  ],
} as unknown as Topology;

it('flags edges by the calls over them and nodes by the service they lie in', () => {
  const flags = faultFlags(
    topology,
    [
      on({ kind: 'edge', from: 'orders', to: 'payments' }),
      on({ kind: 'edge', from: 'orders', to: 'kafka', port: 9092 }),
      on({ kind: 'service', service: 'postgres' }),
    ],
    undefined,
    NOW,
  );
  expect([...flags]).toEqual([
    ['postgres/orders', 'Latency · 30 s'],
    ['orders~payments', 'Latency · 30 s'],
    ['kafka/jobs~orders', 'Latency · 30 s'],
  ]);
});

it('tells those whose flag is another one, and no others', () => {
  const store = new GraphStore();
  const told: string[] = [];
  for (const id of ['a', 'b', 'c']) store.subscribe(id, () => told.push(id));
  store.flag(
    new Map([
      ['a', 'Hang · 5 s'],
      ['b', 'Hang'],
    ]),
  );
  store.flag(
    new Map([
      ['a', 'Hang · 4 s'],
      ['b', 'Hang'],
    ]),
  );
  store.flag(new Map());
  expect(told).toEqual(['a', 'b', 'a', 'a', 'b']);
  expect(store.flagOf('a')).toBeUndefined();
});

it('lifts a flag that would lie over another', () => {
  const store = new GraphStore();
  store.flag(
    new Map([
      ['a~b', 'Hang'],
      ['a~c', 'Hang'],
      ['a~d', 'Hang'],
    ]),
  );
  store.placeFlag('a~b', { x: 100, y: 50 });
  store.placeFlag('a~c', { x: 170, y: 52 });
  store.placeFlag('a~d', { x: 400, y: 50 });
  store.placeFlag('x~y', { x: 100, y: 50 });
  expect(['a~b', 'a~c', 'a~d'].map(store.flagLevel)).toEqual([0, 1, 0]);
  store.placeFlag('a~b', null);
  expect(store.flagLevel('a~c')).toBe(0);
});

it('flags the one topic or database that a fault names, and all where it names none that is drawn', () => {
  const inside = {
    nodes: ['kafka/jobs', 'kafka/events', 'postgres/orders', 'postgres/cart'].map((id) => node(id, id.split('/')[0])),
    edges: [],
  } as unknown as Topology;
  const flagged = (service: string, parameters: FaultView['parameters']): string[] => [
    ...faultFlags(inside, [{ ...on({ kind: 'service', service }), parameters }], undefined, NOW).keys(),
  ];
  expect(flagged('kafka', { topic: 'events' })).toEqual(['kafka/events']);
  expect(flagged('postgres', { database: 'cart', table: 'items' })).toEqual(['postgres/cart']);
  expect(flagged('kafka', { topic: 'not-drawn' })).toEqual(['kafka/jobs', 'kafka/events']);
});
