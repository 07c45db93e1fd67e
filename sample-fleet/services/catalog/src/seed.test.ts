import { expect, test } from 'vitest';
import { SKUS } from '../../../lib/skus.ts';
import { PRODUCTS } from './seed.ts';

test('there is one product for each SKU, and no two are alike', () => {
  expect(PRODUCTS.map(({ sku }) => sku)).toEqual(SKUS);
  expect(new Set(PRODUCTS.map(({ name }) => name)).size).toBe(SKUS.length);
});
