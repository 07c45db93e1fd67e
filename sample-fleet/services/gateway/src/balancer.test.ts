import { expect, test } from 'vitest';
import { Balancer } from './balancer.ts';

test('takes turns', () => {
  const balancer = new Balancer(['a', 'b']);
  expect([0, 0, 0].map((nowMs) => balancer.next(nowMs))).toEqual(['a', 'b', 'a']);
});

test('leaves out an address that failed, for a while', () => {
  const balancer = new Balancer(['a', 'b']);
  balancer.failed('a', 0);
  expect([1, 1, 1].map((nowMs) => balancer.next(nowMs))).toEqual(['b', 'b', 'b']);
  const later = [5_000, 5_000].map((nowMs) => balancer.next(nowMs));
  expect(later.toSorted()).toEqual(['a', 'b']);
});

test('tries all when all have failed', () => {
  const balancer = new Balancer(['a', 'b']);
  balancer.failed('a', 0);
  balancer.failed('b', 0);
  expect([1, 1].map((nowMs) => balancer.next(nowMs)).toSorted()).toEqual(['a', 'b']);
});
