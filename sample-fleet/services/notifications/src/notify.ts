import { trace } from '@opentelemetry/api';
import type { IncomingMessage } from '../../../lib/kafka.ts';
import { log } from '../../../lib/log.ts';
import { type CustomerMessage, type OrderMessage, readMessage, type ShippingMessage } from '../../../lib/messages.ts';
import { counter } from '../../../lib/metrics.ts';
import { composeText } from './compose.ts';

export type Tell = (message: CustomerMessage) => Promise<void>;

const told = counter('notifications.sent', 'Messages to customers, by what they are about');

/**
 * Tells the customer what a message means for them. It keeps no state: the id of what it says follows from the id of what
 * it heard, so that a browser that gets it twice can show it once.
 */
export async function notify(incoming: IncomingMessage, tell: Tell): Promise<void> {
  const { message, problem } = readMessage<OrderMessage | ShippingMessage>(incoming.value, [
    'id',
    'type',
    'orderId',
    'customerId',
  ]);
  if (message === undefined) {
    log.warn({ topic: incoming.topic, offset: incoming.offset }, `message skipped: ${problem}`);
    return;
  }
  const { id, orderId, customerId, type, occurredAt } = message;
  trace.getActiveSpan()?.setAttribute('order.id', orderId);
  const text = composeText(message);
  if (text === undefined) return;
  await tell({ id: `${id}/told`, customerId, orderId, kind: type, text, occurredAt });
  told.add(1, { kind: type });
  log.info({ 'order.id': orderId, kind: type }, 'customer told');
}
