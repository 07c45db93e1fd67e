import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  type ApiHandlers,
  PostgresPeek,
  PostgresRows,
  PostgresTable,
  RabbitPeek,
  RedisKeys,
  RedisPeek,
  RedisValue,
} from '../../main/contract/index.ts';
import { fleetModel, port, serviceSpec } from '../../main/engine/fleet/model.fixture.ts';
import type { ServiceSpec } from '../../main/engine/fleet/model.ts';
import { createPeek } from '../../main/engine/peek/index.ts';
import { startContainer, type TestContainer, withoutContainers } from '../support/containers.ts';

/** A look into the real servers, as their public images run them. */
const missing = await withoutContainers('postgres:18', 'redis:7', 'rabbitmq:3-management');
if (missing !== null) console.log(`skipped: ${missing}`);

const given = (value: string) => ({ value, source: 'compose' as const });
const signal = new AbortController().signal;

function handlersFor(spec: ServiceSpec, at: () => { host: string; port: number } | null): Handlers {
  const resources = [{ service: spec.id, kind: 'queue' as const, name: 'jobs', description: 'What is to be done.' }];
  return createPeek({ model: () => fleetModel([spec], { resources }), reach: at }).handlers as Handlers;
}
type Handlers = Pick<ApiHandlers, `peek.${string}` & keyof ApiHandlers>;

describe.skipIf(missing !== null)('PostgreSQL', () => {
  let container: TestContainer;
  const spec = serviceSpec('db', {
    ports: [port('postgres', 5432, { protocol: 'postgres' })],
    environment: { POSTGRES_PASSWORD: given('secret') },
  });
  const here = () => ({ host: '127.0.0.1', port: container.port });
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ ...here(), user: 'postgres', password: 'secret', database: 'postgres' });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  let writer: pg.Client;

  beforeAll(async () => {
    const environment = { POSTGRES_PASSWORD: 'secret' };
    const command = ['postgres', '-c', 'shared_preload_libraries=pg_stat_statements'];
    container = await startContainer('postgres:18', { port: 5432, environment, command });
    writer = await vi.waitFor(connect, { timeout: 60_000, interval: 250 });
    await writer.query(`CREATE TABLE "odd ""name" (id int PRIMARY KEY, what text, data bytea)`);
    await writer.query(`INSERT INTO "odd ""name" SELECT n, repeat('x', 1000), NULL FROM generate_series(1, 300) n`);
    // Rows that this connection has not reported yet would be counted on top of what is analysed.
    await writer.query('SELECT pg_stat_force_next_flush()');
    await writer.query('ANALYZE');
  });
  afterAll(async () => {
    await writer?.end();
    await container?.remove();
  });

  test('shows databases, sizes, and what connections do and wait for', async () => {
    const handlers = handlersFor(spec, here);
    const before = PostgresPeek.parse(await handlers['peek.postgres']({ service: 'db' }, signal));
    expect(before.databases.map((one) => one.name)).toEqual(['postgres']);
    expect(before.databases[0]?.sizeBytes).toBeGreaterThan(5e6);
    expect(before.statements).toMatchObject({ rows: [], reason: expect.stringContaining('CREATE EXTENSION') });

    await writer.query('CREATE EXTENSION pg_stat_statements');
    await writer.query('BEGIN');
    await writer.query('LOCK TABLE "odd ""name"');
    const blocked = await connect();
    const waiting = blocked.query('SELECT count(*) FROM "odd ""name"');
    const seen = await vi.waitFor(async () => {
      const peek = PostgresPeek.parse(await handlers['peek.postgres']({ service: 'db' }, signal));
      const stuck = peek.activity.find((one) => one.blockedBy.length > 0);
      expect(stuck).toBeDefined();
      return { peek, stuck };
    });
    await writer.query('COMMIT');
    await waiting;
    await blocked.end();
    expect(seen.stuck).toMatchObject({ state: 'active', wait: 'Lock: relation', database: 'postgres' });
    expect(seen.peek.activity.map((one) => one.pid)).toContain(seen.stuck?.blockedBy[0]);
    expect(seen.peek.statements.rows.some((one) => one.query.includes('generate_series'))).toBe(true);
  });

  test('lists tables by size and shows rows, whatever the table is called', async () => {
    const handlers = handlersFor(spec, here);
    const tables = PostgresTable.array().parse(
      await handlers['peek.postgresTables']({ service: 'db', database: 'postgres' }, signal),
    );
    expect(tables[0]).toMatchObject({ schema: 'public', name: 'odd "name', rows: 300 });
    const ask = { service: 'db', database: 'postgres', schema: 'public', name: 'odd "name', limit: 2 };
    const { columns, rows, cut } = PostgresRows.parse(await handlers['peek.postgresRows'](ask, signal));
    expect([columns, rows.length, cut]).toEqual([['id', 'what', 'data'], 2, true]);
    expect(rows[0]).toEqual(['1', 'x'.repeat(500), null]);
  });

  test('says what the server refused, and when nothing answers', async () => {
    const wrong = { ...spec, environment: { POSTGRES_PASSWORD: given('wrong') } };
    const refused = handlersFor(wrong, here)['peek.postgres']({ service: 'db' }, signal);
    await expect(refused).rejects.toMatchObject({ code: 'PEEK_REFUSED', message: expect.stringContaining('password') });
    const handlers = handlersFor(spec, here);
    const gone = handlers['peek.postgresTables']({ service: 'db', database: 'nowhere' }, signal);
    await expect(gone).rejects.toMatchObject({ code: 'PEEK_REFUSED', message: expect.stringContaining('nowhere') });
    const dead = handlersFor(spec, () => ({ host: '127.0.0.1', port: 1 }))['peek.postgres']({ service: 'db' }, signal);
    await expect(dead).rejects.toMatchObject({ code: 'PEEK_UNREACHABLE' });
    const stopped = handlersFor(spec, () => null)['peek.postgres']({ service: 'db' }, signal);
    await expect(stopped).rejects.toMatchObject({ code: 'SERVICE_NOT_RUNNING' });
    await expect(handlers['peek.redis']({ service: 'db' }, signal)).rejects.toMatchObject({ code: 'PEEK_NONE' });
  });
});

describe.skipIf(missing !== null)('Redis', () => {
  let container: TestContainer;
  let redis: Redis;
  const command = ['redis-server', '--requirepass', 'secret'];
  const spec = serviceSpec('cache', { ports: [port('redis', 6379, { protocol: 'redis' })], command });
  const here = () => ({ host: '127.0.0.1', port: container.port });

  beforeAll(async () => {
    container = await startContainer('redis:7', { port: 6379, command });
    redis = new Redis({ ...here(), password: 'secret' });
    redis.on('error', () => {});
    await redis.set('cart:1', 'three apples', 'PX', 600_000);
    await redis.hset('product:7', { name: 'box', price: '12' });
    await redis.rpush('jobs', 'a', 'b', 'c');
    await redis.zadd('ranks', 1, 'one', 2, 'two');
    await redis.set(Buffer.from([0xff, 0x00, 0x41]), Buffer.from([0xfe]));
    await redis.set('long', 'y'.repeat(20_000));
  });
  afterAll(async () => {
    redis?.disconnect();
    await container?.remove();
  });

  test('shows memory, clients and databases', async () => {
    const handlers = handlersFor(spec, here);
    await redis.get('cart:1');
    const peek = RedisPeek.parse(await handlers['peek.redis']({ service: 'cache' }, signal));
    expect(peek).toMatchObject({ clients: 1, maxMemoryBytes: null, databases: [{ index: 0, keys: 6, expires: 1 }] });
    expect(peek.usedMemoryBytes).toBeGreaterThan(500_000);
    expect(peek.hitRatio).toBe(1);
  });

  test('pages through keys and shows values of every type, and keys that are no text', async () => {
    const handlers = handlersFor(spec, here);
    const ask = { service: 'cache', database: 0, pattern: '*', cursor: '0', limit: 200 };
    const { keys, cursor } = RedisKeys.parse(await handlers['peek.redisKeys'](ask, signal));
    expect(keys.map((one) => `${one.type} ${one.name}`)).toEqual([
      'string cart:1',
      'list jobs',
      'string long',
      'hash product:7',
      'zset ranks',
      'string \ufffd\0A',
    ]);
    expect(cursor).toBeNull();
    expect(keys[0]?.expiresInMs).toBeGreaterThan(500_000);
    const value = async (name: string): Promise<RedisValue | null> => {
      const keyBase64 = keys.find((one) => one.name === name)?.keyBase64 ?? '';
      const found = await handlers['peek.redisValue']({ service: 'cache', database: 0, keyBase64 }, signal);
      return RedisValue.nullable().parse(found);
    };
    expect((await value('cart:1'))?.entries).toEqual([{ field: null, value: 'three apples' }]);
    expect((await value('product:7'))?.entries).toContainEqual({ field: 'price', value: '12' });
    expect(await value('jobs')).toMatchObject({ length: 3, cut: false, entries: [{ field: '0', value: 'a' }, {}, {}] });
    expect((await value('ranks'))?.entries[1]).toEqual({ field: '2', value: 'two' });
    expect(await value('long')).toMatchObject({ length: 20_000, cut: true });
    expect(await value('\ufffd\0A')).toMatchObject({ type: 'string', length: 1 });
    const gone = { service: 'cache', database: 0, keyBase64: Buffer.from('gone').toString('base64url') };
    expect(await handlers['peek.redisValue'](gone, signal)).toBeNull();
    const some = RedisKeys.parse(await handlers['peek.redisKeys']({ ...ask, pattern: 'cart:*' }, signal));
    expect(some.keys.map((one) => one.name)).toEqual(['cart:1']);
  });

  test('says that the password is wrong', async () => {
    const wrong = { ...spec, command: ['redis-server', '--requirepass', 'wrong'] };
    const refused = handlersFor(wrong, here)['peek.redis']({ service: 'cache' }, signal);
    await expect(refused).rejects.toMatchObject({ code: 'PEEK_REFUSED' });
  });
});

describe.skipIf(missing !== null)('RabbitMQ', () => {
  let container: TestContainer;
  const spec = serviceSpec('queue', {
    ports: [port('amqp', 5672, { protocol: 'amqp' }), port('management', 15_672)],
    environment: { RABBITMQ_DEFAULT_USER: given('shop'), RABBITMQ_DEFAULT_PASS: given('secret') },
  });
  const here = () => ({ host: '127.0.0.1', port: container.port });
  const api = (method: string, path: string, body: unknown): Promise<Response> =>
    fetch(`http://127.0.0.1:${container.port}/api/${path}`, {
      method,
      headers: { authorization: `Basic ${btoa('shop:secret')}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  beforeAll(async () => {
    const environment = { RABBITMQ_DEFAULT_USER: 'shop', RABBITMQ_DEFAULT_PASS: 'secret' };
    container = await startContainer('rabbitmq:3-management', { port: 15_672, environment });
    const declared = { durable: true, arguments: { 'x-dead-letter-exchange': 'dead' } };
    await vi.waitFor(async () => expect((await api('PUT', 'queues/%2F/jobs', declared)).status).toBe(201), {
      timeout: 90_000,
      interval: 500,
    });
    const message = { properties: {}, routing_key: 'jobs', payload: 'pack it', payload_encoding: 'string' };
    for (let sent = 0; sent < 3; sent += 1) await api('POST', 'exchanges/%2F/amq.default/publish', message);
  }, 120_000);
  afterAll(() => container?.remove());

  test('shows queues with their depth', async () => {
    const handlers = handlersFor(spec, here);
    const peek = await vi.waitFor(
      async () => {
        const found = RabbitPeek.parse(await handlers['peek.rabbitmq']({ service: 'queue' }, signal));
        expect(found.queues[0]?.ready).toBe(3);
        return found;
      },
      { timeout: 30_000, interval: 250 },
    );
    expect(peek.queues).toMatchObject([
      {
        vhost: '/',
        name: 'jobs',
        type: 'classic',
        durable: true,
        unacknowledged: 0,
        consumers: 0,
        deadLetterExchange: 'dead',
        description: 'What is to be done.',
      },
    ]);
    expect(peek.consumers).toEqual([]);
  });

  test('says that the user is refused', async () => {
    const wrong = { ...spec, environment: {} };
    const refused = handlersFor(wrong, here)['peek.rabbitmq']({ service: 'queue' }, signal);
    await expect(refused).rejects.toMatchObject({ code: 'PEEK_REFUSED', message: expect.stringContaining('401') });
  });
});
