import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CatalogMethods, Product } from '../protos/catalog.ts';
import { createGrpcClient, createGrpcServer, type GrpcClient, httpStatusOf, isRpcFailure, RpcError } from './grpc.ts';

const PRODUCT: Product = {
  sku: 'BOX-001',
  name: 'Skillet',
  description: 'Iron.',
  category: 'kitchen',
  priceCents: 3_990,
  weightGrams: 2_300,
};
const server = createGrpcServer();
let client: GrpcClient<CatalogMethods>;

beforeAll(async () => {
  server.add<CatalogMethods>('catalog.proto', 'shop.catalog.v1.Catalog', {
    getProduct: async ({ sku }) => {
      if (sku === 'slow') return new Promise(() => undefined);
      if (sku === 'broken') throw new Error('a bug');
      if (sku !== PRODUCT.sku) throw new RpcError('NOT_FOUND', `There is no product ${sku}.`);
      return PRODUCT;
    },
    listProducts: async ({ limit }) => ({ products: limit === 0 ? [] : [PRODUCT] }),
  });
  process.env.HOST = '127.0.0.1';
  const port = await server.listen(0);
  client = createGrpcClient<CatalogMethods>({
    proto: 'catalog.proto',
    service: 'shop.catalog.v1.Catalog',
    address: `127.0.0.1:${port}`,
  });
});

afterAll(async () => {
  client.close();
  await server.close();
});

test('carries requests and replies with their types, absent fields as defaults', async () => {
  expect(await client.call('getProduct', { sku: 'BOX-001' })).toEqual(PRODUCT);
  expect(await client.call('listProducts', {})).toEqual({ products: [] });
});

test('carries the status that the handler chose, and INTERNAL for what it did not', async () => {
  await expect(client.call('getProduct', { sku: 'none' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: 'There is no product none.',
  });
  await expect(client.call('getProduct', { sku: 'broken' })).rejects.toMatchObject({ code: 'INTERNAL' });
});

test('gives up at the deadline', async () => {
  const late = client.call('getProduct', { sku: 'slow' }, { deadlineMs: 50 });
  await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
});

test('tells a refusal from trouble', () => {
  expect(isRpcFailure(new RpcError('NOT_FOUND', ''))).toBe(false);
  expect(isRpcFailure(new RpcError('UNAVAILABLE', ''))).toBe(true);
  expect(httpStatusOf('NOT_FOUND')).toBe(404);
  expect(httpStatusOf('DATA_LOSS')).toBe(500);
});
