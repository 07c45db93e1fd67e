import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { startProgram } from './program.ts';

test('it serves, takes the options of a redis-server command line, and ends on SIGTERM', async () => {
  const program = await startProgram('redis', {}, ['redis-server', '--maxmemory', '1mb', '--appendonly', 'yes']);
  try {
    const redis = new Redis({ port: program.port, lazyConnect: true, retryStrategy: () => null });
    await redis.connect();
    await redis.set('k', 'v');
    expect(await redis.get('k')).toBe('v');
    expect(await redis.config('GET', 'maxmemory')).toEqual(['maxmemory', '1048576']);
    redis.disconnect();
    expect(program.lines.some((line) => line.includes('have no effect') && line.includes('--appendonly yes'))).toBe(
      true,
    );
  } finally {
    expect(await program.end()).toBe(0);
  }
});

test('a port that is taken is said in a sentence', async () => {
  const first = await startProgram('redis', {});
  try {
    const second = startProgram('redis', { PORT: String(first.port) });
    await expect(second).rejects.toThrow(`The Redis server did not start: port ${first.port} is taken. (code 1)`);
  } finally {
    await first.end();
  }
});
