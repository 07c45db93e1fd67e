import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ServiceId,
  type ServiceView,
  Topology,
  type TopologyEdge,
  type TopologyNode,
} from '../../../contract/index.ts';
import { declaredEdges } from '../../fleet/edges.ts';
import { fleetModel, port, serviceSpec } from '../../fleet/model.fixture.ts';
import type { FleetModel } from '../../fleet/model.ts';
import { contextAt, type MemoryStore, openMemoryStore, type TestSpan } from '../query/testing/memory-store.ts';
import { bucketSql, histogramMs, mergeHistograms } from './duration-histogram.ts';
import { mergeTopology, type TopologyParts } from './merge-topology.ts';
import type { SeenTopology } from './seen.ts';
import { topologySeen } from './seen-query.ts';

const t0 = Date.parse('2026-11-22T12:00:00.000Z');
const range = { fromMs: t0, toMs: t0 + 60_000 };

let store: MemoryStore;
beforeEach(async () => {
  store = await openMemoryStore();
});
afterEach(() => store.close());

const env = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, source: 'compose' as const }]));
const grpc = port('grpc', 7106, { protocol: 'grpc' });
const shop: FleetModel = fleetModel(
  [
    serviceSpec('traffic', { ports: [port('http', 7010)], environment: env({ GATEWAY_URL: 'http://gateway:7000' }) }),
    serviceSpec('gateway', {
      ports: [port('http', 7000)],
      environment: env({ ORDERS_URL: 'http://orders:7004', CATALOG_URL: 'http://catalog:7002' }),
    }),
    serviceSpec('orders', {
      ports: [port('http', 7004)],
      environment: env({
        DATABASE_URL: 'postgres://orders:orders@postgres:5432/orders?sslmode=disable',
        KAFKA_BROKERS: 'kafka:9092',
        PAYMENTS_ADDR: 'payments:7106',
      }),
    }),
    serviceSpec('payments', {
      ports: [port('http', 7006), grpc],
      environment: env({ DATABASE_URL: 'postgres://payments:payments@postgres:5432/payments' }),
    }),
    serviceSpec('catalog', {
      ports: [port('http', 7002)],
      environment: env({ REDIS_URL: 'redis://redis:6379', DB_HOST: 'postgres', DB_PORT: '5432', DB_NAME: 'catalog' }),
    }),
    serviceSpec('shipping', {
      ports: [port('http', 7007)],
      replicas: 2,
      environment: env({ KAFKA_BROKERS: 'kafka:9092' }),
    }),
    serviceSpec('notifications', { ports: [port('http', 7008)], environment: env({ KAFKA_BROKERS: 'kafka:9092' }) }),
    serviceSpec('postgres', { kind: 'database', ports: [port('postgres', 5432, { protocol: 'postgres' })] }),
    serviceSpec('kafka', { kind: 'broker', ports: [port('kafka', 9092, { protocol: 'kafka' })] }),
    serviceSpec('redis', { kind: 'cache', ports: [port('redis', 6379, { protocol: 'redis' })] }),
  ],
  {
    resources: [
      { service: ServiceId.parse('kafka'), kind: 'topic', name: 'order-events', description: '' },
      { service: ServiceId.parse('postgres'), kind: 'database', name: 'orders', description: '' },
      { service: ServiceId.parse('postgres'), kind: 'database', name: 'payments', description: '' },
      { service: ServiceId.parse('postgres'), kind: 'database', name: 'catalog', description: '' },
    ],
  },
);

const addresses = new Map([
  ['127.0.0.1:20004', { service: 'orders' }],
  ['127.0.0.1:20006', { service: 'payments' }],
  ['127.0.0.1:25432', { service: 'postgres' }],
  ['127.0.0.1:26379', { service: 'redis' }],
  ['127.0.0.1:29092', { service: 'kafka' }],
]);

/** A shopper's order as the shop's instrumentations send it, by the new conventions or by the old ones. */
function order(n: number, old = false): TestSpan[] {
  const trace = `order${n}`;
  const at = t0 + 1000 + n * 100;
  const attributes = (values: Record<string, string | number>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [old ? (oldNames[key] ?? key) : key, value]));
  const http = (serverPort: number) =>
    attributes({
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'server.port': serverPort,
    });
  const span = (
    id: string,
    parent: string | null,
    service: string,
    kind: TestSpan['kind'],
    name: string,
    durationMs: number,
    more: TestSpan['attributes'] = {},
  ): TestSpan => ({
    trace,
    id: `${n}${id}`,
    ...(parent === null ? {} : { parent: `${n}${parent}` }),
    service,
    kind,
    name,
    durationMs,
    atMs: at,
    attributes: more,
  });
  return [
    span('a', null, 'traffic', 'internal', 'journey', 220),
    span('b', 'a', 'traffic', 'client', 'POST', 210, http(20000)),
    span('c', 'b', 'gateway', 'server', 'POST /orders', 205, attributes({ 'http.response.status_code': 200 })),
    span('d', 'c', 'gateway', 'client', 'POST', 200, http(20004)),
    span('e', 'd', 'orders', 'server', 'POST /orders', 190, attributes({ 'http.response.status_code': 200 })),
    span(
      'f',
      'e',
      'orders',
      'client',
      'pg-pool.connect',
      1,
      attributes({ 'db.system.name': 'postgresql', 'server.address': 'localhost', 'server.port': 25432 }),
    ),
    span(
      'g',
      'e',
      'orders',
      'client',
      'INSERT events',
      4,
      attributes({
        'db.system.name': 'postgresql',
        'db.namespace': 'orders',
        'server.address': 'localhost',
        'server.port': 25432,
      }),
    ),
    span(
      'h',
      'e',
      'orders',
      'client',
      'shop.Payments/Charge',
      100,
      attributes({ 'rpc.system': 'grpc', 'server.address': '127.0.0.1', 'server.port': 20006 }),
    ),
    span('i', 'h', 'payments', 'server', 'shop.Payments/Charge', 95, { 'rpc.system': 'grpc' }),
    span('j', 'i', 'payments', 'client', 'POST', 60, {
      ...attributes({ 'http.request.method': 'POST', 'server.address': 'api.bank.example', 'server.port': 443 }),
      'peer.service': 'bank',
    }),
    span(
      'k',
      'e',
      'orders',
      'producer',
      'send order-events',
      5,
      attributes({ 'messaging.system': 'kafka', 'messaging.destination.name': 'order-events' }),
    ),
    span('l', 'k', 'shipping', 'consumer', 'process order-events', 30, {
      ...attributes({ 'messaging.system': 'kafka', 'messaging.destination.name': 'order-events' }),
      'messaging.consumer.group.name': 'parcels',
    }),
    span(
      'm',
      'k',
      'notifications',
      'consumer',
      'process order-events',
      3,
      attributes({ 'messaging.system': 'kafka', 'messaging.destination.name': 'order-events' }),
    ),
    // Before it processes them, a consumer polls.
    span(
      'n',
      null,
      'notifications',
      'client',
      'poll order-events',
      500,
      attributes({ 'messaging.system': 'kafka', 'messaging.destination.name': 'order-events' }),
    ),
  ];
}

const oldNames: Record<string, string> = {
  'http.request.method': 'http.method',
  'http.response.status_code': 'http.status_code',
  'server.address': 'net.peer.name',
  'server.port': 'net.peer.port',
  'db.system.name': 'db.system',
  'db.namespace': 'db.name',
  'messaging.destination.name': 'messaging.destination',
};

const seenNow = (): Promise<SeenTopology> => topologySeen(store.db, { range }, contextAt(t0 + 60_000));

async function merged(more: Partial<TopologyParts> = {}): Promise<Topology> {
  const parts = {
    seen: await seenNow(),
    model: shop,
    declared: declaredEdges(shop),
    services: [],
    lag: [],
    addresses,
    ...more,
  };
  return Topology.parse(mergeTopology(parts));
}

const byId = (topology: Topology): Map<string, TopologyNode> => new Map(topology.nodes.map((node) => [node.id, node]));
const edgeOf = (topology: Topology, from: string, to: string): TopologyEdge | undefined =>
  topology.edges.find((edge) => edge.from === from && edge.to === to);
const drawn = (topology: Topology, source: TopologyEdge['source']): string[] =>
  topology.edges.filter((edge) => edge.source === source).map((edge) => `${edge.from} -> ${edge.to} ${edge.protocol}`);

describe('the topology of the shop', () => {
  it.each([
    ['new', false],
    ['old', true],
  ])('comes from spans by the %s conventions', async (_, old) => {
    for (let n = 0; n < 3; n++) await store.addSpans(order(n, old));
    const topology = await merged();
    expect(drawn(topology, 'seen')).toEqual([
      'gateway -> orders http',
      'kafka/order-events -> notifications kafka',
      'kafka/order-events -> shipping kafka',
      'orders -> kafka/order-events kafka',
      'orders -> payments grpc',
      'orders -> postgres/orders postgres',
      'payments -> bank http',
      'traffic -> gateway http',
    ]);
  });

  it('takes what links counted for services that send no spans', async () => {
    const link = { open: 2, bytesPerSecond: 500, requests: 30, requestsPerSecond: 3, errors: 6 };
    const bytes = { ...link, requests: 0, requestsPerSecond: 0, errors: 0 };
    const links = new Map([
      ['catalog:redis:6379', bytes],
      ['gateway:orders:7004', link],
      ['gateway:catalog:7002', { ...bytes, bytesPerSecond: 0 }],
    ]);
    const topology = await merged({ links });
    expect(edgeOf(topology, 'gateway', 'orders')).toMatchObject({
      source: 'seen',
      count: 30,
      ratePerSecond: 3,
      errorRate: 0.2,
      p95Ms: null,
      link: { openConnections: 2, bytesPerSecond: 500 },
    });
    expect(byId(topology).get('orders')?.red).toMatchObject({ count: 30, ratePerSecond: 3 });
    expect(edgeOf(topology, 'catalog', 'redis')).toMatchObject({
      source: 'seen',
      count: 0,
      link: { bytesPerSecond: 500 },
    });
    expect(edgeOf(topology, 'gateway', 'catalog')).toMatchObject({ source: 'declared', count: 0 });
  });

  it('draws what is declared and was not seen, and nothing twice', async () => {
    await store.addSpans(order(1));
    expect(drawn(await merged(), 'declared')).toEqual([
      'catalog -> postgres/catalog postgres',
      'catalog -> redis redis',
      'gateway -> catalog http',
      'payments -> postgres/payments postgres',
    ]);
  });

  it('draws the fleet before anything happened', async () => {
    const topology = await merged();
    expect(drawn(topology, 'seen')).toEqual([]);
    expect(drawn(topology, 'declared')).toContain('orders -> kafka kafka');
    expect(drawn(topology, 'declared')).toContain('orders -> postgres/orders postgres');
    expect(topology.nodes.map((node) => node.id)).toEqual([
      ...shop.services.map((service) => service.id),
      ...['kafka/order-events', 'postgres/orders', 'postgres/payments', 'postgres/catalog'],
    ]);
    expect(topology.nodes.every((node) => node.red === null)).toBe(true);
    expect(topology.range).toEqual({ from: '2026-11-22T12:00:00.000Z', to: '2026-11-22T12:01:00.000Z' });
  });

  it('gives edges the RED of their caller, and nodes that of what they serve', async () => {
    for (let n = 0; n < 20; n++) {
      const spans = order(n);
      await store.addSpans(
        n < 5
          ? spans.map((span) =>
              span.kind === 'client' && span.service === 'gateway' ? { ...span, status: 'error' } : span,
            )
          : spans,
      );
    }
    const topology = await merged();
    const edge = edgeOf(topology, 'gateway', 'orders');
    // From the first span on there are 59 s.
    expect(edge).toMatchObject({ count: 20, errorRate: 0.25, ratePerSecond: expect.closeTo(20 / 59, 6) });
    expect(Math.abs((edge?.p95Ms ?? 0) / 200 - 1)).toBeLessThan(0.023);
    const nodes = byId(topology);
    expect(nodes.get('orders')?.red).toMatchObject({ count: 20, errorRate: 0 });
    expect(nodes.get('postgres/orders')?.red).toMatchObject({ count: 40 });
    expect(nodes.get('kafka/order-events')?.red).toMatchObject({ count: 20 });
    expect(nodes.get('bank')?.red).toMatchObject({ count: 20 });
    expect(nodes.get('redis')?.red).toBeNull();
  });

  it('counts calls that were not answered on the edge of those that were', async () => {
    await store.addSpans(order(1));
    const hung = {
      trace: 'x',
      id: 'x1',
      service: 'orders',
      kind: 'client',
      name: 'shop.Payments/Charge',
      status: 'error',
      durationMs: 2000,
    } as const;
    await store.addSpans([
      {
        ...hung,
        atMs: t0 + 5000,
        attributes: { 'rpc.system': 'grpc', 'server.address': '127.0.0.1', 'server.port': 20006 },
      },
    ]);
    const edge = edgeOf(await merged(), 'orders', 'payments');
    expect(edge).toMatchObject({ count: 2, errorRate: 0.5 });
    expect(edge?.p95Ms).toBeGreaterThan(1900);
  });

  it('shows lag between a topic and its consumers', async () => {
    await store.addSpans(order(1));
    const lag = [
      { group: 'parcels', topic: 'order-events', lag: 7 },
      { group: 'notifications-live', topic: 'order-events', lag: 3 },
      { group: 'gone', topic: 'order-events', lag: 9 },
    ];
    const topology = await merged({ lag });
    expect(edgeOf(topology, 'kafka/order-events', 'shipping')?.lag).toBe(7);
    expect(edgeOf(topology, 'kafka/order-events', 'notifications')?.lag).toBe(3);
    expect(edgeOf(topology, 'orders', 'kafka/order-events')?.lag).toBeNull();
  });

  it('describes nodes: kind, label, second line, health, what they are in', async () => {
    await store.addSpans(order(1));
    const view = (id: string, state: ServiceView['state'], health: ServiceView['health']) =>
      ({ id, state, health, instances: id === 'shipping' ? [{}, {}] : [{}] }) as unknown as ServiceView;
    const services = [
      view('orders', 'running', 'unhealthy'),
      view('kafka', 'starting', 'starting'),
      view('shipping', 'backoff', 'unknown'),
      view('redis', 'stopped', 'unknown'),
    ];
    const nodes = byId(await merged({ services, partitions: new Map([['order-events', 3]]) }));
    expect(nodes.get('orders')).toMatchObject({
      kind: 'service',
      detail: 'http',
      health: 'unhealthy',
      service: 'orders',
      parent: null,
    });
    expect(nodes.get('payments')).toMatchObject({ detail: 'http, grpc', health: 'unknown' });
    expect(nodes.get('shipping')).toMatchObject({ detail: 'http · 2 replicas', health: 'unhealthy' });
    expect(nodes.get('kafka')).toMatchObject({ kind: 'broker', detail: 'Kafka', health: 'starting' });
    expect(nodes.get('redis')).toMatchObject({ kind: 'cache', detail: 'Redis', health: 'stopped' });
    expect(nodes.get('kafka/order-events')).toMatchObject({
      kind: 'topic',
      label: 'order-events',
      detail: '3 partitions',
      health: 'starting',
      service: 'kafka',
      parent: 'kafka',
    });
    expect(nodes.get('postgres/orders')).toMatchObject({
      kind: 'database',
      label: 'orders db',
      detail: 'PostgreSQL',
      parent: 'postgres',
    });
    expect(nodes.get('bank')).toMatchObject({
      kind: 'external',
      label: 'bank',
      detail: 'http',
      health: 'none',
      service: null,
    });
  });
});

describe('what is outside, or without a fleet', () => {
  const call = (id: string, attributes: TestSpan['attributes'], more: Partial<TestSpan> = {}): TestSpan => ({
    trace: id,
    id,
    service: 'api',
    kind: 'client',
    name: 'GET',
    atMs: t0 + 1000,
    ...(attributes === undefined ? {} : { attributes }),
    ...more,
  });

  it('puts a queue between who sends and who works, inside the broker', async () => {
    const rabbitmq = serviceSpec('rabbitmq', {
      kind: 'queue',
      ports: [port('amqp', 5672, { protocol: 'amqp' }), port('management', 15672)],
    });
    const jobs = { service: ServiceId.parse('rabbitmq'), kind: 'queue' as const, name: 'jobs', description: '' };
    const queue = env({ QUEUE_URL: 'amqp://shop:shop@rabbitmq:5672' });
    const services = [rabbitmq, ...['api', 'worker'].map((id) => serviceSpec(id, { environment: queue }))];
    const model = fleetModel(services, { resources: [jobs] });
    const at = { 'messaging.system': 'rabbitmq', 'server.address': 'rabbitmq', 'server.port': 5672 };
    const message = { ...at, 'messaging.destination.name': 'jobs' };
    const idle = await merged({ model, declared: declaredEdges(model) });
    expect(drawn(idle, 'declared')).toEqual(['api -> rabbitmq amqp', 'worker -> rabbitmq amqp']);
    await store.addSpans([
      call('1', message, { kind: 'producer' }),
      call('2', message, { kind: 'consumer', service: 'worker', parent: '1' }),
      call('3', { ...at, 'messaging.destination.name': 'jobs-dead' }, { kind: 'producer', service: 'worker' }),
    ]);
    const topology = await merged({ model, declared: declaredEdges(model) });
    expect(drawn(topology, 'seen')).toEqual([
      'api -> rabbitmq/jobs amqp',
      'rabbitmq/jobs -> worker amqp',
      'worker -> rabbitmq/jobs-dead amqp',
    ]);
    expect(drawn(topology, 'declared')).toEqual([]);
    const queues = topology.nodes.filter((node) => node.parent === 'rabbitmq');
    expect(queues.map(({ id, kind, service }) => [id, kind, service])).toEqual([
      ['rabbitmq/jobs', 'queue', 'rabbitmq'],
      ['rabbitmq/jobs-dead', 'queue', 'rabbitmq'],
    ]);
  });

  it('names things by their peer and their system', async () => {
    await store.addSpans([
      call('1', { 'db.system': 'redis', 'net.peer.name': 'cache.example' }),
      call('2', { 'db.system.name': 'postgresql', 'db.namespace': 'users|public', 'server.address': 'db.example' }),
      call('3', { 'server.address': '127.0.0.1', 'server.port': 9999 }),
      call('4', { 'server.address': 'orders.shop.svc.cluster.local', 'server.port': 80 }),
      call('5', {}),
      call('6', { 'messaging.system': 'rabbitmq', 'messaging.destination.name': 'jobs' }, { kind: 'producer' }),
      call('7', { 'messaging.system': 'kafka', 'messaging.destination.name': 'polled' }, { name: 'poll polled' }),
      call('8', { 'server.address': 'web', 'url.full': 'http://web/graphql' }, { name: 'POST /graphql' }),
    ]);
    const topology = await merged({ model: null, declared: [] });
    expect(drawn(topology, 'seen')).toEqual([
      'api -> 127.0.0.1:9999 http',
      'api -> cache.example redis',
      'api -> db.example/users postgres',
      'api -> orders.shop.svc.cluster.local http',
      'api -> rabbitmq/jobs amqp',
      'api -> web graphql',
      'kafka/polled -> api kafka',
    ]);
    const kinds = topology.nodes.map((node) => `${node.id} ${node.kind}`).toSorted();
    expect(kinds).toContain('rabbitmq/jobs queue');
    expect(kinds).toContain('cache.example cache');
    expect(kinds).toContain('db.example/users database');
    const inFleet = await merged();
    expect(drawn(inFleet, 'seen')).toContain('api -> orders http');
    expect(byId(inFleet).get('api')).toMatchObject({ kind: 'service', detail: 'not of this fleet', service: null });
  });

  it('sees calls of libraries that make no client span, and none of a service to itself', async () => {
    await store.addSpans([
      call('1', {}, { kind: 'internal' }),
      {
        trace: '1',
        id: '2',
        parent: '1',
        service: 'other',
        kind: 'server',
        atMs: t0 + 1001,
        attributes: { 'http.response.status_code': 200 },
      },
      call('3', {}),
      { trace: '3', id: '4', parent: '3', service: 'api', kind: 'server', atMs: t0 + 1001 },
    ]);
    expect(drawn(await merged({ model: null, declared: [] }), 'seen')).toEqual(['api -> other ']);
  });

  it('looks at the range alone', async () => {
    await store.addSpans([...order(1), { ...call('old', { 'server.address': 'past' }), atMs: t0 - 1 }]);
    expect((await seenNow()).calls.some((seen) => seen.peer === 'past')).toBe(false);
  });
});

describe('duration histograms', () => {
  it('tell percentiles to 2.3 %, alone and merged', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 50_000, max: 2_000_000_000 }), { minLength: 1, maxLength: 40 }),
        async (durations) => {
          const rows = await store.db.all<{ bucket: number }>(
            `SELECT ${bucketSql('d')} AS bucket FROM (SELECT unnest([${durations.join(',')}])::BIGINT AS d)`,
          );
          const half = Math.ceil(rows.length / 2);
          const histogram = mergeHistograms(
            [rows.slice(0, half), rows.slice(half)].map((part) => part.map(({ bucket }) => [bucket, 1] as const)),
          );
          const sorted = durations.toSorted((a, b) => a - b);
          for (const q of [0.5, 0.95]) {
            const exact = (sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0) / 1e6;
            const ratio = ((histogramMs(histogram, q) ?? 0) * 1000 + 1) / (exact * 1000 + 1);
            expect(ratio).toBeGreaterThan(0.977);
            expect(ratio).toBeLessThan(1.023);
          }
        },
      ),
      { numRuns: 30 },
    );
    expect(histogramMs([], 0.5)).toBeNull();
  });
});
