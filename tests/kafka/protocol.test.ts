import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  apiVersions,
  createTopics,
  ErrorCode,
  fetch,
  initProducerId,
  listOffsets,
  MAX_FRAME_BYTES,
  metadata,
  OffsetSpec,
  produce,
  Reader,
  sealBatch,
} from '../../main/engine/kafka-protocol/index.ts';
import { Broker } from '../../main/engine/runtimes/process/embedded/kafka/broker.ts';
import { RawClient } from './support/raw-client.ts';

/** The embedded broker, byte by byte. */
let broker: Broker;
let address: string;
let client: RawClient;
let lines: string[];

beforeEach(async () => {
  lines = [];
  broker = new Broker({ log: (line) => lines.push(line) });
  address = `127.0.0.1:${(await broker.listen({ port: 0 })).port}`;
  client = await RawClient.connect(address);
});
afterEach(async () => {
  client.destroy();
  await broker.close();
});

function frame(...parts: Buffer[]): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(Buffer.concat(parts).length);
  return Buffer.concat([size, ...parts]);
}

function header(apiKey: number, version: number, correlationId: number): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.writeInt16BE(apiKey, 0);
  bytes.writeInt16BE(version, 2);
  bytes.writeInt32BE(correlationId, 4);
  bytes.writeInt16BE(-1, 8);
  return bytes;
}

const batch = (records = 1, bytes = 10): Buffer => {
  const content = Buffer.alloc(61 + bytes);
  sealBatch(content, { recordCount: records, timestamp: 1 });
  return content;
};

const createTopic = (name: string, numPartitions = 1) =>
  client.ask(createTopics, 7, {
    topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 1000,
    validateOnly: false,
  });

const write = async (records: Buffer, topic = 't', acks = -1) => {
  const topics = [{ name: topic, partitions: [{ index: 0, records }] }];
  const answer = await client.ask(produce, 9, { transactionalId: null, acks, timeoutMs: 1000, topics });
  return answer.responses[0]?.partitions[0];
};

test('answers a version of ApiVersions from the future in version 0, so that the client can go back', async () => {
  client.send(frame(header(18, 99, 5), Buffer.from([0, 1, 1, 0])));
  const reader = new Reader(await client.frame());
  expect([reader.int32(), reader.int16(), reader.int32()]).toEqual([5, ErrorCode.UNSUPPORTED_VERSION, 1]);
  expect([reader.int16(), reader.int16(), reader.int16()]).toEqual([
    18,
    apiVersions.minVersion,
    apiVersions.maxVersion,
  ]);
  // The connection goes on.
  expect((await client.ask(apiVersions, 3, {})).apiKeys.length).toBeGreaterThan(25);
});

test('does not announce what it cannot do', async () => {
  const { apiKeys } = await client.ask(apiVersions, 4, {});
  const keys = apiKeys.map(({ apiKey }) => apiKey);
  const transactions = [24, 25, 26, 27, 28];
  const newerGroups = [68, 69, 76];
  for (const key of [...transactions, ...newerGroups]) expect(keys).not.toContain(key);
  expect(apiKeys.find(({ apiKey }) => apiKey === produce.key)).toEqual({ apiKey: 0, minVersion: 0, maxVersion: 13 });
});

test.each([
  ['a web browser', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'a frame not understood'],
  ['a frame beyond the bound', Buffer.from([0x7f, 0xff, 0xff, 0xff]), 'a frame not understood'],
  ['a negative size', Buffer.from([0xff, 0xff, 0xff, 0xff]), 'a frame not understood'],
  ['a frame without a header', frame(Buffer.from([1])), 'a request not understood'],
  ['an API that is not there', frame(header(999, 0, 1)), 'request 999 v0'],
  ['a version that is not there', frame(header(1, 3, 1)), 'request Fetch v3'],
  ['a body that is cut short', frame(header(3, 5, 1), Buffer.from([0, 0])), 'request Metadata v5'],
  ['a body that is too long', frame(header(18, 0, 1), Buffer.alloc(9)), 'request ApiVersions v0'],
  [
    'an array that claims to be huge',
    frame(header(3, 5, 1), Buffer.from([0x7f, 0xff, 0xff, 0xff, 0])),
    'request Metadata v5',
  ],
])('closes the connection of %s, says so, and serves the others', async (_what, bytes, said) => {
  const stranger = await RawClient.connect(address);
  const closed = stranger.closed();
  stranger.send(bytes);
  await closed;
  expect(lines).toEqual([expect.stringContaining(said)]);
  expect((await client.ask(apiVersions, 0, {})).errorCode).toBe(0);
});

test('takes a large request in many pieces', async () => {
  await createTopic('t');
  const large = batch(1, 900_000);
  expect(await write(large)).toMatchObject({ errorCode: 0, baseOffset: 0 });
  expect(large.length).toBeLessThan(MAX_FRAME_BYTES);
});

test('random bytes in frames never end the broker', async () => {
  for (let round = 0; round < 300; round += 1) {
    const stranger = await RawClient.connect(address);
    const closed = stranger.closed();
    const key = round % 76;
    stranger.send(frame(header(key, Math.floor(round / 76), 1), randomBytes(round)));
    // Some happen to be valid: a request that cannot be makes the broker close in any case.
    stranger.send(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    await closed;
  }
  expect((await client.ask(apiVersions, 0, {})).errorCode).toBe(0);
});

test('refuses batches that are damaged, too large or not its own to write', async () => {
  await createTopic('t');
  const damaged = batch();
  damaged.writeUInt8(1, 65);
  expect((await write(damaged))?.errorCode).toBe(ErrorCode.CORRUPT_MESSAGE);
  expect((await write(batch().subarray(0, 40)))?.errorCode).toBe(ErrorCode.CORRUPT_MESSAGE);
  const old = batch();
  old.writeInt8(1, 16);
  expect((await write(old))?.errorCode).toBe(ErrorCode.INVALID_RECORD);
  expect((await write(batch(1, 1_100_000)))?.errorCode).toBe(ErrorCode.MESSAGE_TOO_LARGE);
  expect((await write(batch(), 'nowhere'))?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  expect((await write(batch(), 't', 2))?.errorCode).toBe(ErrorCode.INVALID_REQUIRED_ACKS);
  expect(await write(batch(3))).toMatchObject({ errorCode: 0, baseOffset: 0 });
  expect(await write(batch(3))).toMatchObject({ errorCode: 0, baseOffset: 3 });
});

test('knows topics by id where the version does', async () => {
  const created = await createTopic('t', 2);
  const topicId = created.topics[0]?.topicId ?? '';
  const records = batch(2);
  const topics = [{ topicId, partitions: [{ index: 1, records }] }];
  const produced = await client.ask(produce, 13, { transactionalId: null, acks: -1, timeoutMs: 1000, topics });
  expect(produced.responses[0]).toMatchObject({ topicId, partitions: [{ errorCode: 0, baseOffset: 0 }] });
  const ask = (id: string) => {
    const wanted = [{ topicId: id, partitions: [{ partition: 1, fetchOffset: 0, partitionMaxBytes: 9999 }] }];
    return client.ask(fetch, 17, { maxWaitMs: 0, minBytes: 1, maxBytes: 9999, isolationLevel: 1, topics: wanted });
  };
  const fetched = (await ask(topicId)).responses[0]?.partitions[0];
  expect(fetched).toMatchObject({ errorCode: 0, highWatermark: 2, lastStableOffset: 2, logStartOffset: 0 });
  expect(fetched?.records?.length).toBe(records.length);
  const other = 'AAECAwQFBgcICQoLDA0ODw';
  expect((await ask(other)).responses[0]?.partitions[0]?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID);
  const named = await client.ask(metadata, 12, { topics: [{ topicId, name: null }] });
  expect(named.topics[0]).toMatchObject({ name: 't', topicId, errorCode: 0 });
});

test('waits for the bytes that are asked for, no longer than it may', async () => {
  await createTopic('t');
  const ask = (from: RawClient, minBytes: number, maxWaitMs: number) => {
    const topics = [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 9999 }] }];
    return from.ask(fetch, 11, { maxWaitMs, minBytes, maxBytes: 9999, isolationLevel: 0, topics });
  };
  const began = performance.now();
  expect((await ask(client, 1, 200)).responses[0]?.partitions[0]?.records?.length).toBe(0);
  expect(performance.now() - began).toBeGreaterThan(190);

  const patient = await RawClient.connect(address);
  const waiting = ask(patient, 150, 30_000);
  await write(batch());
  await write(batch());
  await write(batch());
  // 71 bytes each: the third makes it enough.
  expect((await waiting).responses[0]?.partitions[0]?.records?.length).toBe(213);
  patient.destroy();
});

test('a fetch beyond the log is told where the log is', async () => {
  await createTopic('t');
  await write(batch(3));
  const topics = [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 4, partitionMaxBytes: 9999 }] }];
  const answer = await client.ask(fetch, 11, {
    maxWaitMs: 9000,
    minBytes: 1,
    maxBytes: 9999,
    isolationLevel: 0,
    topics,
  });
  expect(answer.responses[0]?.partitions[0]).toMatchObject({
    errorCode: ErrorCode.OFFSET_OUT_OF_RANGE,
    highWatermark: 3,
  });
  const ends = [OffsetSpec.EARLIEST, OffsetSpec.LATEST].map((timestamp) => ({ partitionIndex: 0, timestamp }));
  const listed = await client.ask(listOffsets, 9, { replicaId: -1, topics: [{ name: 't', partitions: ends }] });
  expect(listed.topics[0]?.partitions.map(({ offset }) => offset)).toEqual([0, 3]);
});

test('tells the clients of each listener the address that is theirs', async () => {
  const advertised = { host: 'link.example', port: 4711 };
  const second = await broker.listen({ port: 0, advertised });
  const other = await RawClient.connect(`127.0.0.1:${second.port}`);
  expect((await other.ask(metadata, 9, { topics: null })).brokers).toMatchObject([advertised]);
  const [host, port] = address.split(':');
  expect((await client.ask(metadata, 9, { topics: null })).brokers).toMatchObject([{ host, port: Number(port) }]);
  other.destroy();
});

test('gives each producer an id of its own and offers no transactions', async () => {
  const ask = (transactionalId: string | null) =>
    client.ask(initProducerId, 4, { transactionalId, transactionTimeoutMs: 1000 });
  const [first, second] = [await ask(null), await ask(null)];
  expect(second.producerId).toBeGreaterThan(first.producerId);
  expect((await ask('tx')).errorCode).toBe(ErrorCode.INVALID_REQUEST);
});
