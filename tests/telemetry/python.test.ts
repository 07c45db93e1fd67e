import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { never, type OpenTelemetry, openTelemetry } from './open-telemetry.ts';
import { findPython } from './python-environment.ts';

const run = promisify(execFile);
const range = { lastMs: 600_000 };
let telemetry: OpenTelemetry;
let found: Awaited<ReturnType<typeof findPython>>;

beforeAll(async () => {
  found = await findPython();
  telemetry = await openTelemetry();
}, 400_000);
afterAll(() => telemetry.dispose());

describe("OpenTelemetry's exporters for Python", () => {
  test.for([
    ['http', 'shop-http'],
    ['grpc', 'shop-grpc'],
  ] as const)('deliver traces, logs and metrics over %s', { timeout: 60_000 }, async ([protocol, service], context) => {
    if ('reason' in found) {
      console.log(`skipped: ${found.reason}`);
      return context.skip(found.reason);
    }
    const script = join(import.meta.dirname, 'python-exporter.py');
    const { stdout } = await run(found.python, [script, protocol, telemetry.otlp[protocol], service]);
    const sent = JSON.parse(stdout) as { traceId: string; spanId: string };

    await vi.waitFor(async () => {
      const trace = await telemetry.handlers['traces.get']({ traceId: sent.traceId as never }, never);
      expect(trace.root).toEqual({ service, name: 'place order' });
      expect(trace.spans).toMatchObject([
        { spanId: sent.spanId, kind: 'server', parentSpanId: null, scope: 'shop', attributes: { 'order.id': 'o-1' } },
        {
          parentSpanId: sent.spanId,
          name: 'charge',
          kind: 'client',
          status: 'error',
          statusMessage: 'card refused',
          events: [{ name: 'refused', attributes: { attempt: 2 } }],
        },
      ]);
      expect(trace.resources[service]).toMatchObject({ 'telemetry.sdk.language': 'python' });
    }, 5000);

    await vi.waitFor(async () => {
      const logs = await telemetry.handlers['logs.search']({ query: `service:${service}`, range, limit: 10 }, never);
      expect(logs).toMatchObject([
        { level: 'error', message: 'payment refused for o-1', traceId: sent.traceId, instance: `${service}-1` },
      ]);
    }, 5000);

    await vi.waitFor(async () => {
      const metrics = (await telemetry.handlers['metrics.list']({ range }, never)).filter((metric) =>
        metric.services.includes(service),
      );
      expect(metrics.map(({ name, kind }) => [name, kind]).sort()).toEqual([
        ['order.value', 'histogram'],
        ['orders.placed', 'sum'],
        ['queue.length', 'sum'],
      ]);
      const [series] = await telemetry.handlers['metrics.series'](
        { range, name: 'orders.placed', service, labels: { channel: 'web' }, aggregate: 'value', points: 10 },
        never,
      );
      expect(series?.points.at(-1)?.value).toBe(3);
    }, 5000);
  });
});
