import { expect, test } from 'vitest';
import type { Redis } from '../../../lib/redis.ts';
import { CacheAside } from './cache-aside.ts';

/** The three commands that the cache uses, on a map. */
function fakeRedis(): { redis: Redis; entries: Map<string, string>; away: { value: boolean } } {
  const entries = new Map<string, string>();
  const away = { value: false };
  const command = async <T>(run: () => T): Promise<T> => {
    if (away.value) throw new Error('connection refused');
    return run();
  };
  const redis = {
    get: (key: string) => command(() => entries.get(key) ?? null),
    set: (key: string, value: string) => command(() => entries.set(key, value)),
    del: (key: string) => command(() => entries.delete(key)),
  };
  return { redis: redis as unknown as Redis, entries, away };
}

test('loads once, then answers from the cache until it is invalidated', async () => {
  const { redis } = fakeRedis();
  const cache = new CacheAside<{ price: number }>(redis, 'p:', 60);
  let price = 1;
  const load = async () => ({ price });
  expect(await cache.get('a', load)).toEqual({ price: 1 });
  price = 2;
  expect(await cache.get('a', load)).toEqual({ price: 1 });
  await cache.invalidate('a');
  expect(await cache.get('a', load)).toEqual({ price: 2 });
});

test('does not keep that something does not exist', async () => {
  const { redis, entries } = fakeRedis();
  const cache = new CacheAside<string>(redis, 'p:', 60);
  expect(await cache.get('a', async () => undefined)).toBeUndefined();
  expect(entries.size).toBe(0);
});

test('goes on without Redis', async () => {
  const { redis, away } = fakeRedis();
  away.value = true;
  const cache = new CacheAside<string>(redis, 'p:', 60);
  expect(await cache.get('a', async () => 'loaded')).toBe('loaded');
  await cache.invalidate('a');
});

test('loads anew what somebody else has put there', async () => {
  const { redis, entries } = fakeRedis();
  entries.set('p:a', 'not JSON');
  const cache = new CacheAside<string>(redis, 'p:', 60);
  expect(await cache.get('a', async () => 'loaded')).toBe('loaded');
  expect(entries.get('p:a')).toBe('"loaded"');
});
