import { describe, expect, it } from 'vitest';
import { readMessage, type ShippingJob } from './messages.ts';

const job = { orderId: 'o1', customerId: 'ada', items: [{ sku: 'BOX-001', quantity: 1, priceCents: 100 }] };
const read = (value: unknown) => readMessage<ShippingJob>(value, ['orderId', 'customerId']);

describe('reading a message', () => {
  it('takes what has the fields, and leaves the fields it does not know', () => {
    expect(read({ ...job, gift: true }).message).toMatchObject(job);
  });

  it.each([
    [null, 'it is not a JSON object'],
    ['hello', 'it is not a JSON object'],
    [[job], 'it is not a JSON object'],
    [{ ...job, orderId: 7 }, 'its field "orderId" is not a text'],
    [
      { ...job, items: [{ sku: 'BOX-001', quantity: 0, priceCents: 1 }] },
      'its field "items" is not a list of order lines',
    ],
    [{ ...job, items: {} }, 'its field "items" is not a list of order lines'],
  ])('says what is wrong with %j', (value, problem) => {
    expect(read(value).problem).toBe(problem);
  });
});
