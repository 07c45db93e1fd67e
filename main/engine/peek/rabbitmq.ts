import { z } from 'zod';
import type { RabbitPeek } from '../../contract/index.ts';
import type { OpenTarget } from './target.ts';

// The management plugin's HTTP API: https://www.rabbitmq.com/docs/http-api-reference

const TIMEOUT_MS = 3000;

const Rate = z.object({ rate: z.number() }).optional();

const Overview = z.object({
  rabbitmq_version: z.string(),
  object_totals: z.object({ connections: z.number().default(0), channels: z.number().default(0) }).optional(),
});

const Queue = z.object({
  vhost: z.string(),
  name: z.string(),
  type: z.string().default('classic'),
  state: z.string().default('running'),
  durable: z.boolean(),
  // Absent until the plugin has counted for the first time.
  messages_ready: z.number().default(0),
  messages_unacknowledged: z.number().default(0),
  consumers: z.number().default(0),
  memory: z.number().optional(),
  arguments: z.record(z.string(), z.unknown()).default({}),
  message_stats: z.object({ publish_details: Rate, deliver_get_details: Rate, ack_details: Rate }).optional(),
});

const Consumer = z.object({
  queue: z.object({ name: z.string(), vhost: z.string() }),
  consumer_tag: z.string(),
  prefetch_count: z.number().default(0),
  ack_required: z.boolean().default(true),
  // An empty list instead of an object while the channel is closing.
  channel_details: z.union([
    z.object({ connection_name: z.string().default('') }),
    z.array(z.unknown()).transform(() => ({ connection_name: '' })),
  ]),
});

/** The API answered, and refused. */
export class RabbitRefusedError extends Error {
  readonly status: number;

  constructor(status: number, words: string) {
    super(`the management API answered ${status} ${words}`);
    this.status = status;
  }
}

async function ask<S extends z.ZodType>(target: OpenTarget, path: string, schema: S): Promise<z.output<S>> {
  const authorization = `Basic ${Buffer.from(`${target.user}:${target.password}`).toString('base64')}`;
  const response = await fetch(`http://${target.host}:${target.port}/api/${path}`, {
    headers: { authorization },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new RabbitRefusedError(response.status, response.statusText);
  return schema.parse(await response.json());
}

/** Queues with depth and rates, and who consumes them. `descriptions`: what queues are for, by name, from the fleet file. */
export async function peekRabbit(
  target: OpenTarget,
  descriptions: Readonly<Record<string, string>>,
): Promise<RabbitPeek> {
  const [overview, queues, consumers] = await Promise.all([
    ask(target, 'overview', Overview),
    ask(target, 'queues', z.array(Queue)),
    ask(target, 'consumers', z.array(Consumer)),
  ]);
  return {
    version: overview.rabbitmq_version,
    connections: overview.object_totals?.connections ?? 0,
    channels: overview.object_totals?.channels ?? 0,
    queues: queues.map((queue) => {
      const deadLetters = queue.arguments['x-dead-letter-exchange'];
      return {
        vhost: queue.vhost,
        name: queue.name,
        type: queue.type,
        state: queue.state,
        durable: queue.durable,
        ready: queue.messages_ready,
        unacknowledged: queue.messages_unacknowledged,
        consumers: queue.consumers,
        publishPerSecond: queue.message_stats?.publish_details?.rate ?? null,
        deliverPerSecond: queue.message_stats?.deliver_get_details?.rate ?? null,
        acknowledgePerSecond: queue.message_stats?.ack_details?.rate ?? null,
        memoryBytes: queue.memory ?? null,
        deadLetterExchange: typeof deadLetters === 'string' ? deadLetters : null,
        description: descriptions[queue.name] ?? '',
      };
    }),
    consumers: consumers.map((one) => ({
      queue: one.queue.name,
      vhost: one.queue.vhost,
      tag: one.consumer_tag,
      connection: one.channel_details.connection_name,
      prefetch: one.prefetch_count,
      acknowledges: one.ack_required,
    })),
  };
}
