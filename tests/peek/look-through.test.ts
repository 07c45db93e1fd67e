import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiHandlers } from '../../main/contract/index.ts';
import { fleetModel, port, serviceSpec } from '../../main/engine/fleet/model.fixture.ts';
import type { ServiceSpec } from '../../main/engine/fleet/model.ts';
import { createPeek } from '../../main/engine/peek/index.ts';
import { type RedisServer, startRedisServer } from '../../main/engine/runtimes/process/embedded/redis/server.ts';

/** Looks that need no container: into the embedded Redis server, and at ports where nobody listens. */
type Handlers = Pick<ApiHandlers, `peek.${string}` & keyof ApiHandlers>;
const signal = new AbortController().signal;

function handlersFor(spec: ServiceSpec, number: number): Handlers {
  return createPeek({ model: () => fleetModel([spec]), reach: () => ({ host: '127.0.0.1', port: number }) }).handlers;
}

let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedisServer(0, { maxMemoryBytes: 0, password: null });
  redis = new Redis({ host: '127.0.0.1', port: server.port });
});
afterAll(async () => {
  redis.disconnect();
  await server.close();
});

test('a text that is shown whole is not said to be cut, whatever its characters take', async () => {
  const peek = handlersFor(serviceSpec('cache', { ports: [port('redis', 6379, { protocol: 'redis' })] }), server.port);
  const look = (key: string) =>
    peek['peek.redisValue'](
      { service: 'cache', database: 0, keyBase64: Buffer.from(key).toString('base64url') },
      signal,
    );
  await redis.set('short', 'Grüße aus Köln');
  await redis.set('long', 'ü'.repeat(10_000));
  expect(await look('short')).toMatchObject({ cut: false, entries: [{ value: 'Grüße aus Köln' }] });
  expect(await look('long')).toMatchObject({ cut: true, length: 20_000 });
});

/** A port of this machine that was free a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('why a management API cannot be reached is told in the words of the system', async () => {
  const ports = [port('amqp', 5672, { protocol: 'amqp' }), port('http', 15_672)];
  const peek = handlersFor(serviceSpec('queue', { ports }), await freePort());
  await expect(peek['peek.rabbitmq']({ service: 'queue' }, signal)).rejects.toMatchObject({
    code: 'PEEK_UNREACHABLE',
    message: expect.stringContaining('ECONNREFUSED'),
  });
});
