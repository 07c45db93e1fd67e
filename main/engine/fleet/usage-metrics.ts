import type { RuntimeKind } from '../../contract/index.ts';
import { type InstanceStats, instanceId, type Traffic } from '../runtimes/index.ts';

/** Points are few, so that an idle fleet stays cheap: one of each series in this time. */
const PERIOD_MS = 10_000;
const CUMULATIVE = 2;

interface Point {
  readonly timeUnixNano: string;
  readonly asDouble: number;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue: string } }[];
}

type Metric = { readonly name: string; readonly unit: string } & (
  | { readonly gauge: { readonly dataPoints: readonly Point[] } }
  | {
      readonly sum: {
        readonly dataPoints: readonly Point[];
        readonly aggregationTemporality: number;
        readonly isMonotonic: boolean;
      };
    }
);

/**
 * What instances use over time, as metrics under OpenTelemetry's names for containers and processes
 * (https://opentelemetry.io/docs/specs/semconv/system/). Hands out OTLP/JSON bodies, a few a minute.
 */
export class UsageMetrics {
  readonly #runtime: RuntimeKind;
  readonly #namespace: string;
  readonly #deliver: (body: Buffer) => void;
  #nextMs = 0;

  constructor(runtime: RuntimeKind, namespace: string, deliver: (body: Buffer) => void) {
    this.#runtime = runtime;
    this.#namespace = namespace;
    this.#deliver = deliver;
  }

  take(stats: readonly InstanceStats[], nowMs = Date.now()): void {
    if (nowMs < this.#nextMs || stats.length === 0) return;
    this.#nextMs = nowMs + PERIOD_MS;
    this.#deliver(Buffer.from(JSON.stringify(usageRequest(this.#runtime, this.#namespace, stats, nowMs))));
  }
}

/** An OTLP ExportMetricsServiceRequest: each instance is a resource with its metrics. */
export function usageRequest(runtime: RuntimeKind, namespace: string, stats: readonly InstanceStats[], nowMs: number) {
  return {
    resourceMetrics: stats.map((one) => ({
      resource: {
        attributes: attributes({
          'service.name': one.instance.service,
          'service.namespace': namespace,
          'service.instance.id': instanceId(one.instance),
        }),
      },
      scopeMetrics: [{ scope: { name: 'flotilla' }, metrics: metricsOf(runtime, one, nowMs) }],
    })),
  };
}

function metricsOf(runtime: RuntimeKind, stats: InstanceStats, nowMs: number): Metric[] {
  const point = (value: number, labels: Record<string, string> = {}): Point => ({
    timeUnixNano: `${Math.round(nowMs)}000000`,
    asDouble: value,
    attributes: attributes(labels),
  });
  const gauge = (name: string, unit: string, value: number): Metric => ({
    name,
    unit,
    gauge: { dataPoints: [point(value)] },
  });
  const total = (name: string, unit: string, dataPoints: Point[]): Metric => ({
    name,
    unit,
    sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true },
  });
  const traffic = (name: string, label: string, words: readonly [string, string], of: Traffic | null): Metric[] =>
    of === null
      ? []
      : [total(name, 'By', [point(of.inBytes, { [label]: words[0] }), point(of.outBytes, { [label]: words[1] })])];

  const what = runtime === 'process' ? 'process' : 'container';
  return [
    // In cores: 1 is one core fully used.
    gauge(what === 'process' ? 'process.cpu.utilization' : 'container.cpu.usage', '{cpu}', stats.cpuPercent / 100),
    total(`${what}.cpu.time`, 's', [point(stats.cpuSeconds)]),
    gauge(`${what}.memory.usage`, 'By', stats.memoryBytes),
    ...(stats.memoryLimitBytes === null ? [] : [gauge(`${what}.memory.limit`, 'By', stats.memoryLimitBytes)]),
    ...traffic(`${what}.network.io`, 'network.io.direction', ['receive', 'transmit'], stats.network),
    ...traffic(`${what}.disk.io`, 'disk.io.direction', ['read', 'write'], stats.disk),
  ];
}

function attributes(values: Readonly<Record<string, string>>): Point['attributes'] {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
