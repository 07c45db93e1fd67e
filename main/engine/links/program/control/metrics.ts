import type { Link } from '../link.ts';

const escaped = (value: string): string => value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
const labels = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',');

interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  samples(link: Link): readonly (readonly [labels: Record<string, string>, value: number])[];
}

const bytes = (name: string, help: string): Metric => ({
  name,
  type: 'counter',
  help,
  samples: ({ name: proxy, listen: listener, upstream, counters }) =>
    (['upstream', 'downstream'] as const).map((direction) => [
      { direction, listener, proxy, upstream },
      counters[`${direction}Bytes`],
    ]),
});

const perLink = (name: string, type: Metric['type'], help: string, value: (link: Link) => number): Metric => ({
  name,
  type,
  help,
  samples: (link) => [[{ link: link.name }, value(link)]],
});

const metrics: readonly Metric[] = [
  // What Toxiproxy calls its own; a link counts at once what arrives, so received is what was seen of both.
  bytes('toxiproxy_proxy_received_bytes_total', 'Bytes received on a direction of a proxy'),
  perLink('flotilla_link_connections_open', 'gauge', 'Connections open now', (link) => link.connections.size),
  perLink('flotilla_link_connections_total', 'counter', 'Connections taken', ({ counters }) => counters.connections),
  perLink(
    'flotilla_link_refused_total',
    'counter',
    'Connections upstream did not take',
    (link) => link.counters.refused,
  ),
  perLink('flotilla_link_toxics', 'gauge', 'Toxics at work', ({ toxics }) => toxics.length),
  perLink('flotilla_link_requests_total', 'counter', 'HTTP requests seen', ({ counters }) => counters.http.requests),
  perLink(
    'flotilla_link_grpc_errors_total',
    'counter',
    'gRPC answers other than OK',
    (link) => link.counters.http.grpcErrors,
  ),
  perLink(
    'flotilla_link_faults_total',
    'counter',
    'Requests that a fault acted on',
    (link) => link.counters.http.faults,
  ),
  {
    name: 'flotilla_link_responses_total',
    type: 'counter',
    help: 'HTTP responses seen, by class of status',
    samples: ({ name, counters }) =>
      Object.entries(counters.http.responses).map(([status, count]) => [{ link: name, status }, count]),
  },
];

/** All counters in Prometheus' text format 0.0.4. */
export function metricsText(links: readonly Link[]): string {
  const lines: string[] = [];
  for (const { name, type, help, samples } of metrics) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const link of links) for (const [of, value] of samples(link)) lines.push(`${name}{${labels(of)}} ${value}`);
  }
  return `${lines.join('\n')}\n`;
}
