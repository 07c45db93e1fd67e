import { describe, expect, it } from 'vitest';
import type { IncomingMessage } from '../../../lib/kafka.ts';
import type { CustomerMessage, OrderMessage } from '../../../lib/messages.ts';
import { notify } from './notify.ts';

const confirmed: OrderMessage = {
  id: 'e1',
  type: 'OrderConfirmed',
  orderId: '5f3a9c01-0000-4000-8000-000000000000',
  customerId: 'ada',
  items: [],
  totalCents: 1205,
  occurredAt: '2026-01-01T00:00:00.000Z',
};

async function tell(value: unknown): Promise<CustomerMessage[]> {
  const told: CustomerMessage[] = [];
  const incoming: IncomingMessage = {
    topic: 'order-events',
    partition: 0,
    offset: '1',
    key: '',
    value,
    headers: {},
    timestampMs: 0,
  };
  await notify(incoming, async (message) => void told.push(message));
  return told;
}

describe('notifications', () => {
  it('tell what an event means for the customer', async () => {
    const [message] = await tell(confirmed);
    expect(message).toMatchObject({ customerId: 'ada', kind: 'OrderConfirmed', orderId: confirmed.orderId });
    expect(message?.text).toBe('Your order 5f3a9c01 of 12.05 € is confirmed. We are packing it.');
  });

  it('say a thing twice with the same id when they hear it twice', async () => {
    const ids = [...(await tell(confirmed)), ...(await tell(confirmed))].map(({ id }) => id);
    expect(ids).toEqual([ids[0], ids[0]]);
  });

  it('keep our troubles to ourselves', async () => {
    const rejected = { ...confirmed, type: 'OrderRejected' };
    const [technical] = await tell({ ...rejected, reason: 'DEADLINE_EXCEEDED: charge' });
    const [business] = await tell({ ...rejected, reason: 'card declined' });
    expect(technical?.text).toContain('(something went wrong on our side)');
    expect(business?.text).toContain('(card declined)');
  });

  it.each([{ ...confirmed, type: 'OrderPlaced' }, { ...confirmed, type: 'OrderGiftWrapped' }, 'hello', null, {}])(
    'have nothing to say about %j',
    async (value) => {
      expect(await tell(value)).toEqual([]);
    },
  );
});
