import { setTimeout as sleep } from 'node:timers/promises';
import { context } from '@opentelemetry/api';
import { backoffMs, messageOf } from '../../../lib/backoff.ts';
import type { MessageProducer } from '../../../lib/kafka.ts';
import { log } from '../../../lib/log.ts';
import { histogram } from '../../../lib/metrics.ts';
import { type Pool, transaction } from '../../../lib/postgres.ts';
import { contextOf } from './trace-context.ts';
import { Waker } from './waker.ts';

export interface OutboxRow {
  id: number;
  topic: string;
  key: string;
  value: unknown;
  traceparent: string;
  created_at: Date;
}

const BATCH = 100;
/** How often to look although nobody said that there is something: for what a crash, or another instance, left behind. */
const IDLE_MS = 5_000;
const RETRY = { baseMs: 200, maxMs: 2_000 };

const delay = histogram('outbox.delay', 'From the commit of a message until the broker has it');

/**
 * Carries messages for some topics from the outbox to their broker, at least once: a row is deleted in the transaction in
 * which it is published, so after a crash in between it is published again. Several instances may run; each skips the rows
 * that another has locked. It sleeps until `wake` is called after a commit, so it costs nothing while nothing happens. Each
 * broker has a relay of its own, so that none waits for another that is away.
 */
export class OutboxRelay {
  readonly #pool: Pool;
  readonly #producer: MessageProducer;
  readonly #topics: readonly string[];
  readonly #waker = new Waker();
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(pool: Pool, producer: MessageProducer, topics: readonly string[]) {
    this.#pool = pool;
    this.#producer = producer;
    this.#topics = topics;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Says that there are messages for these topics; some may be for others to carry. */
  wake(topics: readonly string[] = this.#topics): void {
    if (topics.some((topic) => this.#topics.includes(topic))) this.#waker.wake();
  }

  /** Publishes what is there, then ends. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    let failures = 0;
    for (;;) {
      let published = 0;
      try {
        published = await this.#publishBatch();
        failures = 0;
      } catch (error) {
        failures += 1;
        log.warn({ failures, reason: messageOf(error) }, 'the outbox could not be published, it is kept');
      }
      if (published === BATCH) continue;
      if (this.#stopping) return;
      if (failures > 0) await sleep(backoffMs(failures, RETRY));
      else await this.#waker.wait(IDLE_MS);
    }
  }

  async #publishBatch(): Promise<number> {
    return transaction(this.#pool, async (client) => {
      const { rows } = await client.query<OutboxRow>(
        `DELETE FROM outbox
         WHERE id IN (SELECT id FROM outbox WHERE topic = ANY($2) ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
         RETURNING id, topic, key, value, traceparent, created_at`,
        [BATCH, this.#topics],
      );
      // All, also after one has failed: what was still on its way would mix with the next batch, which sends it again.
      const ends = await Promise.allSettled(groupByKey(rows).map((group) => this.#publish(group)));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
      for (const row of rows) delay.record((Date.now() - row.created_at.getTime()) / 1_000, { topic: row.topic });
      return rows.length;
    });
  }

  /** One after the other, each in the trace of the request that caused it. */
  async #publish(rows: OutboxRow[]): Promise<void> {
    for (const { topic, key, value, traceparent } of rows) {
      await context.with(contextOf(traceparent), () => this.#producer.send(topic, [{ key, value }]));
    }
  }
}

/** Messages with one key must keep their order; those with different keys need not wait for each other. */
export function groupByKey(rows: OutboxRow[]): OutboxRow[][] {
  const groups = new Map<string, OutboxRow[]>();
  for (const row of rows.toSorted((a, b) => a.id - b.id)) {
    const group = groups.get(row.key);
    if (group === undefined) groups.set(row.key, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}
