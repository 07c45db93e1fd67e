import { randomBytes } from 'node:crypto';
import net from 'node:net';
import type { Producer } from 'kafkajs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ApiOutput, type ApiParsed, KafkaMessagePage, KafkaTopicDetail } from '../../main/contract/index.ts';
import { createKafka, type Kafka } from '../../main/engine/kafka/index.ts';
import { Broker } from '../../main/engine/runtimes/process/embedded/kafka/broker.ts';
import { type Clients, connectClients, eventually, Inbox } from './support/clients.ts';

/** The engine's Kafka side against the embedded broker, with kafkajs as the services' part. */
let broker: Broker;
let port: number;
let kafka: Kafka;
let clients: Clients;
let producer: Producer;

const signal = (): AbortSignal => new AbortController().signal;
type Handler<N extends keyof Kafka['handlers']> = (input: ApiParsed<N>, signal: AbortSignal) => Promise<ApiOutput<N>>;
/** TypeScript cannot tell which handler goes with which input while the name is open. */
const call = <N extends keyof Kafka['handlers']>(name: N, input: ApiParsed<N>): Promise<ApiOutput<N>> =>
  (kafka.handlers[name] as unknown as Handler<N>)(input, signal());

beforeEach(async () => {
  broker = new Broker();
  port = (await broker.listen({ port: 0 })).port;
  const address = `127.0.0.1:${port}`;
  kafka = createKafka({
    broker: () => ({ service: 'kafka', address, topicDescriptions: { orders: 'What happened.' } }),
  });
  clients = connectClients(address);
  const admin = await clients.admin();
  await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 3 }, { topic: 'empty' }] });
  producer = await clients.producer();
});
afterEach(async () => {
  await kafka.close();
  await clients.close();
  await broker.close();
});

const send = (
  messages: {
    key?: string;
    value: string | Buffer | null;
    partition?: number;
    timestamp?: string;
    headers?: Record<string, string>;
  }[],
) => producer.send({ topic: 'orders', messages });
const browse = (query: Partial<ApiParsed<'kafka.messages'>>) =>
  call('kafka.messages', { topic: 'orders', from: { at: 'earliest' }, limit: 100, ...query });

test('lists topics with counts, sizes, what they are for, and rates once there are two readings', async () => {
  await call('kafka.topics', undefined);
  await send(Array.from({ length: 30 }, (_, index) => ({ key: `${index}`, value: 'x'.repeat(100) })));
  const [empty, orders] = await call('kafka.topics', undefined);
  expect(empty).toMatchObject({
    name: 'empty',
    partitions: 1,
    messages: 0,
    bytes: 0,
    description: '',
    internal: false,
  });
  expect(orders).toMatchObject({ name: 'orders', partitions: 3, messages: 30, description: 'What happened.' });
  expect(orders?.bytes).toBeGreaterThan(3000);
  expect(orders?.ratePerSecond).toBeGreaterThan(0);
  expect(empty?.ratePerSecond).toBe(0);
});

test('tells a topic in detail', async () => {
  await send([{ partition: 1, value: 'a' }]);
  const detail = KafkaTopicDetail.parse(await call('kafka.topic', { topic: 'orders' }));
  expect(detail.partitionList.map(({ latestOffset }) => latestOffset)).toEqual(['0', '1', '0']);
  expect(detail.partitionList[1]).toMatchObject({ leader: 1, replicas: [1], inSync: [1], earliestOffset: '0' });
  expect(detail.configs).toContainEqual({ name: 'cleanup.policy', value: 'delete', isDefault: true });
  await expect(call('kafka.topic', { topic: 'nope' })).rejects.toMatchObject({
    code: 'KAFKA_TOPIC_UNKNOWN',
    remedy: 'The broker has: empty, orders',
  });
});

test('tells groups, their members and their lag', async () => {
  await send([0, 1, 2].map((partition) => ({ partition, value: `${partition}` })));
  const inbox = new Inbox();
  const consumer = await clients.consumer('analytics');
  await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
  await consumer.run({ eachMessage: inbox.eachMessage });
  await inbox.until(3);
  const whileOn = await call('kafka.group', { group: 'analytics' });
  expect(whileOn).toMatchObject({ state: 'Stable', members: 1, topics: ['orders'], protocol: 'RoundRobinAssigner' });
  expect(whileOn.memberList[0]).toMatchObject({
    host: '127.0.0.1',
    assignments: [{ topic: 'orders', partitions: [0, 1, 2] }],
  });
  await consumer.disconnect();
  await send([
    { partition: 1, value: 'late' },
    { partition: 1, value: 'later' },
  ]);
  expect(await call('kafka.groups', undefined)).toEqual([
    { id: 'analytics', state: 'Empty', members: 0, lag: 2, topics: ['orders'] },
  ]);
  const { offsets } = await call('kafka.group', { group: 'analytics' });
  expect(offsets[1]).toEqual({ topic: 'orders', partition: 1, committed: '1', latest: '3', lag: 2 });
  const overview = await kafka.overview();
  expect(overview.lag).toEqual([{ group: 'analytics', topic: 'orders', lag: 2 }]);
  expect(overview.partitions.get('orders')).toBe(3);
  await expect(call('kafka.group', { group: 'nobody' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('shows JSON, text and what is not UTF-8, with the trace that a message belongs to', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const binary = Buffer.from([0xc3, 0x28, 0x00, 0xff]);
  await send([
    {
      partition: 0,
      key: 'o-1',
      value: '{"id":12345678901234567890,"lines":[]}',
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
    },
    { partition: 0, value: 'grüße' },
    { partition: 0, value: binary },
    { partition: 0, key: 'o-2', value: null },
  ]);
  const page = KafkaMessagePage.parse(await browse({}));
  expect(page).toMatchObject({ scanned: 4, complete: true });
  expect(page.messages.map(({ value }) => [value.format, value.text])).toEqual([
    ['json', '{\n  "id": 12345678901234567890,\n  "lines": []\n}'],
    ['text', 'grüße'],
    ['hex', 'c3 28 00 ff'],
    ['null', ''],
  ]);
  expect(page.messages.map((message) => message.traceId)).toEqual([traceId, null, null, null]);
  expect(page.messages[0]?.key).toEqual({ format: 'text', text: 'o-1', bytes: 3, truncated: false });
});

test('browses by partition, offset, time, key and text', async () => {
  const messages = Array.from({ length: 300 }, (_, index) => ({
    partition: index % 3,
    key: `k${index % 10}`,
    value: index === 123 ? 'The Needle' : `m${index}`,
    timestamp: String(1_700_000_000_000 + index),
    headers: { origin: index === 200 ? 'Berlin' : 'x' },
  }));
  await send(messages);
  const values = async (query: Parameters<typeof browse>[0]) =>
    (await browse(query)).messages.map(({ value }) => value.text);

  expect(await values({ from: { at: 'latest' }, limit: 3 })).toEqual(['m299', 'm298', 'm297']);
  expect(await values({ limit: 3 })).toEqual(['m0', 'm1', 'm2']);
  expect(await values({ partition: 1, from: { at: 'offset', offset: '98' } })).toEqual(['m295', 'm298']);
  expect(await values({ partition: 1, from: { at: 'offset', offset: '999999999999' } })).toEqual([]);
  expect(await values({ from: { at: 'time', timeMs: 1_700_000_000_297 } })).toEqual(['m297', 'm298', 'm299']);
  expect(await values({ text: 'needle' })).toEqual(['The Needle']);
  expect(await values({ text: 'BERLIN', from: { at: 'latest' } })).toEqual(['m200']);
  expect(await values({ key: 'k7', from: { at: 'latest' }, limit: 2 })).toEqual(['m297', 'm287']);
  expect(await values({ topic: 'empty' })).toEqual([]);
  await expect(browse({ partition: 9 })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('stops at 50,000 messages and says that it did', async () => {
  const value = randomBytes(4).toString('hex');
  for (let round = 0; round < 6; round += 1) {
    await send(Array.from({ length: 10_000 }, () => ({ partition: 0, value })));
  }
  for (const at of ['earliest', 'latest'] as const) {
    const page = await browse({ text: 'never there', from: { at } });
    expect(page).toMatchObject({ messages: [], complete: false });
    // Whole steps and batches are counted, so it is a little more at most.
    expect(page.scanned).toBeGreaterThanOrEqual(50_000);
    expect(page.scanned).toBeLessThan(60_000);
  }
  const stopped = AbortSignal.abort();
  const page = await kafka.handlers['kafka.messages'](
    { topic: 'orders', from: { at: 'earliest' }, limit: 10 },
    stopped,
  );
  expect(page).toMatchObject({ messages: [], complete: false });
});

test('produces where the services would, and reads it back', async () => {
  const keyed = await producer.send({ topic: 'orders', messages: [{ key: 'customer-17', value: 'theirs' }] });
  const headers = [{ name: 'who', value: 'me' }];
  const produced = await call('kafka.produce', { topic: 'orders', key: 'customer-17', value: 'ours', headers });
  expect(produced).toEqual({ partition: keyed[0]?.partition, offset: '1' });
  await call('kafka.produce', { topic: 'orders', partition: 2, key: null, value: null, headers: [] });
  const inbox = new Inbox();
  const consumer = await clients.consumer('check');
  await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
  await consumer.run({ eachMessage: inbox.eachMessage });
  await inbox.until(3);
  const ours = inbox.messages.find(({ message }) => message.value?.toString() === 'ours');
  expect(ours?.message.headers).toEqual({ who: Buffer.from('me') });
  expect(ours?.message.key?.toString()).toBe('customer-17');
  expect(inbox.messages.some(({ partition, message }) => partition === 2 && message.value === null)).toBe(true);
  const nowhere = { topic: 'orders', partition: 7, key: null, value: '', headers: [] };
  await expect(call('kafka.produce', nowhere)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('says soon that the broker is down, and finds it again by itself', async () => {
  await call('kafka.topics', undefined);
  await clients.close();
  await broker.close();
  const asked = performance.now();
  await expect(call('kafka.topics', undefined)).rejects.toMatchObject({ code: 'KAFKA_UNREACHABLE' });
  expect(performance.now() - asked).toBeLessThan(2500);
  expect(await kafka.overview()).toEqual({ lag: [], partitions: new Map() });
  broker = new Broker();
  await broker.listen({ port });
  expect(await eventually(async () => kafka.handlers['kafka.topics'](undefined, signal()))).toEqual([]);
});

test('does not wait for long for a broker that accepts but never answers', async () => {
  const mute = net.createServer(() => {});
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const at = mute.address();
  const address = `127.0.0.1:${typeof at === 'object' ? at?.port : 0}`;
  const other = createKafka({ broker: () => ({ service: 'kafka', address, topicDescriptions: {} }) });
  const asked = performance.now();
  await expect(other.handlers['kafka.groups'](undefined, signal())).rejects.toMatchObject({
    code: 'KAFKA_UNREACHABLE',
    details: { address, service: 'kafka', cause: 'no answer to ApiVersions within 2 s' },
  });
  expect(performance.now() - asked).toBeLessThan(3500);
  await other.close();
  mute.close();
  const none = createKafka({ broker: () => null });
  await expect(none.handlers['kafka.topics'](undefined, signal())).rejects.toMatchObject({ code: 'KAFKA_NONE' });
  expect(await none.overview()).toEqual({ lag: [], partitions: new Map() });
  await none.close();
});
