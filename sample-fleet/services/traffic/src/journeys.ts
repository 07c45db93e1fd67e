import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../../lib/ids.ts';
import { log } from '../../../lib/log.ts';
import { counter } from '../../../lib/metrics.ts';
import { ActionFailed, type Shopper } from './shopper.ts';

interface Product {
  sku: string;
}

interface Order {
  orderId: string;
  status: string;
}

export type JourneyKind = 'browse' | 'abandon' | 'buy' | 'graphql';

/** How shoppers are, in shares of all. */
const MIX: ReadonlyArray<[kind: JourneyKind, share: number]> = [
  ['browse', 0.6],
  ['abandon', 0.12],
  ['buy', 0.24],
  ['graphql', 0.04],
];

const CATEGORIES = ['kitchen', 'desk', 'outdoors', 'home', 'toys', 'parcels'];
const SEARCHES = ['box', 'lamp', 'wool', 'steel', 'paper', 'oak', 'glass', 'kite', 'linen', 'printer'];
const THINK_MS = { min: 150, max: 900 };
const POLLS = 12;

const finished = counter('traffic.journeys', 'Journeys that ended, by kind and outcome');

export function chooseJourney(random: number): JourneyKind {
  let rest = random;
  for (const [kind, share] of MIX) {
    if (rest < share) return kind;
    rest -= share;
  }
  return 'browse';
}

/** One visit to the shop. A shop that fails a shopper loses them; that is counted, and is no error here. */
export async function runJourney(shopper: Shopper, random: () => number): Promise<void> {
  const kind = chooseJourney(random());
  const visit = new Visit(shopper, random);
  try {
    const outcome = await visit[kind]();
    finished.add(1, { 'journey.kind': kind, 'journey.outcome': outcome });
  } catch (error) {
    if (!(error instanceof ActionFailed)) throw error;
    finished.add(1, { 'journey.kind': kind, 'journey.outcome': 'failed' });
    log.warn({ kind, customer: shopper.customerId, status: error.status, reason: error.message }, 'a shopper left');
  }
}

/** The journeys, action by action. Each gives its outcome. */
class Visit {
  readonly #shopper: Shopper;
  readonly #random: () => number;
  readonly #cartId = newId();

  constructor(shopper: Shopper, random: () => number) {
    this.#shopper = shopper;
    this.#random = random;
  }

  async browse(): Promise<string> {
    const products = this.#random() < 0.3 ? await this.#bestsellers() : await this.#listProducts();
    await this.#viewOneOf(products);
    if (this.#random() < 0.3) await this.#viewOneOf(await this.#search());
    return 'left';
  }

  async abandon(): Promise<string> {
    await this.#fillCart();
    return 'abandoned';
  }

  async buy(): Promise<string> {
    await this.#fillCart();
    await this.#shopper.signIn();
    await this.#think();
    const order = await this.#placeOrder();
    const status = await this.#awaitDecision(order);
    await this.#act('empty cart', { method: 'DELETE', path: `/api/cart/${this.#cartId}` });
    return status;
  }

  /** The same in fewer requests: products and cart in one, then both mutations. */
  async graphql(): Promise<string> {
    await this.#shopper.signIn();
    const browse = await this.#query<{ products: Product[] }>(
      'browse by GraphQL',
      'query ($category: String, $cart: ID!) { products(category: $category, limit: 8) { sku name priceCents } cart(cartId: $cart) { totalCents } }',
      { category: this.#pick(CATEGORIES), cart: this.#cartId },
    );
    await this.#think();
    await this.#query(
      'add to cart by GraphQL',
      'mutation ($cart: ID!, $sku: ID!) { putIntoCart(cartId: $cart, sku: $sku, quantity: 1) { totalCents lines { product { name } } } }',
      { cart: this.#cartId, sku: this.#pick(browse.products).sku },
    );
    await this.#think();
    const { placeOrder } = await this.#query<{ placeOrder: Order }>(
      'place order by GraphQL',
      'mutation ($cart: ID!, $key: ID!) { placeOrder(cartId: $cart, idempotencyKey: $key) { orderId status } }',
      { cart: this.#cartId, key: newId() },
    );
    return this.#awaitDecision(placeOrder);
  }

  async #fillCart(): Promise<void> {
    const products = await this.#listProducts();
    const kinds = 1 + Math.floor(this.#random() * 2);
    for (let kind = 0; kind < kinds; kind += 1) {
      const product = await this.#viewOneOf(products);
      await this.#think();
      const body = { sku: product.sku, quantity: 1 + Math.floor(this.#random() * 2) };
      await this.#act('add to cart', { method: 'PUT', path: `/api/cart/${this.#cartId}/items`, body });
    }
  }

  async #listProducts(): Promise<Product[]> {
    const path = `/api/products?limit=12&category=${this.#pick(CATEGORIES)}`;
    return (await this.#act<{ products: Product[] }>('list products', { path })).products;
  }

  /** What sells best; in a shop that has sold nothing yet, or does not know, what it has. */
  async #bestsellers(): Promise<Product[]> {
    const found = await this.#act<{ products: Product[] }>('see bestsellers', {
      path: '/api/analytics/products',
    }).catch((error: unknown) => {
      if (error instanceof ActionFailed) return { products: [] };
      throw error;
    });
    return found.products.length > 0 ? found.products : this.#listProducts();
  }

  async #search(): Promise<Product[]> {
    const path = `/api/products?limit=12&q=${this.#pick(SEARCHES)}`;
    return (await this.#act<{ products: Product[] }>('search products', { path })).products;
  }

  async #viewOneOf(products: Product[]): Promise<Product> {
    await this.#think();
    return this.#act<Product>('view product', { path: `/api/products/${this.#pick(products).sku}` });
  }

  /** Tried once more with the same key when the shop was in trouble: the key keeps it from becoming two orders. */
  async #placeOrder(): Promise<Order> {
    const request = {
      method: 'POST',
      path: '/api/orders',
      body: { cartId: this.#cartId },
      headers: { 'idempotency-key': newId() },
    } as const;
    try {
      return await this.#shopper.act<Order>('place order', request, { authorized: true });
    } catch (error) {
      if (!(error instanceof ActionFailed) || !error.worthRetrying) throw error;
      await this.#think();
      return this.#shopper.act<Order>('place order again', request, { authorized: true });
    }
  }

  /** Looks after the order until it is decided: confirmed or rejected, or shipped already. */
  async #awaitDecision({ orderId }: Order): Promise<string> {
    for (let poll = 0; poll < POLLS; poll += 1) {
      await this.#think();
      const { status } = await this.#shopper.act<Order>(
        'check order',
        { path: `/api/orders/${orderId}` },
        { authorized: true },
      );
      if (['confirmed', 'rejected', 'shipped'].includes(status)) return status;
    }
    return 'undecided';
  }

  async #query<T>(action: string, query: string, variables: Record<string, unknown>): Promise<T> {
    const request = { method: 'POST', path: '/graphql', body: { query, variables } } as const;
    const answer = await this.#shopper.act<GraphqlAnswer<T>>(action, request, { authorized: true });
    if (answer.data === null || answer.errors !== undefined) {
      throw new ActionFailed(action, 200, answer.errors?.[0]?.message ?? 'no data');
    }
    return answer.data;
  }

  #act<T>(action: string, request: Parameters<Shopper['act']>[1]): Promise<T> {
    return this.#shopper.act<T>(action, request);
  }

  async #think(): Promise<void> {
    await sleep(THINK_MS.min + this.#random() * (THINK_MS.max - THINK_MS.min));
  }

  /** Throws ActionFailed for an empty list: a search that finds nothing ends the visit. */
  #pick<T>(list: readonly T[]): T {
    const picked = list[Math.floor(this.#random() * list.length)];
    if (picked === undefined) throw new ActionFailed('choose', 404, 'there is nothing to choose from');
    return picked;
  }
}

interface GraphqlAnswer<T> {
  data: T | null;
  errors?: Array<{ message: string }>;
}
