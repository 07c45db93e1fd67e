/** A queue of jobs in RabbitMQ, and what belongs to it. Who sends and who works declare the same, whoever comes first. */
export interface JobQueue {
  queue: string;
  /** Where a job waits after its first, second, ... failed try. */
  retryQueues: string[];
  /** A fanout exchange; its queue has the same name. */
  deadExchange: string;
  declarations: {
    queues: Array<{ queue: string; durable: true; arguments: Record<string, string | number> }>;
    exchanges: Array<{ exchange: string; type: 'fanout'; durable: true }>;
    queueBindings: Array<{ queue: string; exchange: string; routingKey: string }>;
  };
}

/** The oldest dead letters make room: nobody may look at them for a long time. */
const MOST_DEAD_LETTERS = 10_000;

/**
 * A durable queue `name`, with
 * - `name-retry-1`, `name-retry-2`, ...: a job rests there for the pause, then the broker itself puts it back. One queue for
 *   each pause, because only the first message of a queue can expire: a long pause would hold up short ones behind it.
 * - `name-dead`, an exchange and its queue: for dead letters, those that the broker itself drops included.
 *
 * https://www.rabbitmq.com/docs/dlx, https://www.rabbitmq.com/docs/ttl
 */
export function jobQueue(name: string, pausesMs: readonly number[]): JobQueue {
  const deadExchange = `${name}-dead`;
  const retryQueues = pausesMs.map((_, index) => `${name}-retry-${index + 1}`);
  return {
    queue: name,
    retryQueues,
    deadExchange,
    declarations: {
      queues: [
        { queue: name, durable: true, arguments: { 'x-dead-letter-exchange': deadExchange } },
        ...pausesMs.map((pauseMs, index) => ({
          queue: `${name}-retry-${index + 1}`,
          durable: true as const,
          arguments: { 'x-message-ttl': pauseMs, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': name },
        })),
        { queue: deadExchange, durable: true, arguments: { 'x-max-length': MOST_DEAD_LETTERS } },
      ],
      exchanges: [{ exchange: deadExchange, type: 'fanout', durable: true }],
      queueBindings: [{ queue: deadExchange, exchange: deadExchange, routingKey: '' }],
    },
  };
}
