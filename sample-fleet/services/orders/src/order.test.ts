import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decide,
  evolve,
  NO_ORDER,
  type OrderCommand,
  type OrderEvent,
  OrderRuleError,
  type OrderState,
} from './order.ts';

const items = [
  { sku: 'BOX-001', quantity: 2, priceCents: 350 },
  { sku: 'BOX-002', quantity: 1, priceCents: 1_000 },
];
const PLACE: OrderCommand = { type: 'Place', customerId: 'ada', items };

function play(commands: OrderCommand[]): { state: OrderState; events: OrderEvent[] } {
  let state = NO_ORDER;
  const events: OrderEvent[] = [];
  for (const command of commands) {
    for (const event of decide(state, command)) {
      events.push(event);
      state = evolve(state, event);
    }
  }
  return { state, events };
}

describe('an order', () => {
  it('goes from placed to shipped', () => {
    const { events, state } = play([
      PLACE,
      { type: 'RecordReservation' },
      { type: 'RecordCharge', chargeId: 'c1' },
      { type: 'Confirm' },
      { type: 'RecordShipment', parcelId: 'p1' },
    ]);
    expect(events.map((event) => event.type)).toEqual([
      'OrderPlaced',
      'StockReserved',
      'PaymentCharged',
      'OrderConfirmed',
      'OrderShipped',
    ]);
    expect(state).toMatchObject({ status: 'shipped', totalCents: 1_700, holdsStock: false, charged: true });
  });

  it('is placed once for a key, and refuses the key for another content', () => {
    const { state } = play([PLACE]);
    expect(decide(state, PLACE)).toEqual([]);
    expect(() => decide(state, { ...PLACE, items: items.slice(1) })).toThrow(OrderRuleError);
  });

  it('needs stock before money, and money before it is confirmed', () => {
    const placed = play([PLACE]).state;
    expect(() => decide(placed, { type: 'RecordCharge', chargeId: 'c1' })).toThrow('holds no stock');
    expect(() => decide(placed, { type: 'Confirm' })).toThrow(OrderRuleError);
  });

  it('can be rejected until it is shipped', () => {
    const shipped = play([
      PLACE,
      { type: 'RecordReservation' },
      { type: 'RecordCharge', chargeId: 'c1' },
      { type: 'Confirm' },
      { type: 'RecordShipment', parcelId: 'p1' },
    ]).state;
    expect(() => decide(shipped, { type: 'Reject', reason: 'late' })).toThrow(OrderRuleError);
    expect(decide(shipped, { type: 'RecordRelease' })).toEqual([]);
  });
});

const command: fc.Arbitrary<OrderCommand> = fc.oneof(
  fc.constant<OrderCommand>(PLACE),
  fc.constantFrom<OrderCommand>(
    { type: 'RecordReservation' },
    { type: 'RecordCharge', chargeId: 'c1' },
    { type: 'Confirm' },
    { type: 'Reject', reason: 'declined' },
    { type: 'RecordRelease' },
    { type: 'RecordRefund' },
    { type: 'RecordShipment', parcelId: 'p1' },
  ),
);

describe('whatever is asked of an order', () => {
  function playAll(commands: OrderCommand[]): { state: OrderState; events: OrderEvent[] } {
    let state = NO_ORDER;
    const events: OrderEvent[] = [];
    for (const each of commands) {
      try {
        const decided = decide(state, each);
        events.push(...decided);
        state = decided.reduce(evolve, state);
        expect(decide(state, each), `${each.type} again`).toEqual([]);
      } catch (error) {
        if (!(error instanceof OrderRuleError)) throw error;
      }
    }
    return { state, events };
  }

  it('its laws hold', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        const { state, events } = playAll(commands);
        const types = events.map((event) => event.type);
        expect(events.reduce(evolve, NO_ORDER)).toEqual(state);
        expect(new Set(types).size).toBe(types.length);
        expect(types.includes('OrderShipped') && types.includes('OrderRejected')).toBe(false);
        if (types.includes('OrderConfirmed'))
          expect(types.slice(0, types.indexOf('OrderConfirmed'))).not.toContain('StockReleased');
        if (types.includes('OrderShipped')) expect(state.charged).toBe(true);
        if (types.includes('PaymentRefunded'))
          expect(types.indexOf('PaymentRefunded')).toBeGreaterThan(types.indexOf('PaymentCharged'));
        if (types.length > 0) expect(types[0]).toBe('OrderPlaced');
      }),
      { numRuns: 500 },
    );
  });
});
