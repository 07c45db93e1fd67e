import type { FleetView, MetricSeries } from '../../../../main/contract/index.ts';
import { formatBytes, formatCpu } from '../../../ui/format.ts';

/** One chart of what a service's instances use. */
export interface UsageChart {
  readonly title: string;
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly aggregate: 'value' | 'rate';
  /** From the metric's unit to what is shown. */
  readonly scale: number;
  readonly format: (value: number) => string;
}

const perSecond = (bytes: number): string => `${formatBytes(bytes)}/s`;

/** The charts of a runtime, under OpenTelemetry's names for containers and for processes. */
export function usageCharts(runtime: FleetView['runtime']): UsageChart[] {
  const what = runtime === 'process' ? 'process' : 'container';
  const flow = (title: string, name: string, label: string, word: string): UsageChart => ({
    title,
    metric: `${what}.${name}.io`,
    labels: { [label]: word },
    aggregate: 'rate',
    scale: 1,
    format: perSecond,
  });
  return [
    {
      title: 'CPU of one core',
      metric: what === 'process' ? 'process.cpu.utilization' : 'container.cpu.usage',
      labels: {},
      aggregate: 'value',
      scale: 100,
      format: formatCpu,
    },
    {
      title: 'Memory',
      metric: `${what}.memory.usage`,
      labels: {},
      aggregate: 'value',
      scale: 1,
      format: formatBytes,
    },
    flow('Network in', 'network', 'network.io.direction', 'receive'),
    flow('Network out', 'network', 'network.io.direction', 'transmit'),
    flow('Disk read', 'disk', 'disk.io.direction', 'read'),
    flow('Disk written', 'disk', 'disk.io.direction', 'write'),
  ];
}

export interface UsageLine {
  readonly instance: string;
  readonly points: readonly { readonly atMs: number; readonly value: number | null }[];
}

/** Steps without a measurement after which a line is broken: an instance that was not there must not look as if it was. */
const GAP_STEPS = 3;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function withGaps(points: MetricSeries['points'], scale: number): UsageLine['points'] {
  const steps = points.slice(1).map((point, index) => point.atMs - (points[index]?.atMs ?? 0));
  const longest = median(steps) * GAP_STEPS;
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    const value = { atMs: point.atMs, value: point.value * scale };
    return before && point.atMs - before.atMs > longest ? [{ atMs: before.atMs + 1, value: null }, value] : [value];
  });
}

/** A line for each instance, by name. A service with one instance has its id on no label. */
export function usageLines(series: readonly MetricSeries[], service: string, scale: number): UsageLine[] {
  return series
    .filter((one) => one.points.length > 0)
    .map((one) => ({
      instance: one.labels['service.instance.id'] ?? `${service}-1`,
      points: withGaps(one.points, scale),
    }))
    .sort((a, b) => a.instance.localeCompare(b.instance, 'en', { numeric: true }));
}
