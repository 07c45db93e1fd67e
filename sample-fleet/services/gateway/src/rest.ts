import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Answer } from './downstream.ts';
import type { ProductSearch, Shop } from './shop.ts';
import { bearerOf, customerOf, type TokenChecker } from './tokens.ts';

const ITEM_BODY = {
  type: 'object',
  required: ['sku', 'quantity'],
  additionalProperties: false,
  properties: {
    sku: { type: 'string', minLength: 1, maxLength: 64 },
    quantity: { type: 'integer', minimum: 1, maximum: 99 },
  },
};

const ORDER_SCHEMA = {
  headers: {
    type: 'object',
    required: ['idempotency-key'],
    properties: { 'idempotency-key': { type: 'string', minLength: 8, maxLength: 100 } },
  },
  body: {
    type: 'object',
    required: ['cartId'],
    additionalProperties: false,
    properties: { cartId: { type: 'string', minLength: 1, maxLength: 64 } },
  },
};

/** The REST façade, for everybody: `/api/products`, `/api/cart`, `/api/analytics`; `/api/orders` needs a token. */
export function registerRest(app: FastifyInstance, shop: Shop, tokens: TokenChecker): void {
  registerPublic(app, shop);
  registerOrders(app, shop, tokens);
}

function registerPublic(app: FastifyInstance, shop: Shop): void {
  app.get<{ Querystring: ProductSearch }>('/api/products', async ({ query: { q, category, limit } }, reply) =>
    pass(reply, await shop.products({ q, category, limit })),
  );
  app.get<{ Params: { sku: string } }>('/api/products/:sku', async ({ params }, reply) =>
    pass(reply, await shop.product(params.sku)),
  );
  app.get<{ Params: { cartId: string } }>('/api/cart/:cartId', async ({ params }, reply) =>
    pass(reply, await shop.cart(params.cartId)),
  );
  app.put<{ Params: { cartId: string }; Body: { sku: string; quantity: number } }>(
    '/api/cart/:cartId/items',
    { schema: { body: ITEM_BODY } },
    async ({ params, body }, reply) => pass(reply, await shop.putIntoCart(params.cartId, body)),
  );
  app.delete<{ Params: { cartId: string; sku: string } }>('/api/cart/:cartId/items/:sku', async ({ params }, reply) =>
    pass(reply, await shop.removeFromCart(params.cartId, params.sku)),
  );
  app.delete<{ Params: { cartId: string } }>('/api/cart/:cartId', async ({ params }, reply) =>
    pass(reply, await shop.clearCart(params.cartId)),
  );
  app.get('/api/analytics/minutes', async (_request, reply) => pass(reply, await shop.salesByMinute()));
  app.get('/api/analytics/products', async (_request, reply) => pass(reply, await shop.salesByProduct()));
}

function registerOrders(app: FastifyInstance, shop: Shop, tokens: TokenChecker): void {
  app.post<{ Headers: { 'idempotency-key': string }; Body: { cartId: string } }>(
    '/api/orders',
    { schema: ORDER_SCHEMA },
    async (request, reply) => {
      const customer = customerOf(await tokens.check(bearerOf(request)), request);
      return pass(reply, await shop.placeOrder(customer, request.body.cartId, request.headers['idempotency-key']));
    },
  );
  app.get<{ Params: { orderId: string } }>('/api/orders/:orderId', async (request, reply) => {
    const customer = customerOf(await tokens.check(bearerOf(request)), request);
    return pass(reply, await shop.order(customer, request.params.orderId));
  });
  app.get('/api/orders', async (request, reply) => {
    const customer = customerOf(await tokens.check(bearerOf(request)), request);
    return pass(reply, await shop.orders(customer));
  });
}

/** A downstream's answer becomes the gateway's own. */
function pass(reply: FastifyReply, answer: Answer): FastifyReply {
  if (answer.final === true) reply.header('x-should-retry', 'false');
  return reply.code(answer.status).send(answer.body ?? undefined);
}
