import type { FastifyInstance, FastifyReply } from 'fastify';
import { type GrpcClient, httpStatusOf, RpcError } from '../../../lib/grpc.ts';
import type { Resilient } from '../../../lib/resilience.ts';
import type { CatalogMethods, Product } from '../../../protos/catalog.ts';
import { type Carts, MAX_LINES } from './carts.ts';

interface CartParams {
  cartId: string;
}

const CART_PARAMS = {
  type: 'object',
  properties: { cartId: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' } },
};

const ITEM_SCHEMA = {
  params: CART_PARAMS,
  body: {
    type: 'object',
    required: ['sku', 'quantity'],
    additionalProperties: false,
    properties: {
      sku: { type: 'string', minLength: 1, maxLength: 64 },
      quantity: { type: 'integer', minimum: 1, maximum: 99 },
    },
  },
};

const CATALOG_DEADLINE_MS = 800;

/**
 * `GET /carts/:cartId`, `PUT /carts/:cartId/items {sku, quantity}`, `DELETE /carts/:cartId/items/:sku`,
 * `DELETE /carts/:cartId`. A cart comes into being when something is put into it.
 */
export function registerRest(
  app: FastifyInstance,
  carts: Carts,
  catalog: GrpcClient<CatalogMethods>,
  resilience: Resilient,
): void {
  /** The catalog knows the price; what a client says it costs would be of no interest. */
  const findProduct = (sku: string): Promise<Product> =>
    resilience.execute((signal) => catalog.call('getProduct', { sku }, { deadlineMs: CATALOG_DEADLINE_MS, signal }));

  app.get<{ Params: CartParams }>('/carts/:cartId', { schema: { params: CART_PARAMS } }, async ({ params }) =>
    carts.get(params.cartId),
  );

  app.put<{ Params: CartParams; Body: { sku: string; quantity: number } }>(
    '/carts/:cartId/items',
    { schema: ITEM_SCHEMA },
    async ({ params: { cartId }, body: { sku, quantity } }, reply) => {
      const product = await findProduct(sku).catch((error: unknown) => refuse(reply, error));
      if (product === undefined) return reply;
      const cart = await carts.put(cartId, { sku, name: product.name, quantity, priceCents: product.priceCents });
      if (cart === undefined) {
        return reply.code(409).send({ error: 'cart_full', message: `A cart holds ${MAX_LINES} different products.` });
      }
      return cart;
    },
  );

  app.delete<{ Params: CartParams & { sku: string } }>(
    '/carts/:cartId/items/:sku',
    { schema: { params: CART_PARAMS } },
    async ({ params: { cartId, sku } }) => {
      await carts.remove(cartId, sku);
      return carts.get(cartId);
    },
  );

  app.delete<{ Params: CartParams }>(
    '/carts/:cartId',
    { schema: { params: CART_PARAMS } },
    async ({ params }, reply) => {
      await carts.clear(params.cartId);
      return reply.code(204).send();
    },
  );
}

/** Answers for a product that the catalog did not give: it does not exist, or the catalog is in trouble. */
function refuse(reply: FastifyReply, error: unknown): undefined {
  if (error instanceof RpcError && error.code === 'NOT_FOUND') {
    reply.code(404).send({ error: 'not_found', message: error.message });
    return undefined;
  }
  const statusCode = error instanceof RpcError ? httpStatusOf(error.code) : 503;
  reply
    .code(statusCode)
    // The catalog was asked three times here. A caller who asks us three times would make it nine, just when it is in trouble.
    .header('x-should-retry', 'false')
    .send({ error: 'catalog_unavailable', message: 'The catalog does not answer; try again soon.' });
  return undefined;
}
