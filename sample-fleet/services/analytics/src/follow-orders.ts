import { trace } from '@opentelemetry/api';
import { messageOf } from '../../../lib/backoff.ts';
import type { IncomingMessage } from '../../../lib/kafka.ts';
import { log } from '../../../lib/log.ts';
import { type OrderMessage, readMessage } from '../../../lib/messages.ts';
import { counter, histogram } from '../../../lib/metrics.ts';
import { isUnstorable, type Queryable } from '../../../lib/postgres.ts';
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
    return skip(incoming, problem ?? 'its field "occurredAt" is not a time');
  }
  trace.getActiveSpan()?.setAttribute('order.id', message.orderId);
  if (message.type !== 'OrderConfirmed' && message.type !== 'OrderRejected') return;
  try {
    if (!(await countOrder(db, message))) {
      repeated.add(1);
      return;
    }
  } catch (error) {
    if (!isUnstorable(error)) throw error;
    return skip(incoming, messageOf(error));
  }
  lag.record(Math.max(0, Date.now() - happenedMs) / 1_000);
  // A clock that is ahead must not close the windows of all others.
  const atMs = Math.min(happenedMs, Date.now());
  if (message.type === 'OrderConfirmed' && !windows.add(atMs, message.totalCents)) late.add(1);
  log.debug({ 'order.id': message.orderId, type: message.type }, 'sale counted');
}

function skip({ topic, partition, offset }: IncomingMessage, problem: string): void {
  log.warn({ topic, partition, offset }, `message skipped: ${problem}`);
}
