import { context, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { messageOf } from '../../../lib/backoff.ts';
import { log } from '../../../lib/log.ts';
import { counter } from '../../../lib/metrics.ts';
import type { Pool } from '../../../lib/postgres.ts';
import { decide, evolve, type OrderState } from './order.ts';
import { ConcurrentChange, type Order, type OrderStore, type SagaRecord } from './order-store.ts';
import { advance, dueInMs, type Outcome, type Saga } from './saga.ts';
import type { PerformStep } from './saga-steps.ts';
import { contextOf } from './trace-context.ts';
import { Waker } from './waker.ts';

/** A running saga belongs to whoever runs it for this long after each step; then it counts as left behind by a crash. */
export const LEASE_MS = 10_000;
/** How often to look for sagas that are due. */
const POLL_MS = 1_000;
const POLL_BATCH = 20;

const tracer = trace.getTracer('orders');
const steps = counter('orders.saga_steps', 'Steps of sagas, by step and outcome');

/** An order and its saga, as far as they have come. */
export interface Progress {
  order: Order;
  saga: SagaRecord;
}

/**
 * Moves sagas on, step by step; after each, the order's new events and where the saga stands are one transaction. The
 * request that places an order runs its saga as far as the shopper waits for it. The rest (compensations that failed,
 * parcels that nobody heard of, sagas whose process died) is found by `start`'s loop when it is due.
 */
export class SagaRunner {
  readonly #pool: Pool;
  readonly #store: OrderStore;
  readonly #perform: PerformStep;
  readonly #waker = new Waker();
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(pool: Pool, store: OrderStore, perform: PerformStep) {
    this.#pool = pool;
    this.#store = store;
    this.#perform = perform;
  }

  start(): void {
    this.#running = this.#poll();
  }

  /** Says that a saga has just become due. */
  wake(): void {
    this.#waker.wake();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#running;
  }

  /** Does the step that is due and those after it, until the saga waits for something or `enough` of it is done. */
  async run(from: Progress, enough: (state: OrderState) => boolean): Promise<Progress> {
    let progress = from;
    for (;;) {
      const { goesOn, ...next } = await this.#step(progress, enough);
      progress = next;
      if (!goesOn) return progress;
    }
  }

  async #step(
    { order, saga }: Progress,
    enough: (state: OrderState) => boolean,
  ): Promise<Progress & { goesOn: boolean }> {
    const { step, attempt } = saga.saga;
    const attributes = { 'order.id': order.id, 'saga.step': step, 'saga.attempt': attempt + 1 };
    return tracer.startActiveSpan(`saga: ${step}`, { attributes }, async (span) => {
      try {
        const { outcome, command, messages } = await this.#perform(saga.saga, order);
        note(span, saga.saga, outcome);
        const events = command === undefined ? [] : decide(order.state, command);
        const next = advance(saga.saga, outcome);
        const due = dueInMs(next);
        const goesOn = due === 0 && !this.#stopping && !enough(events.reduce(evolve, order.state));
        const change = { order, events, saga: { ...saga, saga: next }, dueInMs: goesOn ? LEASE_MS : due, messages };
        return { ...(await this.#store.commit(change)), goesOn };
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
        throw error;
      } finally {
        span.end();
      }
    });
  }

  async #poll(): Promise<void> {
    while (!this.#stopping) {
      try {
        const due = await this.#claimDue();
        await Promise.all(due.map((saga) => this.#resume(saga)));
        if (due.length === POLL_BATCH) continue;
      } catch (error) {
        log.warn({ reason: messageOf(error) }, 'sagas that are due could not be read');
      }
      await this.#waker.wait(POLL_MS);
    }
  }

  /** Takes sagas that are due for itself, for the time of a lease. */
  async #claimDue(): Promise<SagaRecord[]> {
    const { rows } = await this.#pool.query<SagaRecord>(
      `UPDATE order_sagas SET due_at = now() + $1 * interval '1 ms', revision = revision + 1
       WHERE order_id IN (SELECT order_id FROM order_sagas WHERE due_at <= now() ORDER BY due_at LIMIT $2
                          FOR UPDATE SKIP LOCKED)
       RETURNING saga, revision, traceparent`,
      [LEASE_MS, POLL_BATCH],
    );
    return rows;
  }

  /** Goes on with a saga in the trace of the request that began it. */
  async #resume(saga: SagaRecord): Promise<void> {
    await context.with(contextOf(saga.traceparent), async () => {
      try {
        const order = await this.#store.load(saga.saga.orderId);
        await this.run({ order, saga }, () => false);
      } catch (error) {
        const level = error instanceof ConcurrentChange ? 'debug' : 'warn';
        log[level]({ 'order.id': saga.saga.orderId, reason: messageOf(error) }, 'saga could not go on');
      }
    });
  }
}

function note(span: Span, { orderId, step, failure }: Saga, outcome: Outcome): void {
  steps.add(1, { step, outcome: outcome.kind });
  span.setAttribute('saga.outcome', outcome.kind);
  if (outcome.kind === 'done') {
    if (failure !== null) log.info({ 'order.id': orderId, step, because: failure.reason }, `saga: ${step} is done`);
    return;
  }
  const attributes = { 'order.id': orderId, step, reason: outcome.reason };
  if (outcome.kind === 'refused') {
    log.info(attributes, `saga turns back: ${step} was refused`);
  } else {
    span.setStatus({ code: SpanStatusCode.ERROR, message: outcome.reason });
    log.warn(attributes, `saga: ${outcome.reason}`);
  }
}
