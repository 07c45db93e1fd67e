import { messageOf } from '../../../lib/backoff.ts';
import { log } from '../../../lib/log.ts';
import { counter } from '../../../lib/metrics.ts';
import type { Redis } from '../../../lib/redis.ts';

const lookups = counter('cache.lookups', 'Reads of the cache, by result: hit, miss, or error');

/**
 * The cache-aside pattern: look into the cache, else load from the source and leave a copy in the cache for the next one.
 * A cache is a help and not a need: while Redis is away everything is loaded from the source.
 */
export class CacheAside<T> {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #ttlS: number;

  /** Entries live for `ttlS` at most, so that even a lost invalidation heals. */
  constructor(redis: Redis, prefix: string, ttlS: number) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#ttlS = ttlS;
  }

  /** The value of `key`; `load` gives undefined for what does not exist, which is not cached. */
  async get(key: string, load: () => Promise<T | undefined>): Promise<T | undefined> {
    const cached = await this.#read(key);
    if (cached !== undefined) return cached;
    const loaded = await load();
    if (loaded !== undefined)
      await this.#attempt(() => this.#redis.set(this.#prefix + key, JSON.stringify(loaded), 'EX', this.#ttlS));
    return loaded;
  }

  /** To be called after the source has changed: the next read loads it anew. */
  async invalidate(key: string): Promise<void> {
    await this.#attempt(() => this.#redis.del(this.#prefix + key));
  }

  async #read(key: string): Promise<T | undefined> {
    const text = await this.#attempt(() => this.#redis.get(this.#prefix + key));
    const value = typeof text === 'string' ? this.#parse(key, text) : undefined;
    const result = text === undefined ? 'error' : value === undefined ? 'miss' : 'hit';
    lookups.add(1, { 'cache.result': result, 'cache.name': this.#prefix });
    return value;
  }

  /** What is no JSON was put there by somebody else; it is loaded anew, which overwrites it. */
  #parse(key: string, text: string): T | undefined {
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      log.warn({ key: this.#prefix + key, reason: messageOf(error) }, 'what the cache has is not ours');
      return undefined;
    }
  }

  async #attempt<R>(command: () => Promise<R>): Promise<R | undefined> {
    try {
      return await command();
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'going on without the cache');
      return undefined;
    }
  }
}
