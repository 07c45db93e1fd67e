import { trace } from '@opentelemetry/api';
import type { IncomingMessage } from '../../../lib/kafka.ts';
import { log } from '../../../lib/log.ts';
import { type OrderMessage, readMessage } from '../../../lib/messages.ts';
import { counter, histogram } from '../../../lib/metrics.ts';
import type { Queryable } from '../../../lib/postgres.ts';
import { countOrder } from './sales.ts';
import type { TumblingWindows } from './windows.ts';

const lag = histogram(
  'analytics.lag',
  'From what happened to the read model that shows it: how eventual consistency is',
);
const repeated = counter('analytics.repeated_events', 'Events that were counted before');
const late = counter('analytics.late_events', 'Events that came after their window was closed');

/** Brings the read model up to what one message tells. */
export async function followOrder(db: Queryable, windows: TumblingWindows, incoming: IncomingMessage): Promise<void> {
  const { message, problem } = readMessage<OrderMessage>(incoming.value, ['id', 'type', 'orderId', 'occurredAt']);
  const happenedMs = Date.parse(message?.occurredAt ?? '');
  if (message === undefined || Number.isNaN(happenedMs)) {
    const { topic, partition, offset } = incoming;
    log.warn({ topic, partition, offset }, `message skipped: ${problem ?? 'its field "occurredAt" is not a time'}`);
    return;
  }
  trace.getActiveSpan()?.setAttribute('order.id', message.orderId);
  if (message.type !== 'OrderConfirmed' && message.type !== 'OrderRejected') return;
  if (!(await countOrder(db, message))) {
    repeated.add(1);
    return;
  }
  lag.record(Math.max(0, Date.now() - happenedMs) / 1_000);
  if (message.type === 'OrderConfirmed' && !windows.add(happenedMs, message.totalCents)) late.add(1);
  log.debug({ 'order.id': message.orderId, type: message.type }, 'sale counted');
}
