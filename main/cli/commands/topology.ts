import type { Command } from 'commander';
import type { Topology } from '../../contract/index.ts';
import { withEngine } from '../context.ts';
import { formatBytes, formatMs, formatRate, formatShare } from '../format.ts';
import { jsonOption, lastOption } from '../options.ts';
import { print, table } from '../output.ts';

/** Of what only a link has counted and is a stream of bytes, how many. */
function rateText({ source, count, ratePerSecond, link }: Topology['edges'][number]): string {
  if (source === 'declared') return 'no traffic';
  return link && count === 0 ? `${formatBytes(Math.round(link.bytesPerSecond))}/s` : formatRate(ratePerSecond);
}

function text({ edges }: Topology): string {
  return table(edges, [
    { title: 'from', value: (one) => one.from },
    { title: 'to', value: (one) => one.to },
    { title: 'protocol', value: (one) => one.protocol },
    {
      title: 'rate',
      align: 'right',
      value: rateText,
    },
    { title: 'errors', align: 'right', value: (one) => formatShare(one.errorRate) },
    { title: 'p50', align: 'right', value: (one) => formatMs(one.p50Ms) },
    { title: 'p95', align: 'right', value: (one) => formatMs(one.p95Ms) },
    { title: 'lag', align: 'right', value: (one) => (one.lag === null ? '' : String(one.lag)) },
  ]);
}

export function addTopology(program: Command): void {
  program
    .command('topology')
    .description('who calls whom: every edge with rate, errors and latency')
    .addOption(lastOption('60s'))
    .addOption(jsonOption())
    .action(({ json, last }: { json: boolean; last: number }) =>
      withEngine(async (client) => {
        const topology = await client.call('topology.get', { range: { lastMs: last } });
        print(json, topology, () => text(topology));
      }),
    );
}
