import { Redis } from 'ioredis';
import { connectWithBackoff } from './backoff.ts';
import { log } from './log.ts';

export type { Redis };

/**
 * A client for `redisUrl`. It reconnects by itself; a command fails after 1 s instead of waiting for Redis to come back,
 * so that a caller can do without (a cache) or say so (a store). Call `connectRedis` at start.
 */
export function createRedis(redisUrl: string): Redis {
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: 2_000,
    commandTimeout: 1_000,
    maxRetriesPerRequest: 1,
    enableReadyCheck: false,
    retryStrategy: (attempt) => Math.min(attempt * 100, 2_000),
  });
  let lastReason = '';
  redis.on('error', (error: Error) => {
    if (error.message !== lastReason) log.warn({ reason: error.message }, 'Redis cannot be reached');
    lastReason = error.message;
  });
  redis.on('ready', () => {
    lastReason = '';
  });
  return redis;
}

/** Connects, with backoff while Redis is not there yet. */
export async function connectRedis(redis: Redis): Promise<void> {
  await connectWithBackoff('Redis', async () => {
    // After a failed try ioredis is already trying again; only a client that has ended needs to be told to.
    if (redis.status === 'wait' || redis.status === 'end' || redis.status === 'close') await redis.connect();
    else await redis.ping();
  });
}

/** For `Service.ready`: rejects when Redis does not answer. */
export function redisCheck(redis: Redis): () => Promise<unknown> {
  return () => redis.ping();
}
