import type { OrderLine } from '../../../lib/messages.ts';
import type { Queryable } from '../../../lib/postgres.ts';
import type { OrderStatus } from './order.ts';

/** An order as people see it. */
export interface OrderView {
  orderId: string;
  customerId: string;
  status: OrderStatus;
  totalCents: number;
  items: OrderLine[];
  /** What happened to it, oldest first. */
  history: Array<{ event: string; at: string; reason?: string }>;
  placedAt: string;
}

const MOST = 50;

const COLUMNS = `order_id AS "orderId", customer_id AS "customerId", status, total_cents AS "totalCents", items, history,
  placed_at AS "placedAt"`;

/** The query side knows the read model alone: no events, no aggregate. */
export async function findOrder(db: Queryable, orderId: string): Promise<OrderView | undefined> {
  const { rows } = await db.query<OrderView>(`SELECT ${COLUMNS} FROM order_views WHERE order_id = $1`, [orderId]);
  return rows[0];
}

/** A customer's latest orders, newest first, at most 50. */
export async function findOrdersOf(db: Queryable, customerId: string): Promise<OrderView[]> {
  const { rows } = await db.query<OrderView>(
    `SELECT ${COLUMNS} FROM order_views WHERE customer_id = $1 ORDER BY placed_at DESC LIMIT ${MOST}`,
    [customerId],
  );
  return rows;
}
