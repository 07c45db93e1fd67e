import { describe, expect, it } from 'vitest';
import { readMessage, type ShippingJob } from '../../../lib/messages.ts';
import type { IncomingJob, OutgoingJob, Rabbit } from '../../../lib/rabbitmq.ts';
import { jobQueue } from '../../../lib/rabbitmq-layout.ts';
import { RabbitmqWorkQueue } from './rabbitmq-work-queue.ts';
import { HopelessJob } from './work-queue.ts';

const layout = jobQueue('jobs', [10, 20]);
const job = { orderId: 'o1', customerId: 'ada', items: [] };

/** A broker that notes what it is given, and the worker's own hand to be called with a job. */
async function createQueue(work: () => void = () => undefined, publish: () => Promise<void> = async () => undefined) {
  const published: OutgoingJob[] = [];
  const givenUp: string[] = [];
  let handle: (incoming: IncomingJob) => Promise<void> = async () => undefined;
  const rabbit: Rabbit = {
    publish: async (outgoing) => {
      await publish();
      published.push(outgoing);
    },
    consume: async (_concurrency, given) => {
      handle = given;
      return { stop: async () => undefined, check: async () => undefined };
    },
    close: async () => undefined,
  };
  const parse = (value: unknown) => readMessage<ShippingJob>(value, ['orderId', 'customerId']);
  const queue = new RabbitmqWorkQueue<ShippingJob>({ rabbit, layout, concurrency: 1, parse });
  await queue.consume({
    work: async () => work(),
    giveUp: async (delivery, reason) => void givenUp.push(`${delivery.job.orderId}: ${reason}`),
  });
  const deliver = (value: unknown, headers: Record<string, string> = {}) =>
    handle({ queue: 'jobs', value, headers, deliveryTag: 3, redelivered: false });
  return { deliver, published, givenUp };
}

const jam = (): never => {
  throw new Error('jammed');
};

describe('the work queue in RabbitMQ', () => {
  it('passes nothing on when the job is done', async () => {
    const { deliver, published, givenUp } = await createQueue();
    await deliver(job);
    expect([published, givenUp]).toEqual([[], []]);
  });

  it('lets a job rest after each try, longer each time, then puts it with the dead letters', async () => {
    const { deliver, published, givenUp } = await createQueue(jam);
    await deliver(job, { traceparent: 'kept' });
    await deliver(job, { traceparent: 'kept', 'job-try': '2' });
    expect(published).toEqual([
      {
        exchange: '',
        routingKey: 'jobs-retry-1',
        value: job,
        headers: { traceparent: 'kept', 'job-try': '2' },
        traced: false,
      },
      {
        exchange: '',
        routingKey: 'jobs-retry-2',
        value: job,
        headers: { traceparent: 'kept', 'job-try': '3' },
        traced: false,
      },
    ]);
    expect(givenUp).toEqual([]);

    await deliver(job, { 'job-try': '3' });
    expect(givenUp).toEqual(['o1: jammed']);
    expect(published[2]).toMatchObject({
      exchange: 'jobs-dead',
      value: job,
      headers: { 'dead-letter-reason': 'jammed', 'dead-letter-tries': '3', 'dead-letter-source': 'jobs@3' },
    });
  });

  it('does not try what is hopeless, or no job at all', async () => {
    const { deliver, published, givenUp } = await createQueue(() => {
      throw new HopelessJob('too big');
    });
    await deliver(job);
    await deliver('hello');
    expect(givenUp).toEqual(['o1: too big']);
    expect(published.map(({ exchange, headers }) => [exchange, headers?.['dead-letter-reason']])).toEqual([
      ['jobs-dead', 'too big'],
      ['jobs-dead', 'it is not a JSON object'],
    ]);
  });

  it('gives the job back when the broker does not take it elsewhere', async () => {
    const { deliver } = await createQueue(jam, () => Promise.reject(new Error('RabbitMQ is away')));
    await expect(deliver(job)).rejects.toThrow('RabbitMQ is away');
  });

  it('takes a count of tries that makes no sense for the first', async () => {
    const { deliver, published } = await createQueue(jam);
    await deliver(job, { 'job-try': '-3' });
    expect(published[0]?.routingKey).toBe('jobs-retry-1');
  });
});

describe('the layout of a queue of jobs', () => {
  it('sends what rests back to the queue, and what the broker drops to the dead letters', () => {
    const { queues, exchanges, queueBindings } = layout.declarations;
    expect(queues).toEqual([
      { queue: 'jobs', durable: true, arguments: { 'x-dead-letter-exchange': 'jobs-dead' } },
      ...[10, 20].map((ttl, index) => ({
        queue: `jobs-retry-${index + 1}`,
        durable: true,
        arguments: { 'x-message-ttl': ttl, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'jobs' },
      })),
      { queue: 'jobs-dead', durable: true, arguments: { 'x-max-length': 10_000 } },
    ]);
    expect(exchanges).toEqual([{ exchange: 'jobs-dead', type: 'fanout', durable: true }]);
    expect(queueBindings).toEqual([{ queue: 'jobs-dead', exchange: 'jobs-dead', routingKey: '' }]);
  });
});
