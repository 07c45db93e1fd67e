import { describe, expect, it } from 'vitest';
import { evolve, NO_ORDER, type OrderEvent } from './order.ts';
import { messagesOf, record } from './order-messages.ts';
import { groupByKey, type OutboxRow } from './outbox-relay.ts';

const EVENTS: OrderEvent[] = [
  { type: 'OrderPlaced', customerId: 'ada', items: [{ sku: 'BOX-001', quantity: 1, priceCents: 5 }], totalCents: 5 },
  { type: 'StockReserved' },
  { type: 'OrderRejected', reason: 'card declined' },
];

describe('what others are told', () => {
  it('is what concerns them, with the state they need, under the id of the event', () => {
    const recorded = record(EVENTS, 4);
    const messages = messagesOf('o1', EVENTS.reduce(evolve, NO_ORDER), recorded);
    expect(recorded.map(({ version }) => version)).toEqual([5, 6, 7]);
    expect(messages.map(({ value }) => value)).toMatchObject([
      { id: recorded[0]?.id, type: 'OrderPlaced', customerId: 'ada', totalCents: 5 },
      { id: recorded[2]?.id, type: 'OrderRejected', reason: 'card declined', items: [{ sku: 'BOX-001' }] },
    ]);
  });

  it('says that what was sold comes back', () => {
    const after = (type: OrderEvent[]) =>
      messagesOf('o1', type.reduce(evolve, NO_ORDER), record(type, 0)).at(-1)?.value;
    const confirmed: OrderEvent[] = [{ type: 'PaymentCharged', chargeId: 'c1' }, { type: 'OrderConfirmed' }];
    const rejected: OrderEvent = { type: 'OrderRejected', reason: 'jammed' };
    expect(after([...EVENTS.slice(0, 2), ...confirmed, rejected])).toMatchObject({ wasConfirmed: true });
    expect(after([...EVENTS.slice(0, 2), rejected])).toMatchObject({ wasConfirmed: false });
  });

  it('keeps its order for each key', () => {
    const row = (id: number, key: string): OutboxRow => {
      return { id, key, topic: 't', value: {}, traceparent: '', created_at: new Date() };
    };
    const groups = groupByKey([row(3, 'a'), row(2, 'b'), row(1, 'a')]);
    expect(groups.map((group) => group.map(({ id }) => id))).toEqual([[1, 3], [2]]);
  });
});
