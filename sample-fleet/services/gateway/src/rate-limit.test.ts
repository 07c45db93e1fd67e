import { expect, test } from 'vitest';
import { TokenBuckets } from './rate-limit.ts';

test('lets a burst pass and then the rate', () => {
  const buckets = new TokenBuckets(10, 3);
  const waits = [0, 0, 0, 0].map((nowMs) => buckets.take('a', nowMs));
  expect(waits).toEqual([0, 0, 0, 0.1]);
  expect(buckets.take('a', 100)).toBe(0);
  expect(buckets.take('a', 100)).toBeGreaterThan(0);
});

test('a quiet client saves up a burst and no more', () => {
  const buckets = new TokenBuckets(10, 2);
  expect(buckets.take('a', 0)).toBe(0);
  const later = [1, 2, 3].map(() => buckets.take('a', 60_000));
  expect(later[0]).toBe(0);
  expect(later[1]).toBe(0);
  expect(later[2]).toBeGreaterThan(0);
});

test('clients do not share a bucket', () => {
  const buckets = new TokenBuckets(1, 1);
  expect(buckets.take('a', 0)).toBe(0);
  expect(buckets.take('b', 0)).toBe(0);
  expect(buckets.take('a', 0)).toBe(1);
});
