import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MetricBuffer } from '../store/metric-buffer.ts';
import { Resources } from '../store/resources.ts';
import { SpanBuffer } from '../store/span-buffer.ts';
import { decodeLogs, levelOf } from './log-decoder.ts';
import { decodeMetrics } from './metric-decoder.ts';
import { messageFromProtobuf } from './otlp-json.ts';
import type { LogsRequest, MetricsRequest } from './otlp-messages.ts';
import type { Signal } from './otlp-proto.ts';
import { TraceDecoder } from './trace-decoder.ts';

const recorded = (signal: Signal): Promise<Buffer> =>
  readFile(join(import.meta.dirname, `../../../../fixtures/otlp/python-${signal}.bin`));

test("spans of OpenTelemetry's SDK for Python", async () => {
  const resources = new Resources();
  const buffer = new SpanBuffer();
  const outcome = new TraceDecoder(buffer, resources).decode(await recorded('traces'));
  expect(outcome).toEqual({ accepted: 2, rejected: 0, reason: '' });
  expect(resources.pending).toMatchObject([{ id: 1, service: 'shop-python', instance: 'shop-python-1' }]);
});

test('its log records', async () => {
  const message = messageFromProtobuf('logs', await recorded('logs')) as unknown as LogsRequest;
  expect(decodeLogs(message, new Resources(), 0)).toMatchObject([
    {
      service: 'shop-python',
      level: 'error',
      message: 'payment refused for o-1',
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown,
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
      attributes: { 'code.function.name': '<module>', 'otel.scope.name': 'shop' },
      source: 'otlp',
    },
  ]);
});

test('its metrics', async () => {
  const buffer = new MetricBuffer();
  const message = messageFromProtobuf('metrics', await recorded('metrics')) as unknown as MetricsRequest;
  expect(decodeMetrics(message, new Resources(), buffer).accepted).toBe(3);
  expect(buffer.points.map(({ value, count }) => [value, count])).toEqual([
    [3, null],
    [5, null],
    [42.5, 1],
  ]);
});

test.each([
  [1, '', 'trace'],
  [5, '', 'debug'],
  [9, '', 'info'],
  [13, '', 'warn'],
  [17, '', 'error'],
  [24, '', 'fatal'],
  [0, 'WARNING', 'warn'],
  [0, 'Critical', 'fatal'],
  [0, 'whatever', 'info'],
] as const)('severity %i "%s" is %s', (number, text, level) => {
  expect(levelOf(number, text)).toBe(level);
});
