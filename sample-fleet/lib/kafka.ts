/**
 * Kafka by kafkajs. Messages are JSON with a key. Trace context travels in the headers: the instrumentation writes and
 * reads it, so a handler's spans belong to the trace of whoever produced the message.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Consumer, Kafka, type KafkaMessage, logLevel, Partitioners, type ProducerConfig } from 'kafkajs';
import { backoffMs, connectWithBackoff, messageOf } from './backoff.ts';
import { letIdleKafkajsRest } from './kafkajs-idle.ts';
import { log } from './log.ts';

export type { Kafka };

export interface OutgoingMessage {
  /** Messages with one key keep their order: they go to one partition. */
  key: string;
  /** Sent as JSON. */
  value: unknown;
  headers?: Record<string, string>;
}

export interface IncomingMessage<T = unknown> {
  topic: string;
  partition: number;
  offset: string;
  key: string;
  value: T;
  headers: Record<string, string>;
  timestampMs: number;
}

const LEVELS = {
  [logLevel.ERROR]: 'error',
  [logLevel.WARN]: 'warn',
  [logLevel.INFO]: 'debug',
  [logLevel.DEBUG]: 'trace',
} as const;

letIdleKafkajsRest();

/** The client that producers and consumers share. Connects to nothing yet. */
export function createKafka(brokers: string[], clientId: string): Kafka {
  // kafkajs otherwise warns that its partitioner is another than that of its version 1.
  process.env.KAFKAJS_NO_PARTITIONER_WARNING ??= '1';
  return new Kafka({
    clientId,
    brokers,
    connectionTimeout: 2_000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 100, maxRetryTime: 3_000, retries: 5 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      if (entry.level === logLevel.NOTHING) return;
      const { message, logger: _logger, timestamp: _timestamp, stack: _stack, ...attributes } = entry.log;
      log[LEVELS[entry.level]](attributes, `kafka: ${message}`);
    },
  });
}

/** Creates the topics that do not exist yet, each with `partitions`; waits for the broker, and until it serves the topics. */
export async function ensureTopics(kafka: Kafka, topics: string[], partitions = 3): Promise<void> {
  const admin = kafka.admin();
  try {
    await connectWithBackoff('Kafka', () => admin.connect());
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter((topic) => !existing.has(topic));
    // A broker that has just started may have nobody yet to lead a topic.
    await connectWithBackoff('A topic', async () => {
      // Resolves to false where another service was quicker; that is as good, but nobody has waited for the leaders then.
      if (missing.length > 0) {
        const created = missing.map((topic) => ({ topic, numPartitions: partitions, replicationFactor: 1 }));
        await admin.createTopics({ waitForLeaders: true, topics: created });
      }
      await admin.fetchTopicMetadata({ topics });
    });
  } finally {
    await admin.disconnect();
  }
}

export interface MessageProducer {
  /** Resolves when the broker has the messages (acks from all replicas). */
  send(topic: string, messages: OutgoingMessage[]): Promise<void>;
  disconnect(): Promise<void>;
}

/**
 * A connected producer. What is sent again because its acknowledgement got lost may be stored twice: readers bear that. Not
 * what Kafka calls idempotent: kafkajs 2.2.4 gives the sequence number of a send that failed to whichever send comes next,
 * which the broker then takes for the one that it has already, acknowledges, and drops.
 */
export async function createProducer(kafka: Kafka): Promise<MessageProducer> {
  const producer = kafka.producer(PRODUCER);
  await connectWithBackoff('Kafka', () => producer.connect());
  return {
    send: async (topic, messages) => {
      await producer.send({
        topic,
        acks: -1,
        messages: messages.map(({ key, value, headers }) => ({
          key,
          value: JSON.stringify(value),
          headers: { ...headers },
        })),
      });
    },
    disconnect: () => producer.disconnect(),
  };
}

/** A key goes to the same partition as by the Java clients. */
const PRODUCER: ProducerConfig = { allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner };

export interface ConsumerOptions<T> {
  kafka: Kafka;
  groupId: string;
  topics: string[];
  /** Handles one message; a rejection is retried with backoff. At-least-once: it must bear to see a message twice. */
  handle: (message: IncomingMessage<T>) => Promise<void>;
  /** Tries in all before `giveUp`; 5 where it is not given. */
  tries?: number;
  /**
   * What to do with a message that failed every time, as to send it to a dead-letter topic. Without it the consumer starts
   * over at this message: nothing is skipped, and nothing after it is handled.
   */
  giveUp?: (message: IncomingMessage<T>, error: unknown) => Promise<void>;
  /** Where a group that has no offsets yet begins: at the first message (the default) or with what comes next. */
  from?: 'beginning' | 'latest';
  /** How many partitions are worked on at once. */
  concurrency?: number;
}

export interface MessageConsumer {
  /** Finishes the message at hand, commits, leaves the group. */
  stop(): Promise<void>;
  /** For `Service.ready`: rejects while the consumer belongs to no group. */
  check(): Promise<void>;
}

/** Joins the group and handles messages until `stop`. Resolves once it is consuming. */
export async function startConsumer<T>(options: ConsumerOptions<T>): Promise<MessageConsumer> {
  const consumer = options.kafka.consumer({
    groupId: options.groupId,
    sessionTimeout: 15_000,
    rebalanceTimeout: 10_000,
    heartbeatInterval: 2_000,
    maxWaitTimeInMs: 1_000,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries: 8, restartOnFailure: async () => true },
  });
  const membership = trackMembership(consumer);
  // A broker that came back empty has lost its topics too; without them the consumer could not come back either.
  consumer.on(consumer.events.CRASH, () => void ensureTopics(options.kafka, options.topics).catch(() => undefined));
  await connectWithBackoff('Kafka', () => consumer.connect());
  await consumer.subscribe({ topics: options.topics, fromBeginning: options.from !== 'latest' });
  let stopping = false;
  await consumer.run({
    partitionsConsumedConcurrently: options.concurrency ?? 3,
    eachMessage: async ({ topic, partition, message, heartbeat }) => {
      const incoming = parseMessage<T>(topic, partition, message);
      if (incoming !== undefined) await handleWithRetries(options, incoming, heartbeat, () => stopping);
    },
  });
  return {
    stop: async () => {
      stopping = true;
      await consumer.disconnect();
    },
    check: async () => {
      if (!membership.joined) throw new Error(`not a member of the consumer group ${options.groupId}`);
    },
  };
}

function trackMembership(consumer: Consumer): { joined: boolean } {
  const membership = { joined: false };
  consumer.on(consumer.events.GROUP_JOIN, () => {
    membership.joined = true;
  });
  for (const event of [consumer.events.CRASH, consumer.events.STOP, consumer.events.DISCONNECT] as const) {
    consumer.on(event, () => {
      membership.joined = false;
    });
  }
  return membership;
}

async function handleWithRetries<T>(
  options: ConsumerOptions<T>,
  message: IncomingMessage<T>,
  heartbeat: () => Promise<void>,
  isStopping: () => boolean,
): Promise<void> {
  const tries = options.tries ?? 5;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await options.handle(message);
    } catch (error) {
      const { topic, partition, offset } = message;
      if (attempt >= tries || isStopping()) {
        if (options.giveUp === undefined || isStopping()) throw error;
        log.error({ err: error, topic, partition, offset, tries }, 'message given up');
        return await options.giveUp(message, error);
      }
      const waitMs = backoffMs(attempt, { baseMs: 100, maxMs: 2_000 });
      log.warn({ topic, partition, offset, attempt, waitMs, reason: messageOf(error) }, 'message failed, trying again');
      await sleep(waitMs);
      await heartbeat();
    }
  }
}

/** undefined for a message that is not ours: it cannot become JSON by trying again, so it is logged and skipped. */
function parseMessage<T>(topic: string, partition: number, message: KafkaMessage): IncomingMessage<T> | undefined {
  try {
    return {
      topic,
      partition,
      offset: message.offset,
      key: message.key?.toString() ?? '',
      value: JSON.parse(message.value?.toString() ?? 'null') as T,
      headers: Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)])),
      timestampMs: Number(message.timestamp),
    };
  } catch (error) {
    log.error({ topic, partition, offset: message.offset, reason: messageOf(error) }, 'message is not JSON, skipped');
    return undefined;
  }
}
