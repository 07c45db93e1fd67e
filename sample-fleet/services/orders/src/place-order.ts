import { createHash } from 'node:crypto';
import { trace } from '@opentelemetry/api';
import { log } from '../../../lib/log.ts';
import type { OrderLine } from '../../../lib/messages.ts';
import { counter } from '../../../lib/metrics.ts';
import { decide, NO_ORDER, type OrderState, type OrderStatus } from './order.ts';
import { ConcurrentChange, type OrderStore } from './order-store.ts';
import { startSaga } from './saga.ts';
import { LEASE_MS, type Progress, type SagaRunner } from './saga-runner.ts';
import { currentTraceparent } from './trace-context.ts';

export interface PlaceOrder {
  customerId: string;
  items: OrderLine[];
  idempotencyKey: string;
}

export interface Placed {
  orderId: string;
  status: OrderStatus;
  /** Why, where it is rejected. */
  reason?: string;
  /** True where it was rejected because something was broken or slow. */
  technical: boolean;
}

/** How long a shopper waits for more than "placed"; the step at hand is finished first. */
const PATIENCE_MS = 2_000;

const placed = counter('orders.placed', 'Orders placed');
const decided = counter('orders.decided', 'Orders confirmed or rejected while the shopper waited');

/**
 * Places an order and runs its saga until it is confirmed or rejected, or PATIENCE_MS is over; then it goes on without the
 * shopper. The same idempotency key of the same customer gives the same order; OrderRuleError where its content differs.
 */
export async function placeOrder(store: OrderStore, runner: SagaRunner, request: PlaceOrder): Promise<Placed> {
  const orderId = orderIdOf(request.customerId, request.idempotencyKey);
  trace.getActiveSpan()?.setAttributes({ 'order.id': orderId, 'customer.id': request.customerId });
  const begun = await begin(store, orderId, request);
  if (begun === undefined) return placedBefore(store, orderId, request);
  placed.add(1);
  log.info({ 'order.id': orderId, totalCents: begun.order.state.totalCents }, 'order placed');
  const until = Date.now() + PATIENCE_MS;
  const end = await runner.run(begun, (state) => isDecided(state) || Date.now() > until);
  const answer = placedOf(end);
  decided.add(1, { status: answer.status });
  log.info({ 'order.id': orderId, status: answer.status, reason: answer.reason }, `order ${answer.status}`);
  return answer;
}

/**
 * The order's id follows from customer and key. So a repeated request writes to the same stream, and meets the lock of
 * version 1: idempotency needs no table of its own.
 */
export function orderIdOf(customerId: string, idempotencyKey: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([customerId, idempotencyKey]))
    .digest('hex');
  // A UUID of version 8, the one for ids of one's own making: RFC 9562, section 5.8.
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/** Appends OrderPlaced; undefined where the order exists already. */
async function begin(store: OrderStore, id: string, { customerId, items }: PlaceOrder): Promise<Progress | undefined> {
  const events = decide(NO_ORDER, { type: 'Place', customerId, items });
  const saga = { saga: startSaga(id), revision: 0, traceparent: currentTraceparent() };
  try {
    return await store.commit({ order: { id, version: 0, state: NO_ORDER }, events, saga, dueInMs: LEASE_MS });
  } catch (error) {
    if (error instanceof ConcurrentChange) return undefined;
    throw error;
  }
}

async function placedBefore(store: OrderStore, orderId: string, { customerId, items }: PlaceOrder): Promise<Placed> {
  const order = await store.load(orderId);
  decide(order.state, { type: 'Place', customerId, items });
  const saga = await store.loadSaga(orderId);
  if (saga === undefined) throw new Error(`order ${orderId} has no saga`);
  log.info({ 'order.id': orderId, status: order.state.status }, 'order was placed before');
  return placedOf({ order, saga });
}

function placedOf({ order, saga: { saga } }: Progress): Placed {
  const { status } = order.state;
  if (status === 'none') throw new Error(`order ${order.id} was never placed`);
  if (status !== 'rejected') return { orderId: order.id, status, technical: false };
  return { orderId: order.id, status, reason: saga.failure?.reason, technical: saga.failure?.technical ?? false };
}

function isDecided({ status }: OrderState): boolean {
  return status === 'confirmed' || status === 'rejected';
}
