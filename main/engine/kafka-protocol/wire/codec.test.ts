import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as protocol from '../index.ts';
import {
  array,
  between,
  boolean,
  bytes,
  type Codec,
  type Dialect,
  int8,
  int16,
  int32,
  int64,
  nullableArray,
  nullableString,
  nullableStruct,
  records,
  since,
  string,
  struct,
  tagged,
  until,
  uuid,
} from './codec.ts';
import { FrameSplitter } from './frame-splitter.ts';
import { MalformedError } from './malformed-error.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

function roundTrip<R, W>(codec: Codec<R, W>, value: W, dialect: Dialect): R {
  const writer = new Writer(4);
  codec.write(writer, value, dialect);
  const written = Buffer.concat(writer.chunks());
  expect(written.length).toBe(writer.length);
  const reader = new Reader(written);
  const read = codec.read(reader, dialect);
  expect(reader.remaining).toBe(0);
  return read;
}

const dialect = fc.record({ version: fc.nat(3), flexible: fc.boolean() });
const integer = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const buffer = fc.uint8Array({ maxLength: 3000 }).map((content) => Buffer.from(content));

const primitives: [string, Codec<unknown, never>, fc.Arbitrary<unknown>][] = [
  ['boolean', boolean, fc.boolean()],
  ['int8', int8, integer(8)],
  ['int16', int16, integer(16)],
  ['int32', int32, integer(32)],
  ['int64', int64, fc.maxSafeInteger()],
  ['uuid', uuid, fc.uint8Array({ minLength: 16, maxLength: 16 }).map((id) => Buffer.from(id).toString('base64url'))],
  ['string', string, text],
  ['nullableString', nullableString, fc.option(text)],
  ['bytes', bytes, buffer],
  ['array', array(int32), fc.array(integer(32))],
  ['nullableArray', nullableArray(string), fc.option(fc.array(text))],
  [
    'nullableStruct',
    nullableStruct(struct({ one: int8, two: string })),
    fc.option(fc.record({ one: integer(8), two: text })),
  ],
];

test.each(primitives)('%s is read as it was written, in both encodings', (_name, codec, values) => {
  fc.assert(
    fc.property(values, dialect, (value, how) => {
      expect(roundTrip(codec, value as never, how)).toEqual(value);
    }),
  );
});

test('varints of records are read as they were written', () => {
  fc.assert(
    fc.property(integer(32), fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), (small, large) => {
      const writer = new Writer(1);
      writer.varint(small);
      writer.varint(large);
      const reader = new Reader(Buffer.concat(writer.chunks()));
      expect([reader.varint(), reader.varlong()]).toEqual([small, large]);
    }),
  );
});

test('records leave by reference, in their order', () => {
  const parts = [Buffer.alloc(5000, 1), Buffer.alloc(10, 2), Buffer.alloc(5000, 3)];
  const writer = new Writer();
  records.write(writer, parts, { version: 0, flexible: false });
  writer.int8(9);
  const chunks = writer.chunks();
  expect(chunks).toContain(parts[0]);
  expect(chunks).toContain(parts[2]);
  expect(Buffer.concat(chunks)).toEqual(Buffer.concat([Buffer.from([0, 0, 0x27, 0x1a]), ...parts, Buffer.from([9])]));
});

describe('struct', () => {
  const codec = struct({
    always: int8,
    young: since(2, int8, -2),
    old: until(1, int8, -1),
    middle: between(1, 2, int8, -3),
    extra: tagged(5, 2, string, 'none'),
  });

  test('carries the fields of its version alone', () => {
    const value = { always: 1, young: 2, old: 3, middle: 4 };
    const read = (version: number) => roundTrip(codec, value, { version, flexible: version >= 2 });
    expect(read(0)).toEqual({ always: 1, young: -2, old: 3, middle: -3, extra: 'none' });
    expect(read(1)).toEqual({ always: 1, young: -2, old: 3, middle: 4, extra: 'none' });
    expect(read(2)).toEqual({ always: 1, young: 2, old: -1, middle: 4, extra: 'none' });
  });

  test('reads tagged fields that it knows and skips others', () => {
    const body = Buffer.from([1, 2, 4, /* two tags */ 2, 3, 2, 0xff, 0xff, 5, 3, 3, 0x68, 0x69]);
    const reader = new Reader(body);
    expect(codec.read(reader, { version: 2, flexible: true }).extra).toBe('hi');
    expect(reader.remaining).toBe(0);
  });
});

type AnyApi = protocol.Api<unknown, unknown, unknown, unknown>;
const apis = Object.values<unknown>(protocol).filter(
  (exported): exported is AnyApi => typeof exported === 'object' && exported !== null && 'decodeRequest' in exported,
);

test('no bytes make a request reader fail in another way than by MalformedError', () => {
  expect(apis.length).toBeGreaterThanOrEqual(30);
  fc.assert(
    fc.property(fc.constantFrom(...apis), fc.nat(20), fc.uint8Array({ maxLength: 120 }), (api, over, content) => {
      const version = api.minVersion + (over % (api.maxVersion - api.minVersion + 1));
      for (const decode of [api.decodeRequest, api.decodeResponse]) {
        try {
          decode(new Reader(Buffer.from(content)), version);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
      }
    }),
    { numRuns: 3000 },
  );
});

test('a fetch request is read as it was written in every version', () => {
  const id = 'AAECAwQFBgcICQoLDA0ODw';
  for (let version = protocol.fetch.minVersion; version <= protocol.fetch.maxVersion; version += 1) {
    const writer = new Writer();
    const partitions = [{ partition: 3, fetchOffset: 2 ** 40, partitionMaxBytes: 1000 }];
    const topics = [{ topic: 'orders', topicId: id, partitions }];
    const sent = { maxWaitMs: 500, minBytes: 1, maxBytes: 99, isolationLevel: 1, topics };
    protocol.fetch.encodeRequest(writer, sent, version);
    const reader = new Reader(Buffer.concat(writer.chunks()));
    const read = protocol.fetch.decodeRequest(reader, version);
    expect(reader.remaining).toBe(0);
    const named = version >= 13 ? { topic: '', topicId: id } : { topic: 'orders', topicId: protocol.ZERO_UUID };
    expect(read).toMatchObject({ maxWaitMs: 500, sessionId: 0, topics: [{ ...named, partitions }] });
  }
});

test('frames are cut the same however the bytes arrive', () => {
  fc.assert(
    fc.property(fc.array(buffer, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 500 })), (bodies, cuts) => {
      const size = (length: number) => {
        const prefix = Buffer.alloc(4);
        prefix.writeInt32BE(length);
        return prefix;
      };
      const stream = Buffer.concat(bodies.flatMap((body) => [size(body.length), body]));
      const splitter = new FrameSplitter();
      const frames: Buffer[] = [];
      let position = 0;
      for (const cut of [...cuts, stream.length]) {
        frames.push(...splitter.push(stream.subarray(position, position + cut)));
        position += cut;
      }
      expect(frames.map((frame) => frame.toString('hex'))).toEqual(bodies.map((body) => body.toString('hex')));
    }),
  );
});

test.each([-1, 100 * 1024 * 1024 + 1, 0x47455420])('a frame of %i bytes is refused before it is awaited', (size) => {
  const prefix = Buffer.alloc(4);
  prefix.writeInt32BE(size);
  expect(() => new FrameSplitter().push(prefix)).toThrow(MalformedError);
});
