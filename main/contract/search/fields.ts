import { LogLevel, LogRecord, SpanKind, SpanStatus } from '../telemetry.ts';
import type { SearchField } from './ast.ts';

export interface FieldInfo {
  readonly field: SearchField;
  readonly aliases: readonly string[];
  readonly description: string;
  /** The words that it can have; null: any text. */
  readonly words: readonly string[] | null;
  /** Other spellings of those words. */
  readonly synonyms: Readonly<Record<string, string>>;
}

const text = (field: SearchField, description: string, ...aliases: string[]): FieldInfo => ({
  field,
  aliases,
  description,
  words: null,
  synonyms: {},
});

/** Every field of the search language, in the order in which completion offers them. */
export const searchFields: readonly FieldInfo[] = [
  text('service', 'Name of the service'),
  {
    field: 'status',
    aliases: [],
    description: 'Status of a span; of a log line, error means level error or fatal',
    words: SpanStatus.options,
    synonyms: { failed: 'error' },
  },
  {
    field: 'level',
    aliases: ['severity'],
    description: 'Level of a log line, also compared: level>=warn',
    words: LogLevel.options,
    synonyms: { warning: 'warn', err: 'error', information: 'info', critical: 'fatal' },
  },
  text('duration', 'Duration of a span, compared: duration>200ms'),
  text('name', 'Name of the span', 'span', 'operation'),
  text('message', 'Message of a log line, status message of a span', 'msg', 'body'),
  { field: 'kind', aliases: [], description: 'Kind of the span', words: SpanKind.options, synonyms: {} },
  {
    field: 'has',
    aliases: [],
    description: 'has:error finds spans and log lines that are errors',
    words: ['error'],
    synonyms: { errors: 'error' },
  },
  text('trace', 'Trace id, or its beginning with *', 'trace_id', 'traceid'),
  text('span_id', 'Span id', 'spanid'),
  text('scope', 'Instrumentation scope of the span'),
  text('instance', 'Instance of the service that wrote the log line: orders-1'),
  {
    field: 'source',
    aliases: [],
    description: 'Where a log line was read',
    words: LogRecord.shape.source.options,
    synonyms: {},
  },
];

const byName = new Map(searchFields.flatMap((info) => [info.field, ...info.aliases].map((name) => [name, info])));

/** Every name that a field answers to. */
export const fieldNames: readonly string[] = [...byName.keys()];

export function findField(name: string): FieldInfo | undefined {
  return byName.get(name.toLowerCase());
}

/** Severity as a number, 0 for trace to 5 for fatal. */
export function levelRank(level: LogLevel): number {
  return LogLevel.options.indexOf(level);
}

/** The level of a rank. */
export function levelAt(rank: number): LogLevel {
  return LogLevel.options[Math.max(0, Math.min(rank, LogLevel.options.length - 1))] ?? 'info';
}
