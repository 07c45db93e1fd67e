import { trace } from '@opentelemetry/api';
import { messageOf } from '../../../lib/backoff.ts';
import { RpcError } from '../../../lib/grpc.ts';
import { newShortId } from '../../../lib/ids.ts';
import { log } from '../../../lib/log.ts';
import { counter } from '../../../lib/metrics.ts';
import type { Queryable } from '../../../lib/postgres.ts';
import type { ChargeReply, ChargeRequest, RefundRequest } from '../../../protos/payments.ts';
import type { Bank } from './bank.ts';
import { once } from './idempotency.ts';

interface Charge {
  charge_id: string;
  status: 'charging' | 'unknown' | 'charged' | 'declined' | 'refunding' | 'refunded' | 'void';
  reason: string;
}

/** A charge that has been at work for longer than this has lost its process. */
const STALE_SECONDS = 10;

const chargeCount = counter('payments.charges', 'Charges asked for, by outcome');
const refundsFailed = counter(
  'payments.refunds_failed',
  'Times that the bank did not give back what it had taken, by outcome: refused, unanswered',
);
const amountCharged = counter('payments.amount_charged', 'Money taken', 'cent');

/**
 * Takes money for an order, once per idempotency key. A decline is a reply; where the bank gives no answer it rejects with
 * UNAVAILABLE and may be called again with the same key.
 */
export function charge(db: Queryable, bank: Bank, request: ChargeRequest): Promise<ChargeReply> {
  const { idempotencyKey, orderId, amountCents } = request;
  return once(db, idempotencyKey, { orderId, amountCents }, async () => {
    const row = await beginCharge(db, orderId, amountCents);
    if (row.status !== 'charging') return replyOf(row);
    try {
      const { approved, reason } = await bank.charge(orderId, amountCents);
      const settled: Charge = { ...row, status: approved ? 'charged' : 'declined', reason };
      if (!(await settle(db, orderId, 'charging', settled))) return await overtaken(db, bank, orderId, settled);
      noteOutcome(settled, request);
      return replyOf(settled);
    } catch (error) {
      chargeCount.add(1, { outcome: 'failed' });
      log.error({ 'order.id': orderId, reason: messageOf(error) }, 'charge failed');
      await settle(db, orderId, 'charging', { ...row, status: 'unknown' });
      throw error;
    }
  });
}

/**
 * Gives back what an order paid; `refunded` is false where it had paid nothing. A charge that comes later is refused. While
 * a charge is at work it rejects with ABORTED: nobody knows yet what there is to give back. Where the bank does not give it
 * back it rejects with UNAVAILABLE or FAILED_PRECONDITION, and is to be called again.
 */
export function refund(db: Queryable, bank: Bank, request: RefundRequest): Promise<{ refunded: boolean }> {
  const { idempotencyKey, orderId } = request;
  return once(db, idempotencyKey, { orderId }, async () => {
    if (!(await beginRefund(db, orderId))) {
      const status = await statusOf(db, orderId);
      if (status === 'charging') throw new RpcError('ABORTED', `the charge of order ${orderId} is at work, try again`);
      return { refunded: status === 'refunded' };
    }
    await giveBack(bank, orderId);
    await settle(db, orderId, 'refunding', { status: 'refunded', reason: '' });
    log.info({ 'order.id': orderId }, 'refunded');
    return { refunded: true };
  });
}

/** The order's charge, now at work unless it was settled before. A charge without an answer is started again. */
async function beginCharge(db: Queryable, orderId: string, amountCents: number): Promise<Charge> {
  const { rows } = await db.query<Charge>(
    `INSERT INTO charges (order_id, charge_id, amount_cents, status) VALUES ($1, $2, $3, 'charging')
     ON CONFLICT (order_id) DO UPDATE SET updated_at = now(),
       status = CASE charges.status WHEN 'unknown' THEN 'charging' ELSE charges.status END
     RETURNING charge_id, status, reason`,
    [orderId, newShortId('chg'), amountCents],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('an upsert gave no row');
  return row;
}

/** Whether there is, or may be, money to give back. An order without a charge becomes void. */
async function beginRefund(db: Queryable, orderId: string): Promise<boolean> {
  const { rows } = await db.query<Charge>(
    `INSERT INTO charges (order_id, status) VALUES ($1, 'void')
     ON CONFLICT (order_id) DO UPDATE SET updated_at = now(), status = 'refunding'
       WHERE charges.status IN ('unknown', 'charged', 'refunding')
          OR (charges.status = 'charging' AND charges.updated_at < now() - make_interval(secs => $2))
     RETURNING status`,
    [orderId, STALE_SECONDS],
  );
  return rows[0]?.status === 'refunding';
}

/** Notes what became of it, if it is still where it was left; false where somebody has gone on with it meanwhile. */
async function settle(
  db: Queryable,
  orderId: string,
  from: Charge['status'],
  { status, reason }: Omit<Charge, 'charge_id'>,
): Promise<boolean> {
  const { rowCount } = await db.query(
    'UPDATE charges SET status = $3, reason = $4, updated_at = now() WHERE order_id = $1 AND status = $2',
    [orderId, from, status, reason],
  );
  return rowCount === 1;
}

/**
 * The charge took so long that it was taken for lost. Where it was given back meanwhile, what it has moved after all goes
 * back, too; where another try of it has settled it, that is how it ended: the bank moves the money of a reference once. What
 * the bank does not give back stands as `refunding`, with the reason: another refund of the order tries once more.
 */
async function overtaken(db: Queryable, bank: Bank, orderId: string, settled: Charge): Promise<ChargeReply> {
  const status = (await statusOf(db, orderId)) ?? settled.status;
  if (status === 'charged' || status === 'declined') return replyOf({ ...settled, status });
  await giveBack(bank, orderId).catch(async (error: unknown) => {
    await db.query(
      `UPDATE charges SET status = 'refunding', reason = $2, updated_at = now()
       WHERE order_id = $1 AND status NOT IN ('charging', 'charged')`,
      [orderId, messageOf(error)],
    );
    throw error;
  });
  log.warn({ 'order.id': orderId }, 'a charge that was given back before came through, and was undone');
  return replyOf({ ...settled, status: 'refunded' });
}

/** Has the bank give back what it took. Where it does not, a customer misses money: that is counted, told and in the trace. */
async function giveBack(bank: Bank, orderId: string): Promise<void> {
  try {
    const { approved, reason } = await bank.refund(orderId);
    if (!approved) throw new RpcError('FAILED_PRECONDITION', `the bank refused the refund: ${reason}`);
  } catch (error) {
    const reason = messageOf(error);
    const refused = error instanceof RpcError && error.code === 'FAILED_PRECONDITION';
    refundsFailed.add(1, { outcome: refused ? 'refused' : 'unanswered' });
    trace.getActiveSpan()?.addEvent('refund failed', { 'order.id': orderId, reason });
    log.error({ 'order.id': orderId, reason }, 'the bank did not give back what it had taken');
    throw error;
  }
}

async function statusOf(db: Queryable, orderId: string): Promise<Charge['status'] | undefined> {
  const { rows } = await db.query<Charge>('SELECT status FROM charges WHERE order_id = $1', [orderId]);
  return rows[0]?.status;
}

function replyOf({ status, charge_id, reason }: Charge): ChargeReply {
  if (status === 'charged') return { charged: true, chargeId: charge_id, reason: '' };
  return { charged: false, chargeId: '', reason: status === 'declined' ? reason : 'the payment was given back before' };
}

function noteOutcome({ status, reason }: Charge, { orderId, amountCents }: ChargeRequest): void {
  chargeCount.add(1, { outcome: status });
  if (status === 'charged') {
    amountCharged.add(amountCents);
    log.info({ 'order.id': orderId, amountCents }, 'charged');
  } else {
    log.warn({ 'order.id': orderId, amountCents, reason }, 'charge declined');
  }
}
