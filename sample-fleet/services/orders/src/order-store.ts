import { SpanStatusCode, trace } from '@opentelemetry/api';
import { messageOf } from '../../../lib/backoff.ts';
import { isUniqueViolation, type Pool, type Queryable } from '../../../lib/postgres.ts';
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
  /** Of the request that began it, so that what is done later joins its trace. */
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

/**
 * The event store, with what is written together with the events:
 * - the saga: so that a crash never leaves an order that nobody moves on;
 * - the outbox: a message is there if and only if what it tells of has happened;
 * - the read model: a shopper who has just ordered sees the order at once. The price is a slower write. Read models that
 *   may lag behind a little, such as those of analytics, follow the messages instead.
 */
export class OrderStore {
  readonly #pool: Pool;
  readonly #onCommit: (topics: string[]) => void;

  /** `onCommit` is called with the topics for which there is something new in the outbox. */
  constructor(pool: Pool, onCommit: (topics: string[]) => void) {
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
    const next = { ...saga, revision: saga.revision + 1 };
    await write(this.#pool, [
      ...[order.id, JSON.stringify(next.saga), next.revision, dueInMs, next.traceparent],
      ...eventColumns(recorded),
      ...[state.customerId, state.status, state.totalCents, JSON.stringify(state.items), historyOf(recorded)],
      ...messageColumns(outgoing),
      traceparent,
    ]);
    if (outgoing.length > 0) this.#onCommit(outgoing.map(({ topic }) => topic));
    return { order: { id: order.id, version: order.version + events.length, state }, saga: next };
  }
}

/**
 * One statement is one transaction, and one round trip instead of six. Where the saga was changed by somebody else it finds
 * no row to write, and then nothing is written; where the version of an event exists already, the key undoes it all.
 */
const WRITE = `-- INSERT INTO order_events, and all that goes with them
  WITH moved AS (
    INSERT INTO order_sagas AS stored (order_id, saga, revision, due_at, traceparent)
    VALUES ($1, $2, $3, now() + $4 * interval '1 ms', $5)
    ON CONFLICT (order_id) DO UPDATE SET saga = excluded.saga, revision = excluded.revision, due_at = excluded.due_at
      WHERE stored.revision = excluded.revision - 1
    RETURNING order_id
  ), appended AS (
    INSERT INTO order_events (order_id, version, event_id, type, data, occurred_at)
    SELECT order_id, event.* FROM moved, unnest($6::int[], $7::uuid[], $8::text[], $9::jsonb[], $10::timestamptz[]) AS event
    RETURNING occurred_at
  ), projected AS (
    INSERT INTO order_views AS view (order_id, customer_id, status, total_cents, items, history, placed_at)
    SELECT order_id, $11, $12, $13, $14, $15, min(occurred_at) FROM moved, appended GROUP BY order_id
    ON CONFLICT (order_id) DO UPDATE SET status = excluded.status, history = view.history || excluded.history
  ), queued AS (
    INSERT INTO outbox (topic, key, value, traceparent)
    SELECT message.*, $19 FROM moved, unnest($16::text[], $17::text[], $18::jsonb[]) AS message
  )
  SELECT order_id FROM moved`;

async function write(db: Queryable, values: unknown[]): Promise<void> {
  try {
    const { rowCount } = await db.query({ name: 'write-order', text: WRITE, values });
    if (rowCount === 1) return;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
  }
  throw new ConcurrentChange(`order ${values[0]} was changed by somebody else`);
}

function eventColumns(recorded: RecordedEvent[]): unknown[] {
  return [
    recorded.map(({ version }) => version),
    recorded.map(({ id }) => id),
    recorded.map(({ event }) => event.type),
    recorded.map(({ event }) => JSON.stringify(event)),
    recorded.map(({ occurredAt }) => occurredAt),
  ];
}

function messageColumns(messages: OutboxMessage[]): unknown[] {
  return [
    messages.map(({ topic }) => topic),
    messages.map(({ key }) => key),
    messages.map(({ value }) => JSON.stringify(value)),
  ];
}

/** What the read model adds to the order's history. */
function historyOf(recorded: RecordedEvent[]): string {
  const history = recorded.map(({ event, occurredAt }) => ({
    event: event.type,
    at: occurredAt,
    ...('reason' in event ? { reason: event.reason } : {}),
  }));
  return JSON.stringify(history);
}
