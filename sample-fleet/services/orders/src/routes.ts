import type { FastifyInstance } from 'fastify';
import type { Queryable } from '../../../lib/postgres.ts';
import { OrderRuleError } from './order.ts';
import { findOrder, findOrdersOf } from './order-queries.ts';
import type { Placed, PlaceOrder } from './place-order.ts';

const UUID = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

const PLACE_ORDER = {
  type: 'object',
  required: ['customerId', 'items', 'idempotencyKey'],
  properties: {
    customerId: { type: 'string', minLength: 1, maxLength: 100 },
    idempotencyKey: { type: 'string', minLength: 1, maxLength: 200 },
    items: {
      type: 'array',
      minItems: 1,
      maxItems: 50,
      items: {
        type: 'object',
        required: ['sku', 'quantity', 'priceCents'],
        additionalProperties: false,
        properties: {
          sku: { type: 'string', minLength: 1, maxLength: 50 },
          quantity: { type: 'integer', minimum: 1, maximum: 100 },
          priceCents: { type: 'integer', minimum: 1, maximum: 1_000_000 },
        },
      },
    },
  },
};

/** Commands to one side, queries to the other. */
export function addRoutes(app: FastifyInstance, db: Queryable, place: (request: PlaceOrder) => Promise<Placed>): void {
  app.post<{ Body: PlaceOrder }>('/orders', { schema: { body: PLACE_ORDER } }, async (request, reply) => {
    try {
      const { technical, ...placed } = await place(request.body);
      // A shopper without money is no failure of ours; a payment that timed out is.
      reply.code(technical ? 503 : 202).header('location', `/orders/${placed.orderId}`);
      // This order is rejected for good: the same key would only meet it again.
      if (technical) reply.header('x-should-retry', 'false');
      return placed;
    } catch (error) {
      if (!(error instanceof OrderRuleError)) throw error;
      return reply.code(409).send({ error: 'conflict', message: error.message });
    }
  });

  app.get<{ Params: { id: string } }>(
    '/orders/:id',
    { schema: { params: { type: 'object', properties: { id: { type: 'string', pattern: UUID } } } } },
    async (request, reply) => {
      const order = await findOrder(db, request.params.id);
      return order ?? reply.code(404).send({ error: 'not_found', message: `there is no order ${request.params.id}` });
    },
  );

  app.get<{ Querystring: { customer: string } }>(
    '/orders',
    {
      schema: { querystring: { type: 'object', required: ['customer'], properties: { customer: { type: 'string' } } } },
    },
    async (request) => ({ orders: await findOrdersOf(db, request.query.customer) }),
  );
}
