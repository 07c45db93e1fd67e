import { expect, test } from 'vitest';
import type { Redis } from '../../../lib/redis.ts';
import { Carts, cartOf } from './carts.ts';

test('adds up its lines and keeps them in order', () => {
  const kettle = { sku: 'BOX-002', name: 'Kettle', quantity: 1, priceCents: 5_450 };
  const skillet = { sku: 'BOX-001', name: 'Skillet', quantity: 2, priceCents: 3_990 };
  expect(cartOf('c', [kettle, skillet])).toEqual({ cartId: 'c', lines: [skillet, kettle], totalCents: 13_430 });
  expect(cartOf('c', [])).toEqual({ cartId: 'c', lines: [], totalCents: 0 });
});

test('does not say that a line is in the cart where Redis has not taken it', async () => {
  const pipeline = {
    hset: () => pipeline,
    expire: () => pipeline,
    exec: async () => [
      [new Error('connection lost'), null],
      [null, 1],
    ],
  };
  const redis = { hgetall: async () => ({}), pipeline: () => pipeline } as unknown as Redis;
  const line = { sku: 'BOX-001', name: 'Skillet', quantity: 2, priceCents: 3_990 };
  await expect(new Carts(redis, 60).put('c', line)).rejects.toThrow('connection lost');
});
