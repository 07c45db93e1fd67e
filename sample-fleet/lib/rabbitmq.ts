/**
 * RabbitMQ by rabbitmq-client, which reconnects and declares everything anew by itself. Messages are JSON, persistent, and
 * confirmed by the broker. Trace context travels in the headers, in W3C form (rabbitmq-spans.ts).
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AsyncMessage, Connection, type Consumer, type Publisher } from 'rabbitmq-client';
import { connectWithBackoff, messageOf } from './backoff.ts';
import { newId } from './ids.ts';
import type { MessageProducer } from './kafka.ts';
import { log } from './log.ts';
import type { JobQueue } from './rabbitmq-layout.ts';
import { brokerOf, traceDelivery, tracePublishing } from './rabbitmq-spans.ts';

export interface OutgoingJob {
  /** Empty: the default exchange, which takes a message to the queue that `routingKey` names. */
  exchange: string;
  routingKey: string;
  /** Sent as JSON. */
  value: unknown;
  headers?: Record<string, string>;
  /** False for what only goes round inside the queue: its headers keep the trace of who sent it first. */
  traced?: boolean;
}

export interface IncomingJob {
  queue: string;
  /** What JSON said; text or bytes where it was none. */
  value: unknown;
  headers: Record<string, string>;
  /** The number of the delivery on its channel. */
  deliveryTag: number;
  redelivered: boolean;
}

export interface JobConsumer {
  /** Finishes the jobs at hand; what was prefetched goes back to the queue. */
  stop(): Promise<void>;
  /** For `Service.ready`: rejects while no jobs can come. */
  check(): Promise<void>;
}

/** A connection to the broker, with the layout of one queue. */
export interface Rabbit {
  /**
   * Resolves when the broker has the message on disk or with a consumer. Rejects where it has not: the connection is away,
   * the broker refused it, or no queue took it.
   */
  publish(job: OutgoingJob): Promise<void>;
  /**
   * Handles jobs until `stop`, `concurrency` at once; a job is acknowledged when `handle` resolves, put back when it rejects.
   * Waits for the broker as long as services wait for what they need.
   */
  consume(concurrency: number, handle: (job: IncomingJob) => Promise<void>): Promise<JobConsumer>;
  close(): Promise<void>;
}

/** How long a message waits for a connection before it is given back to its caller, who has it still. */
const PATIENCE_MS = 3_000;

/** Begins to connect to the broker, and to declare the queue. Waits for neither: `publish` and `consume` do. */
export function openRabbit(url: string, clientName: string, layout: JobQueue): Rabbit {
  const connection = new Connection({
    url,
    connectionName: clientName,
    connectionTimeout: 2_000,
    acquireTimeout: PATIENCE_MS,
    heartbeat: 20,
    retryLow: 200,
    retryHigh: 2_000,
  });
  logState(connection);
  const broker = brokerOf(url);
  const publisher = connection.createPublisher({ confirm: true, ...layout.declarations });
  const returned = trackReturned(publisher);
  const consumers = new Set<JobConsumer>();
  return {
    publish: (job) => tracePublishing(broker, job, (headers) => publish(publisher, returned, { ...job, headers })),
    consume: async (concurrency, handle) => {
      const consumer = await startConsumer(connection, layout, concurrency, (message) => {
        const job = parseJob(layout.queue, message);
        return traceDelivery(broker, job, () => handle(job));
      });
      consumers.add(consumer);
      return consumer;
    },
    close: async () => {
      // A connection whose channels are open would wait for them.
      await Promise.all([...consumers].map((consumer) => consumer.stop()));
      await publisher.close().catch(() => undefined);
      await connection.close();
    },
  };
}

/** The queue as others are sent to, so that an outbox need not know which broker it is. The topic's name is the queue's. */
export function queueProducer(rabbit: Rabbit): MessageProducer {
  return {
    send: async (queue, messages) => {
      await Promise.all(
        messages.map(({ value, headers }) => rabbit.publish({ exchange: '', routingKey: queue, value, headers })),
      );
    },
    disconnect: () => rabbit.close(),
  };
}

/** Says once that the broker is away, and once that it is back. */
function logState(connection: Connection): void {
  let away = false;
  connection.on('error', (error) => {
    if (!away) log.warn({ reason: messageOf(error) }, 'RabbitMQ is away, trying to reach it');
    away = true;
  });
  connection.on('connection', () => {
    if (away) log.info('RabbitMQ is back');
    away = false;
  });
  connection.on('connection.blocked', (reason) => log.warn({ reason }, 'RabbitMQ takes no messages for now'));
  connection.on('connection.unblocked', () => log.info('RabbitMQ takes messages again'));
}

/** The ids of messages that no queue took: the broker says so right before it confirms them, the client a turn later. */
function trackReturned(publisher: Publisher): Set<string> {
  const returned = new Set<string>();
  publisher.on('basic.return', ({ messageId }) => {
    if (messageId !== undefined) returned.add(messageId);
  });
  return returned;
}

async function publish(publisher: Publisher, returned: Set<string>, job: OutgoingJob): Promise<void> {
  const { exchange, routingKey, value, headers } = job;
  const messageId = newId();
  const envelope = { exchange, routingKey, headers, messageId, durable: true, mandatory: true };
  // Said outright: a text would be sent as text/plain.
  const json = { ...envelope, contentType: 'application/json' };
  await publisher.send(json, Buffer.from(JSON.stringify(value)));
  await nextTurn();
  if (returned.delete(messageId)) throw new Error(`no queue takes ${exchange}:${routingKey}`);
}

async function startConsumer(
  connection: Connection,
  layout: JobQueue,
  concurrency: number,
  handle: (message: AsyncMessage) => Promise<void>,
): Promise<JobConsumer> {
  const { queues, exchanges, queueBindings } = layout.declarations;
  // What the queue leads to has to be there before the first job fails; the consumer itself declares its queue alone.
  await connectWithBackoff('RabbitMQ', async () => {
    for (const queue of queues) await connection.queueDeclare(queue);
  });
  const consumer = connection.createConsumer(
    {
      queue: layout.queue,
      queueOptions: queues.find(({ queue }) => queue === layout.queue),
      exchanges,
      queueBindings,
      // Fair dispatch: a worker is given no more than it works on, the rest goes to those that are free.
      qos: { prefetchCount: concurrency },
      concurrency,
      requeue: true,
    },
    handle,
  );
  let consuming = false;
  consumer.on('error', (error) => log.warn({ queue: layout.queue, reason: messageOf(error) }, 'job not acknowledged'));
  consumer.on('ready', () => {
    consuming = true;
  });
  connection.on('error', () => {
    consuming = false;
  });
  await isReady(consumer);
  return {
    stop: () => consumer.close(),
    check: async () => {
      if (!connection.ready || !consuming) throw new Error(`not consuming ${layout.queue}`);
    },
  };
}

function isReady(consumer: Consumer): Promise<void> {
  return new Promise((resolve) => consumer.once('ready', () => resolve()));
}

function parseJob(queue: string, { body, headers, deliveryTag, redelivered }: AsyncMessage): IncomingJob {
  // The broker's own notes (x-death) are lists, and are not to be sent again.
  const texts = Object.entries(headers ?? {}).filter(([name, value]) => typeof value === 'string' && !/^x-/.test(name));
  return { queue, value: body, headers: Object.fromEntries(texts), deliveryTag, redelivered };
}
