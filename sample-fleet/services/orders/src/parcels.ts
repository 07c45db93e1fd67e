import { trace } from '@opentelemetry/api';
import { messageOf } from '../../../lib/backoff.ts';
import type { IncomingMessage } from '../../../lib/kafka.ts';
import { log } from '../../../lib/log.ts';
import { readMessage, type ShippingMessage } from '../../../lib/messages.ts';
import { isUnstorable } from '../../../lib/postgres.ts';
import { decide, type OrderCommand } from './order.ts';
import type { OrderStore } from './order-store.ts';
import { advance, dueInMs, type Outcome } from './saga.ts';

/**
 * What shipping says, told to the saga that waits for it. A message that comes twice, for a saga that no longer waits, or
 * that can be of no order changes nothing. Rejects where the database is away or somebody else was quicker: the consumer
 * then tries again.
 */
export async function handleParcel(
  store: OrderStore,
  wakeRunner: () => void,
  incoming: IncomingMessage,
): Promise<void> {
  const { message, problem } = readMessage<ShippingMessage>(incoming.value, ['type', 'orderId', 'parcelId']);
  if (message === undefined) return skip(incoming, problem);
  try {
    await tellSaga(store, wakeRunner, message);
  } catch (error) {
    if (!isUnstorable(error)) throw error;
    skip(incoming, messageOf(error));
  }
}

function skip({ topic, partition, offset }: IncomingMessage, problem: string): void {
  log.warn({ topic, partition, offset }, `message skipped: ${problem}`);
}

async function tellSaga(store: OrderStore, wakeRunner: () => void, message: ShippingMessage): Promise<void> {
  const { orderId, parcelId, type } = message;
  trace.getActiveSpan()?.setAttribute('order.id', orderId);
  const [order, saga] = await Promise.all([store.load(orderId), store.loadSaga(orderId)]);
  if (saga?.saga.step !== 'await parcel') {
    log.info({ 'order.id': orderId, type }, 'nobody waits for this parcel');
    return;
  }
  const shipped = type === 'ParcelShipped';
  const command: OrderCommand = { type: 'RecordShipment', parcelId };
  const outcome: Outcome = shipped ? { kind: 'done' } : { kind: 'refused', reason: message.reason ?? 'not shipped' };
  const next = advance(saga.saga, outcome);
  const events = shipped ? decide(order.state, command) : [];
  await store.commit({ order, events, saga: { ...saga, saga: next }, dueInMs: dueInMs(next) });
  log.info({ 'order.id': orderId, parcelId, reason: message.reason }, shipped ? 'order shipped' : 'parcel failed');
  if (!shipped) wakeRunner();
}
