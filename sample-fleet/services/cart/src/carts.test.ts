import { expect, test } from 'vitest';
import { cartOf } from './carts.ts';

test('adds up its lines and keeps them in order', () => {
  const kettle = { sku: 'BOX-002', name: 'Kettle', quantity: 1, priceCents: 5_450 };
  const skillet = { sku: 'BOX-001', name: 'Skillet', quantity: 2, priceCents: 3_990 };
  expect(cartOf('c', [kettle, skillet])).toEqual({ cartId: 'c', lines: [skillet, kettle], totalCents: 13_430 });
  expect(cartOf('c', [])).toEqual({ cartId: 'c', lines: [], totalCents: 0 });
});
