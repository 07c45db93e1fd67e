import {
  type ApiHandlers,
  FlotillaError,
  type PostgresPeek,
  type PostgresTable,
  type RabbitQueue,
  type RedisKeys,
  type RedisValue,
} from '../../../../main/contract/index.ts';
import { hexOf, noise } from './random.ts';
import type { World } from './world.ts';

type Answers = Pick<
  ApiHandlers,
  | 'peek.targets'
  | 'peek.postgres'
  | 'peek.postgresTables'
  | 'peek.postgresRows'
  | 'peek.redis'
  | 'peek.redisKeys'
  | 'peek.redisValue'
  | 'peek.rabbitmq'
>;
type Key = RedisKeys['keys'][number];

const MIB = 1024 * 1024;
const PAGE = 40;

/** Tables by database: name, rows, bytes. */
const TABLES: Readonly<Record<string, readonly (readonly [string, number, number])[]>> = {
  analytics: [
    ['sales_by_minute', 840, 0.2],
    ['sales_by_product', 48, 0.1],
  ],
  catalog: [['products', 48, 0.3]],
  orders: [
    ['order_events', 41_872, 11.4],
    ['order_views', 8_374, 3.1],
    ['outbox', 3, 0.4],
  ],
  postgres: [],
};

/** Every third shopper's cart has something in it, and some products were read lately. */
function keysOf(world: World): Key[] {
  const named = (name: string, type: string, expiresInMs: number | null, bytes: number): Key => ({
    name,
    keyBase64: btoa(name).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
    type,
    expiresInMs,
    bytes,
  });
  const carts = Array.from({ length: 60 }, (_, index) =>
    named(`cart:${hexOf(8, world.seed, 'cart', index)}`, 'hash', 7_140_000 - index * 9000, 296 + (index % 5) * 16),
  );
  const products = Array.from({ length: 12 }, (_, index) =>
    named(`product:BOX-${String(index + 10).padStart(3, '0')}`, 'string', 48_000 - index * 3000, 512),
  );
  return [...carts, ...products, named('rate:gateway', 'zset', null, 1408)];
}

function holdsOf(key: Key): RedisValue {
  const rest = { ...key, cut: false };
  if (key.type === 'hash') {
    const entries = [
      { field: 'BOX-033', value: '2' },
      { field: 'BOX-051', value: '1' },
    ];
    return { ...rest, length: entries.length, entries };
  }
  if (key.type === 'zset') return { ...rest, length: 1, entries: [{ field: '1769.5', value: 'shopper-7' }] };
  const value = JSON.stringify({ sku: key.name.slice(8), name: 'A box of cedar', priceCents: 2490 });
  return { ...rest, length: value.length, entries: [{ field: null, value }] };
}

/** `*` stands for any text, `?` for one character: what SCAN's MATCH knows besides is not needed here. */
function matcher(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}

function postgres(world: World): PostgresPeek {
  const idle = (pid: number, database: string, query: string): PostgresPeek['activity'][number] => ({
    pid,
    database,
    user: database,
    application: `shop ${database}`,
    state: 'idle',
    wait: 'Client: ClientRead',
    blockedBy: [],
    durationMs: null,
    query,
  });
  return {
    version: '18.4',
    startedAtMs: world.startedAtMs,
    connections: 14,
    maxConnections: 100,
    databases: Object.entries(TABLES).map(([name, tables]) => ({
      name,
      sizeBytes: (7.4 + tables.reduce((sum, [, , mib]) => sum + mib, 0)) * MIB,
      connections: name === 'postgres' ? 1 : 3,
      cacheHitRatio: name === 'postgres' ? null : 0.98,
      deadlocks: 0,
    })),
    activity: [
      idle(112, 'catalog', 'SELECT sku, name, price_cents FROM products WHERE sku = $1'),
      {
        ...idle(131, 'orders', 'UPDATE order_sagas SET step = $2 WHERE order_id = $1'),
        state: 'active',
        durationMs: 2140,
        wait: 'Lock: transactionid',
        blockedBy: [140],
      },
      { ...idle(140, 'orders', 'SELECT 1'), state: 'idle in transaction', durationMs: 2300 },
    ],
    statements: {
      rows: [],
      reason:
        'The server does not count statements. Start it with -c shared_preload_libraries=pg_stat_statements, then run CREATE EXTENSION pg_stat_statements.',
    },
  };
}

const tablesOf = (database: string): PostgresTable[] =>
  (TABLES[database] ?? []).map(([name, rows, mib]) => ({
    schema: 'public',
    name,
    rows,
    deadRows: Math.floor(rows / 400),
    sizeBytes: mib * MIB,
    indexBytes: (mib * MIB) / 4,
    sequentialScans: 12,
    indexScans: rows * 3,
  }));

function queues(world: World): RabbitQueue[] {
  const queue = (name: string, description: string, more: Partial<RabbitQueue>): RabbitQueue => ({
    vhost: '/',
    name,
    type: 'classic',
    state: 'running',
    durable: true,
    ready: 0,
    unacknowledged: 0,
    consumers: 0,
    publishPerSecond: null,
    deliverPerSecond: null,
    acknowledgePerSecond: null,
    memoryBytes: 193 * 1024,
    deadLetterExchange: null,
    description,
    ...more,
  });
  const busy = Math.round(noise(world.seed, 'queue', Math.floor(world.now() / 2000)) * 6);
  return [
    queue('shipping-jobs', 'Parcels to pack; each is taken by one of the competing workers.', {
      ready: busy,
      unacknowledged: 2,
      consumers: 2,
      publishPerSecond: 11.8,
      deliverPerSecond: 12,
      acknowledgePerSecond: 12,
      deadLetterExchange: 'shipping-jobs-dead',
    }),
    queue('shipping-jobs-dead', 'Parcels that could not be packed after three tries.', { ready: 14 }),
  ];
}

const consumer = (tag: string, address: string) => ({
  queue: 'shipping-jobs',
  vhost: '/',
  tag,
  connection: `${address}:41022 -> 172.20.0.4:5672`,
  prefetch: 3,
  acknowledges: true,
});

/** The stores of the shop, with a RabbitMQ where it runs in containers. `empty`: nothing was written into them yet. */
export function peekAnswers(world: World, docker: boolean, empty: boolean): Answers {
  const known = (service: string, kind: string): void => {
    if (service !== kind) throw new FlotillaError('PEEK_NONE', { service, kind });
  };
  return {
    'peek.targets': () => [
      { service: 'postgres', kind: 'postgres' },
      { service: 'redis', kind: 'redis' },
      ...(docker ? [{ service: 'rabbitmq', kind: 'rabbitmq' as const }] : []),
    ],
    'peek.postgres': ({ service }) => {
      known(service, 'postgres');
      return postgres(world);
    },
    'peek.postgresTables': ({ database }) => (empty ? [] : tablesOf(database)),
    'peek.postgresRows': ({ name, limit }) => {
      const count = Object.values(TABLES)
        .flat()
        .find(([table]) => table === name)?.[1];
      return {
        columns: ['order_id', 'version', 'type', 'note'],
        rows: Array.from({ length: Math.min(limit, count ?? 0) }, (_, row) => [
          hexOf(8, world.seed, name, Math.floor(row / 3)),
          String((row % 3) + 1),
          ['OrderPlaced', 'StockReserved', 'PaymentCharged'][row % 3] ?? '',
          null,
        ]),
        cut: (count ?? 0) > limit,
      };
    },
    'peek.redis': ({ service }) => {
      known(service, 'redis');
      const keys = empty ? [] : keysOf(world);
      return {
        version: '7.4.2',
        usedMemoryBytes: 1.3 * MIB,
        maxMemoryBytes: null,
        clients: 3,
        opsPerSecond: 81,
        hitRatio: empty ? null : 0.82,
        evictedKeys: 0,
        databases: [
          { index: 0, keys: keys.length, expires: keys.filter((one) => one.expiresInMs !== null).length },
        ].filter((one) => one.keys > 0),
      };
    },
    'peek.redisKeys': ({ pattern, cursor }) => {
      const found = (empty ? [] : keysOf(world)).filter((key) => matcher(pattern).test(key.name));
      const from = Number(cursor);
      return {
        keys: found.slice(from, from + PAGE),
        cursor: from + PAGE < found.length ? String(from + PAGE) : null,
      };
    },
    'peek.redisValue': ({ keyBase64 }) => {
      const key = keysOf(world).find((one) => one.keyBase64 === keyBase64);
      return key ? holdsOf(key) : null;
    },
    'peek.rabbitmq': ({ service }) => {
      known(service, 'rabbitmq');
      return {
        version: '3.13.7',
        connections: 3,
        channels: 4,
        queues: empty ? [] : queues(world),
        consumers: empty ? [] : [consumer('shipping-1', '172.20.0.12'), consumer('shipping-2', '172.20.0.13')],
      };
    },
  };
}
