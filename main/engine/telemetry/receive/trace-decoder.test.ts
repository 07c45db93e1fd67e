import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Resources } from '../store/resources.ts';
import { schema } from '../store/schema.ts';
import { SpanBuffer } from '../store/span-buffer.ts';
import { TableWriter } from '../store/table-writer.ts';
import { maxTextBytes } from './attribute-json.ts';
import { requestTypes } from './otlp-proto.ts';
import { TraceDecoder } from './trace-decoder.ts';
import { MalformedError, maxDepth } from './wire-reader.ts';

type Json = Record<string, unknown>;

let instance: DuckDBInstance;
let connection: Awaited<ReturnType<DuckDBInstance['connect']>>;
let buffer: SpanBuffer;
let resources: Resources;
let decoder: TraceDecoder;
let writer: TableWriter;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await instance.connect();
  await connection.run(schema);
  writer = new TableWriter(connection, 'spans');
});
afterAll(() => {
  writer.close();
  connection.closeSync();
  instance.closeSync();
});
beforeEach(() => {
  buffer = new SpanBuffer();
  resources = new Resources();
  decoder = new TraceDecoder(buffer, resources);
});

const encode = (request: Json): Uint8Array =>
  requestTypes.traces.encode(requestTypes.traces.fromObject(request)).finish();

const request = (spans: Json[], resource: Json = {}, scope: Json = {}): Json => ({
  resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }],
});

const span = (more: Json = {}): Json => ({
  traceId: Buffer.from('0102030405060708090a0b0c0d0e0f10', 'hex'),
  spanId: Buffer.from('a1a2a3a4a5a6a7a8', 'hex'),
  name: 'GET /',
  startTimeUnixNano: '1700000000000000000',
  endTimeUnixNano: '1700000000000001000',
  ...more,
});

const attribute = (key: string, value: Json): Json => ({ key, value });

/** Decodes, stores, and gives the rows as the database has them. */
async function rows(body: Uint8Array): Promise<Json[]> {
  decoder.decode(body);
  await connection.run('DELETE FROM spans');
  await writer.write(buffer.batch());
  buffer.clear();
  return (await connection.runAndReadAll('SELECT * FROM spans')).getRowObjectsJS();
}

async function attributesOf(attributes: Json[]): Promise<unknown> {
  const [row] = await rows(encode(request([span({ attributes })])));
  return JSON.parse(String(row?.attributes));
}

// What protobuf can carry, with the JSON that it should become.
const anyValue: fc.Arbitrary<{ otlp: Json; json: unknown }> = fc.letrec<{ value: { otlp: Json; json: unknown } }>(
  (tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'grapheme' }).map((text) => ({ otlp: { stringValue: text }, json: text })),
      fc.string({ unit: 'binary' }).map((text) => {
        const whole = Buffer.from(text, 'utf8').toString('utf8');
        return { otlp: { stringValue: whole }, json: whole };
      }),
      fc.boolean().map((boolValue) => ({ otlp: { boolValue }, json: boolValue })),
      fc.maxSafeInteger().map((number) => ({ otlp: { intValue: String(number) }, json: number })),
      fc
        .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
        .filter((n) => n > 2n ** 53n || n < -(2n ** 53n))
        .map((n) => ({ otlp: { intValue: String(n) }, json: String(n) })),
      fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .map((d) => ({ otlp: { doubleValue: d }, json: d === 0 ? 0 : d })),
      fc.uint8Array().map((bytes) => ({ otlp: { bytesValue: bytes }, json: Buffer.from(bytes).toString('base64') })),
      fc.array(tie('value'), { maxLength: 4 }).map((items) => ({
        otlp: { arrayValue: { values: items.map(({ otlp }) => otlp) } },
        json: items.map(({ json }) => json),
      })),
      fc.uniqueArray(fc.tuple(fc.string(), tie('value')), { maxLength: 4, selector: ([key]) => key }).map((pairs) => ({
        otlp: { kvlistValue: { values: pairs.map(([key, { otlp }]) => ({ key, value: otlp })) } },
        json: Object.fromEntries(pairs.map(([key, { json }]) => [key, json])),
      })),
    ),
  }),
).value;

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).filter((array) => array.some((byte) => byte !== 0));
const hex = (array: Uint8Array): string => Buffer.from(array).toString('hex');
const uuidHex = (uuid: unknown): string => String(uuid).replaceAll('-', '');

describe('a valid request', () => {
  test('is stored as protobufjs would have decoded it', async () => {
    const anySpan = fc.record({
      traceId: bytes(16),
      spanId: bytes(8),
      parentSpanId: fc.option(fc.uint8Array({ minLength: 8, maxLength: 8 }), { nil: new Uint8Array() }),
      name: fc.string({ unit: 'grapheme', maxLength: 40 }),
      kind: fc.integer({ min: 0, max: 5 }),
      start: fc.bigInt({ min: 1n, max: 2n ** 62n }),
      duration: fc.bigInt({ min: 0n, max: 2n ** 61n }),
      status: fc.integer({ min: 0, max: 2 }),
      statusMessage: fc.string({ unit: 'grapheme', maxLength: 40 }),
      attributes: fc.uniqueArray(fc.tuple(fc.string(), anyValue), { maxLength: 10, selector: ([key]) => key }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anySpan, { minLength: 1, maxLength: 5 }), fc.string(), async (spans, scope) => {
        const body = encode(
          request(
            spans.map((s) => ({
              ...s,
              startTimeUnixNano: String(s.start),
              endTimeUnixNano: String(s.start + s.duration),
              status: { code: s.status, message: s.statusMessage },
              attributes: s.attributes.map(([key, { otlp }]) => attribute(key, otlp)),
            })),
            { attributes: [attribute('service.name', { stringValue: 'orders' })] },
            { name: scope },
          ),
        );
        const stored = await rows(body);
        const clean = (text: string) => text.replaceAll('\0', '\ufffd');
        expect(
          stored.map((row) => ({
            ...row,
            trace_id: uuidHex(row.trace_id),
            attributes: JSON.parse(String(row.attributes)) as unknown,
          })),
        ).toMatchObject(
          spans.map((s) => ({
            trace_id: hex(s.traceId),
            span_id: BigInt(`0x${hex(s.spanId)}`),
            parent_id: s.parentSpanId.length === 0 ? 0n : BigInt(`0x${hex(s.parentSpanId)}`),
            name: clean(s.name),
            kind: s.kind,
            start_ns: s.start,
            duration_ns: s.duration,
            status: s.status,
            status_message: clean(s.statusMessage),
            service: 'orders',
            scope: clean(scope),
            attributes: Object.fromEntries(s.attributes.map(([key, { json }]) => [key, json])),
            extra: null,
          })),
        );
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('keeps events, links and the trace state', async () => {
    const [row] = await rows(
      encode(
        request([
          span({
            traceState: 'a=b,c="d"',
            events: [
              { timeUnixNano: '1700000000000000500', name: 'exception', attributes: [attribute('n', { intValue: 1 })] },
              { timeUnixNano: '18446744073709551615', name: 'late' },
            ],
            links: [
              {
                traceId: Buffer.alloc(16, 0xab),
                spanId: Buffer.alloc(8, 0xcd),
                attributes: [attribute('k', { stringValue: 'v' })],
              },
            ],
          }),
        ]),
      ),
    );
    expect(JSON.parse(String(row?.extra))).toEqual({
      events: [
        { timeNs: '1700000000000000500', name: 'exception', attributes: { n: 1 } },
        { timeNs: '18446744073709551615', name: 'late', attributes: {} },
      ],
      links: [{ traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), attributes: { k: 'v' } }],
      traceState: 'a=b,c="d"',
    });
  });

  test('fills the columns of the attributes that topology and search need, new names before old', async () => {
    const [row] = await rows(
      encode(
        request([
          span({
            attributes: [
              attribute('http.status_code', { intValue: 500 }),
              attribute('http.response.status_code', { intValue: 503 }),
              attribute('server.address', { stringValue: 'orders.internal.example' }),
              attribute('peer.service', { stringValue: 'orders' }),
              attribute('net.peer.port', { stringValue: '8080' }),
              attribute('messaging.system', { stringValue: 'kafka' }),
              attribute('messaging.destination.name', { stringValue: 'order-events' }),
            ],
          }),
        ]),
      ),
    );
    expect(row).toMatchObject({
      http_status: 503,
      peer: 'orders',
      peer_port: 8080,
      system: 'kafka',
      target: 'order-events',
    });
  });

  test('takes the routing key for the destination of a message by way of the exchange that has no name', async () => {
    const key = attribute('messaging.rabbitmq.routing_key', { stringValue: 'jobs' });
    const toExchange = (name: string) => attribute('messaging.destination', { stringValue: name });
    const found = await rows(
      encode(request([span({ attributes: [key, toExchange('')] }), span({ attributes: [key, toExchange('orders')] })])),
    );
    expect(found.map((row) => row.target)).toEqual(['jobs', 'orders']);
  });

  test('takes a resource that comes after its spans', async () => {
    const scopeSpans = encode(request([span()])).subarray(2);
    const resource = Buffer.from(
      encode({ resourceSpans: [{ resource: { attributes: [attribute('service.name', { stringValue: 'late' })] } }] }),
    ).subarray(2);
    const inner = Buffer.concat([scopeSpans, resource]);
    const [row] = await rows(Buffer.concat([Buffer.from([0x0a, inner.length]), inner]));
    expect(row?.service).toBe('late');
  });

  test('without a service name counts for unknown_service', async () => {
    const [row] = await rows(encode(request([span()])));
    expect(row?.service).toBe('unknown_service');
    expect(resources.pending).toHaveLength(1);
  });

  test('without a start, or with an end before it, has no duration', async () => {
    const [noStart, backwards] = await rows(
      encode(
        request([
          span({ startTimeUnixNano: 0, endTimeUnixNano: '1700000000000001000' }),
          span({ startTimeUnixNano: '1700000000000001000', endTimeUnixNano: '1700000000000000000' }),
        ]),
      ),
    );
    expect(noStart).toMatchObject({ start_ns: 1_700_000_000_000_001_000n, duration_ns: 0n });
    expect(backwards).toMatchObject({ start_ns: 1_700_000_000_000_001_000n, duration_ns: 0n });
  });

  test('larger than the usual buffers keeps every row apart', async () => {
    const many = Array.from({ length: 40_000 }, (_, i) =>
      span({
        name: `a name that is longer than twelve bytes, number ${i}`,
        attributes: [attribute('n', { intValue: i })],
      }),
    );
    const stored = await rows(encode(request(many)));
    expect(stored).toHaveLength(many.length);
    for (const i of [0, 2047, 2048, 32_767, 32_768, 39_999]) {
      expect(stored[i]).toMatchObject({ name: many[i]?.name, attributes: `{"n":${i}}` });
    }
  });

  test('cuts text that is too long at a character, and says so', async () => {
    const value = (await attributesOf([attribute('long', { stringValue: 'ä'.repeat(maxTextBytes) })])) as {
      long: string;
    };
    expect(value.long).toBe(`${'ä'.repeat(maxTextBytes / 2)}…`);
  });

  test('repairs what is not UTF-8', async () => {
    const body = Buffer.from(
      encode(request([span({ name: 'abcdefghijklmnop', attributes: [attribute('k', { stringValue: 'qrst' })] })])),
    );
    body.fill(0xff, body.indexOf('abcdefghijklmnop') + 2, body.indexOf('abcdefghijklmnop') + 4);
    body[body.indexOf('qrst')] = 0xc3;
    const [row] = await rows(body);
    expect(row).toMatchObject({ name: 'ab\ufffd\ufffdefghijklmnop', attributes: '{"k":"\ufffdrst"}' });
  });

  test('ignores fields that it does not know', async () => {
    const unknown = Buffer.from([0x98, 0x06, 0x01, 0xa2, 0x06, 0x02, 0x41, 0x42]);
    const [row] = await rows(Buffer.concat([unknown, encode(request([span()])), unknown]));
    expect(row?.name).toBe('GET /');
  });
});

describe('spans that are not valid', () => {
  test.each([
    ['a trace id of 8 bytes', { traceId: Buffer.alloc(8, 1) }, 'a trace_id has 8 bytes, not 16'],
    ['a trace id of zeros', { traceId: Buffer.alloc(16) }, 'a trace_id is all zeros'],
    ['no span id', { spanId: Buffer.alloc(0) }, 'a span_id has 0 bytes, not 8'],
    ['a span id of zeros', { spanId: Buffer.alloc(8) }, 'a span_id is all zeros'],
    ['a parent id of 3 bytes', { parentSpanId: Buffer.alloc(3, 1) }, 'a parent_span_id has 3 bytes, not 8'],
    ['no time', { startTimeUnixNano: 0, endTimeUnixNano: 0 }, 'a span has neither start nor end'],
    [
      'a time beyond reach',
      { startTimeUnixNano: '18446744073709551615' },
      'a start_time_unix_nano is after the year 2262',
    ],
  ])('%s: is rejected, the others are kept', (_, wrong, reason) => {
    const outcome = decoder.decode(encode(request([span(), span(wrong), span()])));
    expect(outcome).toEqual({ accepted: 2, rejected: 1, reason });
    expect(buffer.rows).toBe(2);
  });
});

describe('a malformed request', () => {
  const good = encode(
    request([
      span({ attributes: [attribute('a', { stringValue: 'b' })], events: [{ name: 'e' }], status: { code: 2 } }),
    ]),
  );

  test('is refused at whatever byte it is cut off, and leaves nothing behind', () => {
    decoder.decode(good);
    const before = buffer.mark();
    for (let length = 1; length < good.length; length++) {
      expect(() => decoder.decode(good.subarray(0, length)), `cut at ${length}`).toThrow(MalformedError);
      expect(buffer.mark()).toEqual(before);
    }
  });

  test('of random bytes is refused or read, never more', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        try {
          decoder.decode(noise);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('with bytes turned over is refused or read, and what is read can be stored', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const broken = Uint8Array.from(good);
        broken[at] = (broken[at] ?? 0) ^ mask;
        try {
          decoder.decode(broken);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
        await writer.write(buffer.batch());
        buffer.clear();
      }),
      { numRuns: 300 },
    );
  });

  test('nested deeper than allowed is refused', () => {
    const nested = (levels: number): Json => {
      let value: Json = { stringValue: 'deep' };
      for (let i = 0; i < levels; i++) value = { arrayValue: { values: [value] } };
      return request([span({ attributes: [attribute('deep', value)] })]);
    };
    expect(decoder.decode(encode(nested(maxDepth - 1))).accepted).toBe(1);
    expect(() => decoder.decode(encode(nested(maxDepth)))).toThrow(/nested deeper/);
  });
});
