import type { Command } from 'commander';
import { FlotillaError, type Span, type Trace, TraceId, type TraceSummary } from '../../contract/index.ts';
import { withEngine } from '../context.ts';
import { formatMs } from '../format.ts';
import { integer, jsonOption, lastOption } from '../options.ts';
import { paint, print, table } from '../output.ts';

function tracesText(traces: readonly TraceSummary[]): string {
  if (traces.length === 0) return 'No trace matches. Look further back with --last 1h, or widen --query.';
  return table(traces, [
    { title: 'trace', value: (one) => one.traceId },
    { title: 'start', value: (one) => one.startTime.slice(11, 23) },
    { title: 'duration', align: 'right', value: (one) => formatMs(one.durationMs) },
    // Spans of what has just happened may still be on their way.
    { title: 'spans', align: 'right', value: (one) => `${one.spans}${one.complete === false ? '…' : ''}` },
    { title: 'errors', align: 'right', value: (one) => String(one.errors) },
    { title: 'root', value: (one) => `${one.root.service} ${one.root.name}` },
    { title: 'services', value: (one) => one.services.join(' ') },
  ]);
}

function depths(spans: readonly Span[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const span of spans) {
    const above = span.parentSpanId === null ? undefined : found.get(span.parentSpanId);
    found.set(span.spanId, above === undefined ? 0 : above + 1);
  }
  return found;
}

function traceText(trace: Trace): string {
  const depth = depths(trace.spans);
  const critical = new Set<string>(trace.criticalPath);
  const rows = table(trace.spans, [
    { title: 'span', value: (one) => `${'  '.repeat(depth.get(one.spanId) ?? 0)}${one.service} ${one.name}` },
    { title: 'at', align: 'right', value: (one) => formatMs(one.offsetMs) },
    { title: 'took', align: 'right', value: (one) => formatMs(one.durationMs) },
    { title: '', value: (one) => (critical.has(one.spanId) ? '●' : '') },
    { title: 'status', value: (one) => (one.status === 'error' ? `error ${one.statusMessage}`.trim() : '') },
  ]);
  return `${rows}\n${paint('grey', '● on the critical path: what the duration of the trace is made of')}`;
}

export function addTraces(program: Command): void {
  program
    .command('traces')
    .description('traces that match a search, newest first')
    .option('--query <query>', 'such as: service:orders status:error duration>200ms', '')
    .option('--limit <n>', 'how many at the most', integer(1, 1000), 50)
    .option('--longest', 'the longest first', false)
    .addOption(lastOption('15m'))
    .addOption(jsonOption())
    .action(
      ({
        json,
        last,
        query,
        limit,
        longest,
      }: {
        json: boolean;
        last: number;
        query: string;
        limit: number;
        longest: boolean;
      }) =>
        withEngine(async (client) => {
          const sort = longest ? 'longest' : 'newest';
          const traces = await client.call('traces.search', { query, range: { lastMs: last }, limit, sort });
          print(json, traces, () => tracesText(traces));
        }),
    );
  program
    .command('trace <id>')
    .description('one trace, whole')
    .addOption(jsonOption())
    .action((id: string, { json }: { json: boolean }) =>
      withEngine(async (client) => {
        const traceId = TraceId.safeParse(id.toLowerCase());
        if (!traceId.success)
          throw new FlotillaError('BAD_REQUEST', { detail: `${id} is no trace id (32 hex digits)` });
        const trace = await client.call('traces.get', { traceId: traceId.data });
        print(json, trace, () => traceText(trace));
      }),
    );
}
