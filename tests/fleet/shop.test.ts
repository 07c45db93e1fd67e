import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { LogRecord, ServiceView, Topology, Trace, TraceSummary } from '../../main/contract/index.ts';
import { type Flotilla, makeFlotilla } from '../support/flotilla.ts';
import { portsOf, stillListening } from '../support/processes.ts';

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

const edges = [
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
  ['orders', 'kafka/shipping-jobs'],
  ['inventory', 'postgres/inventory'],
  ['payments', 'postgres/payments'],
  ['payments', 'bank'],
  ['kafka/shipping-jobs', 'shipping'],
  ['shipping', 'postgres/shipping'],
  ['shipping', 'kafka/shipping-events'],
  ['kafka/order-events', 'notifications'],
  ['kafka/order-events', 'analytics'],
  ['notifications', 'kafka/customer-messages'],
  ['kafka/customer-messages', 'gateway'],
  ['analytics', 'postgres/analytics'],
];

const patient = { timeout: 120_000, interval: 2000 };
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

describe('the shop on local processes', () => {
  let shop: Flotilla;

  beforeAll(async () => {
    shop = await makeFlotilla();
    const up = await shop.run('up', '--runtime', 'process', '--headless', '--traffic', '8');
    expect(up.code, up.stderr).toBe(0);
  });
  afterAll(() => shop.close());

  test('every service is running and healthy', async () => {
    const status = await shop.json<{ fleet: { name: string; runtime: string; state: string } }>('status');
    expect(status.fleet).toMatchObject({ name: 'shop', runtime: 'process', state: 'healthy' });
    const views = await shop.json<ServiceView[]>('services');
    expect(views.map((one) => one.id).sort()).toEqual([...services].sort());
    expect(views.filter((one) => one.health !== 'healthy').map((one) => one.id)).toEqual([]);
    await expect
      .poll(
        async () => (await shop.json<ServiceView[]>('services')).every((one) => (one.memoryBytes ?? 0) > 0),
        patient,
      )
      .toBe(true);
  });

  test('the topology has every edge, with rates', async () => {
    const missing = async (): Promise<string[]> => {
      const topology = await shop.json<Topology>('topology');
      const live = new Set(
        topology.edges.filter((one) => one.ratePerSecond > 0).map((one) => `${one.from} -> ${one.to}`),
      );
      return edges.map(([from, to]) => `${from} -> ${to}`).filter((edge) => !live.has(edge));
    };
    await expect.poll(missing, patient).toEqual([]);
    const topology = await shop.json<Topology>('topology');
    const known = new Set<string>(topology.nodes.map((one) => one.id));
    expect(services.filter((one) => !known.has(one))).toEqual([]);
    expect(topology.edges.filter((one) => !known.has(one.from) || !known.has(one.to))).toEqual([]);
  });

  test('an order is one trace through services and Kafka', async () => {
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
    expect(trace.spans.some((span) => span.attributes['messaging.destination.name'] === 'shipping-jobs')).toBe(true);
    const onPath = new Set(
      trace.spans.filter((span) => trace.criticalPath.includes(span.spanId)).map((span) => span.service),
    );
    expect([...onPath]).toEqual(expect.arrayContaining(['traffic', 'gateway', 'orders', 'payments']));
  });

  test('log lines carry trace ids that lead to their traces', async () => {
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

  test('Kafka shows topics, groups and messages', async () => {
    const topics = await shop.json<{ name: string; messages: number; bytes: number }[]>('topics');
    const orderEvents = topics.find((one) => one.name === 'order-events');
    expect(orderEvents).toMatchObject({ partitions: 3 });
    expect(orderEvents?.messages).toBeGreaterThan(0);
    expect(orderEvents?.bytes).toBeGreaterThan(0);
    const groups = await shop.json<{ id: string; members: number; lag: number }[]>('groups');
    expect(groups.map((one) => one.id)).toEqual(expect.arrayContaining(['shipping', 'notifications', 'analytics']));
    expect(groups.find((one) => one.id === 'shipping')?.members).toBe(2);
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

  test('metrics arrive, the state of circuit breakers among them', async () => {
    const names = async () => (await shop.json<{ name: string }[]>('metrics')).map((one) => one.name);
    await expect.poll(names, patient).toContain('circuit_breaker.state');
  });

  test('a killed service comes back by itself and is counted', async () => {
    const cart = async () => (await shop.json<ServiceView[]>('services')).find((one) => one.id === 'cart');
    const before = (await cart())?.restarts ?? 0;
    const killed = await shop.run('kill', 'cart');
    expect(killed.code, killed.stderr).toBe(0);
    await expect
      .poll(async () => {
        const now = await cart();
        return now?.health === 'healthy' && now.restarts > before;
      }, patient)
      .toBe(true);
  });

  test('a killed engine leaves the fleet running, and the next one finds it with its past', async () => {
    const before = await shop.engine();
    const known = await shop.json<TraceSummary[]>('traces', '--limit', '1');
    before.client.close();
    process.kill(before.endpoint.pid, 'SIGKILL');
    const ofServices = async (): Promise<number[]> =>
      (await shop.processes()).filter((one) => one.marked && one.pid !== before.endpoint.pid).map((one) => one.pid);
    const pids = await ofServices();
    expect(pids.length).toBeGreaterThanOrEqual(services.length);

    const up = await shop.run('up', '--headless');
    expect(up.code, up.stderr).toBe(0);
    const after = await shop.engine();
    after.client.close();
    expect(after.endpoint.pid).not.toBe(before.endpoint.pid);
    expect(after.endpoint.url).toBe(before.endpoint.url);
    expect(after.endpoint.token).toBe(before.endpoint.token);
    const still = new Set(await ofServices());
    expect(pids.filter((pid) => !still.has(pid))).toEqual([]);
    const trace = await shop.json<Trace>('trace', known[0]?.traceId ?? '');
    expect(trace.traceId).toBe(known[0]?.traceId);
  });

  test('down leaves no process, no port, no endpoint and no temporary file', async () => {
    const ports = await portsOf(await shop.processes());
    // Each service has one or two, the engine three.
    expect(ports.size).toBeGreaterThan(services.length);
    const down = await shop.run('down');
    expect(down.code, down.stderr).toBe(0);
    expect(await shop.processes()).toEqual([]);
    expect(await stillListening(ports)).toEqual([]);
    expect(await readdir(shop.temporary)).toEqual([]);
    const left = await readdir(shop.home);
    expect(left).not.toContain('engine.json');
    expect(left).not.toContain('data');
    expect(await shop.json('status')).toMatchObject({ engine: null, fleet: null });
  });
});
