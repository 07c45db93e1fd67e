import type { ApiOutput, ApiParsed, TraceId, TraceSummary } from '../../../contract/index.ts';
import { parseSearch } from '../../../contract/search/index.ts';
import { groupBy } from '../../group-by.ts';
import type { QueryConnection, StoreQuery } from '../store/connection.ts';
import { uuidToTraceId } from '../store/ids.ts';
import { compileSearch, Parameters, spanTable } from './search/index.ts';
import { compareNs, later, nsToIso, nsToMs, rangeNs } from './time.ts';

type Input = ApiParsed<'traces.search'>;

/** How many matching spans are looked at first for each trace that is wanted; most searches need no more. */
const spansPerTrace = 20;

/**
 * How long after the end of its last span a trace may still grow: exporters send in batches, each service for itself. One without
 * a root waits for a caller that has not ended, for as long as calls usually may last.
 */
const settleMs = 2000;
const rootMs = 60_000;

/** What one service did in one trace. */
interface ShareRow {
  trace: string;
  service: string;
  spans: number;
  errors: number;
  start: bigint;
  end: bigint;
  /** Of its earliest span, and of its earliest span without a parent. */
  name: string;
  rootName: string | null;
  rootStart: bigint | null;
}

/**
 * Traces of which one span, begun in the range, fits the whole search. `newest`: those whose fitting span began last, shown by
 * start; `longest`: by duration.
 */
export const tracesSearch: StoreQuery<Input, ApiOutput<'traces.search'>> = async (db, input, { nowMs }) => {
  const parameters = new Parameters();
  const { parameters: ends } = rangeNs(input.range, nowMs);
  const [from, to] = ends.map((end) => parameters.bind(end));
  const condition = compileSearch(parseSearch(input.query), spanTable, parameters);
  const inRange = `start_ns >= ${from} AND start_ns < ${to}`;
  const traces = await (input.sort === 'longest'
    ? longest(db, inRange, condition, parameters, input.limit)
    : newest(db, `${inRange} AND ${condition}`, parameters, input.limit));
  const summaries = await summarize(db, traces, nowMs);
  const order = input.sort === 'longest' ? byDuration : byStart;
  return summaries.sort(order).map(({ summary }) => summary);
};

interface Summarized {
  readonly start: bigint;
  readonly summary: TraceSummary;
}

const byDuration = (a: Summarized, b: Summarized): number => b.summary.durationMs - a.summary.durationMs;
const byStart = (a: Summarized, b: Summarized): number => compareNs(b.start, a.start);

async function newest(db: QueryConnection, where: string, parameters: Parameters, limit: number): Promise<string[]> {
  const most = limit * spansPerTrace;
  // The newest spans of all are found without grouping all of them by trace.
  const rows = await db.all<{ trace: string; spans: number }>(
    `SELECT trace_id::VARCHAR AS trace, (sum(count(*)) OVER ())::DOUBLE AS spans
     FROM (SELECT trace_id, start_ns FROM spans WHERE ${where} ORDER BY start_ns DESC LIMIT ${most})
     GROUP BY trace_id ORDER BY max(start_ns) DESC LIMIT ${limit}`,
    parameters.values,
  );
  if (rows.length === limit || (rows[0]?.spans ?? 0) < most) return rows.map((row) => row.trace);
  const all = await db.all<{ trace: string }>(
    `SELECT trace_id::VARCHAR AS trace FROM spans WHERE ${where}
     GROUP BY trace_id ORDER BY max(start_ns) DESC LIMIT ${limit}`,
    parameters.values,
  );
  return all.map((row) => row.trace);
}

async function longest(
  db: QueryConnection,
  inRange: string,
  condition: string,
  parameters: Parameters,
  limit: number,
): Promise<string[]> {
  // All spans of a trace make its duration, so all are grouped; asking for the fitting ones in HAVING beats a join.
  const rows = await db.all<{ trace: string }>(
    `SELECT trace_id::VARCHAR AS trace FROM spans
     GROUP BY trace_id HAVING bool_or(CASE WHEN ${inRange} THEN ${condition} ELSE false END)
     ORDER BY max(start_ns + duration_ns) - min(start_ns) DESC, trace_id LIMIT ${limit}`,
    parameters.values,
  );
  return rows.map((row) => row.trace);
}

async function summarize(db: QueryConnection, traces: readonly string[], nowMs: number): Promise<Summarized[]> {
  if (traces.length === 0) return [];
  const rows = await db.all<ShareRow>(
    `SELECT trace_id::VARCHAR AS trace, service, count(*)::DOUBLE AS spans, count(*) FILTER (status = 2)::DOUBLE AS errors,
       min(start_ns) AS "start", max(start_ns + duration_ns) AS "end", arg_min(name, start_ns) AS name,
       arg_min(name, start_ns) FILTER (parent_id = 0) AS "rootName", min(start_ns) FILTER (parent_id = 0) AS "rootStart"
     FROM spans WHERE trace_id IN (SELECT unnest(string_split($1, ','))::UUID) GROUP BY trace_id, service`,
    [traces.join(',')],
  );
  return [...groupBy(rows, (row) => row.trace)].map(([trace, shares]) => summaryOf(trace, shares, nowMs));
}

function summaryOf(trace: string, shares: readonly ShareRow[], nowMs: number): Summarized {
  const ordered = shares.toSorted((a, b) => compareNs(a.start, b.start));
  const start = ordered[0]?.start ?? 0n;
  const end = ordered.reduce((latest, share) => later(latest, share.end), start);
  const [root] = ordered
    .filter((share) => share.rootStart !== null)
    .sort((a, b) => compareNs(a.rootStart ?? 0n, b.rootStart ?? 0n));
  const shown = root ?? ordered[0];
  const summary: TraceSummary = {
    traceId: uuidToTraceId(trace) as TraceId,
    root: { service: shown?.service ?? '', name: shown?.rootName ?? shown?.name ?? '' },
    startTime: nsToIso(start),
    durationMs: Number(end - start) / 1e6,
    spans: ordered.reduce((sum, share) => sum + share.spans, 0),
    errors: ordered.reduce((sum, share) => sum + share.errors, 0),
    services: ordered.map((share) => share.service),
    complete: nowMs - nsToMs(end) >= (root === undefined ? rootMs : settleMs),
  };
  return { start, summary };
}
