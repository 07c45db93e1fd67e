import type { OrderMessage, ShippingMessage } from '../../../lib/messages.ts';

/** What to tell the customer about something that happened; undefined where there is nothing to tell. Pure. */
export function composeText(message: OrderMessage | ShippingMessage): string | undefined {
  const order = `Your order ${message.orderId.slice(0, 8)}`;
  switch (message.type) {
    case 'OrderPlaced':
      return undefined;
    case 'OrderConfirmed':
      return `${order} of ${formatCents(message.totalCents)} is confirmed. We are packing it.`;
    case 'OrderRejected':
      return `${order} could not be completed (${customerReason(message.reason)}). You have not been charged, or get it back.`;
    case 'ParcelShipped':
      return `${order} is on its way to you as parcel ${message.parcelId}.`;
    case 'ParcelFailed':
      return undefined;
    default:
      // A newer producer may know more types than we do.
      return undefined;
  }
}

/** Customers are told of empty shelves and declined cards, not of our timeouts. */
function customerReason(reason = ''): string {
  return /sold out|declined|carton|jammed/.test(reason) ? reason : 'something went wrong on our side';
}

function formatCents(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')} €`;
}
