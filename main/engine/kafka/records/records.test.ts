import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBatch } from '../../kafka-protocol/index.ts';
import { unpackLz4 } from './lz4.ts';
import { murmur2, partitionForKey } from './murmur2.ts';
import { readBatches } from './read-records.ts';
import { unpackSnappy } from './snappy.ts';
import { writeBatch } from './write-batch.ts';

const bytes = fc.uint8Array({ maxLength: 500 }).map((content) => Buffer.from(content));

test('a record is read as it was written, in a batch that the broker accepts', () => {
  const header = fc.record({ name: fc.string({ maxLength: 30 }), value: bytes });
  const record = fc.record({
    timestamp: fc.integer({ min: 0, max: 4e12 }),
    key: fc.option(bytes),
    value: fc.option(bytes),
    headers: fc.array(header, { maxLength: 4 }),
  });
  fc.assert(
    fc.property(record, (written) => {
      const batch = writeBatch(written);
      expect(readBatch(batch, 0)).toMatchObject({ bytes: batch.length, recordCount: 1 });
      const [read] = [...readBatches(batch)];
      expect(read).toMatchObject({ firstOffset: 0, lastOffset: 0, problem: null });
      expect(read?.records).toEqual([{ ...written, offset: 0 }]);
    }),
  );
});

test('a batch whose end is missing is left out, one that is damaged is told', () => {
  const batch = writeBatch({ timestamp: 1, key: null, value: Buffer.from('x'), headers: [] });
  expect([...readBatches(Buffer.concat([batch, batch.subarray(0, batch.length - 1)]))]).toHaveLength(1);
  const packed = Buffer.from(batch);
  packed.writeInt16BE(1, 21);
  expect([...readBatches(packed)][0]).toMatchObject({ records: [], problem: expect.stringContaining('header check') });
});

test('keys go where the clients of Kafka send them', () => {
  // Values of Kafka's own unit test of its partitioner's hash.
  const known: [string, number][] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ];
  for (const [key, hash] of known) expect(murmur2(Buffer.from(key))).toBe(hash);
  expect(partitionForKey(Buffer.from('21'), 3)).toBe((-973932308 & 0x7fffffff) % 3);
});

describe('Snappy', () => {
  /** Literals alone are valid Snappy. */
  const pack = (content: Buffer): Buffer => {
    const length: number[] = [];
    for (let rest = content.length; ; rest >>>= 7) {
      length.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
      if (rest <= 0x7f) break;
    }
    const parts: Uint8Array[] = [Buffer.from(length)];
    for (let at = 0; at < content.length; at += 60) {
      const piece = content.subarray(at, at + 60);
      parts.push(Buffer.from([(piece.length - 1) << 2]), piece);
    }
    return Buffer.concat(parts);
  };

  test('unpacks literals, raw and in chunks of the Java library', () => {
    fc.assert(
      fc.property(bytes, bytes, (first, second) => {
        expect(unpackSnappy(pack(first), 1000).equals(first)).toBe(true);
        const header = Buffer.from('82534e41505059000000000100000001', 'hex');
        const chunk = (content: Buffer): Buffer => {
          const size = Buffer.alloc(4);
          size.writeInt32BE(pack(content).length);
          return Buffer.concat([size, pack(content)]);
        };
        expect(unpackSnappy(Buffer.concat([header, chunk(first), chunk(second)]), 1000)).toEqual(
          Buffer.concat([first, second]),
        );
      }),
    );
  });

  test('unpacks copies of all kinds, overlapping ones too', () => {
    // "abc", then 9 bytes from 3 back (1-byte offset), then 5 from 12 back (2-byte), then 4 from 1 back (4-byte).
    const packed = Buffer.from([21, 0x08, 0x61, 0x62, 0x63, 0x15, 3, 0x12, 12, 0, 0x0f, 1, 0, 0, 0]);
    expect(unpackSnappy(packed, 100).toString()).toBe('abcabcabcabcabcabbbbb');
  });

  test('refuses what is damaged or too large, in no other way than by an error', () => {
    expect(() => unpackSnappy(Buffer.from([21, 0x08, 0x61]), 100)).toThrow('snappy');
    expect(() => unpackSnappy(Buffer.from([5, 0x15, 3]), 100)).toThrow('outside');
    expect(() => unpackSnappy(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]), 1000)).toThrow('too large');
    fc.assert(
      fc.property(bytes, (garbage) => {
        try {
          expect(unpackSnappy(garbage, 10_000).length).toBeLessThanOrEqual(10_000);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});

describe('LZ4', () => {
  const frame = (...blocks: Uint8Array[]): Buffer =>
    Buffer.concat([Buffer.from('04224d18604000', 'hex'), ...blocks, Buffer.alloc(4)]);
  const block = (content: Buffer, packed: boolean): Buffer => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(packed ? content.length : content.length + 0x80000000);
    return Buffer.concat([size, content]);
  };

  test('unpacks blocks that are stored and blocks that are packed', () => {
    // "abc", then 13 bytes from 3 back, then the last literals "xyz".
    const packed = Buffer.from([0x39, 0x61, 0x62, 0x63, 3, 0, 0x30, 0x78, 0x79, 0x7a]);
    const whole = frame(block(Buffer.from('stored '), false), block(packed, true));
    expect(unpackLz4(whole, 1000).toString()).toBe('stored abcabcabcabcabcaxyz');
  });

  test('unpacks long literals and long copies', () => {
    const literals = Buffer.alloc(300, 'q');
    const packed = Buffer.concat([Buffer.from([0xff, 255, 30]), literals, Buffer.from([1, 0, 255, 10, 0x00])]);
    expect(unpackLz4(frame(block(packed, true)), 10_000).toString()).toBe('q'.repeat(300 + 15 + 255 + 10 + 4));
  });

  test('refuses what is damaged or too large, in no other way than by an error', () => {
    expect(() => unpackLz4(Buffer.from('garbage!'), 100)).toThrow('not a frame');
    expect(() => unpackLz4(frame(block(Buffer.from([0x04, 9, 0]), true)), 100)).toThrow('outside');
    expect(() => unpackLz4(frame(block(Buffer.alloc(200), false)), 100)).toThrow('too large');
    fc.assert(
      fc.property(bytes, (garbage) => {
        try {
          expect(unpackLz4(frame(block(garbage, true)), 10_000).length).toBeLessThanOrEqual(10_000);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});

test('gzip is unpacked', () => {
  const plain = writeBatch({ timestamp: 5, key: Buffer.from('k'), value: Buffer.from('v'), headers: [] });
  const packed = Buffer.concat([plain.subarray(0, 61), zlib.gzipSync(plain.subarray(61))]);
  packed.writeInt32BE(packed.length - 12, 8);
  packed.writeInt16BE(1, 21);
  expect([...readBatches(packed)][0]?.records[0]?.value?.toString()).toBe('v');
});
