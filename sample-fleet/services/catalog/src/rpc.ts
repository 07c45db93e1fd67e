import { type GrpcServer, RpcError } from '../../../lib/grpc.ts';
import type { CatalogMethods } from '../../../protos/catalog.ts';
import type { Catalog } from './catalog.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** The methods of protos/catalog.proto. */
export function registerRpc(server: GrpcServer, catalog: Catalog): void {
  server.add<CatalogMethods>('catalog.proto', 'shop.catalog.v1.Catalog', {
    getProduct: async ({ sku }) => {
      const product = await catalog.find(sku);
      if (product === undefined) throw new RpcError('NOT_FOUND', `There is no product ${sku}.`);
      return product;
    },
    listProducts: async ({ query, category, limit }) => {
      const bounded = Math.min(limit || DEFAULT_LIMIT, MAX_LIMIT);
      return { products: await catalog.list({ query: query ?? '', category: category ?? '', limit: bounded }) };
    },
  });
}
