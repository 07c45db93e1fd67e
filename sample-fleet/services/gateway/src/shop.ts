import type { Answer, Downstream } from './downstream.ts';

export interface Downstreams {
  catalog: Downstream;
  cart: Downstream;
  orders: Downstream;
  analytics: Downstream;
}

interface CartLine {
  sku: string;
  name: string;
  quantity: number;
  priceCents: number;
}

export interface ProductSearch {
  q?: string;
  category?: string;
  limit?: number;
}

const NOT_YOURS: Answer = { status: 404, body: { error: 'not_found', message: 'You have no such order.' } };
const EMPTY_CART: Answer = { status: 422, body: { error: 'empty_cart', message: 'There is nothing in that cart.' } };

/** What the shop can do, whichever way it is asked: REST and GraphQL are two faces of this. */
export class Shop {
  readonly #to: Downstreams;

  constructor(downstreams: Downstreams) {
    this.#to = downstreams;
  }

  products(search: ProductSearch): Promise<Answer> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(search)) if (value !== undefined) query.set(name, String(value));
    return this.#to.catalog.call({ method: 'GET', path: `/products?${query}` });
  }

  product(sku: string): Promise<Answer> {
    return this.#to.catalog.call({ method: 'GET', path: `/products/${encodeURIComponent(sku)}` });
  }

  cart(cartId: string): Promise<Answer> {
    return this.#to.cart.call({ method: 'GET', path: `/carts/${encodeURIComponent(cartId)}` });
  }

  putIntoCart(cartId: string, item: { sku: string; quantity: number }): Promise<Answer> {
    return this.#to.cart.call({ method: 'PUT', path: `/carts/${encodeURIComponent(cartId)}/items`, body: item });
  }

  removeFromCart(cartId: string, sku: string): Promise<Answer> {
    const path = `/carts/${encodeURIComponent(cartId)}/items/${encodeURIComponent(sku)}`;
    return this.#to.cart.call({ method: 'DELETE', path });
  }

  clearCart(cartId: string): Promise<Answer> {
    return this.#to.cart.call({ method: 'DELETE', path: `/carts/${encodeURIComponent(cartId)}` });
  }

  /**
   * Orders what is in the cart, at the cart's prices. The cart is left as it is: a request that is repeated because its
   * answer got lost must find the same lines. Whoever has the order's id empties it.
   */
  async placeOrder(customerId: string, cartId: string, idempotencyKey: string): Promise<Answer> {
    const cart = await this.cart(cartId);
    if (cart.status !== 200) return cart;
    const { lines } = cart.body as { lines: CartLine[] };
    if (lines.length === 0) return EMPTY_CART;
    const items = lines.map(({ sku, quantity, priceCents }) => ({ sku, quantity, priceCents }));
    const body = { customerId, items, idempotencyKey };
    return this.#to.orders.call({ method: 'POST', path: '/orders', body, repeatable: true });
  }

  async order(customerId: string, orderId: string): Promise<Answer> {
    const answer = await this.#to.orders.call({ method: 'GET', path: `/orders/${encodeURIComponent(orderId)}` });
    if (answer.status !== 200) return answer;
    return (answer.body as { customerId: string }).customerId === customerId ? answer : NOT_YOURS;
  }

  orders(customerId: string): Promise<Answer> {
    return this.#to.orders.call({ method: 'GET', path: `/orders?customer=${encodeURIComponent(customerId)}` });
  }

  salesByMinute(): Promise<Answer> {
    return this.#to.analytics.call({ method: 'GET', path: '/sales/minutes' });
  }

  salesByProduct(): Promise<Answer> {
    return this.#to.analytics.call({ method: 'GET', path: '/sales/products' });
  }
}
