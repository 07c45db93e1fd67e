import { request } from 'node:http';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { requestTypes } from '../../main/engine/telemetry/receive/otlp-proto.ts';
import { SpanBatches } from '../bench/ingest/span-batches.ts';
import { never, type OpenTelemetry, openTelemetry } from './open-telemetry.ts';

let telemetry: OpenTelemetry;

beforeAll(async () => {
  telemetry = await openTelemetry();
});
afterAll(() => telemetry.dispose());

interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: Buffer;
}

interface Sent {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: Uint8Array | string | (() => Uint8Array | null);
}

/** Sends bytes as they are, with any headers; `body` as a function is asked for chunks until null. */
function send({ path = '/v1/traces', method = 'POST', headers = {}, body = '' }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${telemetry.otlp.http}${path}`, {
      method,
      headers: { 'content-type': 'application/x-protobuf', ...headers },
    });
    let answered = false;
    sent.on('response', (response) => {
      answered = true;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', (error) => {
      if (!answered) reject(error);
    });
    if (typeof body !== 'function') {
      sent.end(body);
      return;
    }
    const next = (): void => {
      const chunk = answered ? null : body();
      if (chunk === null) sent.end();
      else if (sent.write(chunk)) setImmediate(next);
      else sent.once('drain', next);
    };
    next();
  });
}

const json = { 'content-type': 'application/json' };
const asJson = (answer: Answer): unknown => JSON.parse(answer.body.toString('utf8'));
const range = { lastMs: 3_600_000 };
const jsonSpan = (name: string, more: object = {}) => ({
  traceId: 'ABCDEF00112233445566778899AABBCC',
  spanId: '1112131415161718',
  name,
  kind: 2,
  startTimeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
  endTimeUnixNano: String(BigInt(Date.now()) * 1_000_000n + 5_000_000n),
  ...more,
});
const jsonTraces = (spans: object[], service = 'json') => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
      scopeSpans: [{ scope: { name: 'test' }, spans }],
    },
  ],
});

describe('what is right is stored', () => {
  const batches = new SpanBatches(64, 9);

  test.each([
    ['plain', (body: Buffer) => ({ body })],
    ['gzip', (body: Buffer) => ({ body: gzipSync(body), headers: { 'content-encoding': 'gzip' } })],
    ['deflate', (body: Buffer) => ({ body: deflateSync(body), headers: { 'content-encoding': 'deflate' } })],
  ])('protobuf, %s', async (_, make) => {
    const before = telemetry.pulse?.spans ?? 0;
    const answer = await send(make(Buffer.from(batches.next(Date.now()))));
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/x-protobuf');
    expect(answer.body).toHaveLength(0);
    await vi.waitFor(() => expect(telemetry.pulse?.spans).toBe(before + 64), 5000);
  });

  test('JSON, with hex ids, 64-bit numbers as text, and the charset named', async () => {
    const body = jsonTraces([
      jsonSpan('from json', {
        attributes: [
          { key: 'n', value: { intValue: '42' } },
          { key: 'list', value: { arrayValue: { values: [{ boolValue: true }, { doubleValue: 1.5 }] } } },
        ],
        status: { code: 'STATUS_CODE_ERROR', message: 'no' },
        parentSpanId: '',
      }),
    ]);
    const answer = await send({
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json; charset=utf-8' },
    });
    expect(answer.status).toBe(200);
    expect(asJson(answer)).toEqual({});
    await vi.waitFor(async () => {
      const trace = await telemetry.handlers['traces.get'](
        { traceId: 'abcdef00112233445566778899aabbcc' as never },
        never,
      );
      expect(trace.spans[0]).toMatchObject({
        spanId: '1112131415161718',
        parentSpanId: null,
        service: 'json',
        status: 'error',
        statusMessage: 'no',
        attributes: { n: 42, list: [true, 1.5] },
      });
    }, 5000);
  });

  test('what is acknowledged can be queried within a second', async () => {
    const body = jsonTraces([jsonSpan('quick', { traceId: '11'.repeat(16) })]);
    expect((await send({ body: JSON.stringify(body), headers: json })).status).toBe(200);
    const acknowledged = performance.now();
    await vi.waitFor(() => telemetry.handlers['traces.get']({ traceId: '11'.repeat(16) as never }, never), {
      timeout: 5000,
      interval: 10,
    });
    expect(performance.now() - acknowledged).toBeLessThan(1000);
  });

  test('an empty request', async () => {
    expect((await send({})).status).toBe(200);
    expect((await send({ path: '/v1/logs' })).status).toBe(200);
    expect((await send({ path: '/v1/metrics', headers: json, body: '{}' })).status).toBe(200);
  });

  test('of a request in part: what was refused is said, in the format of the request', async () => {
    const spans = [jsonSpan('good'), jsonSpan('bad', { spanId: '' })];
    const answer = await send({ body: JSON.stringify(jsonTraces(spans)), headers: json });
    expect(answer.status).toBe(200);
    expect(asJson(answer)).toEqual({
      partialSuccess: { rejectedSpans: '1', errorMessage: 'a span_id has 0 bytes, not 8' },
    });
    const message = requestTypes.traces.fromObject({
      resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'no ids' }] }] }],
    });
    const binary = await send({ body: requestTypes.traces.encode(message).finish() });
    expect(binary.status).toBe(200);
    expect(binary.body.toString('latin1')).toContain('a trace_id has 0 bytes, not 16');
  });

  test('logs, with their trace, and in the words of the sender', async () => {
    const record = {
      timeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
      severityNumber: 17,
      body: { stringValue: 'payment refused' },
      attributes: [{ key: 'order.id', value: { stringValue: 'o-1' } }],
      traceId: 'ab'.repeat(16),
      spanId: 'cd'.repeat(8),
    };
    const body = {
      resourceLogs: [
        {
          resource: {
            attributes: [
              { key: 'service.name', value: { stringValue: 'payments' } },
              { key: 'service.instance.id', value: { stringValue: 'payments-1' } },
            ],
          },
          scopeLogs: [{ logRecords: [record] }],
        },
      ],
    };
    expect((await send({ path: '/v1/logs', body: JSON.stringify(body), headers: json })).status).toBe(200);
    await vi.waitFor(async () => {
      const [log] = await telemetry.handlers['logs.search']({ query: 'service:payments', range, limit: 10 }, never);
      expect(log).toMatchObject({
        service: 'payments',
        instance: 'payments-1',
        level: 'error',
        message: 'payment refused',
        traceId: 'ab'.repeat(16),
        spanId: 'cd'.repeat(8),
        attributes: { 'order.id': 'o-1' },
        source: 'otlp',
      });
    }, 5000);
  });
});

describe('what is wrong is refused, and nothing breaks', () => {
  const whole = Buffer.from(new SpanBatches(64, 10).next(Date.now()));
  const statusBody = (code: number, text: string) => ({ code, message: expect.stringContaining(text) as string });

  test('a body that ends too early: 400 with a google.rpc.Status', async () => {
    const answer = await send({ body: whole.subarray(0, 1000) });
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('application/x-protobuf');
    // Status: code (field 1) 3, INVALID_ARGUMENT; message (field 2).
    expect(answer.body.subarray(0, 3)).toEqual(Buffer.from([0x08, 0x03, 0x12]));
    expect(answer.body.toString('latin1')).toContain('the message ends in the middle of a field');
  });

  test.each([
    ['traces', 'not protobuf at all'],
    ['logs', 'not protobuf at all'],
    ['metrics', 'not protobuf at all'],
  ])('%s that are text: 400', async (signal, body) => {
    expect((await send({ path: `/v1/${signal}`, body })).status).toBe(400);
  });

  test.each([
    ['text', 'nonsense', 'not JSON'],
    ['a list', '[]', 'not a JSON object'],
    ['a wrong type', '{"resourceSpans": 5}', 'array expected'],
    ['an id that is not hex', JSON.stringify(jsonTraces([jsonSpan('x', { traceId: 'xyz' })])), 'not hexadecimal'],
  ])('JSON that is %s: 400 in JSON', async (_, body, text) => {
    const answer = await send({ body, headers: json });
    expect(answer.status).toBe(400);
    expect(asJson(answer)).toEqual(statusBody(3, text));
  });

  test('values nested too deep, in any format: 400', async () => {
    const deep = '{"arrayValue":{"values":['.repeat(5000) + ']}}'.repeat(5000);
    const body = `{"resourceSpans":[{"resource":{"attributes":[{"key":"k","value":${deep}}]}}]}`;
    const answer = await send({ body, headers: json });
    expect(answer.status).toBe(400);
    expect(asJson(answer)).toEqual(statusBody(3, 'nested deeper'));
    // AnyValue in ArrayValue in AnyValue ... as an attribute of a resource.
    let value: Buffer = Buffer.alloc(0);
    for (let i = 0; i < 3000; i++) value = field(0x2a, field(0x0a, value));
    const attribute = Buffer.concat([field(0x0a, Buffer.from('k')), field(0x12, value)]);
    const binary = field(0x0a, field(0x0a, field(0x0a, attribute)));
    for (const path of ['/v1/traces', '/v1/logs', '/v1/metrics']) {
      expect((await send({ path, body: binary })).status, path).toBe(400);
    }
  });

  test('100 MB: 413, without waiting for all of it when the length is told', async () => {
    const chunk = new Uint8Array(1 << 20);
    // Far more than is ever sent: the sender stops at the answer, which comes after 16 of these and what is then on its way.
    let left = 1000;
    const answer = await send({ body: () => (left-- > 0 ? chunk : null) });
    expect(answer.status).toBe(413);
    expect(left).toBeGreaterThan(500);
    const told = await send({ headers: { 'content-length': String(100 << 20) }, body: () => null }).catch(() => null);
    expect(told?.status).toBe(413);
  });

  test('a gzip bomb: 413, stopped while inflating', async () => {
    const bomb = gzipSync(Buffer.alloc(200 << 20), { level: 9 });
    expect(bomb.length).toBeLessThan(1 << 20);
    const answer = await send({ body: bomb, headers: { 'content-encoding': 'gzip' } });
    expect(answer.status).toBe(413);
  }, 20_000);

  test('broken gzip: 400; another encoding: 415', async () => {
    expect((await send({ body: whole, headers: { 'content-encoding': 'gzip' } })).status).toBe(400);
    const cut = gzipSync(whole).subarray(0, 100);
    expect((await send({ body: cut, headers: { 'content-encoding': 'gzip' } })).status).toBe(400);
    expect((await send({ body: whole, headers: { 'content-encoding': 'br' } })).status).toBe(415);
  });

  test('another content type: 415; another method: 405; another path: 404', async () => {
    expect((await send({ body: whole, headers: { 'content-type': 'text/plain' } })).status).toBe(415);
    const got = await send({ method: 'GET' });
    expect(got.status).toBe(405);
    expect(got.headers.allow).toBe('POST');
    expect((await send({ path: '/v1/profiles', body: whole })).status).toBe(404);
  });

  test('a page in a browser, or a foreign name: 403, and no CORS', async () => {
    const page = await send({ body: whole, headers: { origin: 'http://evil.example' } });
    expect(page.status).toBe(403);
    expect(page.headers['access-control-allow-origin']).toBeUndefined();
    expect((await send({ method: 'OPTIONS', headers: { origin: 'http://evil.example' } })).status).toBe(403);
    expect((await send({ body: whole, headers: { host: 'evil.example:4318' } })).status).toBe(403);
    expect((await send({ body: whole, headers: { host: 'localhost:4318' } })).status).toBe(200);
  });

  test('after all that it still works', async () => {
    const before = telemetry.pulse?.spans ?? 0;
    expect((await send({ body: Buffer.from(new SpanBatches(64, 11).next(Date.now())) })).status).toBe(200);
    await vi.waitFor(() => expect(telemetry.pulse?.spans).toBeGreaterThanOrEqual(before + 64), 5000);
    expect(telemetry.problems).toEqual([]);
  });
});

/** A length-delimited field. */
function field(tag: number, value: Buffer): Buffer {
  const length: number[] = [];
  let rest = value.length;
  for (; rest > 127; rest >>>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([tag, ...length, rest]), value]);
}
