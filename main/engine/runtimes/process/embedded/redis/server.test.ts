import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type RedisServer, startRedisServer } from './server.ts';

let server: RedisServer;
let redis: Redis;
const open: { disconnect(): void }[] = [];

const MEGABYTE = 1024 * 1024;

beforeAll(async () => {
  server = await startRedisServer(0, { maxMemoryBytes: 64 * MEGABYTE, password: null });
  redis = new Redis({ port: server.port, host: '127.0.0.1', lazyConnect: true });
  await redis.connect();
});
afterEach(async () => {
  for (const client of open.splice(0)) client.disconnect();
  await redis.flushall();
});
afterAll(async () => {
  redis.disconnect();
  await server.close();
});

async function another(port = server.port, password?: string): Promise<Redis> {
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, password, retryStrategy: null });
  open.push(client);
  await client.connect();
  return client;
}

/** A bare connection, for what a client library would not send. */
async function raw(): Promise<{ ask(text: string, until: string): Promise<string>; socket: Socket }> {
  const socket = connect(server.port, '127.0.0.1');
  open.push({ disconnect: () => socket.destroy() });
  await once(socket, 'connect');
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  const ask = async (text: string, until: string) => {
    received = '';
    socket.write(text, 'latin1');
    await vi.waitFor(() => expect(received).toContain(until), { timeout: 5000, interval: 5 });
    return received;
  };
  return { ask, socket };
}

/** Waits until so many clients wait for a list. */
const blocked = (count: number) =>
  vi.waitFor(async () => expect(await redis.info('clients')).toContain(`blocked_clients:${count}\r\n`), {
    interval: 5,
  });

const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no refusal',
    (error: Error) => error.message,
  );

describe('strings', () => {
  test('SET with its options', async () => {
    expect(await redis.set('k', 'a', 'EX', 10)).toBe('OK');
    expect(await redis.ttl('k')).toBe(10);
    expect(await redis.set('k', 'b', 'KEEPTTL')).toBe('OK');
    expect(await redis.ttl('k')).toBe(10);
    expect(await redis.set('k', 'c', 'NX')).toBeNull();
    expect(await redis.set('k', 'c', 'GET')).toBe('b');
    expect(await redis.ttl('k')).toBe(-1);
    expect(await redis.set('other', 'c', 'XX')).toBeNull();
    expect(await redis.set('k', 'd', 'PX', 5000, 'XX')).toBe('OK');
    expect(await redis.pttl('k')).toBeGreaterThan(4000);
    expect(await refusal(redis.call('set', 'k', 'v', 'EX', '0'))).toBe("ERR invalid expire time in 'set' command");
    expect(await refusal(redis.call('set', 'k', 'v', 'NX', 'XX'))).toBe('ERR syntax error');
    expect(await redis.setex('k', 3, 'e')).toBe('OK');
    expect(await redis.setnx('k', 'f')).toBe(0);
    expect(await redis.getex('k', 'PERSIST')).toBe('e');
    expect(await redis.ttl('k')).toBe(-1);
    expect(await redis.getdel('k')).toBe('e');
    expect(await redis.get('k')).toBeNull();
  });

  test('numbers', async () => {
    expect(await redis.incr('n')).toBe(1);
    expect(await redis.incrby('n', 41)).toBe(42);
    expect(await redis.decr('n')).toBe(41);
    expect(await redis.incrbyfloat('n', 0.5)).toBe('41.5');
    expect(await redis.incrbyfloat('f', 0.1)).toBe('0.1');
    expect(await redis.incrbyfloat('f', 0.2)).toBe('0.3');
    expect(await refusal(redis.incr('n'))).toBe('ERR value is not an integer or out of range');
    await redis.set('big', '9223372036854775806');
    await redis.incr('big');
    expect(await redis.get('big')).toBe('9223372036854775807');
    expect(await refusal(redis.incr('big'))).toBe('ERR increment or decrement would overflow');
  });

  test('several at once, and parts', async () => {
    expect(await redis.mset('a', '1', 'b', '2')).toBe('OK');
    expect(await redis.mget('a', 'none', 'b')).toEqual(['1', null, '2']);
    expect(await redis.append('a', '23')).toBe(3);
    expect(await redis.strlen('a')).toBe(3);
    expect(await redis.setrange('s', 2, 'x')).toBe(3);
    expect(await redis.getrange('a', -2, -1)).toBe('23');
    expect(await redis.get('s')).toBe('\0\0x');
  });

  test('values and keys are bytes', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    await redis.set(bytes, bytes);
    expect(await redis.getBuffer(bytes)).toEqual(bytes);
    expect(await redis.strlen(bytes)).toBe(256);
    await redis.set('wörter', 'süß 🚢');
    expect(await redis.get('wörter')).toBe('süß 🚢');
    const large = Buffer.alloc(5 * MEGABYTE, 0x0d);
    await redis.set('large', large);
    expect((await redis.getBuffer('large'))?.equals(large)).toBe(true);
  });
});

describe('keys', () => {
  test('expiry, lazy and active', async () => {
    // In one packet, so that a busy machine cannot put 20 ms between them.
    const both = await redis.pipeline().set('lazy', '1', 'PX', 20).dbsize().exec();
    expect(both).toEqual([
      [null, 'OK'],
      [null, 1],
    ]);
    // DBSIZE does not look at keys, so that only the sweep can bring it to zero.
    await vi.waitFor(async () => expect(await redis.dbsize()).toBe(0), { timeout: 3000, interval: 20 });
    await redis.set('now', '1');
    expect(await redis.pexpire('now', -1)).toBe(1);
    expect(await redis.exists('now')).toBe(0);
    await redis.set('k', '1');
    expect(await redis.expire('k', 100, 'GT')).toBe(0);
    expect(await redis.expire('k', 100, 'LT')).toBe(1);
    expect(await redis.expireat('k', Math.floor(Date.now() / 1000) + 50)).toBe(1);
    expect(await redis.ttl('k')).toBeLessThanOrEqual(50);
    expect(await redis.persist('k')).toBe(1);
    expect(await redis.ttl('none')).toBe(-2);
    expect(await redis.expire('none', 1)).toBe(0);
  });

  test('a key that has expired is gone at once', async () => {
    await redis.set('k', '1', 'PX', 1);
    await vi.waitFor(async () => expect(await redis.get('k')).toBeNull(), { timeout: 1000, interval: 1 });
    expect(await redis.set('k', '2', 'NX')).toBe('OK');
    expect(await redis.ttl('k')).toBe(-1);
  });

  test('names, types, patterns', async () => {
    await redis.mset('user:1', 'a', 'user:22', 'b', 'cart[1]', 'c');
    expect((await redis.keys('user:*')).toSorted()).toEqual(['user:1', 'user:22']);
    expect(await redis.keys('user:?')).toEqual(['user:1']);
    expect(await redis.keys('user:[2-9]*')).toEqual(['user:22']);
    expect(await redis.keys('cart\\[1\\]')).toEqual(['cart[1]']);
    await redis.rename('user:1', 'user:9');
    expect(await refusal(redis.rename('none', 'x'))).toBe('ERR no such key');
    expect(await redis.renamenx('user:9', 'user:22')).toBe(0);
    expect(await redis.copy('user:9', 'twin')).toBe(1);
    expect(await redis.type('twin')).toBe('string');
    expect(await redis.type('none')).toBe('none');
    expect(await redis.unlink('twin', 'none', 'user:9')).toBe(2);
    expect(await redis.exists('user:22', 'user:22', 'none')).toBe(2);
  });

  test('SCAN sees every key once, also while others go', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `key:${index}`);
    await redis.mset(Object.fromEntries(names.map((name) => [name, 'x'])));
    await redis.sadd('set', 'a');
    const seen: string[] = [];
    let cursor = '0';
    do {
      const [next, keys] = await redis.scan(cursor, 'MATCH', 'key:*', 'COUNT', 100, 'TYPE', 'string');
      seen.push(...keys);
      if (keys[0]) await redis.del(keys[0]);
      cursor = next;
    } while (cursor !== '0');
    expect(seen.toSorted()).toEqual(names.toSorted());
  });

  test('databases are apart', async () => {
    const other = await another();
    await other.select(3);
    await other.set('k', '3');
    expect(await redis.get('k')).toBeNull();
    expect(await refusal(other.select(99))).toBe('ERR DB index is out of range');
    expect(await other.flushdb()).toBe('OK');
    expect(await other.dbsize()).toBe(0);
  });
});

test('hashes', async () => {
  expect(await redis.hset('h', { a: '1', b: '2' })).toBe(2);
  expect(await redis.hset('h', 'a', '3', 'c', '4')).toBe(1);
  expect(await redis.hget('h', 'a')).toBe('3');
  expect(await redis.hmget('h', 'a', 'x')).toEqual(['3', null]);
  expect(await redis.hgetall('h')).toEqual({ a: '3', b: '2', c: '4' });
  expect(await redis.hincrby('h', 'a', 4)).toBe(7);
  expect(await redis.hkeys('h')).toEqual(['a', 'b', 'c']);
  expect(await redis.hvals('h')).toEqual(['7', '2', '4']);
  expect(await redis.hexists('h', 'b')).toBe(1);
  expect(await redis.hscan('h', 0, 'MATCH', '[ab]')).toEqual(['0', ['a', '7', 'b', '2']]);
  expect(await redis.hdel('h', 'a', 'x')).toBe(1);
  expect(await redis.hlen('h')).toBe(2);
  expect(await redis.hdel('h', 'b', 'c')).toBe(2);
  expect(await redis.exists('h')).toBe(0);
  expect(await redis.hgetall('h')).toEqual({});
  await redis.set('s', 'x');
  expect(await refusal(redis.hget('s', 'a'))).toBe('WRONGTYPE Operation against a key holding the wrong kind of value');
});

describe('lists', () => {
  test('both ends and the middle', async () => {
    expect(await redis.rpush('l', 'c', 'd')).toBe(2);
    expect(await redis.lpush('l', 'b', 'a')).toBe(4);
    expect(await redis.lrange('l', 0, -1)).toEqual(['a', 'b', 'c', 'd']);
    expect(await redis.lrange('l', -3, 1)).toEqual(['b']);
    expect(await redis.lrange('l', 5, 9)).toEqual([]);
    expect(await redis.lindex('l', -1)).toBe('d');
    expect(await redis.lpop('l')).toBe('a');
    expect(await redis.rpop('l', 2)).toEqual(['d', 'c']);
    expect(await redis.rpush('l', 'b', 'x', 'b')).toBe(4);
    expect(await redis.lrem('l', -2, 'b')).toBe(2);
    expect(await redis.lrange('l', 0, -1)).toEqual(['b', 'x']);
    expect(await redis.ltrim('l', 1, 1)).toBe('OK');
    expect(await redis.lset('l', 0, 'y')).toBe('OK');
    expect(await redis.llen('l')).toBe(1);
    expect(await redis.rpoplpush('l', 'm')).toBe('y');
    expect(await redis.exists('l')).toBe(0);
  });

  test('BLPOP waits, is served in order, and gives up', async () => {
    const [first, second] = [await another(), await another()];
    const one = first.blpop('a', 'b', 0);
    await blocked(1);
    const two = second.brpop('b', 5);
    await blocked(2);
    expect(await redis.rpush('b', 'x', 'y', 'z')).toBe(3);
    expect([await one, await two]).toEqual([
      ['b', 'x'],
      ['b', 'z'],
    ]);
    await blocked(0);
    expect(await redis.lrange('b', 0, -1)).toEqual(['y']);
    expect(await second.blpop('none', 0.05)).toBeNull();
    expect(await redis.multi().blpop('none', 0).exec()).toEqual([[null, null]]);
  });

  test('a client that leaves while it waits takes nothing', async () => {
    const waiting = await another();
    const pending = waiting.blpop('l', 0).catch(() => 'left');
    await blocked(1);
    waiting.disconnect();
    expect(await pending).toBe('left');
    await blocked(0);
    await redis.rpush('l', 'x');
    expect(await redis.llen('l')).toBe(1);
  });
});

test('sets', async () => {
  expect(await redis.sadd('s', 'a', 'b', 'a')).toBe(2);
  expect((await redis.smembers('s')).toSorted()).toEqual(['a', 'b']);
  expect(await redis.sismember('s', 'a')).toBe(1);
  expect(await redis.srem('s', 'a', 'x')).toBe(1);
  expect(await redis.scard('s')).toBe(1);
  await redis.sadd('t', 'b', 'c');
  expect(await redis.sinter('s', 't')).toEqual(['b']);
  expect((await redis.sunion('s', 't')).toSorted()).toEqual(['b', 'c']);
  expect(await redis.sdiffstore('d', 't', 's')).toBe(1);
  expect(await redis.spop('d')).toBe('c');
  expect(await redis.exists('d')).toBe(0);
});

test('sorted sets', async () => {
  expect(await redis.zadd('z', 2, 'b', 1, 'a', 3, 'c')).toBe(3);
  expect(await redis.zadd('z', 'GT', 'CH', 1, 'b', 5, 'a')).toBe(1);
  expect(await redis.zrange('z', 0, -1, 'WITHSCORES')).toEqual(['b', '2', 'c', '3', 'a', '5']);
  expect(await redis.zrevrange('z', 0, 0)).toEqual(['a']);
  expect(await redis.zrangebyscore('z', '(2', '+inf')).toEqual(['c', 'a']);
  expect(await redis.zincrby('z', 0.5, 'b')).toBe('2.5');
  expect(await redis.zscore('z', 'b')).toBe('2.5');
  expect(await redis.zrank('z', 'a')).toBe(2);
  expect(await redis.zcount('z', 2, 3)).toBe(2);
  expect(await redis.zrem('z', 'b', 'x')).toBe(1);
  expect(await redis.zpopmin('z')).toEqual(['c', '3']);
  expect(await redis.zcard('z')).toBe(1);
  expect(await refusal(redis.zadd('z', 'one' as unknown as number, 'a'))).toBe('ERR value is not a valid float');
});

test('publish and subscribe, by channel and by pattern', async () => {
  const subscriber = await another();
  const heard: string[][] = [];
  subscriber.on('message', (channel, message) => heard.push([channel, message]));
  subscriber.on('pmessage', (pattern, channel, message) => heard.push([pattern, channel, message]));
  await subscriber.subscribe('news', 'other');
  await subscriber.psubscribe('n*');
  expect(await redis.publish('news', 'hello')).toBe(2);
  expect(await redis.publish('nobody', 'x')).toBe(1);
  await vi.waitFor(() => expect(heard).toHaveLength(3));
  expect(heard).toEqual([
    ['news', 'hello'],
    ['n*', 'news', 'hello'],
    ['n*', 'nobody', 'x'],
  ]);
  expect(await redis.pubsub('CHANNELS')).toEqual(['news', 'other']);
  await subscriber.unsubscribe('news', 'other');
  await subscriber.punsubscribe();
  expect(await redis.publish('news', 'again')).toBe(0);
  expect(await subscriber.get('k')).toBeNull();
});

describe('transactions', () => {
  test('MULTI runs all at once; an error in one does not stop the others', async () => {
    await redis.set('s', 'text');
    const results = await redis.multi().incr('n').incr('s').get('n').exec();
    expect(results?.map(([error, value]) => error?.message ?? value)).toEqual([
      1,
      'ERR value is not an integer or out of range',
      '1',
    ]);
  });

  test('a command that is refused spoils the transaction', async () => {
    const client = await another();
    await client.call('multi');
    expect(await client.call('set', 'k', '1')).toBe('QUEUED');
    expect(await refusal(client.call('nonsense'))).toContain("unknown command 'nonsense'");
    expect(await refusal(client.call('exec'))).toBe('EXECABORT Transaction discarded because of previous errors.');
    expect(await redis.exists('k')).toBe(0);
    expect(await refusal(client.call('exec'))).toBe('ERR EXEC without MULTI');
  });

  test('a watched key that changed makes EXEC do nothing', async () => {
    const client = await another();
    await client.watch('k');
    await redis.set('k', 'other');
    expect(await client.multi().set('k', 'mine').exec()).toBeNull();
    await client.watch('k');
    expect(await client.multi().set('k', 'mine').exec()).toEqual([[null, 'OK']]);
    expect(await redis.get('k')).toBe('mine');
  });

  test('DISCARD forgets', async () => {
    const client = await another();
    await client.call('multi');
    await client.call('set', 'k', '1');
    expect(await client.call('discard')).toBe('OK');
    expect(await redis.exists('k')).toBe(0);
  });
});

describe('the protocol', () => {
  test('10,000 pipelined commands are answered in order', async () => {
    const pipeline = redis.pipeline();
    for (let index = 0; index < 5000; index += 1) pipeline.set(`k${index}`, `v${index}`).get(`k${index}`);
    const results = (await pipeline.exec()) ?? [];
    expect(results).toHaveLength(10_000);
    expect(results.every(([error]) => error === null)).toBe(true);
    expect(results[1]?.[1]).toBe('v0');
    expect(results[9999]?.[1]).toBe('v4999');
    expect(await redis.dbsize()).toBe(5000);
  });

  test('requests cut anywhere', async () => {
    const { ask, socket } = await raw();
    const request = '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\na\r\nbc\r\n';
    for (const byte of request.slice(0, -1)) {
      socket.write(byte, 'latin1');
      await new Promise(setImmediate);
    }
    expect(await ask(`${request.slice(-1)}*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`, 'bc')).toBe('+OK\r\n$5\r\na\r\nbc\r\n');
  });

  test('inline commands', async () => {
    const { ask } = await raw();
    expect(await ask('SET k "a \\x41\\n"\r\nGET k\r\n\r\nPING\r\n', 'PONG')).toBe('+OK\r\n$4\r\na A\n\r\n+PONG\r\n');
    expect(await ask('GET "open\r\n', 'unbalanced')).toBe('-ERR Protocol error: unbalanced quotes in request\r\n');
  });

  test('RESP3 after HELLO 3', async () => {
    const { ask } = await raw();
    expect(await ask('HELLO 3 SETNAME me\r\n', 'modules')).toMatch(/^%7\r\n\$6\r\nserver\r\n/);
    expect(await ask('HSET h a 1\r\nHGETALL h\r\n', '$1\r\n1\r\n')).toBe(':1\r\n%1\r\n$1\r\na\r\n$1\r\n1\r\n');
    expect(await ask('GET none\r\n', '_')).toBe('_\r\n');
    expect(await ask('ZADD z 1.5 a\r\nZRANGE z 0 -1 WITHSCORES\r\n', '1.5')).toBe(
      ':1\r\n*1\r\n*2\r\n$1\r\na\r\n,1.5\r\n',
    );
    expect(await ask('SUBSCRIBE c\r\n', ':1')).toBe('>3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n');
    // In RESP3 a subscriber may go on with other commands.
    expect(await ask('PING\r\n', 'PONG')).toBe('+PONG\r\n');
    expect(await ask('HELLO 4\r\n', 'NOPROTO')).toBe('-NOPROTO unsupported protocol version\r\n');
  });

  test('a RESP2 subscriber may do little else', async () => {
    const { ask } = await raw();
    await ask('SUBSCRIBE c\r\n', ':1');
    expect(await ask('GET k\r\n', 'context')).toContain("ERR Can't execute 'get': only (P|S)SUBSCRIBE");
  });

  test.each([
    ['*1\r\n+PING\r\n', "-ERR Protocol error: expected '$', got '+'"],
    ['*1\r\n$-5\r\n', '-ERR Protocol error: invalid bulk length'],
    ['*9999999\r\n', '-ERR Protocol error: invalid multibulk length'],
    ['*1\r\n$999999999\r\n', '-ERR Protocol error: invalid bulk length'],
  ])('%j ends the connection with a reason', async (text, reply) => {
    const { ask, socket } = await raw();
    const closed = once(socket, 'close');
    expect(await ask(text, '\r\n')).toBe(`${reply}\r\n`);
    await closed;
  });

  test('errors in the words of Redis', async () => {
    expect(await refusal(redis.call('nonsense', 'a', 'b'))).toBe(
      "ERR unknown command 'nonsense', with args beginning with: 'a' 'b' ",
    );
    expect(await refusal(redis.call('get'))).toBe("ERR wrong number of arguments for 'get' command");
    expect(await refusal(redis.call('constructor'))).toContain("ERR unknown command 'constructor'");
    expect(await refusal(redis.call('config', 'rewrite'))).toBe("ERR unknown subcommand 'rewrite'. Try CONFIG HELP.");
  });

  test('QUIT', async () => {
    const { ask, socket } = await raw();
    const closed = once(socket, 'close');
    expect(await ask('QUIT\r\n', 'OK')).toBe('+OK\r\n');
    await closed;
  });
});

describe('limits', () => {
  test('memory: writes are refused beyond it, reads and deletes are not', async () => {
    await redis.config('SET', 'maxmemory', '1mb');
    try {
      const text = 'x'.repeat(100_000);
      const replies: string[] = [];
      for (let index = 0; index < 20; index += 1)
        replies.push(await redis.set(`k${index}`, text).catch((error) => error.message));
      expect(replies.at(-1)).toBe("OOM command not allowed when used memory > 'maxmemory'.");
      expect(await redis.get('k0')).toBe(text);
      expect(await redis.memory('USAGE', 'k0')).toBeGreaterThan(100_000);
      await redis.flushall();
      expect(await redis.info('memory')).toContain('used_memory:0\r\n');
      expect(await redis.set('k', 'v')).toBe('OK');
    } finally {
      await redis.config('SET', 'maxmemory', String(64 * MEGABYTE));
    }
  });

  test('what is counted goes when the data goes, whatever its type', async () => {
    await redis.set('s', 'x');
    await redis.append('s', 'yz');
    await redis.hset('h', { a: '1' });
    await redis.hset('h', { a: 'longer' });
    await redis.rpush('l', 'a', 'b');
    await redis.lset('l', 0, 'longer');
    await redis.sadd('m', 'a');
    await redis.zadd('z', 1, 'a');
    await redis.zadd('z', 2, 'a');
    await redis.rename('s', 't');
    expect(await redis.info('memory')).not.toContain('used_memory:0\r\n');
    await redis.del('t', 'l');
    await redis.hdel('h', 'a');
    await redis.srem('m', 'a');
    await redis.zrem('z', 'a');
    expect(await redis.info('memory')).toContain('used_memory:0\r\n');
  });

  test('a password', async () => {
    const guarded = await startRedisServer(0, { maxMemoryBytes: MEGABYTE, password: 'secret' });
    try {
      const client = await another(guarded.port, 'secret');
      expect(await client.set('k', 'v')).toBe('OK');
      const stranger = new Redis({
        port: guarded.port,
        enableReadyCheck: false,
        lazyConnect: true,
        retryStrategy: null,
      });
      open.push(stranger);
      await stranger.connect();
      expect(await refusal(stranger.get('k'))).toBe('NOAUTH Authentication required.');
      expect(await refusal(stranger.auth('wrong'))).toBe(
        'WRONGPASS invalid username-password pair or user is disabled.',
      );
    } finally {
      await guarded.close();
    }
  });
});
