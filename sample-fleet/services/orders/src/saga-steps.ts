import { messageOf } from '../../../lib/backoff.ts';
import { createGrpcClient, type GrpcClient, isRpcFailure, RpcError } from '../../../lib/grpc.ts';
import { createResilience, isRefusedHere, type Resilient } from '../../../lib/resilience.ts';
import type { InventoryMethods } from '../../../protos/inventory.ts';
import type { PaymentsMethods } from '../../../protos/payments.ts';
import type { OrderCommand } from './order.ts';
import { type OutboxMessage, shippingJob } from './order-messages.ts';
import type { Order } from './order-store.ts';
import type { Outcome, Saga, SagaStep } from './saga.ts';

/** What a step gave: where the saga goes, and what the order has to note. */
export interface StepResult {
  outcome: Outcome;
  command?: OrderCommand;
  messages?: OutboxMessage[];
}

/** Does what a saga's step stands for. Never rejects: trouble is an outcome. Every step bears to be repeated. */
export type PerformStep = (saga: Saga, order: Order) => Promise<StepResult>;

/** For a step's call, tries included: a shopper is waiting. */
const DEADLINE_MS = 1_500;
/** Less time than this is not worth another try. */
const LEAST_MS = 20;
const RETRIES = 2;
const DONE: Outcome = { kind: 'done' };

/** The steps against the real inventory and payments at `host:port`. */
export function connectSteps(to: { inventory: string; payments: string; circuitBreaker: boolean }): {
  perform: PerformStep;
  close(): void;
} {
  const connect = <M extends object>(name: string, service: string, address: string): Remote<M> =>
    new Remote<M>(name, service, address, to.circuitBreaker);
  const inventory = connect<InventoryMethods>('inventory', 'shop.inventory.v1.Inventory', to.inventory);
  const payments = connect<PaymentsMethods>('payments', 'shop.payments.v1.Payments', to.payments);
  return {
    perform: async (saga, order) => {
      try {
        return await performStep(inventory, payments, saga, order);
      } catch (error) {
        return { outcome: failureOf(saga.step, error) };
      }
    },
    close: () => {
      inventory.close();
      payments.close();
    },
  };
}

async function performStep(
  inventory: Remote<InventoryMethods>,
  payments: Remote<PaymentsMethods>,
  saga: Saga,
  { id: orderId, state }: Order,
): Promise<StepResult> {
  switch (saga.step) {
    case 'reserve stock': {
      const lines = state.items.map(({ sku, quantity }) => ({ sku, quantity }));
      const { reserved, reason } = await inventory.call('reserve', { orderId, lines });
      return reserved ? { outcome: DONE, command: { type: 'RecordReservation' } } : refused(reason);
    }
    case 'charge': {
      const { customerId, totalCents: amountCents } = state;
      const request = { idempotencyKey: `charge-${orderId}`, orderId, customerId, amountCents };
      const { charged, chargeId, reason } = await payments.call('charge', request);
      return charged ? { outcome: DONE, command: { type: 'RecordCharge', chargeId } } : refused(reason);
    }
    case 'ship':
      return { outcome: DONE, command: { type: 'Confirm' }, messages: [shippingJob(orderId, state)] };
    case 'release stock':
      await inventory.call('release', { orderId });
      return { outcome: DONE, command: { type: 'RecordRelease' } };
    case 'reject':
      return { outcome: DONE, command: { type: 'Reject', reason: saga.failure?.reason ?? 'unknown' } };
    case 'refund':
      await payments.call('refund', { idempotencyKey: `refund-${orderId}`, orderId });
      return { outcome: DONE, command: { type: 'RecordRefund' } };
    case 'await parcel':
      return { outcome: { kind: 'failed', reason: 'no word of the parcel', uncertain: true } };
    case 'done':
      return { outcome: DONE };
  }
}

function refused(reason: string): StepResult {
  return { outcome: { kind: 'refused', reason } };
}

/** Only a call that was never sent, or was found wrong, has surely changed nothing. */
function failureOf(step: SagaStep, error: unknown): Outcome {
  if (isRefusedHere(error)) {
    return { kind: 'failed', reason: `${step} was not tried: the circuit is open`, uncertain: false };
  }
  if (!(error instanceof RpcError)) return { kind: 'failed', reason: messageOf(error), uncertain: true };
  const { code, message } = error;
  const timedOut = code === 'DEADLINE_EXCEEDED';
  const reason = timedOut ? `${step} timed out after ${DEADLINE_MS} ms` : `${step} failed with ${code}: ${message}`;
  return { kind: 'failed', reason, uncertain: code !== 'INVALID_ARGUMENT' && code !== 'ALREADY_EXISTS' };
}

/**
 * A service called by gRPC, within one deadline for all tries. What fails at once is tried again with jitter; a timeout is
 * not, its time is used up. The circuit breaker lies inside, so each try counts, and none is made while it is open.
 */
class Remote<M extends object> {
  readonly #client: GrpcClient<M>;
  readonly #retrying: Resilient;
  readonly #breaking: Resilient;

  constructor(name: string, service: string, address: string, breaker: boolean) {
    this.#client = createGrpcClient<M>({ proto: `${name}.proto`, service, address });
    // The deadline travels with the call, so the policies' own timeouts are never first.
    const timeoutMs = 2 * DEADLINE_MS;
    this.#retrying = createResilience({ name, timeoutMs, retries: RETRIES, isFailure: isTransient });
    this.#breaking = createResilience({ name, timeoutMs, breaker, isFailure: isRpcFailure });
  }

  call: GrpcClient<M>['call'] = async (method, request) => {
    const deadline = Date.now() + DEADLINE_MS;
    let failedTry: unknown;
    try {
      return await this.#retrying.execute(() =>
        this.#breaking.execute((signal) => {
          const deadlineMs = Math.max(LEAST_MS, deadline - Date.now());
          return this.#client.call(method, request, { deadlineMs, signal }).catch((error: unknown) => {
            failedTry = error;
            throw error;
          });
        }),
      );
    } catch (error) {
      // That the last try was refused here does not undo what the one before it may have done there.
      throw isRefusedHere(error) ? (failedTry ?? error) : error;
    }
  };

  close(): void {
    this.#client.close();
  }
}

function isTransient(error: Error): boolean {
  return error instanceof RpcError && (error.code === 'UNAVAILABLE' || error.code === 'ABORTED');
}
