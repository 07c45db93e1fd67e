import type { Redis } from '../../../lib/redis.ts';

export interface CartLine {
  sku: string;
  name: string;
  quantity: number;
  /** What the product cost when it was put into the cart. */
  priceCents: number;
}

export interface Cart {
  cartId: string;
  lines: CartLine[];
  totalCents: number;
}

/** Kinds of products in one cart, so that a cart has a size. */
export const MAX_LINES = 50;

/**
 * Carts in Redis: a hash for each cart with a field for each product. The cart as a whole expires when nobody has touched
 * it for `ttlS`; abandoned carts need no clean-up.
 */
export class Carts {
  readonly #redis: Redis;
  readonly #ttlS: number;

  constructor(redis: Redis, ttlS: number) {
    this.#redis = redis;
    this.#ttlS = ttlS;
  }

  async get(cartId: string): Promise<Cart> {
    const fields = await this.#redis.hgetall(keyOf(cartId));
    return cartOf(
      cartId,
      Object.values(fields).map((line) => JSON.parse(line) as CartLine),
    );
  }

  /** The cart with `line` in place of the one with its SKU; undefined where it has no room for another product. */
  async put(cartId: string, line: CartLine): Promise<Cart | undefined> {
    const { lines } = await this.get(cartId);
    const others = lines.filter(({ sku }) => sku !== line.sku);
    if (others.length >= MAX_LINES) return undefined;
    const key = keyOf(cartId);
    // One round trip; the expiry begins anew with every change.
    const results = await this.#redis
      .pipeline()
      .hset(key, line.sku, JSON.stringify(line))
      .expire(key, this.#ttlS)
      .exec();
    // A pipeline resolves whatever became of its commands.
    for (const [error] of results ?? []) if (error !== null) throw error;
    return cartOf(cartId, [...others, line]);
  }

  async remove(cartId: string, sku: string): Promise<void> {
    await this.#redis.hdel(keyOf(cartId), sku);
  }

  async clear(cartId: string): Promise<void> {
    await this.#redis.del(keyOf(cartId));
  }
}

/** The cart that `lines` make, in the order of their SKUs. */
export function cartOf(cartId: string, lines: readonly CartLine[]): Cart {
  return {
    cartId,
    lines: lines.toSorted((a, b) => (a.sku < b.sku ? -1 : 1)),
    totalCents: lines.reduce((sum, line) => sum + line.quantity * line.priceCents, 0),
  };
}

function keyOf(cartId: string): string {
  return `cart:${cartId}`;
}
