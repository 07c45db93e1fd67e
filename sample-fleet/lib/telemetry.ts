/**
 * Traces and metrics of a service, by OpenTelemetry. Preloaded before the service itself, so that the libraries that it
 * watches are patched when the service first requires them:
 *
 *   node --require ./dist/telemetry.cjs dist/orders.cjs
 *
 * It takes the parts of the SDK that the fleet uses rather than the whole `sdk-node`, which loads every exporter there is
 * and would double the time a service needs to start. Everything is configured by OpenTelemetry's own variables
 * (OTEL_SERVICE_NAME, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_RESOURCE_ATTRIBUTES, ...). Without an endpoint nothing is
 * exported, yet trace ids still travel and appear in the logs. Logs are lines on stdout (log.ts), so there is no exporter
 * for them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { metrics, type Span } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { type Instrumentation, registerInstrumentations } from '@opentelemetry/instrumentation';
import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis';
import { KafkaJsInstrumentation } from '@opentelemetry/instrumentation-kafkajs';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationTemporality, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { observeRuntime } from './runtime-metrics.ts';
import { summarizeSql } from './sql-summary.ts';
import { provideTelemetry } from './telemetry-handle.ts';

const METRIC_INTERVAL_MS = 10_000;
const SPAN_DELAY_MS = 500;
const FLUSH_LIMIT_MS = 1_500;

/** The names of the stable conventions, unless the environment says otherwise. Read when instrumentations are made. */
process.env.OTEL_SEMCONV_STABILITY_OPT_IN ??= 'http,database,messaging';

const exporting = Boolean(
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? '',
);

function instrumentations(): Instrumentation[] {
  return [
    new HttpInstrumentation({
      // Neither health checks, nor turning the traffic's dial, nor what only simulates the world outside is part of the
      // fleet's traces.
      ignoreIncomingRequestHook: (request) =>
        request.url?.startsWith('/health/') === true ||
        request.url === '/rate' ||
        request.headers['x-simulated'] !== undefined,
    }),
    new UndiciInstrumentation({ requireParentforSpans: true }),
    new GrpcInstrumentation({ ignoreGrpcMethods: [/^\/?grpc\.health/] }),
    new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true, requestHook: nameAfterStatement }),
    new IORedisInstrumentation({ requireParentSpan: true }),
    new KafkaJsInstrumentation(),
  ];
}

function nameAfterStatement(span: Span, { query }: { query: { text: string } }): void {
  const { operation, table } = summarizeSql(query.text);
  span.updateName(table === undefined ? operation : `${operation} ${table}`);
  span.setAttribute('db.operation.name', operation);
  if (table !== undefined) span.setAttribute('db.collection.name', table);
}

function start(): void {
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'process.pid': process.pid, 'process.runtime.version': process.versions.node }))
    .merge(detectResources({ detectors: [envDetector] }));
  const tracerProvider = new NodeTracerProvider({
    resource,
    spanProcessors: exporting
      ? [new BatchSpanProcessor(new OTLPTraceExporter(), { scheduledDelayMillis: SPAN_DELAY_MS, maxQueueSize: 8192 })]
      : [],
  });
  tracerProvider.register();
  const meterProvider = new MeterProvider({
    resource,
    readers: exporting
      ? [
          new PeriodicExportingMetricReader({
            exporter: new OTLPMetricExporter({ temporalityPreference: AggregationTemporality.CUMULATIVE }),
            exportIntervalMillis: METRIC_INTERVAL_MS,
            exportTimeoutMillis: METRIC_INTERVAL_MS - 1_000,
          }),
        ]
      : [],
  });
  metrics.setGlobalMeterProvider(meterProvider);
  registerInstrumentations({ instrumentations: instrumentations(), tracerProvider, meterProvider });
  if (exporting) observeRuntime();
  provideTelemetry({
    shutdown: async () => {
      const flushed = Promise.allSettled([tracerProvider.shutdown(), meterProvider.shutdown()]);
      // A collector that is away must not keep the service from leaving.
      await Promise.race([flushed, sleep(FLUSH_LIMIT_MS)]);
    },
  });
}

if (process.env.OTEL_SDK_DISABLED !== 'true') start();
