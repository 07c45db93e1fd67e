import { SpanStatusCode, trace } from '@opentelemetry/api';
import { messageOf } from '../../../lib/backoff.ts';
import {
  type IncomingMessage,
  type Kafka,
  type MessageConsumer,
  type MessageProducer,
  startConsumer,
} from '../../../lib/kafka.ts';
import { log } from '../../../lib/log.ts';
import { counter } from '../../../lib/metrics.ts';
import { HopelessJob, type Worker, type WorkQueue } from './work-queue.ts';

export interface KafkaWorkQueueOptions<T extends object> {
  kafka: Kafka;
  producer: MessageProducer;
  groupId: string;
  topic: string;
  deadTopic: string;
  /** The job in a message's value, or a sentence on what is wrong with it. */
  parse(value: unknown): { message: T; problem?: undefined } | { message?: undefined; problem: string };
}

const TRIES = 3;

const dead = counter('shipping.dead_letters', 'Jobs put with the dead letters');

/**
 * A work queue on a Kafka topic. The workers of one consumer group compete: each partition belongs to one of them. What a
 * true queue does better: a job that is tried again holds up those behind it in its partition, so the pauses are short.
 */
export class KafkaWorkQueue<T extends object> implements WorkQueue<T> {
  readonly #options: KafkaWorkQueueOptions<T>;
  #consumer: MessageConsumer | undefined;

  constructor(options: KafkaWorkQueueOptions<T>) {
    this.#options = options;
  }

  async consume(worker: Worker<T>): Promise<void> {
    const { kafka, groupId, topic } = this.#options;
    this.#consumer = await startConsumer({
      kafka,
      groupId,
      topics: [topic],
      tries: TRIES,
      handle: (message) => this.#handle(worker, message),
      giveUp: async (message, error) => {
        const { message: job } = this.#options.parse(message.value);
        if (job !== undefined) await worker.giveUp({ job, source: sourceOf(message) }, messageOf(error));
        await this.#bury(message, messageOf(error), TRIES);
      },
    });
  }

  async check(): Promise<void> {
    await this.#consumer?.check();
  }

  async close(): Promise<void> {
    await this.#consumer?.stop();
  }

  async #handle(worker: Worker<T>, message: IncomingMessage): Promise<void> {
    const parsed = this.#options.parse(message.value);
    if (parsed.problem !== undefined) return this.#bury(message, parsed.problem, 1);
    const delivery = { job: parsed.message, source: sourceOf(message) };
    try {
      await worker.work(delivery);
    } catch (error) {
      if (!(error instanceof HopelessJob)) throw error;
      await worker.giveUp(delivery, error.message);
      await this.#bury(message, error.message, 1);
    }
  }

  /** The dead letter is the message as it came; the headers say why it is here, so that a person can judge and resend it. */
  async #bury(message: IncomingMessage, reason: string, tries: number): Promise<void> {
    const headers = {
      'dead-letter-reason': reason,
      'dead-letter-source': sourceOf(message),
      'dead-letter-tries': String(tries),
      'dead-letter-at': new Date().toISOString(),
    };
    await this.#options.producer.send(this.#options.deadTopic, [{ key: message.key, value: message.value, headers }]);
    dead.add(1);
    trace.getActiveSpan()?.setStatus({ code: SpanStatusCode.ERROR, message: reason });
    log.error({ source: sourceOf(message), reason, tries }, 'job put with the dead letters');
  }
}

function sourceOf({ topic, partition, offset }: IncomingMessage): string {
  return `${topic}/${partition}@${offset}`;
}
