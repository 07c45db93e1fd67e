import { newId } from '../../../lib/ids.ts';
import { type OrderMessage, type ShippingJob, TOPICS } from '../../../lib/messages.ts';
import type { OrderEvent, OrderState } from './order.ts';

/** What the outbox keeps: a message for a topic, in the shape that others read. */
export interface OutboxMessage {
  topic: string;
  key: string;
  value: OrderMessage | ShippingJob;
}

/** An event as it was stored. */
export interface RecordedEvent {
  id: string;
  version: number;
  occurredAt: string;
  event: OrderEvent;
}

/** Gives events their version and identity, right before they are stored. */
export function record(events: OrderEvent[], afterVersion: number, now = new Date()): RecordedEvent[] {
  const occurredAt = now.toISOString();
  return events.map((event, index) => ({ id: newId(), version: afterVersion + 1 + index, occurredAt, event }));
}

/**
 * What the world is told of the events of an order. The aggregate's own events stay inside, free to change; only these
 * three are a promise to others.
 */
export function messagesOf(orderId: string, state: OrderState, events: RecordedEvent[]): OutboxMessage[] {
  const { customerId, items, totalCents } = state;
  return events.flatMap(({ id, occurredAt, event }) => {
    if (event.type !== 'OrderPlaced' && event.type !== 'OrderConfirmed' && event.type !== 'OrderRejected') return [];
    const value: OrderMessage = { id, type: event.type, orderId, customerId, items, totalCents, occurredAt };
    if (event.type === 'OrderRejected') {
      value.reason = event.reason;
      // Money is taken right before an order is confirmed, and given back after it is rejected.
      value.wasConfirmed = state.charged;
    }
    return [{ topic: TOPICS.orderEvents, key: orderId, value }];
  });
}

/** The job that asks shipping to pack an order. */
export function shippingJob(orderId: string, { customerId, items }: OrderState): OutboxMessage {
  return { topic: TOPICS.shippingJobs, key: orderId, value: { orderId, customerId, items } };
}
