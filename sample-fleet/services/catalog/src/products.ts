import type { Pool } from '../../../lib/postgres.ts';
import type { Product } from '../../../protos/catalog.ts';

export interface ProductQuery {
  /** Words as a person types them: `red box`, `"cork lid"`, `lamp -desk`. Empty for all. */
  query: string;
  /** Empty for all. */
  category: string;
  limit: number;
}

const COLUMNS = `sku, name, description, category, price_cents AS "priceCents", weight_grams AS "weightGrams"`;

/**
 * Products in Postgres. Reads go to the replica and writes to the primary: replicas take the load that a shop has most of,
 * at the price that a read may be a moment behind a write.
 */
export class Products {
  readonly #primary: Pool;
  readonly #replica: Pool;

  constructor(primary: Pool, replica: Pool) {
    this.#primary = primary;
    this.#replica = replica;
  }

  async find(sku: string): Promise<Product | undefined> {
    const { rows } = await this.#replica.query<Product>(`SELECT ${COLUMNS} FROM products WHERE sku = $1`, [sku]);
    return rows[0];
  }

  /** By name, or the best match first where there are words to search for. */
  async list({ query, category, limit }: ProductQuery): Promise<Product[]> {
    const { rows } = await this.#replica.query<Product>(
      `SELECT ${COLUMNS} FROM products, websearch_to_tsquery('english', $1) AS wanted
       WHERE ($1 = '' OR words @@ wanted) AND ($2 = '' OR category = $2)
       ORDER BY ts_rank(words, wanted) DESC, name
       LIMIT $3`,
      [query, category, limit],
    );
    return rows;
  }

  /** The product with its new price, as the primary has it: a replica might still answer with the old one. */
  async changePrice(sku: string, priceCents: number): Promise<Product | undefined> {
    const { rows } = await this.#primary.query<Product>(
      `UPDATE products SET price_cents = $2, updated_at = now() WHERE sku = $1 RETURNING ${COLUMNS}`,
      [sku, priceCents],
    );
    return rows[0];
  }
}
