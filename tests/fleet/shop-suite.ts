import { expect, test } from 'vitest';
import type { LogRecord, ServiceView, Topology, Trace, TraceSummary } from '../../main/contract/index.ts';
import type { Flotilla } from '../support/flotilla.ts';

/** The shop on one runtime, for the tests that are the same on each. */
export interface ShopCase {
  readonly runtime: 'process' | 'docker';
  /** What the fleet is called. */
  readonly name: string;
  readonly services: readonly string[];
  /** Where shipping's work waits: a node of the topology. */
  readonly jobs: 'kafka/shipping-jobs' | 'rabbitmq/shipping-jobs';
  /** Members by consumer group. */
  readonly groups: Readonly<Record<string, number>>;
}

const services = [
  'gateway',
  'identity',
  'catalog',
  'cart',
  'orders',
  'inventory',
  'payments',
  'shipping',
  'notifications',
  'analytics',
  'traffic',
  'postgres',
  'kafka',
  'redis',
];

export const onProcesses: ShopCase = {
  runtime: 'process',
  name: 'shop',
  services,
  jobs: 'kafka/shipping-jobs',
  groups: { shipping: 2, notifications: 1, analytics: 1, orders: 1 },
};

export const onDocker: ShopCase = {
  runtime: 'docker',
  name: 'shop',
  services: [...services, 'rabbitmq'],
  jobs: 'rabbitmq/shipping-jobs',
  groups: { notifications: 1, analytics: 1, orders: 1 },
};

const edgesWith = (jobs: ShopCase['jobs']): [string, string][] => [
  ['traffic', 'gateway'],
  ['traffic', 'identity'],
  ['gateway', 'identity'],
  ['gateway', 'catalog'],
  ['gateway', 'cart'],
  ['gateway', 'orders'],
  ['gateway', 'analytics'],
  ['catalog', 'postgres/catalog'],
  ['catalog', 'redis'],
  ['cart', 'redis'],
  ['cart', 'catalog'],
  ['orders', 'postgres/orders'],
  ['orders', 'inventory'],
  ['orders', 'payments'],
  ['orders', 'kafka/order-events'],
  ['orders', jobs],
  ['inventory', 'postgres/inventory'],
  ['payments', 'postgres/payments'],
  ['payments', 'bank'],
  [jobs, 'shipping'],
  ['shipping', 'postgres/shipping'],
  ['shipping', 'kafka/shipping-events'],
  ['kafka/shipping-events', 'orders'],
  ['kafka/order-events', 'notifications'],
  ['kafka/order-events', 'analytics'],
  ['notifications', 'kafka/customer-messages'],
  ['kafka/customer-messages', 'gateway'],
  ['analytics', 'postgres/analytics'],
];

/** For what has to come by itself while orders are placed. */
export const patient = { timeout: 120_000, interval: 2000 };

/** How one of the shop's services stands. */
export async function viewOf(shop: Flotilla, service: string): Promise<ServiceView> {
  const found = (await shop.json<ServiceView[]>('services')).find((one) => one.id === service);
  if (!found) throw new Error(`the shop has no ${service}`);
  return found;
}

/** Tests of a shop that runs with traffic, in the words of the command line. */
export function testShop(shopOf: () => Flotilla, shopCase: ShopCase): void {
  testServices(shopOf, shopCase);
  testTopology(shopOf, shopCase);
  testTraces(shopOf);
  testKafka(shopOf, shopCase);
  testTrouble(shopOf);
}

function testServices(shopOf: () => Flotilla, { runtime, name, services: expected }: ShopCase): void {
  test('every service is running and healthy', async () => {
    const shop = shopOf();
    const status = await shop.json<{ fleet: { name: string; runtime: string; state: string } }>('status');
    expect(status.fleet).toMatchObject({ name, runtime, state: 'healthy' });
    const views = await shop.json<ServiceView[]>('services');
    expect(views.map((one) => one.id).sort()).toEqual([...expected].sort());
    expect(views.filter((one) => one.health !== 'healthy').map((one) => one.id)).toEqual([]);
    await expect
      .poll(
        async () => (await shop.json<ServiceView[]>('services')).every((one) => (one.memoryBytes ?? 0) > 0),
        patient,
      )
      .toBe(true);
  });
}

function testTopology(shopOf: () => Flotilla, { services: expected, jobs }: ShopCase): void {
  test('the topology has every edge, with rates', async () => {
    const shop = shopOf();
    const missing = async (): Promise<string[]> => {
      const topology = await shop.json<Topology>('topology');
      const live = new Set(
        topology.edges.filter((one) => one.ratePerSecond > 0).map((one) => `${one.from} -> ${one.to}`),
      );
      return edgesWith(jobs)
        .map(([from, to]) => `${from} -> ${to}`)
        .filter((edge) => !live.has(edge));
    };
    await expect.poll(missing, patient).toEqual([]);
    const topology = await shop.json<Topology>('topology');
    const known = new Set<string>(topology.nodes.map((one) => one.id));
    expect(expected.filter((one) => !known.has(one))).toEqual([]);
    expect(topology.edges.filter((one) => !known.has(one.from) || !known.has(one.to))).toEqual([]);
    // Of the two that can carry the jobs, only the one that does.
    const carriers = [...known].filter((id) => id.endsWith('/shipping-jobs'));
    expect(carriers).toEqual([jobs]);
  });
}

function testTraces(shopOf: () => Flotilla): void {
  test('an order is one trace through services and brokers', async () => {
    const shop = shopOf();
    const crossed = ['traffic', 'gateway', 'orders', 'payments', 'inventory', 'shipping', 'notifications'];
    const find = async (): Promise<TraceSummary | undefined> => {
      const traces = await shop.json<TraceSummary[]>('traces', '--query', 'service:shipping', '--limit', '200');
      return traces.find((trace) => crossed.every((service) => trace.services.includes(service)));
    };
    await expect.poll(async () => (await find()) !== undefined, patient).toBe(true);
    const summary = await find();
    if (!summary) throw new Error('unreachable');
    const trace = await shop.json<Trace>('trace', summary.traceId);
    expect(trace.spans.length).toBeGreaterThan(10);
    expect(new Set(trace.spans.map((span) => span.kind))).toEqual(
      new Set(['internal', 'server', 'client', 'producer', 'consumer']),
    );
    const jobSpans = trace.spans.filter((span) => span.attributes['messaging.destination.name'] === 'shipping-jobs');
    expect(new Set(jobSpans.map((span) => `${span.service} ${span.kind}`))).toEqual(
      new Set(['orders producer', 'shipping consumer']),
    );
    const onPath = new Set(
      trace.spans.filter((span) => trace.criticalPath.includes(span.spanId)).map((span) => span.service),
    );
    expect([...onPath]).toEqual(expect.arrayContaining(['traffic', 'gateway', 'orders', 'payments']));
  });

  test('log lines carry trace ids that lead to their traces', async () => {
    const shop = shopOf();
    const lines = await shop.jsonLines<LogRecord>('logs', 'orders', '--limit', '500');
    const traced = lines.filter((line) => line.traceId !== null);
    expect(traced.length).toBeGreaterThan(0);
    expect(new Set(lines.map((line) => line.service))).toEqual(new Set(['orders']));
    const traceId = traced[0]?.traceId ?? '';
    // A line is known at once, the spans come with the next batch.
    await expect.poll(async () => (await shop.run('trace', traceId)).code, patient).toBe(0);
    const trace = await shop.json<Trace>('trace', traceId);
    expect(trace.spans.some((span) => span.service === 'orders')).toBe(true);
  });
}

function testKafka(shopOf: () => Flotilla, { groups: expected, jobs }: ShopCase): void {
  test('Kafka shows topics, groups and messages', async () => {
    const shop = shopOf();
    const topics = await shop.json<{ name: string; messages: number; bytes: number }[]>('topics');
    const orderEvents = topics.find((one) => one.name === 'order-events');
    expect(orderEvents).toMatchObject({ partitions: 3 });
    expect(orderEvents?.messages).toBeGreaterThan(0);
    expect(orderEvents?.bytes).toBeGreaterThan(0);
    expect(topics.some((one) => one.name === 'shipping-jobs')).toBe(jobs.startsWith('kafka/'));
    const groups = await shop.json<{ id: string; members: number; lag: number }[]>('groups');
    const members = Object.fromEntries(groups.map((one) => [one.id, one.members]));
    expect(members).toMatchObject(expected);
    const messages = await shop.jsonLines<{ topic: string; value: { format: string }; traceId: string }>(
      'messages',
      'order-events',
      '--limit',
      '5',
    );
    expect(messages).toHaveLength(5);
    expect(messages[0]).toMatchObject({
      topic: 'order-events',
      value: { format: 'json' },
      traceId: expect.any(String),
    });
  });
}

function testTrouble(shopOf: () => Flotilla): void {
  test('metrics arrive, the state of circuit breakers among them', async () => {
    const names = async () => (await shopOf().json<{ name: string }[]>('metrics')).map((one) => one.name);
    await expect.poll(names, patient).toContain('circuit_breaker.state');
  });

  test('a killed service comes back by itself and is counted', async () => {
    const shop = shopOf();
    const before = (await viewOf(shop, 'cart')).restarts;
    const killed = await shop.run('kill', 'cart');
    expect(killed.code, killed.stderr).toBe(0);
    await expect
      .poll(async () => {
        const now = await viewOf(shop, 'cart');
        return now.health === 'healthy' && now.restarts > before;
      }, patient)
      .toBe(true);
  });
}
