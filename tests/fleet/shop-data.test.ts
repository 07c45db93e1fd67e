import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { IncomingMessage, MessageProducer } from '../../sample-fleet/lib/kafka.ts';
import { type OrderMessage, TOPICS } from '../../sample-fleet/lib/messages.ts';
import { createPool, migrate, type Pool, transaction } from '../../sample-fleet/lib/postgres.ts';
import { followOrder } from '../../sample-fleet/services/analytics/src/follow-orders.ts';
import { countOrder, salesByMinute, salesByProduct } from '../../sample-fleet/services/analytics/src/sales.ts';
import { MIGRATIONS as ANALYTICS } from '../../sample-fleet/services/analytics/src/schema.ts';
import { TumblingWindows } from '../../sample-fleet/services/analytics/src/windows.ts';
import { loadStock, releaseOrder, reserveForOrder } from '../../sample-fleet/services/inventory/src/reservations.ts';
import { restock, seedStock } from '../../sample-fleet/services/inventory/src/restock.ts';
import { MIGRATIONS as INVENTORY } from '../../sample-fleet/services/inventory/src/schema.ts';
import { shippingJob } from '../../sample-fleet/services/orders/src/order-messages.ts';
import { findOrder } from '../../sample-fleet/services/orders/src/order-queries.ts';
import { ConcurrentChange, OrderStore } from '../../sample-fleet/services/orders/src/order-store.ts';
import { OutboxRelay } from '../../sample-fleet/services/orders/src/outbox-relay.ts';
import { handleParcel } from '../../sample-fleet/services/orders/src/parcels.ts';
import { orderIdOf, placeOrder } from '../../sample-fleet/services/orders/src/place-order.ts';
import { SagaRunner } from '../../sample-fleet/services/orders/src/saga-runner.ts';
import type { PerformStep, StepResult } from '../../sample-fleet/services/orders/src/saga-steps.ts';
import { MIGRATIONS as ORDERS } from '../../sample-fleet/services/orders/src/schema.ts';
import type { Bank } from '../../sample-fleet/services/payments/src/bank.ts';
import { charge, refund } from '../../sample-fleet/services/payments/src/payments.ts';
import { MIGRATIONS as PAYMENTS } from '../../sample-fleet/services/payments/src/schema.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

let postgres: TestPostgres | undefined;
const pools: Pool[] = [];

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await postgres?.stop();
});

/** A schema of its own for each part, as each service has a database of its own. */
async function poolFor(schema: string): Promise<Pool> {
  const pool = createPool(`${postgres?.url}&options=${encodeURIComponent(`-c search_path=${schema}`)}`, { max: 8 });
  pools.push(pool);
  await pool.query(`CREATE SCHEMA ${schema}`);
  return pool;
}

let serial = 0;
const nextId = (): string => {
  serial += 1;
  return orderIdOf('test', String(serial));
};

const incoming = (topic: string, value: unknown): IncomingMessage => {
  return { topic, partition: 0, offset: '0', key: '', value, headers: {}, timestampMs: 0 };
};

it('a transaction whose connection is lost fails, and the process lives on', async () => {
  const pool = await poolFor('lost');
  const pidOf = async (db: Pick<Pool, 'query'>): Promise<number> =>
    (await db.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid ?? 0;
  const alive = async (pid: number): Promise<boolean> =>
    (await pool.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [pid])).rowCount === 1;
  const lost = transaction(pool, async (client) => {
    const pid = await pidOf(client);
    // The server goes away while the transaction waits for something else, as the outbox waits for Kafka.
    await pool.query('SELECT pg_terminate_backend($1)', [pid]);
    await expect.poll(() => alive(pid)).toBe(false);
  });
  // In whose words depends on who learns of it first: the next statement, or the socket.
  await expect(lost).rejects.toThrow(/terminat|not queryable|closed|EPIPE|ECONNRESET/i);
  expect(await transaction(pool, pidOf)).toBeGreaterThan(0);
});

describe('orders', () => {
  const items = [{ sku: 'BOX-001', quantity: 2, priceCents: 350 }];
  const done: Record<string, StepResult> = {
    'reserve stock': { outcome: { kind: 'done' }, command: { type: 'RecordReservation' } },
    charge: { outcome: { kind: 'done' }, command: { type: 'RecordCharge', chargeId: 'c1' } },
    ship: { outcome: { kind: 'done' }, command: { type: 'Confirm' } },
    'release stock': { outcome: { kind: 'done' }, command: { type: 'RecordRelease' } },
    reject: { outcome: { kind: 'done' }, command: { type: 'Reject', reason: 'declined' } },
    refund: { outcome: { kind: 'done' }, command: { type: 'RecordRefund' } },
  };
  const allWell: PerformStep = async ({ step }) => done[step] ?? { outcome: { kind: 'done' } };
  let pool: Pool;
  let store: OrderStore;

  beforeAll(async () => {
    pool = await poolFor('orders');
    await migrate(pool, ORDERS);
    store = new OrderStore(pool, () => undefined);
  });
  beforeEach(async () => {
    await pool.query('TRUNCATE outbox, order_events, order_sagas, order_views');
  });

  const place = (perform: PerformStep, idempotencyKey: string) =>
    placeOrder(store, new SagaRunner(pool, store, perform), { customerId: 'ada', items, idempotencyKey });
  const outbox = async (): Promise<string[]> =>
    (await pool.query<{ type: string }>(`SELECT value ->> 'type' AS type FROM outbox ORDER BY id`)).rows.map(
      (row) => row.type,
    );

  it('are confirmed within the request, with what others are told in the outbox', async () => {
    const placed = await place(allWell, 'a');
    expect(placed).toMatchObject({ status: 'confirmed', technical: false });
    expect(await outbox()).toEqual(['OrderPlaced', 'OrderConfirmed']);
    expect(await findOrder(pool, placed.orderId)).toMatchObject({
      status: 'confirmed',
      totalCents: 700,
      history: ['OrderPlaced', 'StockReserved', 'PaymentCharged', 'OrderConfirmed'].map((event) => ({ event })),
    });
  });

  it('are placed once for a key, however many ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => place(allWell, 'b')));
    expect(new Set(answers.map(({ orderId }) => orderId)).size).toBe(1);
    expect((await outbox()).filter((type) => type === 'OrderPlaced')).toHaveLength(1);
  });

  it('answer a rejection of our own making as such, and tell the refund to nobody who waits', async () => {
    const timeout: StepResult = { outcome: { kind: 'failed', reason: 'charge timed out', uncertain: true } };
    const placed = await place(async (saga, order) => (saga.step === 'charge' ? timeout : allWell(saga, order)), 'c');
    expect(placed).toMatchObject({ status: 'rejected', technical: true, reason: 'charge timed out' });
    const { rows } = await pool.query(`SELECT saga ->> 'step' AS step, due_at <= now() AS due FROM order_sagas`);
    expect(rows).toEqual([{ step: 'refund', due: true }]);
  });

  it('write nothing at all where somebody else was quicker', async () => {
    const { orderId } = await place(async () => ({ outcome: { kind: 'failed', reason: 'x', uncertain: false } }), 'd');
    const before = await outbox();
    const [order, saga] = await Promise.all([store.load(orderId), store.loadSaga(orderId)]);
    if (saga === undefined) throw new Error('no saga');
    const stale = { order: { ...order, version: 0 }, saga, dueInMs: null };
    const events = [{ type: 'OrderRejected' as const, reason: 'late' }];
    await expect(store.commit({ ...stale, events })).rejects.toThrow(ConcurrentChange);
    const old = { ...saga, revision: saga.revision - 1 };
    await expect(store.commit({ ...stale, order, saga: old, events })).rejects.toThrow(ConcurrentChange);
    expect(await outbox()).toEqual(before);
    expect(await store.loadSaga(orderId)).toEqual(saga);
  });

  it('are taken up where a dead process left them', async () => {
    const never = new Promise<StepResult>(() => undefined);
    void place((saga, order) => (saga.step === 'charge' ? never : allWell(saga, order)), 'e');
    const orderId = orderIdOf('ada', 'e');
    await expect.poll(async () => (await findOrder(pool, orderId))?.status).toBe('reserved');
    await pool.query(`UPDATE order_sagas SET due_at = now() - interval '1 s'`);
    const other = new SagaRunner(pool, store, allWell);
    other.start();
    await expect.poll(async () => (await findOrder(pool, orderId))?.status).toBe('confirmed');
    await other.stop();
  });

  it('are told of again only after everything that was on its way has come to an end', async () => {
    await place(allWell, 'slow');
    await place(allWell, 'refused');
    const slow = orderIdOf('ada', 'slow');
    let refusals = 1;
    const sent: string[] = [];
    const send: MessageProducer['send'] = async (_topic, [message]) => {
      if (message?.key === slow) {
        // Slower than the pause before the next batch.
        await sleep(400);
        sent.push((message.value as OrderMessage).type);
      } else if (refusals > 0) {
        refusals -= 1;
        throw new Error('broker is away');
      }
    };
    const relay = new OutboxRelay(pool, { send, disconnect: async () => undefined }, [TOPICS.orderEvents]);
    relay.start();
    await expect.poll(outbox).toEqual([]);
    await relay.stop();
    expect(sent).toEqual(['OrderPlaced', 'OrderConfirmed', 'OrderPlaced', 'OrderConfirmed']);
  });

  it('keep their messages until Kafka has them, in their order', async () => {
    await place(allWell, 'f');
    const sent: string[] = [];
    let broken = true;
    const send: MessageProducer['send'] = async (_topic, messages) => {
      if (broken && sent.length === 1) {
        broken = false;
        throw new Error('broker is away');
      }
      sent.push(...messages.map(({ value }) => (value as OrderMessage).type));
    };
    const relay = new OutboxRelay(pool, { send, disconnect: async () => undefined }, [TOPICS.orderEvents]);
    relay.start();
    await expect.poll(outbox).toEqual([]);
    await relay.stop();
    // The first was sent again: its deletion was undone together with the second's.
    expect(sent).toEqual(['OrderPlaced', 'OrderPlaced', 'OrderConfirmed']);
  });

  it('take no notice of a parcel that can be of no order', async () => {
    const parcel = { type: 'ParcelShipped', orderId: 'not an id', parcelId: 'p' };
    await expect(handleParcel(store, () => undefined, incoming('shipping-events', parcel))).resolves.toBeUndefined();
  });

  it('reach one broker while another is away, which gets its own later', async () => {
    const withJob: PerformStep = async (saga, order) => {
      const result = await allWell(saga, order);
      return saga.step === 'ship' ? { ...result, messages: [shippingJob(order.id, order.state)] } : result;
    };
    const told: string[][] = [];
    const observed = new OrderStore(pool, (topics) => void told.push(topics));
    const request = { customerId: 'ada', items, idempotencyKey: 'g' };
    await placeOrder(observed, new SagaRunner(pool, observed, withJob), request);
    expect(told).toEqual([[TOPICS.orderEvents], [TOPICS.orderEvents, TOPICS.shippingJobs]]);
    const sent: string[] = [];
    let queueIsAway = true;
    const relays = [TOPICS.orderEvents, TOPICS.shippingJobs].map((topic) => {
      const send: MessageProducer['send'] = async (to) => {
        if (to === TOPICS.shippingJobs && queueIsAway) throw new Error('broker is away');
        sent.push(to);
      };
      return new OutboxRelay(pool, { send, disconnect: async () => undefined }, [topic]);
    });
    for (const relay of relays) relay.start();
    await expect.poll(() => sent).toEqual([TOPICS.orderEvents, TOPICS.orderEvents]);
    expect(await outbox()).toHaveLength(1);
    queueIsAway = false;
    await expect.poll(() => sent.at(-1)).toBe(TOPICS.shippingJobs);
    await Promise.all(relays.map((relay) => relay.stop()));
    expect(await outbox()).toEqual([]);
  });
});

describe('inventory', () => {
  let pool: Pool;

  beforeAll(async () => {
    pool = await poolFor('inventory');
    await migrate(pool, INVENTORY);
    await seedStock(pool, ['BOX-001', 'BOX-002', 'BOX-003']);
  });

  const available = async (sku: string): Promise<number> => (await loadStock(pool, [sku]))[0]?.available ?? 0;

  it('loses no box to writers that collide', async () => {
    const before = await available('BOX-001');
    const lines = [{ sku: 'BOX-001', quantity: 2 }];
    const replies = await Promise.allSettled(Array.from({ length: 20 }, () => reserveForOrder(pool, nextId(), lines)));
    const taken = replies.filter((reply) => reply.status === 'fulfilled' && reply.value.reserved).length;
    expect(taken).toBeGreaterThan(0);
    expect(await available('BOX-001')).toBe(before - 2 * taken);
  });

  it('reserves and releases once for an order, however often it is asked', async () => {
    const before = await available('BOX-002');
    const orderId = nextId();
    const ask = () => reserveForOrder(pool, orderId, [{ sku: 'BOX-002', quantity: 3 }]);
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(Array(3).fill({ reserved: true, reason: '' }));
    expect(await available('BOX-002')).toBe(before - 3);
    expect([await releaseOrder(pool, orderId), await releaseOrder(pool, orderId)]).toEqual([true, false]);
    expect(await available('BOX-002')).toBe(before);
  });

  it('refuses a reservation that comes after its release', async () => {
    const orderId = nextId();
    expect(await releaseOrder(pool, orderId)).toBe(false);
    expect((await reserveForOrder(pool, orderId, [{ sku: 'BOX-003', quantity: 1 }])).reserved).toBe(false);
  });

  it('is restocked without a deadlock while orders take from it', async () => {
    const take = 'UPDATE stock SET available = 1 WHERE sku = $1';
    // The row that orders lock first lies last on the disk now.
    for (const sku of ['BOX-003', 'BOX-002', 'BOX-001']) await pool.query(take, [sku]);
    const waits = async (): Promise<boolean> =>
      (await pool.query(`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%low%'`))
        .rowCount === 1;
    let restocked: Promise<void> | undefined;
    await transaction(pool, async (client) => {
      await client.query(take, ['BOX-001']);
      restocked = restock(pool);
      await expect.poll(waits).toBe(true);
      await client.query(take, ['BOX-003']);
    });
    await restocked;
    expect(await available('BOX-003')).toBeGreaterThan(1);
  });

  it('holds nothing of an order that is short of one line', async () => {
    const before = await available('BOX-003');
    const lines = [
      { sku: 'BOX-003', quantity: 1 },
      { sku: 'BOX-002', quantity: 100_000 },
    ];
    expect((await reserveForOrder(pool, nextId(), lines)).reserved).toBe(false);
    expect(await available('BOX-003')).toBe(before);
  });
});

describe('payments', () => {
  let pool: Pool;

  beforeAll(async () => {
    pool = await poolFor('payments');
    await migrate(pool, PAYMENTS);
  });

  function bankThat(answer: () => Promise<{ approved: boolean; reason: string }>): Bank & { calls: string[] } {
    const calls: string[] = [];
    return {
      calls,
      charge: async () => {
        calls.push('charge');
        return answer();
      },
      refund: async () => {
        calls.push('refund');
        return { approved: true, reason: '' };
      },
    };
  }
  const approving = () => bankThat(async () => ({ approved: true, reason: '' }));
  const chargeOf = (orderId: string, amountCents = 500) => {
    return { idempotencyKey: `charge-${orderId}`, orderId, customerId: 'ada', amountCents };
  };
  const refundOf = (orderId: string) => ({ idempotencyKey: `refund-${orderId}`, orderId });

  it('charge once for a key, and refuse it for another amount', async () => {
    const bank = approving();
    const orderId = nextId();
    const first = await charge(pool, bank, chargeOf(orderId));
    expect(first.charged).toBe(true);
    expect(await charge(pool, bank, chargeOf(orderId))).toEqual(first);
    await expect(charge(pool, bank, chargeOf(orderId, 501))).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(bank.calls).toEqual(['charge']);
  });

  it('tell the second of two at once that the first is at work', async () => {
    const orderId = nextId();
    let answer = (): void => undefined;
    const slow = bankThat(() => new Promise((resolve) => (answer = () => resolve({ approved: true, reason: '' }))));
    const first = charge(pool, slow, chargeOf(orderId));
    await expect.poll(() => slow.calls).toEqual(['charge']);
    await expect(charge(pool, slow, chargeOf(orderId))).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(refund(pool, slow, refundOf(orderId))).rejects.toMatchObject({ code: 'ABORTED' });
    answer();
    expect((await first).charged).toBe(true);
    expect(await refund(pool, slow, refundOf(orderId))).toEqual({ refunded: true });
  });

  it('undo a charge that comes through after it was taken for lost and given back', async () => {
    const orderId = nextId();
    let answer = (): void => undefined;
    const slow = bankThat(() => new Promise((resolve) => (answer = () => resolve({ approved: true, reason: '' }))));
    const late = charge(pool, slow, chargeOf(orderId));
    await expect.poll(() => slow.calls).toEqual(['charge']);
    await pool.query(`UPDATE charges SET updated_at = now() - interval '11 s' WHERE order_id = $1`, [orderId]);
    expect(await refund(pool, slow, refundOf(orderId))).toEqual({ refunded: true });
    answer();
    expect(await late).toMatchObject({ charged: false });
    expect(slow.calls).toEqual(['charge', 'refund', 'refund']);
    const { rows } = await pool.query('SELECT status FROM charges WHERE order_id = $1', [orderId]);
    expect(rows).toEqual([{ status: 'refunded' }]);
  });

  it('charge once where a second try overtakes the first', async () => {
    const orderId = nextId();
    const answers: (() => void)[] = [];
    const slow = bankThat(() => new Promise((resolve) => answers.push(() => resolve({ approved: true, reason: '' }))));
    const first = charge(pool, slow, chargeOf(orderId));
    await expect.poll(() => answers).toHaveLength(1);
    await pool.query(`UPDATE idempotency_keys SET claimed_at = now() - interval '11 s' WHERE key = $1`, [
      `charge-${orderId}`,
    ]);
    const second = charge(pool, slow, chargeOf(orderId));
    await expect.poll(() => answers).toHaveLength(2);
    for (const answer of answers) answer();
    const [one, other] = await Promise.all([first, second]);
    expect(one.charged).toBe(true);
    expect(other).toEqual(one);
    expect(slow.calls).toEqual(['charge', 'charge']);
  });

  it('keep a decline, and ask the bank no more', async () => {
    const bank = bankThat(async () => ({ approved: false, reason: 'card declined' }));
    const orderId = nextId();
    const reply = { charged: false, chargeId: '', reason: 'card declined' };
    expect(await charge(pool, bank, chargeOf(orderId))).toEqual(reply);
    expect(await charge(pool, bank, chargeOf(orderId))).toEqual(reply);
    expect(bank.calls).toEqual(['charge']);
  });

  it('may be tried again, or given back, when the bank gave no answer', async () => {
    const silent = bankThat(() => Promise.reject(new Error('no answer')));
    const [again, back] = [nextId(), nextId()];
    await expect(charge(pool, silent, chargeOf(again))).rejects.toThrow('no answer');
    expect((await charge(pool, approving(), chargeOf(again))).charged).toBe(true);
    await expect(charge(pool, silent, chargeOf(back))).rejects.toThrow('no answer');
    expect(await refund(pool, silent, refundOf(back))).toEqual({ refunded: true });
    expect(silent.calls).toEqual(['charge', 'charge', 'refund']);
  });

  it('refuse a charge that comes after its refund', async () => {
    const bank = approving();
    const orderId = nextId();
    expect(await refund(pool, bank, refundOf(orderId))).toEqual({ refunded: false });
    expect((await charge(pool, bank, chargeOf(orderId))).charged).toBe(false);
    expect(bank.calls).toEqual([]);
  });
});

describe('analytics', () => {
  const message = (id: string, type: OrderMessage['type']): OrderMessage => {
    const items = [
      { sku: 'BOX-002', quantity: 1, priceCents: 1_000 },
      { sku: 'BOX-001', quantity: 2, priceCents: 350 },
      { sku: 'BOX-002', quantity: 1, priceCents: 1_000 },
    ];
    const occurredAt = '2026-01-01T12:34:56.000Z';
    return { id, type, orderId: nextId(), customerId: 'ada', items, totalCents: 2_700, occurredAt };
  };

  it('count each event once, and take back what was not sold after all', async () => {
    const pool = await poolFor('analytics');
    await migrate(pool, ANALYTICS);
    const confirmed = message('e1', 'OrderConfirmed');
    expect(await countOrder(pool, confirmed)).toBe(true);
    expect(await countOrder(pool, confirmed)).toBe(false);
    expect(await countOrder(pool, message('e2', 'OrderRejected'))).toBe(true);
    expect(await salesByMinute(pool, 10)).toEqual([
      { minute: new Date('2026-01-01T12:34:00.000Z'), confirmed: 1, rejected: 1, revenueCents: 2_700 },
    ]);
    expect(await salesByProduct(pool, 10)).toEqual([
      { sku: 'BOX-002', quantity: 2, revenueCents: 2_000 },
      { sku: 'BOX-001', quantity: 2, revenueCents: 700 },
    ]);
    await countOrder(pool, { ...message('e3', 'OrderRejected'), wasConfirmed: true });
    expect((await salesByMinute(pool, 10))[0]).toMatchObject({ confirmed: 1, rejected: 2, revenueCents: 0 });
    expect((await salesByProduct(pool, 10)).map(({ quantity }) => quantity)).toEqual([0, 0]);
  });

  it('pass over what cannot be counted, and count what comes after it', async () => {
    const pool = await poolFor('analytics_odd');
    await migrate(pool, ANALYTICS);
    const windows = new TumblingWindows({ sizeMs: 1_000, latenessMs: 0, keep: 10 });
    const follow = (value: object) => followOrder(pool, windows, incoming('order-events', value));
    const sound = message('sound', 'OrderConfirmed');
    await follow({ id: 'no total', type: 'OrderConfirmed', orderId: 'o', occurredAt: sound.occurredAt });
    await follow({ ...sound, id: 'no text \0' });
    await follow({ ...sound, id: 'no time of Postgres', occurredAt: '2026' });
    await follow({ ...sound, id: 'of a clock that is ahead', occurredAt: '2126-01-01T00:00:00.000Z' });
    await follow({ ...sound, occurredAt: new Date().toISOString() });
    const minutes = await salesByMinute(pool, 10);
    expect(minutes.reduce((sum, { confirmed }) => sum + confirmed, 0)).toBe(2);
    windows.advanceTo(Date.now() + 2_000);
    expect(windows.closed().reduce((sum, { orders }) => sum + orders, 0)).toBe(2);
  });
});
