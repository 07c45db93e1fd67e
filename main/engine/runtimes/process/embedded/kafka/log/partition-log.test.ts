import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type BatchHeader,
  ErrorCode,
  lastOffsetAt,
  readBatch,
  readHeader,
  sealBatch,
} from '../../../../../kafka-protocol/index.ts';
import { defaultSettings } from '../settings.ts';
import { Topics } from '../topics.ts';
import { PartitionLog } from './partition-log.ts';

const host = { storage: null, reserve: () => {}, log: () => {} };

/** A batch of `records` records in `bytes` bytes. What is inside is of no interest to the log. */
function batch(records: number, bytes: number, timestamp = 0): { bytes: Buffer; header: BatchHeader } {
  const content = Buffer.alloc(61 + bytes, bytes);
  sealBatch(content, { recordCount: records, timestamp });
  const header = readBatch(content, 0);
  if (typeof header === 'string') throw new Error(header);
  return { bytes: content, header };
}

function append(log: PartitionLog, records: number, bytes: number, timestamp?: number): number {
  const made = batch(records, bytes, timestamp);
  const result = log.append(made.bytes, 0, made.header, null);
  if ('errorCode' in result) throw new Error(`refused with ${result.errorCode}`);
  return result.baseOffset;
}

/** The base offsets of what was read, which must be whole batches. */
function basesOf(parts: readonly Buffer[]): number[] {
  const bases: number[] = [];
  for (const part of parts) {
    for (let at = 0; at < part.length; ) {
      const header = readBatch(part, at);
      if (typeof header === 'string') throw new Error(header);
      bases.push(header.baseOffset);
      at += header.bytes;
    }
  }
  return bases;
}

test('gives back every batch from any offset on, whatever their sizes', () => {
  const sizes = fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 40_000 })), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(sizes, fc.nat(), (batches, somewhere) => {
      const log = new PartitionLog('t', 0, host);
      const bases = batches.map(([records, bytes]) => append(log, records, bytes));
      const offset = somewhere % log.nextOffset;
      const first = bases.findLastIndex((base) => base <= offset);
      expect(basesOf(log.read(offset, Number.MAX_SAFE_INTEGER, true))).toEqual(bases.slice(first));
      expect(log.read(log.nextOffset, 1000, true)).toEqual([]);
      const available = batches.slice(first).reduce((sum, [, bytes]) => sum + 61 + bytes, 0);
      expect(log.bytesAfter(offset, Number.MAX_SAFE_INTEGER)).toBe(available);
    }),
    { numRuns: 60 },
  );
});

test('keeps to the bytes that are asked for, but gives one batch at least', () => {
  const log = new PartitionLog('t', 0, host);
  for (let index = 0; index < 200; index += 1) append(log, 1, 939);
  expect(basesOf(log.read(10, 5000, false))).toEqual([10, 11, 12, 13, 14]);
  expect(basesOf(log.read(10, 999, true))).toEqual([10]);
  expect(log.read(10, 999, false)).toEqual([]);
});

test('finds the first batch of a time, and the one with the greatest', () => {
  const log = new PartitionLog('t', 0, host);
  for (const time of [100, 300, 200, 400]) append(log, 2, 20_000, time);
  expect(log.offsetForTime(50)?.offset).toBe(0);
  expect(log.offsetForTime(150)).toEqual({ offset: 2, timestamp: 300 });
  expect(log.offsetForTime(301)).toEqual({ offset: 6, timestamp: 400 });
  expect(log.offsetForTime(401)).toBeNull();
  expect(log.maxTimestampOffset()?.timestamp).toBe(400);
});

test('a batch of an idempotent producer is stored once, a gap is refused', () => {
  const log = new PartitionLog('t', 0, host);
  const from = (baseSequence: number, producerEpoch = 0) => {
    const made = batch(3, 10);
    return log.append(made.bytes, 0, { ...made.header, producerId: 7, producerEpoch, baseSequence }, null);
  };
  expect(from(0)).toEqual({ baseOffset: 0 });
  expect(from(3)).toEqual({ baseOffset: 3 });
  expect(from(0)).toEqual({ baseOffset: 0 });
  expect(from(3)).toEqual({ baseOffset: 3 });
  expect(log.nextOffset).toBe(6);
  expect(from(9)).toEqual({ errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER });
  expect(from(6, 1)).toEqual({ errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER });
  expect(from(0, 1)).toEqual({ baseOffset: 6 });
  expect(from(6, 0)).toEqual({ errorCode: ErrorCode.INVALID_PRODUCER_EPOCH });
});

test('sequences go on from 0 after the greatest', () => {
  const log = new PartitionLog('t', 0, host);
  const at = (baseSequence: number) => {
    const made = batch(2, 10);
    return log.append(made.bytes, 0, { ...made.header, producerId: 7, producerEpoch: 0, baseSequence }, null);
  };
  expect(at(2 ** 31 - 1)).toEqual({ baseOffset: 0 });
  expect(at(1)).toEqual({ baseOffset: 2 });
});

describe('with files', () => {
  let folder: string;
  const said: string[] = [];
  const open = (settings = {}): Topics =>
    new Topics({ ...defaultSettings, ...settings }, folder, (line) => said.push(line));
  const partitionOf = (topics: Topics): PartitionLog => {
    const log = topics.partition('t', 0);
    if (log === undefined) throw new Error('no such partition');
    return log;
  };
  const files = (): string[] => {
    const root = path.join(folder, 'topics');
    return fs
      .readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.log'))
      .sort();
  };

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'flotilla-log-'));
    said.length = 0;
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  test('has everything again, sequences included, and goes on', () => {
    const topics = open();
    topics.create('t', 1);
    const log = partitionOf(topics);
    for (let index = 0; index < 100; index += 1) append(log, 2, 3000, index);
    const made = batch(1, 10);
    log.append(made.bytes, 0, { ...made.header, producerId: 7, producerEpoch: 0, baseSequence: 0 }, null);
    topics.storage?.closeAll();
    const again = partitionOf(open());
    expect(again.nextOffset).toBe(201);
    expect(again.read(0, 1e9, true).reduce((sum, part) => sum + part.length, 0)).toBe(100 * 3061 + 71);
    expect(append(again, 1, 10)).toBe(201);
  });

  test('cuts a torn tail and says so', () => {
    const topics = open();
    topics.create('t', 1);
    const log = partitionOf(topics);
    for (let index = 0; index < 3; index += 1) append(log, 1, 100);
    topics.storage?.closeAll();
    const [name] = files();
    const file = path.join(folder, 'topics', name ?? '');
    fs.truncateSync(file, fs.statSync(file).size - 1);
    const again = open();
    expect(partitionOf(again).nextOffset).toBe(2);
    expect(said).toEqual([expect.stringContaining('cut 160 bytes at offset 2 (truncated)')]);
    expect(append(partitionOf(again), 1, 100)).toBe(2);
    again.storage?.closeAll();
    expect(partitionOf(open()).nextOffset).toBe(3);
  });

  test('cuts what does not check', () => {
    const topics = open();
    topics.create('t', 1);
    for (let index = 0; index < 3; index += 1) append(partitionOf(topics), 1, 100);
    topics.storage?.closeAll();
    const file = path.join(folder, 'topics', files()[0] ?? '');
    const bytes = fs.readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(200) ^ 1, 200);
    fs.writeFileSync(file, bytes);
    expect(partitionOf(open()).nextOffset).toBe(1);
    expect(said[0]).toContain('(crc)');
  });

  test('drops the oldest beyond the bound of all, and keeps the offsets', () => {
    const settings = { totalMaxBytes: 2 * 1024 * 1024 };
    const topics = open(settings);
    topics.create('t', 1);
    topics.create('other', 1);
    const log = partitionOf(topics);
    for (let index = 0; index < 5000; index += 1) append(log, 1, 1000);
    expect(log.nextOffset).toBe(5000);
    expect(log.logStartOffset).toBeGreaterThan(2000);
    const stored = files().reduce((sum, name) => sum + fs.statSync(path.join(folder, 'topics', name)).size, 0);
    expect(stored).toBeLessThanOrEqual(settings.totalMaxBytes);
    const start = log.logStartOffset;
    topics.storage?.closeAll();
    const again = partitionOf(open(settings));
    expect([again.logStartOffset, again.nextOffset]).toEqual([start, 5000]);
    expect(readHeader(again.read(start, 1, true)[0] ?? Buffer.alloc(0), 0).baseOffset).toBe(start);
  });

  test('keeps the end of a log whose messages all grew too old', () => {
    const topics = open();
    topics.create('t', 1, new Map([['retention.ms', '1000']]));
    const log = partitionOf(topics);
    append(log, 5, 100, 10_000);
    topics.enforceRetention(10_500);
    expect(log.logStartOffset).toBe(0);
    topics.enforceRetention(11_001);
    expect([log.logStartOffset, log.nextOffset, log.sizeBytes]).toEqual([5, 5, 0]);
    topics.storage?.closeAll();
    const again = partitionOf(open());
    expect([again.logStartOffset, again.nextOffset]).toEqual([5, 5]);
    expect(append(again, 1, 10)).toBe(5);
    expect(lastOffsetAt(again.read(5, 1000, true)[0] ?? Buffer.alloc(0), 0)).toBe(5);
  });

  test('a deleted topic leaves no file', () => {
    const topics = open();
    const topic = topics.create('t', 2);
    append(partitionOf(topics), 1, 100);
    topics.delete(topic);
    expect(files()).toEqual([]);
    expect(topics.partition('t', 0)).toBeUndefined();
  });

  test('a file that cannot be written is told to the producer', () => {
    const topics = open();
    topics.create('t', 1);
    const log = partitionOf(topics);
    append(log, 1, 100);
    const made = batch(1, 100);
    fs.rmSync(path.join(folder, 'topics'), { recursive: true });
    topics.storage?.closeAll();
    expect(log.append(made.bytes, 0, made.header, null)).toEqual({ errorCode: ErrorCode.KAFKA_STORAGE_ERROR });
    expect(log.nextOffset).toBe(1);
    fs.mkdirSync(path.join(folder, 'topics'));
  });
});
