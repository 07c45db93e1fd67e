import { log } from '../../../lib/log.ts';
import { counter } from '../../../lib/metrics.ts';
import type { Pool } from '../../../lib/postgres.ts';

const EVERY_MS = 5_000;
/** Below this a delivery comes: more than a best-seller loses between two looks at 200 journeys/s. */
const REORDER_BELOW = 300;
const DELIVERY = 500;

const restocked = counter('inventory.restocked', 'Boxes delivered to the warehouse');

/** Puts every sku on the shelf that has no row yet. */
export async function seedStock(pool: Pool, skus: readonly string[]): Promise<void> {
  await pool.query('INSERT INTO stock (sku, available) SELECT unnest($1::text[]), $2 ON CONFLICT DO NOTHING', [
    skus,
    DELIVERY,
  ]);
}

/** Orders a delivery for each product that runs low, every few seconds. Returns the function that ends it. */
export function startRestocking(pool: Pool): () => void {
  const timer = setInterval(() => {
    restock(pool).catch((err: Error) => log.warn({ reason: err.message }, 'could not restock'));
  }, EVERY_MS);
  return () => clearInterval(timer);
}

/** Puts a delivery on the shelf for all that run low. Locks rows in the order in which orders do: neither can wait for the other. */
export async function restock(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ sku: string }>(
    `WITH low AS (SELECT sku FROM stock WHERE available < $1 ORDER BY sku FOR UPDATE)
     UPDATE stock SET available = available + $2, version = version + 1 FROM low WHERE stock.sku = low.sku RETURNING low.sku`,
    [REORDER_BELOW, DELIVERY],
  );
  if (rows.length === 0) return;
  restocked.add(rows.length * DELIVERY);
  log.info({ skus: rows.map((row) => row.sku), delivered: DELIVERY }, 'warehouse restocked');
}
