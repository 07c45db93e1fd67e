import type { FastifyInstance } from 'fastify';
import type { Catalog } from './catalog.ts';

const LIST_SCHEMA = {
  querystring: {
    type: 'object',
    properties: {
      q: { type: 'string', maxLength: 200, default: '' },
      category: { type: 'string', maxLength: 50, default: '' },
      limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    },
  },
};

const PRICE_SCHEMA = {
  body: {
    type: 'object',
    required: ['priceCents'],
    additionalProperties: false,
    properties: { priceCents: { type: 'integer', minimum: 1, maximum: 10_000_000 } },
  },
};

/** `GET /products?q=&category=&limit=`, `GET /products/:sku`, `PATCH /products/:sku {priceCents}`. */
export function registerRest(app: FastifyInstance, catalog: Catalog): void {
  app.get<{ Querystring: { q: string; category: string; limit: number } }>(
    '/products',
    { schema: LIST_SCHEMA },
    async ({ query: { q, category, limit } }) => ({ products: await catalog.list({ query: q, category, limit }) }),
  );

  app.get<{ Params: { sku: string } }>('/products/:sku', async ({ params }, reply) => {
    const product = await catalog.find(params.sku);
    return product ?? reply.code(404).send({ error: 'not_found', message: `There is no product ${params.sku}.` });
  });

  app.patch<{ Params: { sku: string }; Body: { priceCents: number } }>(
    '/products/:sku',
    { schema: PRICE_SCHEMA },
    async ({ params, body }, reply) => {
      const product = await catalog.changePrice(params.sku, body.priceCents);
      return product ?? reply.code(404).send({ error: 'not_found', message: `There is no product ${params.sku}.` });
    },
  );
}
