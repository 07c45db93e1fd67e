import type { OrderLine } from '../../../lib/messages.ts';

/**
 * The aggregate: what an order is, and what may happen to it. Pure, it knows no database and no clock. State is never
 * stored; it is what remains when the events of the order are folded with `evolve`. A command that has already had its
 * effect gives no events, so every command is safe to repeat.
 */
export type OrderEvent =
  | { type: 'OrderPlaced'; customerId: string; items: OrderLine[]; totalCents: number }
  | { type: 'StockReserved' }
  | { type: 'PaymentCharged'; chargeId: string }
  | { type: 'OrderConfirmed' }
  | { type: 'OrderRejected'; reason: string }
  | { type: 'StockReleased' }
  | { type: 'PaymentRefunded' }
  | { type: 'OrderShipped'; parcelId: string };

export type OrderCommand =
  | { type: 'Place'; customerId: string; items: OrderLine[] }
  | { type: 'RecordReservation' }
  | { type: 'RecordCharge'; chargeId: string }
  | { type: 'Confirm' }
  | { type: 'Reject'; reason: string }
  | { type: 'RecordRelease' }
  | { type: 'RecordRefund' }
  | { type: 'RecordShipment'; parcelId: string };

export type OrderStatus = 'placed' | 'reserved' | 'paid' | 'confirmed' | 'rejected' | 'shipped';

export interface OrderState {
  status: OrderStatus | 'none';
  customerId: string;
  items: OrderLine[];
  totalCents: number;
  /** Whether inventory holds stock for it. */
  holdsStock: boolean;
  /** Whether the customer's money is with us. */
  charged: boolean;
}

/** The order before its first event. */
export const NO_ORDER: OrderState = {
  status: 'none',
  customerId: '',
  items: [],
  totalCents: 0,
  holdsStock: false,
  charged: false,
};

/** A command that the order cannot follow, with why. */
export class OrderRuleError extends Error {
  override name = 'OrderRuleError';
}

/** The events that `command` causes in `state`; none where it has already happened. Throws OrderRuleError where it may not. */
export function decide(state: OrderState, command: OrderCommand): OrderEvent[] {
  switch (command.type) {
    case 'Place':
      return place(state, command);
    case 'RecordReservation':
      if (state.holdsStock) return [];
      return onlyWhen(state, command, ['placed'], { type: 'StockReserved' });
    case 'RecordCharge':
      if (state.charged) return [];
      needStock(state, command);
      return onlyWhen(state, command, ['reserved'], { type: 'PaymentCharged', chargeId: command.chargeId });
    case 'Confirm':
      if (state.status === 'confirmed' || state.status === 'shipped') return [];
      needStock(state, command);
      return onlyWhen(state, command, ['paid'], { type: 'OrderConfirmed' });
    case 'Reject':
      if (state.status === 'rejected') return [];
      return onlyWhen(state, command, ['placed', 'reserved', 'paid', 'confirmed'], {
        type: 'OrderRejected',
        reason: command.reason,
      });
    case 'RecordRelease':
      return state.holdsStock && state.status !== 'shipped' ? [{ type: 'StockReleased' }] : [];
    case 'RecordRefund':
      if (!state.charged) return [];
      return onlyWhen(state, command, ['rejected'], { type: 'PaymentRefunded' });
    case 'RecordShipment':
      if (state.status === 'shipped') return [];
      needStock(state, command);
      return onlyWhen(state, command, ['confirmed'], { type: 'OrderShipped', parcelId: command.parcelId });
  }
}

/** The state after `event`. Never refuses: what has happened has happened. */
export function evolve(state: OrderState, event: OrderEvent): OrderState {
  switch (event.type) {
    case 'OrderPlaced': {
      const { customerId, items, totalCents } = event;
      return { ...NO_ORDER, status: 'placed', customerId, items, totalCents };
    }
    case 'StockReserved':
      return { ...state, status: 'reserved', holdsStock: true };
    case 'PaymentCharged':
      return { ...state, status: 'paid', charged: true };
    case 'OrderConfirmed':
      return { ...state, status: 'confirmed' };
    case 'OrderRejected':
      return { ...state, status: 'rejected' };
    case 'StockReleased':
      return { ...state, holdsStock: false };
    case 'PaymentRefunded':
      return { ...state, charged: false };
    case 'OrderShipped':
      return { ...state, status: 'shipped', holdsStock: false };
  }
}

function place(state: OrderState, command: OrderCommand & { type: 'Place' }): OrderEvent[] {
  const { customerId, items } = command;
  if (state.status !== 'none') {
    if (state.customerId === customerId && sameLines(state.items, items)) return [];
    throw new OrderRuleError('this idempotency key was used for another order');
  }
  if (items.length === 0) throw new OrderRuleError('an order needs at least one item');
  const totalCents = items.reduce((sum, line) => sum + line.quantity * line.priceCents, 0);
  return [{ type: 'OrderPlaced', customerId, items, totalCents }];
}

function onlyWhen(state: OrderState, command: OrderCommand, allowed: OrderStatus[], event: OrderEvent): OrderEvent[] {
  if (allowed.some((status) => status === state.status)) return [event];
  throw new OrderRuleError(`${command.type} is not possible for an order that is ${state.status}`);
}

function needStock(state: OrderState, command: OrderCommand): void {
  if (!state.holdsStock) throw new OrderRuleError(`${command.type} is not possible for an order that holds no stock`);
}

function sameLines(a: OrderLine[], b: OrderLine[]): boolean {
  const text = (lines: OrderLine[]): string =>
    JSON.stringify(lines.map(({ sku, quantity, priceCents }) => [sku, quantity, priceCents]));
  return text(a) === text(b);
}
