import type { Attributes, AttributeValue, LogLevel, NewLogRecord } from '../../contract/index.ts';
import { instanceId, type LogChunk } from '../runtimes/index.ts';

const LONGEST = 64 * 1024;
const LONGEST_RECORD = 256 * 1024;

// CSI (colours, cursor), OSC (titles, links) and two-character escapes: ECMA-48, and xterm's control sequences.
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes are control characters
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

const LEVELS: Readonly<Record<string, LogLevel>> = {
  trace: 'trace',
  verbose: 'trace',
  silly: 'trace',
  debug: 'debug',
  info: 'info',
  information: 'info',
  notice: 'info',
  log: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  err: 'error',
  severe: 'error',
  fatal: 'fatal',
  critical: 'fatal',
  crit: 'fatal',
  alert: 'fatal',
  emergency: 'fatal',
  panic: 'fatal',
};

const LEADING_WORD = /^\s*[[(<]?(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL|PANIC)\b/i;
const CONTINUATION = /^(?:\s|at |Caused by\b|\.\.\. \d+ more)/;

const hex = (length: number) => new RegExp(`^[0-9a-f]{${length}}$`);
const TRACE_ID = hex(32);
const SPAN_ID = hex(16);

interface Parsed {
  timeMs: number;
  level: LogLevel;
  message: string;
  traceId: string | null;
  spanId: string | null;
  attributes: Attributes;
}

/**
 * The records in lines that were read together. A line that is a JSON object with a level and a message is structured;
 * any other is its own message, and a stack trace's lines join the record before them.
 */
export function logRecords(chunk: LogChunk): NewLogRecord[] {
  const records: { parsed: Parsed; plain: boolean }[] = [];
  for (const raw of chunk.lines) {
    const line = cut(raw.replace(ESCAPES, '').replace(/\r$/, ''));
    if (line.trim() === '') continue;
    const last = records.at(-1);
    if (last && CONTINUATION.test(line)) {
      // A trace that goes on for ever is cut as a line is.
      if (last.parsed.message.length < LONGEST_RECORD) last.parsed.message += `\n${line}`;
      continue;
    }
    const structured = parseJsonLine(line, chunk.timeMs);
    const level = guessLevel(line);
    const parsed = structured ?? {
      timeMs: chunk.timeMs,
      level,
      message: line,
      traceId: null,
      spanId: null,
      attributes: {},
    };
    records.push({ parsed, plain: structured === null });
  }
  return records.map(({ parsed }) => ({
    ...parsed,
    traceId: parsed.traceId as NewLogRecord['traceId'],
    spanId: parsed.spanId as NewLogRecord['spanId'],
    service: chunk.instance.service,
    instance: instanceId(chunk.instance),
    source: chunk.stream,
  }));
}

function cut(line: string): string {
  if (line.length <= LONGEST) return line;
  return `${line.slice(0, LONGEST)} … (cut here: a line keeps ${LONGEST.toLocaleString('en')} characters)`;
}

/** Standard error alone is no sign of an error: many programs write all their logs to it. */
function guessLevel(line: string): LogLevel {
  const word = LEADING_WORD.exec(line)?.[1]?.toLowerCase();
  return word === undefined ? 'info' : (LEVELS[word] ?? 'info');
}

/**
 * A JSON object with a level and a message, under any of the names that loggers use; null for everything else. Checked by
 * hand: this runs for every line of every service.
 */
function parseJsonLine(line: string, readAtMs: number): Parsed | null {
  if (!line.startsWith('{') || !line.endsWith('}')) return null;
  let json: Record<string, AttributeValue>;
  try {
    json = JSON.parse(line);
  } catch {
    return null;
  }
  const { level, msg, message, body, time, timestamp, trace_id, span_id, ...attributes } = json;
  const text = [msg, message, body].find((one) => typeof one === 'string');
  if (text === undefined || (typeof level !== 'string' && typeof level !== 'number')) return null;
  return {
    timeMs: parseTime(time ?? timestamp) ?? readAtMs,
    level: parseLevel(level),
    message: text,
    traceId: idOf(trace_id, TRACE_ID),
    spanId: idOf(span_id, SPAN_ID),
    attributes,
  };
}

function idOf(value: AttributeValue | undefined, shape: RegExp): string | null {
  const id = typeof value === 'string' ? value.toLowerCase() : '';
  return shape.test(id) ? id : null;
}

/** A name, or pino's number: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal; what lies between rounds down. */
function parseLevel(level: string | number): LogLevel {
  if (typeof level === 'string') {
    const number = Number(level);
    if (level.trim() === '' || Number.isNaN(number)) return LEVELS[level.toLowerCase()] ?? 'info';
    return parseLevel(number);
  }
  if (level >= 60) return 'fatal';
  if (level >= 50) return 'error';
  if (level >= 40) return 'warn';
  if (level >= 30) return 'info';
  return level >= 20 ? 'debug' : 'trace';
}

/** ISO 8601 or epoch milliseconds; epoch seconds, which some loggers write, are told by their size. */
function parseTime(time: unknown): number | null {
  if (typeof time === 'number' && Number.isFinite(time) && time > 0) return time < 1e11 ? time * 1000 : time;
  if (typeof time !== 'string') return null;
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? null : ms;
}
