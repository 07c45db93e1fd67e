import type { Command } from 'commander';
import { Option } from 'commander';
import type { MetricInfo, MetricSeries } from '../../contract/index.ts';
import { withEngine } from '../context.ts';
import { jsonOption, lastOption } from '../options.ts';
import { print, table } from '../output.ts';

const aggregates = ['value', 'rate', 'p50', 'p95', 'p99', 'avg'] as const;

function listText(metrics: readonly MetricInfo[]): string {
  if (metrics.length === 0) return 'No metric was received in this time.';
  return table(metrics, [
    { title: 'metric', value: (one) => one.name },
    { title: 'kind', value: (one) => one.kind },
    { title: 'unit', value: (one) => one.unit },
    { title: 'labels', value: (one) => one.labels.join(' ') },
    { title: 'services', value: (one) => one.services.join(' ') },
  ]);
}

function seriesText(series: readonly MetricSeries[]): string {
  if (series.length === 0) return 'No series of that name in this time. flotilla metrics lists the names.';
  return table(series, [
    { title: 'service', value: (one) => one.service },
    {
      title: 'labels',
      value: (one) =>
        Object.entries(one.labels)
          .map(([key, value]) => `${key}=${value}`)
          .join(' '),
    },
    { title: 'points', align: 'right', value: (one) => String(one.points.length) },
    {
      title: 'last',
      align: 'right',
      value: (one) => `${Number((one.points.at(-1)?.value ?? 0).toPrecision(6))} ${one.unit}`,
    },
  ]);
}

interface MetricOptions {
  json: boolean;
  last: number;
  service?: string;
  as: (typeof aggregates)[number];
}

export function addMetrics(program: Command): void {
  program
    .command('metrics [name]')
    .description('the metrics there are, or the series of one')
    .option('--service <service>', 'of one service only')
    .addOption(new Option('--as <form>', 'what to make of the points').choices(aggregates).default('value'))
    .addOption(lastOption('15m'))
    .addOption(jsonOption())
    .action((name: string | undefined, { json, last, service, as }: MetricOptions) =>
      withEngine(async (client) => {
        const range = { lastMs: last };
        if (name === undefined) {
          const metrics = await client.call('metrics.list', { range });
          print(json, metrics, () => listText(metrics));
          return;
        }
        const series = await client.call('metrics.series', {
          range,
          name,
          aggregate: as,
          ...(service ? { service } : {}),
        });
        print(json, series, () => seriesText(series));
      }),
    );
}
