import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { requestTypes } from '../../main/engine/telemetry/receive/otlp-proto.ts';
import { SpanBatches } from '../bench/ingest/span-batches.ts';
import { never, type OpenTelemetry, openTelemetry } from './open-telemetry.ts';

const paths = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
} as const;

let telemetry: OpenTelemetry;
let client: Client;

beforeAll(async () => {
  telemetry = await openTelemetry();
  client = connect();
});
afterAll(async () => {
  client.close();
  await telemetry.dispose();
});

function connect(options: Record<string, string | number> = {}): Client {
  return new Client(telemetry.otlp.grpc.replace('http://', ''), credentials.createInsecure(), options);
}

function call(path: string, body: Uint8Array, by: Client = client, metadata = new Metadata()): Promise<Buffer> {
  const asItIs = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve, reject) => {
    by.makeUnaryRequest(path, asItIs, asItIs, Buffer.from(body), metadata, (error, value) => {
      if (error === null && value !== undefined) resolve(value);
      else reject(error);
    });
  });
}

const codeOf = async (work: Promise<unknown>): Promise<number | null> =>
  work.then(
    () => null,
    (error: ServiceError) => error.code,
  );

test.each([
  ['plain', {}],
  ['gzip', { 'grpc.default_compression_algorithm': 2 }],
])('spans arrive, %s', async (_, options) => {
  const by = connect(options);
  const before = telemetry.pulse?.spans ?? 0;
  const answer = await call(paths.traces, new SpanBatches(64, 20).next(Date.now()), by);
  expect(answer).toHaveLength(0);
  await vi.waitFor(() => expect(telemetry.pulse?.spans).toBe(before + 64), 5000);
  by.close();
});

test('logs and metrics arrive', async () => {
  const now = String(BigInt(Date.now()) * 1_000_000n);
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'over-grpc' } }] };
  const logs = requestTypes.logs.fromObject({
    resourceLogs: [{ resource, scopeLogs: [{ logRecords: [{ timeUnixNano: now, body: { stringValue: 'hello' } }] }] }],
  });
  await call(paths.logs, requestTypes.logs.encode(logs).finish());
  const metrics = requestTypes.metrics.fromObject({
    resourceMetrics: [
      {
        resource,
        scopeMetrics: [{ metrics: [{ name: 'jobs', gauge: { dataPoints: [{ timeUnixNano: now, asInt: '7' }] } }] }],
      },
    ],
  });
  await call(paths.metrics, requestTypes.metrics.encode(metrics).finish());
  const range = { lastMs: 60_000 };
  await vi.waitFor(async () => {
    const found = await telemetry.handlers['logs.search']({ query: 'service:over-grpc', range, limit: 5 }, never);
    expect(found.map(({ message }) => message)).toEqual(['hello']);
    const series = await telemetry.handlers['metrics.series'](
      { range, name: 'jobs', labels: {}, aggregate: 'value', points: 10 },
      never,
    );
    expect(series[0]?.points.at(-1)?.value).toBe(7);
  }, 5000);
});

test('what was refused of a request is said', async () => {
  const message = requestTypes.traces.fromObject({
    resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'no ids' }] }] }],
  });
  const answer = await call(paths.traces, requestTypes.traces.encode(message).finish());
  expect(answer.toString('latin1')).toContain('a trace_id has 0 bytes, not 16');
});

test('a malformed message is INVALID_ARGUMENT', async () => {
  const body = new SpanBatches(64, 21).next(Date.now()).subarray(0, 1000);
  expect(await codeOf(call(paths.traces, body))).toBe(status.INVALID_ARGUMENT);
  expect(await codeOf(call(paths.logs, Buffer.from('nonsense')))).toBe(status.INVALID_ARGUMENT);
});

test('a message that is too large, or becomes so, is RESOURCE_EXHAUSTED', async () => {
  const large = Buffer.alloc(20 << 20);
  expect(await codeOf(call(paths.traces, large))).toBe(status.RESOURCE_EXHAUSTED);
  const by = connect({ 'grpc.default_compression_algorithm': 2 });
  expect(await codeOf(call(paths.traces, Buffer.alloc(100 << 20), by))).toBe(status.RESOURCE_EXHAUSTED);
  by.close();
}, 20_000);

test('another service is UNIMPLEMENTED', async () => {
  const path = '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export';
  expect(await codeOf(call(path, Buffer.alloc(0)))).toBe(status.UNIMPLEMENTED);
});

test('a page in a browser, or a foreign name, is refused', async () => {
  const metadata = new Metadata();
  metadata.set('origin', 'http://evil.example');
  expect(await codeOf(call(paths.traces, Buffer.alloc(0), client, metadata))).toBe(status.PERMISSION_DENIED);
  const foreign = connect({ 'grpc.default_authority': 'evil.example:4317' });
  expect(await codeOf(call(paths.traces, Buffer.alloc(0), foreign))).toBe(status.PERMISSION_DENIED);
  foreign.close();
});
