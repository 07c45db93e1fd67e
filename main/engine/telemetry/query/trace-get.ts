import {
  type ApiOutput,
  type ApiParsed,
  type Attributes,
  FlotillaError,
  type Span,
  type SpanId,
  type TraceId,
} from '../../../contract/index.ts';
import type { StoreQuery } from '../store/connection.ts';
import { numberToSpanId, traceIdToUuid } from '../store/ids.ts';
import { spanKinds, spanStatuses } from '../store/schema.ts';
import { criticalPath } from './critical-path.ts';
import { spanTree } from './span-tree.ts';
import { later, nsToIso } from './time.ts';

/** A trace is given up to so many spans, the earliest; more than that nobody reads and no page draws. */
export const mostSpans = 20_000;

interface SpanRow {
  span_id: bigint;
  parent_id: bigint;
  start_ns: bigint;
  duration_ns: bigint;
  kind: number;
  status: number;
  resource: number;
  service: string;
  name: string;
  scope: string;
  attributes: string;
  status_message: string;
  extra: string | null;
  total: number;
}

interface Extra {
  events?: { name: string; timeNs: string; attributes?: Attributes }[];
  links?: { traceId: string; spanId: string; attributes?: Attributes }[];
}

interface StoredSpan {
  readonly spanId: SpanId;
  readonly parentSpanId: SpanId | null;
  readonly startNs: bigint;
  readonly durationNs: bigint;
  readonly kind: Span['kind'];
  readonly row: SpanRow;
}

/**
 * One trace with all its spans: a span whose parent is missing, or is itself, stands at the top. Clocks that disagree are left
 * as they are.
 * @throws FlotillaError TRACE_UNKNOWN
 */
export const traceGet: StoreQuery<ApiParsed<'traces.get'>, ApiOutput<'traces.get'>> = async (db, { traceId }) => {
  const rows = await db.all<SpanRow>(
    `SELECT span_id, parent_id, start_ns, duration_ns, kind, status, resource, service, name, scope, attributes,
       status_message, extra, (count(*) OVER ())::DOUBLE AS total
     FROM spans WHERE trace_id = $1::UUID ORDER BY start_ns LIMIT ${mostSpans}`,
    [traceIdToUuid(traceId)],
  );
  const tree = spanTree(rows.map(toStored));
  if (tree.main === undefined) throw new FlotillaError('TRACE_UNKNOWN', { traceId });
  const startNs = rows[0]?.start_ns ?? 0n;
  const endNs = rows.reduce((end, row) => later(end, row.start_ns + row.duration_ns), startNs);
  const topLevel = new Set(tree.roots.map((node) => node.span.spanId));
  const known = new Set(tree.ordered.map((span) => span.spanId));
  const omitted = (rows[0]?.total ?? 0) - rows.length;
  return {
    traceId,
    root: { service: tree.main.span.row.service, name: tree.main.span.row.name },
    startTime: nsToIso(startNs),
    durationMs: Number(endNs - startNs) / 1e6,
    spans: tree.ordered.map((span) => {
      // A parent that is missing is named; one that would make a circle is not, so that every reader comes to an end.
      const inCircle = topLevel.has(span.spanId) && span.parentSpanId !== null && known.has(span.parentSpanId);
      return toSpan(span, startNs, inCircle ? null : span.parentSpanId);
    }),
    criticalPath: criticalPath(tree.main) as SpanId[],
    resources: await resourcesOf(db, rows),
    ...(omitted > 0 ? { omitted } : {}),
  };
};

function toStored(row: SpanRow): StoredSpan {
  return {
    spanId: numberToSpanId(row.span_id) as SpanId,
    parentSpanId: row.parent_id === 0n ? null : (numberToSpanId(row.parent_id) as SpanId),
    startNs: row.start_ns,
    durationNs: row.duration_ns,
    kind: spanKinds[row.kind] ?? 'unspecified',
    row,
  };
}

function toSpan({ row, ...span }: StoredSpan, traceStartNs: bigint, parentSpanId: SpanId | null): Span {
  const extra = row.extra === null ? {} : (JSON.parse(row.extra) as Extra);
  return {
    spanId: span.spanId,
    parentSpanId,
    service: row.service,
    name: row.name,
    kind: span.kind,
    startTime: nsToIso(span.startNs),
    offsetMs: Number(span.startNs - traceStartNs) / 1e6,
    durationMs: Number(span.durationNs) / 1e6,
    status: spanStatuses[row.status] ?? 'unset',
    statusMessage: row.status_message,
    scope: row.scope,
    attributes: JSON.parse(row.attributes) as Attributes,
    events: (extra.events ?? []).map((event) => ({
      name: event.name,
      offsetMs: Number(BigInt(event.timeNs) - traceStartNs) / 1e6,
      time: nsToIso(BigInt(event.timeNs)),
      attributes: event.attributes ?? {},
    })),
    links: (extra.links ?? []).map((link) => ({
      traceId: link.traceId as TraceId,
      spanId: link.spanId as SpanId,
      attributes: link.attributes ?? {},
    })),
  };
}

/** Resource attributes by service; of several instances, those of the one that comes first in the trace. */
async function resourcesOf(
  db: Parameters<typeof traceGet>[0],
  rows: readonly SpanRow[],
): Promise<Record<string, Attributes>> {
  const first = new Map<string, number>();
  for (const row of rows) if (!first.has(row.service)) first.set(row.service, row.resource);
  const found = await db.all<{ service: string; attributes: string }>(
    `SELECT service, attributes FROM resources WHERE list_contains($1::UINTEGER[], id)`,
    [`[${[...first.values()].join(',')}]`],
  );
  return Object.fromEntries(found.map(({ service, attributes }) => [service, JSON.parse(attributes) as Attributes]));
}
