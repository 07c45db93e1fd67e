import type { Attributes, LogRecord, ServiceId, SpanId, TraceId } from '../../../contract/index.ts';
import { numberToSpanId, uuidToTraceId } from './ids.ts';
import { logLevels, logSources } from './schema.ts';
import { nsToIso } from './time.ts';

/** A row of the table of logs as a query gives it, with `trace_id` as text. */
export interface LogRow {
  seq: bigint;
  time_ns: bigint;
  level: number;
  source: number;
  service: string;
  instance: string;
  message: string;
  trace_id: string | null;
  span_id: bigint | null;
  attributes: string;
}

export function readLogRow(row: LogRow): LogRecord {
  return {
    seq: Number(row.seq),
    time: nsToIso(row.time_ns),
    service: row.service as ServiceId,
    instance: row.instance,
    level: logLevels[row.level] ?? 'info',
    message: row.message,
    traceId: row.trace_id === null ? null : (uuidToTraceId(row.trace_id) as TraceId),
    spanId: row.span_id === null ? null : (numberToSpanId(row.span_id) as SpanId),
    attributes: JSON.parse(row.attributes) as Attributes,
    source: logSources[row.source] ?? 'otlp',
  };
}
