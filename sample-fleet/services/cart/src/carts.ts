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
    const lines = Object.values(fields)
      .map((line) => JSON.parse(line) as CartLine)
      .sort((a, b) => a.sku.localeCompare(b.sku));
    return { cartId, lines, totalCents: totalCents(lines) };
  }

  /** Puts a line in place of the one with its SKU. False where the cart has no room for another product. */
  async put(cartId: string, line: CartLine): Promise<boolean> {
    const key = keyOf(cartId);
    const known = await this.#redis.hexists(key, line.sku);
    if (known === 0 && (await this.#redis.hlen(key)) >= MAX_LINES) return false;
    // One round trip; the expiry begins anew with every change.
    await this.#redis.pipeline().hset(key, line.sku, JSON.stringify(line)).expire(key, this.#ttlS).exec();
    return true;
  }

  async remove(cartId: string, sku: string): Promise<void> {
    await this.#redis.hdel(keyOf(cartId), sku);
  }

  async clear(cartId: string): Promise<void> {
    await this.#redis.del(keyOf(cartId));
  }
}

/** What the lines cost together, in cents. */
export function totalCents(lines: readonly CartLine[]): number {
  return lines.reduce((sum, line) => sum + line.quantity * line.priceCents, 0);
}

function keyOf(cartId: string): string {
  return `cart:${cartId}`;
}
