import type { FastifyInstance, FastifyRequest } from 'fastify';
import mercurius, { type IResolvers } from 'mercurius';
import type { Answer } from './downstream.ts';
import { limitCost } from './query-cost.ts';
import type { Shop } from './shop.ts';
import { bearerOf, customerOf, type TokenChecker } from './tokens.ts';

const SCHEMA = `
  type Product { sku: ID! name: String! description: String! category: String! priceCents: Int! weightGrams: Int! }
  type CartLine { sku: ID! name: String! quantity: Int! priceCents: Int! product: Product }
  type Cart { cartId: ID! lines: [CartLine!]! totalCents: Int! }
  type OrderItem { sku: ID! quantity: Int! priceCents: Int! product: Product }
  type Order { orderId: ID! status: String! totalCents: Int! items: [OrderItem!]! }
  type PlacedOrder { orderId: ID! status: String! }

  type Query {
    products(q: String, category: String, limit: Int): [Product!]!
    product(sku: ID!): Product
    cart(cartId: ID!): Cart!
    "Needs a token, as does every field about orders."
    order(orderId: ID!): Order
    orders: [Order!]!
  }

  type Mutation {
    putIntoCart(cartId: ID!, sku: ID!, quantity: Int!): Cart!
    placeOrder(cartId: ID!, idempotencyKey: ID!): PlacedOrder!
  }
`;

/** As `query-cost.ts` counts: a customer's orders with the names of their products are 1,340. */
const MOST_COST = 2_000;
/** Even a query that is refused has to be read before. */
const LONGEST_BYTES = 16_384;
const MOST_TOKENS = 1_000;

interface ShopContext {
  /** Checks the token when a field first needs the customer; rejects with a TokenError. */
  customer(): Promise<string>;
}

/** The GraphQL face at /graphql: one request for what REST would take several. */
export function registerGraphql(app: FastifyInstance, shop: Shop, tokens: TokenChecker): void {
  const resolvers = createResolvers(shop);
  app.register(mercurius, {
    schema: SCHEMA,
    resolvers,
    context: (request: FastifyRequest): ShopContext => ({
      customer: async () => customerOf(await tokens.check(bearerOf(request)), request),
    }),
    // A cart's lines' products and no deeper: a query must not be able to ask for everything of everything.
    queryDepth: 5,
    validationRules: [limitCost(resolvers, MOST_COST)],
    graphql: { parseOptions: { maxTokens: MOST_TOKENS } },
    additionalRouteOptions: { bodyLimit: LONGEST_BYTES },
  });
}

type Arguments = Record<string, string>;

function createResolvers(shop: Shop): IResolvers {
  const product = async ({ sku }: { sku: string }) => bodyOrNull(await shop.product(sku));
  return {
    Query: {
      products: async (_root, search: object) =>
        (bodyOf(await shop.products(search)) as { products: unknown }).products,
      product: (_root, { sku = '' }: Arguments) => product({ sku }),
      cart: async (_root, { cartId = '' }: Arguments) => bodyOf(await shop.cart(cartId)),
      order: async (_root, { orderId = '' }: Arguments, context) =>
        bodyOrNull(await shop.order(await customerIn(context), orderId)),
      orders: async (_root, _arguments, context) =>
        (bodyOf(await shop.orders(await customerIn(context))) as { orders: unknown }).orders,
    },
    Mutation: {
      putIntoCart: async (_root, { cartId, sku, quantity }: { cartId: string; sku: string; quantity: number }) =>
        bodyOf(await shop.putIntoCart(cartId, { sku, quantity })),
      placeOrder: async (_root, { cartId = '', idempotencyKey = '' }: Arguments, context) =>
        bodyOf(await shop.placeOrder(await customerIn(context), cartId, idempotencyKey)),
    },
    CartLine: { product },
    OrderItem: { product },
  };
}

function customerIn(context: unknown): Promise<string> {
  return (context as ShopContext).customer();
}

function bodyOf({ status, body }: Answer): unknown {
  if (status < 400) return body;
  const { message } = (body ?? {}) as { message?: string };
  throw new mercurius.ErrorWithProps(message ?? `status ${status}`, { status });
}

function bodyOrNull(answer: Answer): unknown {
  return answer.status === 404 ? null : bodyOf(answer);
}
