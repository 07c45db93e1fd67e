import { rm } from 'node:fs/promises';
import { AssignerProtocol, CompressionTypes, ConfigResourceTypes } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type BrokerProgram, buildBroker, startBroker, temporaryFolder } from './support/broker-program.ts';
import { type Clients, connectClients, eventually, Inbox } from './support/clients.ts';
import { joinAndFallSilent } from './support/raw-client.ts';

/** The embedded broker as the program that the process runtime starts, asked by kafkajs. */
let folder: string;
let program: string;
let broker: BrokerProgram;
let clients: Clients;

beforeAll(async () => {
  folder = await temporaryFolder();
  program = await buildBroker(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  broker = await startBroker(program, { KAFKA_NUM_PARTITIONS: '3' });
  clients = connectClients(broker.address);
});
afterEach(async () => {
  await clients.close();
  expect(await broker.end('SIGTERM')).toBe(0);
});

async function makeTopic(topic: string, numPartitions = 1): Promise<void> {
  const admin = await clients.admin();
  expect(await admin.createTopics({ topics: [{ topic, numPartitions }] })).toBe(true);
}

test.each([CompressionTypes.None, CompressionTypes.GZIP])(
  'gives back keys, values and headers (compression %i)',
  async (compression) => {
    await makeTopic('letters');
    const producer = await clients.producer();
    const value = Buffer.from([0, 0xff, 0x80, 1]);
    await producer.send({
      topic: 'letters',
      compression,
      messages: [
        { key: 'a', value: 'first', headers: { traceparent: '00-1', empty: '' } },
        { key: null, value, timestamp: '1700000000000' },
        { key: 'c', value: null },
      ],
    });
    const inbox = new Inbox();
    const consumer = await clients.consumer('readers');
    await consumer.subscribe({ topics: ['letters'], fromBeginning: true });
    await consumer.run({ eachMessage: inbox.eachMessage });
    const [first, second, third] = (await inbox.until(3)).map(({ message }) => message);
    expect(first?.headers).toEqual({ traceparent: Buffer.from('00-1'), empty: Buffer.from('') });
    expect([first?.key?.toString(), first?.value?.toString(), first?.offset]).toEqual(['a', 'first', '0']);
    expect([second?.key, second?.value, second?.timestamp]).toEqual([null, value, '1700000000000']);
    expect([third?.value, third?.offset]).toEqual([null, '2']);
  },
);

test('creates a topic by use with the partitions of KAFKA_NUM_PARTITIONS', async () => {
  const producer = await clients.producer();
  await producer.send({ topic: 'by-use', messages: [{ value: 'x' }] });
  const admin = await clients.admin();
  const { topics } = await admin.fetchTopicMetadata({ topics: ['by-use'] });
  expect(topics[0]?.partitions).toHaveLength(3);
});

test('shares partitions between two members and gives them all to the one that stays', async () => {
  await makeTopic('work', 4);
  const inboxes = [new Inbox(), new Inbox()];
  const members = [await clients.consumer('workers'), await clients.consumer('workers')];
  for (const [index, member] of members.entries()) {
    await member.subscribe({ topics: ['work'], fromBeginning: true });
    await member.run({ eachMessage: inboxes[index]?.eachMessage });
  }
  const admin = await clients.admin();
  const shares = async () => {
    const { groups } = await admin.describeGroups(['workers']);
    const group = groups[0];
    if (group?.state !== 'Stable') return null;
    return group.members
      .map(
        ({ memberAssignment }) =>
          AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment.work?.length ?? 0,
      )
      .sort();
  };
  await eventually(async () => ((await shares())?.join() === '2,2' ? true : null));
  await members[1]?.disconnect();
  await eventually(async () => ((await shares())?.join() === '4' ? true : null));
  const producer = await clients.producer();
  const messages = [0, 1, 2, 3].map((partition) => ({ partition, value: `job ${partition}` }));
  await producer.send({ topic: 'work', messages });
  await inboxes[0]?.until(4);
  expect(inboxes[0]?.values.toSorted()).toEqual(['job 0', 'job 1', 'job 2', 'job 3']);
  expect(inboxes[1]?.messages).toEqual([]);
});

test('drops a member that falls silent after its session timeout', async () => {
  await broker.end('SIGTERM');
  broker = await startBroker(program, { KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: '500' });
  clients = connectClients(broker.address);
  await makeTopic('quiet', 2);
  const silent = await joinAndFallSilent(broker.address, 'night', 1500);
  const inbox = new Inbox();
  const consumer = await clients.consumer('night', { sessionTimeout: 3000 });
  await consumer.subscribe({ topics: ['quiet'], fromBeginning: true });
  await consumer.run({ eachMessage: inbox.eachMessage });
  const producer = await clients.producer();
  await producer.send({ topic: 'quiet', messages: [0, 1].map((partition) => ({ partition, value: `${partition}` })) });
  await inbox.until(2);
  expect(inbox.values.toSorted()).toEqual(['0', '1']);
  silent.destroy();
});

test('goes on from the committed offset, and from another one after a reset', async () => {
  await makeTopic('log');
  const producer = await clients.producer();
  const send = (...values: string[]) => producer.send({ topic: 'log', messages: values.map((value) => ({ value })) });
  const admin = await clients.admin();
  const readOnce = async (count: number): Promise<(string | undefined)[]> => {
    const inbox = new Inbox();
    const consumer = await clients.consumer('book');
    await consumer.subscribe({ topics: ['log'], fromBeginning: true });
    await consumer.run({ eachMessage: inbox.eachMessage });
    await inbox.until(count);
    await consumer.disconnect();
    return inbox.values;
  };
  await send('1', '2', '3');
  expect(await readOnce(3)).toEqual(['1', '2', '3']);
  await send('4');
  expect(await readOnce(1)).toEqual(['4']);
  expect(await admin.fetchOffsets({ groupId: 'book', topics: ['log'] })).toMatchObject([
    { partitions: [{ offset: '4' }] },
  ]);
  await admin.setOffsets({ groupId: 'book', topic: 'log', partitions: [{ partition: 0, offset: '2' }] });
  expect(await readOnce(2)).toEqual(['3', '4']);
  expect(await admin.deleteGroups(['book'])).toMatchObject([{ groupId: 'book', errorCode: 0 }]);
  expect((await admin.listGroups()).groups).toEqual([]);
});

test('answers a waiting fetch as soon as there is something', async () => {
  await makeTopic('slow');
  const inbox = new Inbox();
  const consumer = await clients.consumer('patient', { maxWaitTimeInMs: 20_000 });
  await consumer.subscribe({ topics: ['slow'], fromBeginning: true });
  await consumer.run({ eachMessage: inbox.eachMessage });
  const producer = await clients.producer();
  const took: number[] = [];
  for (let round = 1; round <= 5; round += 1) {
    const sent = performance.now();
    await producer.send({ topic: 'slow', messages: [{ value: `${round}` }] });
    await inbox.until(round);
    took.push(performance.now() - sent);
  }
  // The first may meet a fetch that began before the group settled; none may wait for the 20 s to pass.
  expect(Math.max(...took)).toBeLessThan(5000);
});

test('finds offsets by time and deletes records', async () => {
  await makeTopic('days');
  const producer = await clients.producer();
  for (const day of [1, 2, 3]) {
    const messages = [0, 1].map((hour) => ({ value: `${day}.${hour}`, timestamp: String(day * 1000 + hour) }));
    await producer.send({
      topic: 'days',
      messages,
      compression: day === 2 ? CompressionTypes.GZIP : CompressionTypes.None,
    });
  }
  const admin = await clients.admin();
  const at = async (time: number) => (await admin.fetchTopicOffsetsByTimestamp('days', time))[0]?.offset;
  expect([await at(0), await at(1001), await at(2000), await at(2001), await at(2002)]).toEqual([
    '0',
    '1',
    '2',
    '3',
    '4',
  ]);
  await admin.deleteTopicRecords({ topic: 'days', partitions: [{ partition: 0, offset: '3' }] });
  expect(await admin.fetchTopicOffsets('days')).toMatchObject([{ low: '3', high: '6' }]);
});

test('changes and tells the settings of a topic', async () => {
  await makeTopic('tuned');
  const admin = await clients.admin();
  const resource = { type: ConfigResourceTypes.TOPIC, name: 'tuned' };
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ ...resource, configEntries: [{ name: 'retention.ms', value: '1234' }] }],
  });
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
  const values = new Map(resources[0]?.configEntries.map((entry) => [entry.configName, entry]));
  expect(values.get('retention.ms')).toMatchObject({ configValue: '1234', isDefault: false });
  expect(values.get('cleanup.policy')).toMatchObject({ configValue: 'delete', isDefault: true });
  await admin.createPartitions({ topicPartitions: [{ topic: 'tuned', count: 5 }] });
  expect(await admin.fetchTopicOffsets('tuned')).toHaveLength(5);
  await expect(admin.createPartitions({ topicPartitions: [{ topic: 'tuned', count: 2 }] })).rejects.toThrow();
  await admin.deleteTopics({ topics: ['tuned'] });
  expect(await admin.listTopics()).toEqual([]);
});

test('stores what an idempotent producer sends once', async () => {
  await makeTopic('once');
  const producer = await clients.producer({ idempotent: true });
  for (let round = 0; round < 20; round += 1) {
    await producer.send({ topic: 'once', messages: [{ value: 'a' }, { value: 'b' }] });
  }
  const admin = await clients.admin();
  expect(await admin.fetchTopicOffsets('once')).toMatchObject([{ high: '40' }]);
});

test.each(['SIGTERM', 'SIGKILL'] as const)('has topics, messages and offsets again after %s', async (signal) => {
  const dataDir = await temporaryFolder();
  try {
    const kept = await startBroker(program, { DATA_DIR: dataDir });
    const before = connectClients(kept.address);
    const admin = await before.admin();
    const configEntries = [{ name: 'retention.ms', value: '99999999' }];
    await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 2, configEntries }] });
    await admin.createTopics({ topics: [{ topic: 'gone' }] });
    await admin.deleteTopics({ topics: ['gone'] });
    const producer = await before.producer();
    const messages = Array.from({ length: 500 }, (_, index) => ({
      partition: index % 2,
      value: `${index} ${'x'.repeat(200)}`,
    }));
    await producer.send({ topic: 'kept', messages });
    await admin.setOffsets({ groupId: 'g', topic: 'kept', partitions: [{ partition: 0, offset: '17' }] });
    await kept.end(signal);
    await before.close();

    const again = await startBroker(program, { DATA_DIR: dataDir });
    const after = connectClients(again.address);
    const newAdmin = await after.admin();
    expect(await newAdmin.listTopics()).toEqual(['kept']);
    expect(await newAdmin.fetchTopicOffsets('kept')).toMatchObject([{ high: '250' }, { high: '250' }]);
    expect(await newAdmin.fetchOffsets({ groupId: 'g', topics: ['kept'] })).toMatchObject([
      {
        partitions: [
          { partition: 0, offset: '17' },
          { partition: 1, offset: '-1' },
        ],
      },
    ]);
    const inbox = new Inbox();
    const consumer = await after.consumer('other');
    await consumer.subscribe({ topics: ['kept'], fromBeginning: true });
    await consumer.run({ eachMessage: inbox.eachMessage });
    await inbox.until(500);
    expect(inbox.values.toSorted()).toEqual(messages.map(({ value }) => value).toSorted());
    await after.close();
    await again.end('SIGTERM');
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

test('says in one sentence why it cannot start', async () => {
  await expect(startBroker(program, { PORT: String(broker.port) })).rejects.toThrow(
    `port ${broker.port} on 127.0.0.1 is taken`,
  );
  await expect(startBroker(program, { KAFKA_NUM_PARTITIONS: 'many' })).rejects.toThrow(
    'exited with 1: The embedded Kafka broker cannot run: KAFKA_NUM_PARTITIONS is "many"',
  );
});
