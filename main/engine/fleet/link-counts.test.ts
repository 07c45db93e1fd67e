import { expect, test } from 'vitest';
import type { LinkStats } from '../links/index.ts';
import { LinkCounts } from './link-counts.ts';

const stats = (bytes: number, requests: number, failed = 0): LinkStats => ({
  connections: { open: 2, total: 3, refused: 0 },
  bytes: { upstream: bytes, downstream: 0 },
  http: {
    requests,
    responses: { '1xx': 0, '2xx': requests - failed, '3xx': 0, '4xx': 0, '5xx': failed },
    grpcErrors: 0,
    faults: 0,
  },
});

test('what links passed is told between the measurements nearest to the range', () => {
  const counts = new LinkCounts();
  expect(counts.between(0, 10_000).size).toBe(0);
  counts.take({ 'a:b:1': stats(100, 10) }, 1000);
  expect(counts.between(0, 10_000).size).toBe(0);
  counts.take({ 'a:b:1': stats(300, 30, 5) }, 3000);
  counts.take({ 'a:b:1': stats(900, 50, 5) }, 5000);
  const expected = { open: 2, bytesPerSecond: 200, requests: 40, requestsPerSecond: 10, errors: 5 };
  expect(counts.between(0, 10_000).get('a:b:1')).toEqual(expected);
  expect(counts.between(3000, 5000).get('a:b:1')?.requestsPerSecond).toBe(10);
  expect(counts.between(3000, 5000).get('a:b:1')?.errors).toBe(0);
  expect(counts.between(0, 900).size).toBe(0);
});

test('links that were made anew count from nothing', () => {
  const counts = new LinkCounts();
  counts.take({ 'a:b:1': stats(100, 10) }, 1000);
  counts.take({ 'a:b:1': stats(20, 2), 'c:d:2': stats(10, 1) }, 2000);
  const found = counts.between(0, 10_000);
  expect(found.get('a:b:1')?.requests).toBe(2);
  expect(found.get('c:d:2')?.bytesPerSecond).toBe(10);
});
