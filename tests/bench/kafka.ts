import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { startBroker } from '../kafka/support/broker-program.ts';
import { projectRoot } from '../support/flotilla.ts';
import type { Figure } from './figure.ts';

const TOPIC = 'bench';
const MESSAGES = 300_000;
const MESSAGE_BYTES = 100;
const PER_REQUEST = 1000;
/** Requests under way at a time: what one client keeps up. */
const CONCURRENT = 4;
const SINGLE_MESSAGES = 300;

const perSecond = (count: number, sinceMs: number): number => count / ((performance.now() - sinceMs) / 1000);

async function produceRate(kafka: Kafka): Promise<number> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const value = Buffer.alloc(MESSAGE_BYTES, 'x');
  const messages = Array.from({ length: PER_REQUEST }, (_, index) => ({ value, partition: index % 3 }));
  await producer.send({ topic: TOPIC, messages: [{ value: 'warm' }] });
  const began = performance.now();
  let left = MESSAGES / PER_REQUEST;
  const sendAll = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await producer.send({ topic: TOPIC, messages, acks: -1 });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, sendAll));
  const rate = perSecond(MESSAGES, began);
  await producer.disconnect();
  return rate;
}

async function consumeRate(kafka: Kafka): Promise<number> {
  const consumer = kafka.consumer({ groupId: 'bench', maxWaitTimeInMs: 200 });
  await consumer.connect();
  await consumer.subscribe({ topics: [TOPIC], fromBeginning: true });
  let began = 0;
  let count = 0;
  const rate = await new Promise<number>((done) => {
    void consumer.run({
      eachBatch: async ({ batch }) => {
        if (began === 0) began = performance.now();
        count += batch.messages.length;
        if (count >= MESSAGES) done(perSecond(count, began));
      },
    });
  });
  await consumer.disconnect();
  return rate;
}

/** One message from producer to consumer, each waiting for the one before: the median in ms. */
async function deliveryMs(kafka: Kafka): Promise<number> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const consumer = kafka.consumer({ groupId: 'single', maxWaitTimeInMs: 500 });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topics: ['single'], fromBeginning: true });
  let arrived: () => void = () => {};
  await consumer.run({ eachMessage: async () => arrived() });
  const took: number[] = [];
  for (let index = 0; index < SINGLE_MESSAGES; index += 1) {
    const here = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const began = performance.now();
    await producer.send({ topic: 'single', messages: [{ value: 'x' }] });
    await here;
    took.push(performance.now() - began);
  }
  await Promise.all([producer.disconnect(), consumer.disconnect()]);
  return took.sort((a, b) => a - b)[Math.floor(took.length / 2)] ?? Number.NaN;
}

/** The embedded broker with files behind it, as the sample fleet runs it, and kafkajs as the sample fleet uses it. */
export async function benchKafka(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-bench-kafka-'));
  const broker = await startBroker(join(projectRoot, 'dist/embedded/kafka.js'), { DATA_DIR: join(folder, 'data') });
  try {
    const kafka = new Kafka({ clientId: 'bench', brokers: [broker.address], logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 3 }, { topic: 'single' }] });
    await admin.disconnect();
    const produced = await produceRate(kafka);
    const consumed = await consumeRate(kafka);
    const delivery = await deliveryMs(kafka);
    return [
      { name: 'embedded Kafka: produce with kafkajs, 100 bytes, acks=all', unit: 'messages/s', value: produced },
      { name: 'embedded Kafka: consume with kafkajs', unit: 'messages/s', value: consumed },
      { name: 'embedded Kafka: producer to consumer, median', unit: 'ms', value: delivery, lowerIsBetter: true },
    ];
  } finally {
    await broker.end('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  }
}
