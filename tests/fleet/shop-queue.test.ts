import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Broker } from '../../main/engine/runtimes/process/embedded/kafka/broker.ts';
import {
  createKafka,
  createProducer,
  ensureTopics,
  type IncomingMessage,
  type Kafka,
  type MessageProducer,
  startConsumer,
} from '../../sample-fleet/lib/kafka.ts';
import { readMessage, type ShippingJob } from '../../sample-fleet/lib/messages.ts';
import { KafkaWorkQueue } from '../../sample-fleet/services/shipping/src/kafka-work-queue.ts';
import { HopelessJob, type Worker } from '../../sample-fleet/services/shipping/src/work-queue.ts';

const patient = { timeout: 30_000 };

let broker: Broker;
let kafka: Kafka;
let producer: MessageProducer;
let topic: string;
let serial = 0;
let closing: Array<() => Promise<unknown>> = [];

beforeAll(async () => {
  broker = new Broker();
  const { port } = await broker.listen({ port: 0 });
  kafka = createKafka([`127.0.0.1:${port}`], 'test');
  producer = await createProducer(kafka);
});
afterAll(async () => {
  await producer.disconnect();
  await broker.close();
});
beforeEach(async () => {
  serial += 1;
  topic = `jobs-${serial}`;
  await ensureTopics(kafka, [topic, `${topic}-dead`]);
});
afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  closing = [];
});

/** A worker on the topic that notes what it was given; `work` may reject. */
async function addWorker(work: (orderId: string) => void = () => undefined) {
  const queue = new KafkaWorkQueue<ShippingJob>({
    ...{ kafka, producer, topic, groupId: topic, deadTopic: `${topic}-dead` },
    parse: (value) => readMessage<ShippingJob>(value, ['orderId', 'customerId']),
  });
  const done: string[] = [];
  const givenUp: string[] = [];
  const worker: Worker<ShippingJob> = {
    work: async ({ job }) => {
      done.push(job.orderId);
      work(job.orderId);
    },
    giveUp: async ({ job }, reason) => void givenUp.push(`${job.orderId}: ${reason}`),
  };
  await queue.consume(worker);
  closing.push(() => queue.close());
  return { done, givenUp };
}

async function readDead(): Promise<IncomingMessage[]> {
  const dead: IncomingMessage[] = [];
  const consumer = await startConsumer({
    ...{ kafka, groupId: `${topic}-reader`, topics: [`${topic}-dead`] },
    handle: async (message) => void dead.push(message),
  });
  closing.push(() => consumer.stop());
  await expect.poll(() => dead.length, patient).toBeGreaterThan(0);
  return dead;
}

const send = (...values: unknown[]): Promise<void> =>
  producer.send(
    topic,
    values.map((value) => ({ key: 'one', value })),
  );
const jobOf = (orderId: string): ShippingJob => ({ orderId, customerId: 'ada', items: [] });

describe('the work queue', () => {
  it('gives each job to one of the workers', async () => {
    const workers = await Promise.all([addWorker(), addWorker()]);
    const ids = Array.from({ length: 30 }, (_, index) => `o${index}`);
    for (const id of ids) await producer.send(topic, [{ key: id, value: jobOf(id) }]);
    await expect.poll(() => new Set(workers.flatMap(({ done }) => done)).size, patient).toBe(ids.length);
  });

  it('tries a job three times, puts it with the dead letters, and goes on', async () => {
    const { done, givenUp } = await addWorker((orderId) => {
      if (orderId === 'bad') throw new Error('jammed');
    });
    await send(jobOf('bad'), jobOf('good'));
    await expect.poll(() => done, patient).toEqual(['bad', 'bad', 'bad', 'good']);
    expect(givenUp).toEqual(['bad: jammed']);
    const [letter] = await readDead();
    expect(letter).toMatchObject({ key: 'one', value: jobOf('bad') });
    expect(letter?.headers).toMatchObject({ 'dead-letter-reason': 'jammed', 'dead-letter-tries': '3' });
    expect(letter?.headers['dead-letter-source']).toMatch(new RegExp(`^${topic}/\\d@0$`));
  });

  it('does not try what is hopeless, or no job at all', async () => {
    const { done, givenUp } = await addWorker((orderId) => {
      if (orderId === 'huge') throw new HopelessJob('too big');
    });
    await send(jobOf('huge'), { orderId: 7 }, 'hello', jobOf('good'));
    await expect.poll(() => done, patient).toEqual(['huge', 'good']);
    expect(givenUp).toEqual(['huge: too big']);
    const dead = await readDead();
    await expect
      .poll(() => dead.map(({ headers }) => headers['dead-letter-reason']), patient)
      .toEqual(['too big', 'its field "orderId" is not a text', 'it is not a JSON object']);
  });
});
