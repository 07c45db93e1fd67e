import { expect, test } from 'vitest';
import { backoffMs, connectWithBackoff, messageOf } from './backoff.ts';

test('grows exponentially up to the ceiling, half of it random', () => {
  const options = { baseMs: 100, maxMs: 1_000 };
  const longest = [1, 2, 3, 4, 5, 6].map((attempt) => backoffMs(attempt, options, () => 1));
  expect(longest).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  expect(backoffMs(3, options, () => 0)).toBe(200);
});

test('connects once it is possible, and gives up with the last error', async () => {
  let calls = 0;
  const connected = await connectWithBackoff('it', async () => {
    calls += 1;
    if (calls < 2) throw new Error('not yet');
    return 'connected';
  });
  expect(connected).toBe('connected');
  await expect(connectWithBackoff('it', () => Promise.reject(new Error('never')), 1)).rejects.toThrow('never');
});

test('tells what several failed addresses said', () => {
  expect(messageOf(new AggregateError([new Error('refused'), new Error('unreachable')]))).toBe('refused; unreachable');
  expect(messageOf('text')).toBe('text');
});
