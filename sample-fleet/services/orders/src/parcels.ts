import { trace } from '@opentelemetry/api';
import type { IncomingMessage } from '../../../lib/kafka.ts';
import { log } from '../../../lib/log.ts';
import { readMessage, type ShippingMessage } from '../../../lib/messages.ts';
import { decide, type OrderCommand } from './order.ts';
import type { OrderStore } from './order-store.ts';
import { advance, dueInMs, type Outcome } from './saga.ts';

/**
 * What shipping says, told to the saga that waits for it. A message that comes twice, or for a saga that no longer waits,
 * changes nothing. Rejects where the database is away or somebody else was quicker: the consumer then tries again.
 */
export async function handleParcel(
  store: OrderStore,
  wakeRunner: () => void,
  incoming: IncomingMessage,
): Promise<void> {
  const { message, problem } = readMessage<ShippingMessage>(incoming.value, ['type', 'orderId', 'parcelId']);
  if (message === undefined) {
    log.warn({ topic: incoming.topic, offset: incoming.offset }, `message skipped: ${problem}`);
    return;
  }
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
