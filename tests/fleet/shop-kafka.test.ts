import net from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Broker } from '../../main/engine/runtimes/process/embedded/kafka/broker.ts';
import { createProducer, ensureTopics, type MessageProducer } from '../../sample-fleet/lib/kafka.ts';

/** The first bytes of a request: its size, then the number of its kind (https://kafka.apache.org/protocol#protocol_messages). */
const API_KEY_AT = 4;
const PRODUCE = 0;

let broker: Broker;
let kafka: Kafka;
let producer: MessageProducer;
let losses: number;

/** A connection that breaks right before the answer to a produce request arrives, as often as `losses` says. */
function connectUnreliably({ host, port, onConnect }: { host: string; port: number; onConnect: () => void }) {
  const socket = net.connect({ host, port }, onConnect);
  let lost = false;
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  socket.write = (chunk: Buffer, ...rest: unknown[]): boolean => {
    if (losses > 0 && chunk.readInt16BE(API_KEY_AT) === PRODUCE) {
      losses -= 1;
      lost = true;
    }
    return write(chunk, ...rest);
  };
  const emit = socket.emit.bind(socket) as (...args: unknown[]) => boolean;
  socket.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    if (event !== 'data' || !lost) return emit(event, ...args);
    socket.destroy(new Error('read ECONNRESET'));
    return true;
  };
  return socket;
}

beforeEach(async () => {
  losses = 0;
  broker = new Broker();
  const { port } = await broker.listen({ port: 0 });
  kafka = new Kafka({
    brokers: [`127.0.0.1:${port}`],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, retries: 5 },
    socketFactory: connectUnreliably,
  });
  await ensureTopics(kafka, ['orders'], 1);
  producer = await createProducer(kafka);
});

afterEach(async () => {
  await producer.disconnect();
  await broker.close();
});

async function stored(): Promise<unknown[]> {
  const values: unknown[] = [];
  const consumer = kafka.consumer({ groupId: 'reader' });
  await consumer.connect();
  await consumer.subscribe({ topic: 'orders', fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => void values.push(JSON.parse(String(message.value))) });
  const admin = kafka.admin();
  await admin.connect();
  const [{ high } = { high: '0' }] = await admin.fetchTopicOffsets('orders');
  await expect.poll(() => values.length).toBe(Number(high));
  await Promise.all([consumer.disconnect(), admin.disconnect()]);
  return values;
}

test('what the broker acknowledged it has, though other acknowledgements were lost meanwhile', async () => {
  await producer.send('orders', [{ key: 'a', value: 'before' }]);
  losses = 1;
  const sent = ['one', 'two', 'three'];
  await Promise.all(sent.map((value) => producer.send('orders', [{ key: value, value }])));
  expect(await stored()).toEqual(expect.arrayContaining(sent));
});
