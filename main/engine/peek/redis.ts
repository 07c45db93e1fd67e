import { Redis } from 'ioredis';
import type { RedisKeys, RedisPeek, RedisValue } from '../../contract/index.ts';
import type { OpenTarget } from './target.ts';

const TIMEOUT_MS = 3000;
const ENTRIES = 100;
const VALUE_CHARACTERS = 10_000;
/** Rounds of SCAN for one page: on a large database a rare pattern is looked for in several pages. */
const ROUNDS = 50;

/** A connection for one piece of work, which fails rather than being tried again. */
export async function withRedis<T>(
  target: OpenTarget,
  database: number,
  work: (redis: Redis) => Promise<T>,
): Promise<T> {
  const redis = new Redis({
    host: target.host,
    port: target.port,
    db: database,
    ...(target.password === '' ? {} : { password: target.password }),
    lazyConnect: true,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectionName: 'flotilla',
  });
  // ioredis rejects with "Connection is closed" and tells why - a wrong password - by an event alone.
  let why: Error | null = null;
  redis.on('error', (error: Error) => {
    why ??= error;
  });
  try {
    await redis.connect();
    return await work(redis);
  } catch (error) {
    throw why ?? error;
  } finally {
    redis.disconnect();
  }
}

/** `name:value` lines of INFO; https://redis.io/docs/latest/commands/info/ */
function parseInfo(text: string): Map<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(':'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

/** Memory, clients, hit ratio, and how many keys each database has. */
export function peekRedis(target: OpenTarget): Promise<RedisPeek> {
  return withRedis(target, 0, async (redis) => {
    const info = parseInfo(await redis.info());
    const number = (name: string): number | null => {
      const text = info.get(name);
      return text === undefined ? null : Number(text);
    };
    const hits = number('keyspace_hits');
    const reads = hits === null ? 0 : hits + (number('keyspace_misses') ?? 0);
    return {
      version: info.get('redis_version') ?? '',
      usedMemoryBytes: number('used_memory') ?? 0,
      maxMemoryBytes: number('maxmemory') || null,
      // One of them is us.
      clients: Math.max(0, (number('connected_clients') ?? 1) - 1),
      opsPerSecond: number('instantaneous_ops_per_sec'),
      hitRatio: hits === null || reads === 0 ? null : hits / reads,
      evictedKeys: number('evicted_keys'),
      databases: [...info].flatMap(([name, facts]) => {
        const index = /^db(\d+)$/.exec(name)?.[1];
        const counted = /keys=(\d+),expires=(\d+)/.exec(facts);
        return index === undefined || counted === null
          ? []
          : [{ index: Number(index), keys: Number(counted[1]), expires: Number(counted[2]) }];
      }),
    };
  });
}

type KeyFacts = RedisKeys['keys'][number];

/** Facts of keys in one round trip; a key that expired meanwhile is left out. */
async function describeKeys(redis: Redis, keys: readonly Buffer[]): Promise<KeyFacts[]> {
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.type(key).pttl(key).memory('USAGE', key);
  const replies = (await pipeline.exec()) ?? [];
  return keys.flatMap((key, at): KeyFacts[] => {
    const type = String(replies[at * 3]?.[1] ?? 'none');
    const ttl = Number(replies[at * 3 + 1]?.[1] ?? -1);
    const bytes = replies[at * 3 + 2]?.[1];
    if (type === 'none') return [];
    return [
      {
        name: key.toString('utf8'),
        keyBase64: key.toString('base64url'),
        type,
        expiresInMs: ttl < 0 ? null : ttl,
        bytes: typeof bytes === 'number' ? bytes : null,
      },
    ];
  });
}

/** A page of keys that match a glob, by SCAN: it never blocks the server as KEYS would, and gives each key at least once. */
export function redisKeys(
  target: OpenTarget,
  ask: { database: number; pattern: string; cursor: string; limit: number },
): Promise<RedisKeys> {
  return withRedis(target, ask.database, async (redis) => {
    const found = new Map<string, Buffer>();
    let cursor = ask.cursor;
    for (let round = 0; round < ROUNDS && found.size < ask.limit; round += 1) {
      const [next, keys] = await redis.scanBuffer(cursor, 'MATCH', ask.pattern, 'COUNT', ask.limit);
      for (const key of keys) found.set(key.toString('base64url'), key);
      cursor = next.toString();
      if (cursor === '0') break;
    }
    const keys = await describeKeys(redis, [...found.values()]);
    keys.sort((a, b) => (a.name < b.name ? -1 : 1));
    return { keys, cursor: cursor === '0' ? null : cursor };
  });
}

type Entry = RedisValue['entries'][number];

async function readValue(redis: Redis, key: Buffer, type: string): Promise<{ length: number; entries: Entry[] }> {
  const pairs = (flat: readonly string[]): Entry[] =>
    flat.flatMap((field, at) => (at % 2 === 0 ? [{ field, value: flat[at + 1] ?? '' }] : []));
  switch (type) {
    case 'string': {
      const [length, value] = await Promise.all([redis.strlen(key), redis.getrange(key, 0, VALUE_CHARACTERS - 1)]);
      return { length, entries: [{ field: null, value }] };
    }
    case 'hash': {
      const [length, [, flat]] = await Promise.all([redis.hlen(key), redis.hscan(key, 0, 'COUNT', ENTRIES)]);
      return { length, entries: pairs(flat).slice(0, ENTRIES) };
    }
    case 'list': {
      const [length, values] = await Promise.all([redis.llen(key), redis.lrange(key, 0, ENTRIES - 1)]);
      return { length, entries: values.map((value, at) => ({ field: String(at), value })) };
    }
    case 'set': {
      const [length, [, values]] = await Promise.all([redis.scard(key), redis.sscan(key, 0, 'COUNT', ENTRIES)]);
      return { length, entries: values.slice(0, ENTRIES).map((value) => ({ field: null, value })) };
    }
    case 'zset': {
      const [length, flat] = await Promise.all([redis.zcard(key), redis.zrange(key, 0, ENTRIES - 1, 'WITHSCORES')]);
      return { length, entries: pairs(flat).map(({ field, value }) => ({ field: value, value: field ?? '' })) };
    }
    case 'stream': {
      const [length, found] = await Promise.all([redis.xlen(key), redis.xrevrange(key, '+', '-', 'COUNT', ENTRIES)]);
      return { length, entries: found.map(([id, fields]) => ({ field: id, value: JSON.stringify(fields) })) };
    }
    default:
      return { length: 0, entries: [] };
  }
}

/** The beginning of a key's value; null when there is no such key (any more). */
export function redisValue(
  target: OpenTarget,
  ask: { database: number; keyBase64: string },
): Promise<RedisValue | null> {
  return withRedis(target, ask.database, async (redis) => {
    const key = Buffer.from(ask.keyBase64, 'base64url');
    const [facts] = await describeKeys(redis, [key]);
    if (facts === undefined) return null;
    const { length, entries } = await readValue(redis, key, facts.type);
    const shown = entries.map(({ field, value }) => ({ field, value: value.slice(0, VALUE_CHARACTERS) }));
    // A string's length is in bytes, and so much of it is asked for.
    const most = facts.type === 'string' ? VALUE_CHARACTERS : shown.length;
    return { ...facts, length, entries: shown, cut: length > most };
  });
}
