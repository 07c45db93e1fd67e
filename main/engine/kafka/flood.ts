import { randomBytes } from 'node:crypto';
import { FlotillaError } from '../../contract/index.ts';
import { BrokerUnreachableError, type Endpoint } from './client/broker-connection.ts';
import { BrokerRefusedError, KafkaClient, type LedPartition } from './client/kafka-client.ts';
import { type NewRecord, writeBatch } from './records/write-batch.ts';

/** Messages are written this often; so many at once come together in a batch for a partition. */
const TURN_MS = 20;
const BATCH_BYTES = 512 * 1024;
/** What the broker does not take in this time is not written later. */
const BEHIND_MS = 200;
const RETRY_MS = 200;

export interface FloodOptions {
  /** The broker's service, for what errors advise. */
  readonly service: string;
  readonly at: Endpoint;
  readonly topic: string;
  /** 0: only whether it could be written to is looked at. */
  readonly messagesPerSecond: number;
  /** Of each message's value. */
  readonly sizeBytes: number;
}

/**
 * Writes messages of noise to a topic, over all of its partitions, until it is closed. Resolves once the broker has taken the first.
 * @throws FlotillaError KAFKA_UNREACHABLE, KAFKA_TOPIC_UNKNOWN, BAD_REQUEST with what the broker refused
 */
export async function floodTopic(options: FloodOptions): Promise<{ close(): Promise<void> }> {
  const client = new KafkaClient(options.at);
  const flood = new Flood(client, options);
  try {
    await flood.start();
  } catch (error) {
    await flood.close();
    throw floodError(error, options);
  }
  return flood;
}

function floodError(error: unknown, { at, service }: FloodOptions): unknown {
  if (error instanceof BrokerUnreachableError) {
    const address = `${at.host}:${at.port}`;
    return new FlotillaError('KAFKA_UNREACHABLE', { address, service, cause: error.message }, { cause: error });
  }
  if (!(error instanceof BrokerRefusedError)) return error;
  return new FlotillaError('BAD_REQUEST', { detail: `the Kafka broker answered ${error.message}` }, { cause: error });
}

class Flood {
  readonly #client: KafkaClient;
  readonly #options: FloodOptions;
  readonly #payload: Buffer;
  #partitions: readonly LedPartition[] = [];
  #next = 0;
  #isClosed = false;
  #endWait: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(client: KafkaClient, options: FloodOptions) {
    this.#client = client;
    this.#options = options;
    this.#payload = randomBytes(options.sizeBytes);
  }

  async start(): Promise<void> {
    const { topic: name, messagesPerSecond } = this.#options;
    const topics = await this.#client.topics();
    const topic = topics.find((one) => one.name === name);
    if (topic === undefined) {
      const known = topics.map((one) => one.name).toSorted();
      throw new FlotillaError('KAFKA_TOPIC_UNKNOWN', { topic: name, known: known.join(', ') || 'none' });
    }
    this.#partitions = topic.partitions.map(({ partition, leader }) => ({ topic: name, partition, leader }));
    if (messagesPerSecond === 0) return;
    await this.#write(1);
    this.#running = this.#go(Date.now());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#endWait();
    this.#client.close();
    await this.#running;
  }

  /** At the wanted rate by the clock, so that short pauses do not make it slower. */
  async #go(beganMs: number): Promise<void> {
    let atMs = beganMs;
    while (!this.#isClosed) {
      const nowMs = Math.max(Date.now(), atMs);
      atMs = Math.max(atMs, nowMs - BEHIND_MS);
      const due = Math.floor(((nowMs - atMs) * this.#options.messagesPerSecond) / 1000);
      if (due > 0) {
        atMs += (due * 1000) / this.#options.messagesPerSecond;
        const isWritten = await this.#write(due).then(
          () => true,
          () => false,
        );
        // The broker is being restarted, or its partitions have other leaders.
        if (!isWritten && !this.#isClosed) await this.#lookAgain();
      }
      await this.#wait(TURN_MS);
    }
  }

  async #lookAgain(): Promise<void> {
    await this.#wait(RETRY_MS);
    const topics = await this.#client.topics().catch(() => []);
    const topic = topics.find((one) => one.name === this.#options.topic);
    if (topic === undefined) return;
    this.#partitions = topic.partitions.map(({ partition, leader }) => ({ topic: topic.name, partition, leader }));
  }

  async #write(count: number): Promise<void> {
    const most = Math.max(1, Math.floor(BATCH_BYTES / (this.#options.sizeBytes + 32)));
    for (let left = count; left > 0 && !this.#isClosed; left -= most) {
      const partition = this.#partitions[this.#next % this.#partitions.length];
      if (partition === undefined) return;
      this.#next += 1;
      await this.#client.produce(partition, writeBatch(...this.#records(Math.min(left, most))));
    }
  }

  #records(count: number): NewRecord[] {
    const headers = [{ name: 'flotilla-fault', value: Buffer.from('kafka-flood') }];
    const record = { timestamp: Date.now(), key: null, value: this.#payload, headers };
    return Array.from({ length: count }, () => record);
  }

  #wait(ms: number): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
