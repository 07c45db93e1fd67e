import { SpanStatusCode, trace } from '@opentelemetry/api';
import { messageOf } from '../../../lib/backoff.ts';
import { type Pool, type Queryable, transaction } from '../../../lib/postgres.ts';
import { evolve, NO_ORDER, type OrderEvent, type OrderState } from './order.ts';
import { messagesOf, type OutboxMessage, type RecordedEvent, record } from './order-messages.ts';
import type { Saga } from './saga.ts';
import { currentTraceparent } from './trace-context.ts';

/** An order as it is known here: its state, and the version that it was folded up to. */
export interface Order {
  id: string;
  version: number;
  state: OrderState;
}

/** A saga as it is stored. */
export interface SagaRecord {
  saga: Saga;
  /** How often it was written; of two writers that saw the same, one wins. 0 before the first. */
  revision: number;
  traceparent: string;
}

/** All that one step changes, written in one transaction or not at all. */
export interface Change {
  order: Order;
  events: OrderEvent[];
  saga: SagaRecord;
  /** When the saga is due next; null for never. */
  dueInMs: number | null;
  /** Messages beyond those that follow from the events. */
  messages?: OutboxMessage[];
}

/** Somebody else changed the order or its saga since it was read. */
export class ConcurrentChange extends Error {
  override name = 'ConcurrentChange';
}

const tracer = trace.getTracer('orders');

/** The event store, with what is written together with the events: the read model, the saga and the outbox. */
export class OrderStore {
  readonly #pool: Pool;
  readonly #onCommit: () => void;

  /** `onCommit` is called whenever there may be something new in the outbox. */
  constructor(pool: Pool, onCommit: () => void) {
    this.#pool = pool;
    this.#onCommit = onCommit;
  }

  /** Folds the order's events; an order that does not exist has version 0. */
  async load(orderId: string): Promise<Order> {
    const { rows } = await this.#pool.query<{ version: number; data: OrderEvent }>(
      'SELECT version, data FROM order_events WHERE order_id = $1 ORDER BY version',
      [orderId],
    );
    const state = rows.reduce((folded, row) => evolve(folded, row.data), NO_ORDER);
    return { id: orderId, version: rows.at(-1)?.version ?? 0, state };
  }

  async loadSaga(orderId: string): Promise<SagaRecord | undefined> {
    const { rows } = await this.#pool.query<SagaRecord>(
      'SELECT saga, revision, traceparent FROM order_sagas WHERE order_id = $1',
      [orderId],
    );
    return rows[0];
  }

  /** Writes a change; gives the order and saga as they are now. Rejects with ConcurrentChange, and has written nothing then. */
  async commit(change: Change): Promise<{ order: Order; saga: SagaRecord }> {
    const { order, events } = change;
    const name = events.length > 0 ? `append ${events.map((event) => event.type).join(', ')}` : 'save saga';
    return tracer.startActiveSpan(name, { attributes: { 'order.id': order.id } }, async (span) => {
      try {
        return await this.#write(change);
      } catch (error) {
        if (!(error instanceof ConcurrentChange))
          span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
        throw error;
      } finally {
        span.end();
      }
    });
  }

  async #write({ order, events, saga, dueInMs, messages = [] }: Change): Promise<{ order: Order; saga: SagaRecord }> {
    const state = events.reduce(evolve, order.state);
    const recorded = record(events, order.version);
    const outgoing = [...messagesOf(order.id, state, recorded), ...messages];
    const traceparent = currentTraceparent();
    const written = { saga: saga.saga, revision: saga.revision + 1, traceparent: saga.traceparent || traceparent };
    await transaction(this.#pool, async (client) => {
      if (recorded.length > 0) {
        await appendEvents(client, order.id, recorded);
        await projectView(client, order.id, state, recorded);
      }
      await saveSaga(client, written, dueInMs);
      if (outgoing.length > 0) await putInOutbox(client, outgoing, traceparent);
    });
    if (outgoing.length > 0) this.#onCommit();
    return { order: { id: order.id, version: order.version + events.length, state }, saga: written };
  }
}

async function appendEvents(client: Queryable, orderId: string, recorded: RecordedEvent[]): Promise<void> {
  const { rowCount } = await client.query(
    `INSERT INTO order_events (order_id, version, event_id, type, data, occurred_at)
     SELECT $1, * FROM unnest($2::int[], $3::uuid[], $4::text[], $5::jsonb[], $6::timestamptz[])
     ON CONFLICT (order_id, version) DO NOTHING`,
    [
      orderId,
      recorded.map(({ version }) => version),
      recorded.map(({ id }) => id),
      recorded.map(({ event }) => event.type),
      recorded.map(({ event }) => JSON.stringify(event)),
      recorded.map(({ occurredAt }) => occurredAt),
    ],
  );
  if (rowCount !== recorded.length) throw new ConcurrentChange(`order ${orderId} was changed by somebody else`);
}

/**
 * The read model is written in the same transaction: a shopper who has just ordered sees the order at once. The price is a
 * slower write. Read models that may lag behind a little, such as those of analytics, follow the messages instead.
 */
async function projectView(
  client: Queryable,
  orderId: string,
  state: OrderState,
  recorded: RecordedEvent[],
): Promise<void> {
  const history = recorded.map(({ event, occurredAt }) => ({
    event: event.type,
    at: occurredAt,
    ...('reason' in event ? { reason: event.reason } : {}),
  }));
  await client.query(
    `INSERT INTO order_views AS view (order_id, customer_id, status, total_cents, items, history, placed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (order_id) DO UPDATE SET status = excluded.status, history = view.history || excluded.history`,
    [
      orderId,
      state.customerId,
      state.status,
      state.totalCents,
      JSON.stringify(state.items),
      JSON.stringify(history),
      recorded[0]?.occurredAt,
    ],
  );
}

async function saveSaga(
  client: Queryable,
  { saga, revision, traceparent }: SagaRecord,
  dueInMs: number | null,
): Promise<void> {
  const { rowCount } = await client.query(
    `INSERT INTO order_sagas AS stored (order_id, saga, revision, due_at, traceparent)
     VALUES ($1, $2, $3, now() + $4 * interval '1 ms', $5)
     ON CONFLICT (order_id) DO UPDATE SET saga = excluded.saga, revision = excluded.revision, due_at = excluded.due_at
       WHERE stored.revision = excluded.revision - 1`,
    [saga.orderId, JSON.stringify(saga), revision, dueInMs, traceparent],
  );
  if (rowCount !== 1) throw new ConcurrentChange(`the saga of order ${saga.orderId} was changed by somebody else`);
}

/** The transactional outbox: a message is there if and only if what it tells of has happened. */
async function putInOutbox(client: Queryable, messages: OutboxMessage[], traceparent: string): Promise<void> {
  await client.query(
    `INSERT INTO outbox (topic, key, value, traceparent)
     SELECT *, $4 FROM unnest($1::text[], $2::text[], $3::jsonb[])`,
    [
      messages.map(({ topic }) => topic),
      messages.map(({ key }) => key),
      messages.map(({ value }) => JSON.stringify(value)),
      traceparent,
    ],
  );
}
