import { log } from '../../../lib/log.ts';
import type { Product } from '../../../protos/catalog.ts';
import type { CacheAside } from './cache-aside.ts';
import type { ProductQuery, Products } from './products.ts';

/** What REST and gRPC both speak to: products behind a cache. */
export class Catalog {
  readonly #products: Products;
  readonly #productCache: CacheAside<Product>;
  readonly #listCache: CacheAside<Product[]>;

  constructor(products: Products, productCache: CacheAside<Product>, listCache: CacheAside<Product[]>) {
    this.#products = products;
    this.#productCache = productCache;
    this.#listCache = listCache;
  }

  find(sku: string): Promise<Product | undefined> {
    return this.#productCache.get(sku, () => this.#products.find(sku));
  }

  /**
   * Lists by category are few and asked for often, so they are cached, for seconds: a price may be old that long. Searches
   * are all different and go to the database.
   */
  async list(query: ProductQuery): Promise<Product[]> {
    if (query.query !== '') return this.#products.list(query);
    const key = `${query.category}:${query.limit}`;
    return (await this.#listCache.get(key, () => this.#products.list(query))) ?? [];
  }

  async changePrice(sku: string, priceCents: number): Promise<Product | undefined> {
    const product = await this.#products.changePrice(sku, priceCents);
    // After the write and not before it: else a reader between the two would cache the old price again.
    await this.#productCache.invalidate(sku);
    if (product !== undefined) log.info({ sku, priceCents }, 'price changed');
    return product;
  }
}
