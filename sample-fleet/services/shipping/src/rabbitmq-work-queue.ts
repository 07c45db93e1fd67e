import { setTimeout as sleep } from 'node:timers/promises';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { messageOf } from '../../../lib/backoff.ts';
import { log } from '../../../lib/log.ts';
import { counter } from '../../../lib/metrics.ts';
import type { IncomingJob, JobConsumer, Rabbit } from '../../../lib/rabbitmq.ts';
import type { JobQueue } from '../../../lib/rabbitmq-layout.ts';
import { HopelessJob, type Worker, type WorkQueue } from './work-queue.ts';

export interface RabbitmqWorkQueueOptions<T extends object> {
  rabbit: Rabbit;
  layout: JobQueue;
  /** Jobs that this worker is given at once. */
  concurrency: number;
  /** The job in a message's value, or a sentence on what is wrong with it. */
  parse(value: unknown): { message: T; problem?: undefined } | { message?: undefined; problem: string };
}

const TRY = 'job-try';
/** Before a job that could be neither done nor passed on goes back to the queue, so that it does not go in circles. */
const SETBACK_MS = 500;

const dead = counter('shipping.dead_letters', 'Jobs put with the dead letters');

/**
 * A work queue in RabbitMQ, which is made for it: each job goes to one of the competing workers, whoever is free. A job that
 * failed rests in a queue of its own and holds up nobody. It is acknowledged only after it is done, or the broker has it
 * elsewhere; a worker that dies in between leaves it to another.
 */
export class RabbitmqWorkQueue<T extends object> implements WorkQueue<T> {
  readonly #options: RabbitmqWorkQueueOptions<T>;
  #consumer: JobConsumer | undefined;

  constructor(options: RabbitmqWorkQueueOptions<T>) {
    this.#options = options;
  }

  async consume(worker: Worker<T>): Promise<void> {
    const { rabbit, concurrency } = this.#options;
    this.#consumer = await rabbit.consume(concurrency, async (job) => {
      try {
        await this.#handle(worker, job);
      } catch (error) {
        await sleep(SETBACK_MS);
        throw error;
      }
    });
  }

  async check(): Promise<void> {
    await this.#consumer?.check();
  }

  async close(): Promise<void> {
    await this.#consumer?.stop();
  }

  async #handle(worker: Worker<T>, incoming: IncomingJob): Promise<void> {
    const attempt = attemptOf(incoming);
    const parsed = this.#options.parse(incoming.value);
    if (parsed.problem !== undefined) return this.#bury(incoming, parsed.problem, attempt);
    const delivery = { job: parsed.message, source: sourceOf(incoming) };
    trace.getActiveSpan()?.setAttribute('job.try', attempt);
    try {
      await worker.work(delivery);
    } catch (error) {
      const reason = messageOf(error);
      const rest = this.#options.layout.retryQueues[attempt - 1];
      if (rest !== undefined && !(error instanceof HopelessJob)) return this.#tryLater(incoming, attempt, rest, reason);
      await worker.giveUp(delivery, reason);
      await this.#bury(incoming, reason, attempt);
    }
  }

  /** In the trace of whoever sent the job: its headers go round with it. */
  async #tryLater(incoming: IncomingJob, attempt: number, queue: string, reason: string): Promise<void> {
    const headers = { ...incoming.headers, [TRY]: String(attempt + 1) };
    await this.#options.rabbit.publish({
      exchange: '',
      routingKey: queue,
      value: incoming.value,
      headers,
      traced: false,
    });
    trace.getActiveSpan()?.addEvent('job failed, trying again', { reason, 'job.try': attempt });
    log.warn({ source: sourceOf(incoming), attempt, queue, reason }, 'job failed, trying again');
  }

  /** The dead letter is the message as it came; the headers say why it is here, so that a person can judge and resend it. */
  async #bury(incoming: IncomingJob, reason: string, tries: number): Promise<void> {
    const headers = {
      'dead-letter-reason': reason,
      'dead-letter-source': sourceOf(incoming),
      'dead-letter-tries': String(tries),
      'dead-letter-at': new Date().toISOString(),
    };
    const { rabbit, layout } = this.#options;
    await rabbit.publish({ exchange: layout.deadExchange, routingKey: '', value: incoming.value, headers });
    dead.add(1);
    trace.getActiveSpan()?.setStatus({ code: SpanStatusCode.ERROR, message: reason });
    log.error({ source: sourceOf(incoming), reason, tries }, 'job put with the dead letters');
  }
}

function attemptOf({ headers }: IncomingJob): number {
  const attempt = Number(headers[TRY] ?? 1);
  return Number.isSafeInteger(attempt) && attempt > 0 ? attempt : 1;
}

function sourceOf({ queue, deliveryTag }: IncomingJob): string {
  return `${queue}@${deliveryTag}`;
}
