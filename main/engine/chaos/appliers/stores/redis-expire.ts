import { type OpenTarget, withRedis } from '../../../peek/index.ts';

const AT_ONCE = 500;
const LONGEST_MS = 20_000;

/** Lets every key that matches a glob expire, in all databases; the server goes on answering meanwhile. */
export async function expireKeys(at: OpenTarget, pattern: string): Promise<void> {
  const deadlineMs = Date.now() + LONGEST_MS;
  const keyspace = await withRedis(at, 0, (redis) => redis.info('keyspace'));
  const databases = [...keyspace.matchAll(/^db(\d+):/gm)].map((match) => Number(match[1]));
  for (const database of databases) {
    await withRedis(at, database, async (redis) => {
      let cursor = '0';
      do {
        const [next, keys] = await redis.scanBuffer(cursor, 'MATCH', pattern, 'COUNT', AT_ONCE);
        const pipeline = redis.pipeline();
        for (const key of keys) pipeline.pexpire(key, 1);
        await pipeline.exec();
        cursor = next.toString();
      } while (cursor !== '0' && Date.now() < deadlineMs);
    });
  }
}
