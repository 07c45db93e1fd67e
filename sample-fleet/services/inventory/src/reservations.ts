import { setTimeout as sleep } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';
import { backoffMs } from '../../../lib/backoff.ts';
import { RpcError } from '../../../lib/grpc.ts';
import { log } from '../../../lib/log.ts';
import { counter } from '../../../lib/metrics.ts';
import { type Pool, type Queryable, transaction } from '../../../lib/postgres.ts';
import type { InventoryMethods, StockLine } from '../../../protos/inventory.ts';
import { reserve, type Stock, sumBySku } from './stock.ts';

type ReserveReply = InventoryMethods['reserve']['reply'];

interface Reservation {
  status: 'reserved' | 'refused' | 'released';
  lines: StockLine[];
  reason: string;
}

/** Somebody else changed a row between our read and our write. */
class VersionConflict extends Error {}

/** A best-seller under load conflicts often; each try is a few ms. */
const TRIES = 8;

const conflicts = counter('inventory.conflicts', 'Optimistic locks lost: stock that changed between read and write');
const reservationCount = counter('inventory.reservations', 'Reservations asked for, by outcome');

/**
 * Holds stock for an order. Repeating it for the same order gives the same answer.
 * Rejects with RpcError ABORTED where the stock stays contested.
 */
export async function reserveForOrder(pool: Pool, orderId: string, lines: StockLine[]): Promise<ReserveReply> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transaction(pool, (client) => tryReserve(client, orderId, lines));
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
      conflicts.add(1);
      trace.getActiveSpan()?.addEvent('version conflict', { attempt });
      if (attempt >= TRIES) throw new RpcError('ABORTED', `the stock of order ${orderId} is contested, try again`);
      await sleep(backoffMs(attempt, { baseMs: 5, maxMs: 80 }));
    }
  }
}

async function tryReserve(client: Queryable, orderId: string, lines: StockLine[]): Promise<ReserveReply> {
  const earlier = await claim(client, orderId, lines);
  if (earlier !== undefined) return answerAgain(earlier);
  const { changed, shortage } = reserve(
    await loadStock(
      client,
      lines.map((line) => line.sku),
    ),
    lines,
  );
  if (shortage !== undefined) {
    await client.query(`UPDATE reservations SET status = 'refused', reason = $2 WHERE order_id = $1`, [
      orderId,
      shortage,
    ]);
    reservationCount.add(1, { outcome: 'refused' });
    log.warn({ 'order.id': orderId, reason: shortage }, 'too little stock');
    return { reserved: false, reason: shortage };
  }
  for (const row of changed) await store(client, row);
  reservationCount.add(1, { outcome: 'reserved' });
  log.info({ 'order.id': orderId, skus: changed.map((row) => row.sku) }, 'stock reserved');
  return { reserved: true, reason: '' };
}

/** Makes the order's row, or gives the one that is there. Waits for a transaction that is just making it. */
async function claim(client: Queryable, orderId: string, lines: StockLine[]): Promise<Reservation | undefined> {
  const { rowCount } = await client.query(
    `INSERT INTO reservations (order_id, status, lines) VALUES ($1, 'reserved', $2) ON CONFLICT DO NOTHING`,
    [orderId, JSON.stringify(lines)],
  );
  if (rowCount === 1) return undefined;
  const { rows } = await client.query<Reservation>(
    'SELECT status, lines, reason FROM reservations WHERE order_id = $1',
    [orderId],
  );
  return rows[0];
}

function answerAgain(earlier: Reservation): ReserveReply {
  if (earlier.status === 'released') return { reserved: false, reason: 'the order was released before' };
  return { reserved: earlier.status === 'reserved', reason: earlier.reason };
}

/** Optimistic locking: no row is locked while deciding; the write counts only if the row is still the one that was read. */
async function store(client: Queryable, row: Stock): Promise<void> {
  const { rowCount } = await client.query(
    'UPDATE stock SET available = $2, version = version + 1 WHERE sku = $1 AND version = $3',
    [row.sku, row.available, row.version],
  );
  if (rowCount === 0) throw new VersionConflict(row.sku);
}

/**
 * Puts back what an order holds; gives whether it held something. An order that is not known yet is noted as released, so
 * that a Reserve that was slower than this Release does not hold stock for ever.
 */
export async function releaseOrder(pool: Pool, orderId: string): Promise<boolean> {
  return transaction(pool, async (client) => {
    await client.query(
      `INSERT INTO reservations (order_id, status, lines) VALUES ($1, 'released', '[]') ON CONFLICT DO NOTHING`,
      [orderId],
    );
    const { rows } = await client.query<{ lines: StockLine[] }>(
      `UPDATE reservations SET status = 'released' WHERE order_id = $1 AND status = 'reserved' RETURNING lines`,
      [orderId],
    );
    const held = rows[0]?.lines ?? [];
    // Adding is right whatever the row holds by now, so no version has to be compared.
    for (const { sku, quantity } of sumBySku(held)) {
      await client.query('UPDATE stock SET available = available + $2, version = version + 1 WHERE sku = $1', [
        sku,
        quantity,
      ]);
    }
    log.info({ 'order.id': orderId, held: held.length > 0 }, 'stock released');
    return held.length > 0;
  });
}

/** The rows of these skus, or of all for an empty list. */
export async function loadStock(db: Queryable, skus: string[]): Promise<Stock[]> {
  const { rows } = await db.query<Stock>(
    'SELECT sku, available, version FROM stock WHERE cardinality($1::text[]) = 0 OR sku = ANY($1) ORDER BY sku',
    [skus],
  );
  return rows;
}
