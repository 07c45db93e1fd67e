import type { OrderMessage } from '../../../lib/messages.ts';
import type { Queryable } from '../../../lib/postgres.ts';

export interface SalesMinute {
  /** When it began, ISO 8601. */
  minute: string;
  confirmed: number;
  rejected: number;
  revenueCents: number;
}

export interface SalesProduct {
  sku: string;
  quantity: number;
  revenueCents: number;
}

/** How long an event is remembered as counted; Kafka redelivers within minutes, not days. */
const MEMORY = '1 day';
const KEPT_MINUTES = '7 days';

/**
 * Counts an order that was confirmed or rejected (and takes back one that was rejected after all), once, however often its event comes: one statement notes the event's id
 * and adds to the read model only if the id was new, so both happen or neither does. Gives whether it counted.
 * Rows are written in the order of their keys, so that partitions handled side by side cannot deadlock.
 */
export async function countOrder(db: Queryable, message: OrderMessage): Promise<boolean> {
  const confirmed = message.type === 'OrderConfirmed';
  const sign = confirmed ? 1 : -1;
  const sold = confirmed || message.wasConfirmed === true;
  const { rowCount } = await db.query(
    `WITH fresh AS (
       INSERT INTO counted_events (event_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING event_id
     ), by_product AS (
       INSERT INTO sales_products AS product (sku, quantity, revenue_cents)
       SELECT sku, sum(quantity) * $7::integer, sum(quantity * "priceCents") * $7::integer
       FROM fresh, jsonb_to_recordset($2) AS line (sku text, quantity integer, "priceCents" bigint)
       GROUP BY sku ORDER BY sku
       ON CONFLICT (sku) DO UPDATE SET quantity = product.quantity + excluded.quantity,
         revenue_cents = product.revenue_cents + excluded.revenue_cents
     ), by_minute AS (
       INSERT INTO sales_minutes AS sales (minute, confirmed, rejected, revenue_cents)
       SELECT date_trunc('minute', $3::timestamptz), $4, $5, $6 FROM fresh
       ON CONFLICT (minute) DO UPDATE SET confirmed = sales.confirmed + excluded.confirmed,
         rejected = sales.rejected + excluded.rejected, revenue_cents = sales.revenue_cents + excluded.revenue_cents
     )
     SELECT event_id FROM fresh`,
    [
      message.id,
      JSON.stringify(sold ? message.items : []),
      message.occurredAt,
      confirmed ? 1 : 0,
      confirmed ? 0 : 1,
      sold ? sign * message.totalCents : 0,
      sign,
    ],
  );
  return rowCount === 1;
}

/** The latest minutes that had orders, newest first. */
export async function salesByMinute(db: Queryable, limit: number): Promise<SalesMinute[]> {
  const { rows } = await db.query<SalesMinute>(
    `SELECT minute, confirmed, rejected, revenue_cents AS "revenueCents" FROM sales_minutes ORDER BY minute DESC LIMIT $1`,
    [limit],
  );
  return rows;
}

/** The products that sold best, by money. */
export async function salesByProduct(db: Queryable, limit: number): Promise<SalesProduct[]> {
  const { rows } = await db.query<SalesProduct>(
    `SELECT sku, quantity, revenue_cents AS "revenueCents" FROM sales_products ORDER BY revenue_cents DESC LIMIT $1`,
    [limit],
  );
  return rows;
}

/** Forgets what is older than anybody asks for. */
export async function prune(db: Queryable): Promise<void> {
  await db.query(`DELETE FROM counted_events WHERE counted_at < now() - interval '${MEMORY}'`);
  await db.query(`DELETE FROM sales_minutes WHERE minute < now() - interval '${KEPT_MINUTES}'`);
}
