import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGrpcServer, type GrpcServer, RpcError } from '../../../lib/grpc.ts';
import type { PaymentsMethods } from '../../../protos/payments.ts';
import { decide, evolve, NO_ORDER } from './order.ts';
import type { Order } from './order-store.ts';
import type { Outcome } from './saga.ts';
import { startSaga } from './saga.ts';
import { connectSteps } from './saga-steps.ts';

const ITEMS = [{ sku: 'BOX-001', quantity: 1, priceCents: 100 }];
const UNAVAILABLE: Outcome = { kind: 'failed', reason: 'charge failed with UNAVAILABLE: gone', uncertain: true };

let payments: GrpcServer;
let steps: ReturnType<typeof connectSteps>;
let charges: number;

beforeEach(async () => {
  charges = 0;
  payments = createGrpcServer();
  payments.add<PaymentsMethods>('payments.proto', 'shop.payments.v1.Payments', {
    // The money has moved, and then the answer is lost.
    charge: async () => {
      charges += 1;
      throw new RpcError('UNAVAILABLE', 'gone');
    },
    refund: async () => ({ refunded: true }),
  });
  const address = `127.0.0.1:${await payments.listen(0)}`;
  steps = connectSteps({ inventory: address, payments: address, circuitBreaker: true });
});

afterEach(async () => {
  steps.close();
  await payments.close();
});

async function charge(orderId: string): Promise<Outcome> {
  const state = decide(NO_ORDER, { type: 'Place', customerId: 'ann', items: ITEMS }).reduce(evolve, NO_ORDER);
  const order: Order = { id: orderId, version: 1, state };
  return (await steps.perform({ ...startSaga(orderId), step: 'charge', mayHoldStock: true }, order)).outcome;
}

test('a charge that was tried may have happened, though the circuit was open when it was to be tried again', async () => {
  // Three tries, then two: the fifth failure opens the circuit, and it is that which ends the second charge.
  expect([await charge('o1'), await charge('o2')]).toEqual([UNAVAILABLE, UNAVAILABLE]);
  expect(charges).toBe(5);
});

test('a charge that met an open circuit at once has surely not happened', async () => {
  await charge('o1');
  await charge('o2');
  expect(await charge('o3')).toEqual({
    kind: 'failed',
    reason: 'charge was not tried: the circuit is open',
    uncertain: false,
  });
  expect(charges).toBe(5);
});
