import { expect, test } from 'vitest';
import { type KafkaMessageQuery, KafkaMessageQuery as Query } from '../../contract/index.ts';
import { OffsetSpec, placeBatch, sealBatch } from '../kafka-protocol/index.ts';
import { browse, MAX_HELD_BYTES } from './browse.ts';
import { type KafkaClient, partitionKey } from './client/kafka-client.ts';
import { writeBatch } from './records/write-batch.ts';

/** A broker with a log of batches a partition, whose answers hold one batch of one partition only, as for a small `maxBytes`. */
function brokerOf(logs: readonly (readonly Buffer[])[], offsetsPerBatch = 1): KafkaClient {
  const broker: Pick<KafkaClient, 'offsets' | 'fetch'> = {
    async offsets(partitions, timestamp) {
      const ends = partitions.map(({ topic, partition }): [string, number] => {
        const end = (logs[partition]?.length ?? 0) * offsetsPerBatch;
        return [partitionKey(topic, partition), timestamp === OffsetSpec.LATEST ? end : 0];
      });
      return new Map(ends);
    },
    async fetch(_topic, wanted) {
      let room = true;
      const answers = wanted.map(({ partition, offset }) => {
        const batch = logs[partition]?.[Math.floor(offset / offsetsPerBatch)];
        const records = room && batch !== undefined ? batch : Buffer.alloc(0);
        if (records.length > 0) room = false;
        return [partition, { errorCode: 0, highWatermark: 0, logStartOffset: 0, records }] as const;
      });
      return new Map(answers);
    },
  };
  return broker as KafkaClient;
}

const topicOf = (partitions: number) => ({
  name: 'orders',
  internal: false,
  partitions: Array.from({ length: partitions }, (_, partition) => ({
    partition,
    leader: 1,
    replicas: [1],
    inSync: [1],
  })),
});

const ask = (query: Partial<KafkaMessageQuery>) => Query.parse({ topic: 'orders', from: { at: 'earliest' }, ...query });

function batchAt(offset: number, value: string): Buffer {
  const batch = writeBatch({ timestamp: offset, key: null, value: Buffer.from(value), headers: [] });
  placeBatch(batch, 0, offset);
  return batch;
}

test('partitions for which an answer had no room are read on, not taken for empty', async () => {
  const logs = Array.from({ length: 12 }, (_, partition) => [0, 1, 2].map((at) => batchAt(at, `${partition}/${at}`)));
  const signal = new AbortController().signal;
  const forward = await browse(brokerOf(logs), topicOf(12), ask({ limit: 100 }), signal);
  expect(forward.messages).toHaveLength(36);
  expect(forward.complete).toBe(true);
  const backward = await browse(brokerOf(logs), topicOf(12), ask({ limit: 100, from: { at: 'latest' } }), signal);
  expect(backward.messages).toHaveLength(36);
});

test('a batch that cannot be unpacked is told once, however many steps lead through it', async () => {
  const size = 1000;
  const batches = [0, size].map((offset) => {
    const batch = batchAt(offset, 'packed');
    sealBatch(batch, { recordCount: size, timestamp: offset });
    // Said to be Gzip, which it is not.
    batch.writeInt16BE(1, 21);
    placeBatch(batch, 0, offset);
    return batch;
  });
  const page = await browse(
    brokerOf([batches], size),
    topicOf(1),
    ask({ limit: 10, from: { at: 'latest' } }),
    new AbortController().signal,
  );
  expect(page.messages.map(({ offset }) => offset)).toEqual([String(size), '0']);
});

const browseLog = (log: readonly Buffer[], query: Partial<KafkaMessageQuery>) =>
  browse(brokerOf([log]), topicOf(1), ask(query), new AbortController().signal);

test.each(['earliest', 'latest'] as const)('from the %s on it says whether these are all', async (at) => {
  const log = [0, 1, 2].map((offset) => batchAt(offset, `${offset}`));
  const all = await browseLog(log, { from: { at }, limit: 3 });
  expect(all).toMatchObject({ complete: true, scanned: 3 });
  expect(all.stoppedBy).toBeUndefined();
  const some = await browseLog(log, { from: { at }, limit: 2 });
  expect(some).toMatchObject({ complete: false, stoppedBy: 'limit' });
  const first = at === 'latest' ? ['2', '1'] : ['0', '1'];
  expect(some.messages.map(({ offset }) => offset)).toEqual(first);
});

test.each([
  ['earliest', 0, 1],
  ['latest', 199, -1],
] as const)('of large messages from the %s on it holds as many bytes as it may', async (at, first, direction) => {
  const bytes = 256 * 1024;
  const log = Array.from({ length: 200 }, (_, offset) => batchAt(offset, 'x'.repeat(bytes)));
  const page = await browseLog(log, { from: { at }, limit: 1000 });
  expect(page).toMatchObject({ complete: false, stoppedBy: 'bytes' });
  // Without a gap from the first on.
  expect(page.messages.map(({ offset }) => Number(offset))).toEqual(
    page.messages.map((_, index) => first + direction * index),
  );
  const held = page.messages.length * bytes;
  expect(held).toBeLessThanOrEqual(MAX_HELD_BYTES + bytes);
  expect(held).toBeGreaterThan(MAX_HELD_BYTES / 2);
});
