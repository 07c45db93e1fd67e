import type { Attributes, AttributeValue, LogLevel, NewLogRecord } from '../../contract/index.ts';
import { instanceId, type LogChunk } from '../runtimes/index.ts';

const LONGEST = 64 * 1024;
const LONGEST_RECORD = 256 * 1024;

// CSI (colours, cursor), OSC (titles, links) and two-character escapes: ECMA-48, and xterm's control sequences.
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes are control characters
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

const LEVEL_WORDS: Readonly<Record<string, LogLevel>> = {
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
// A program may write any word at all, `constructor` too.
const LEVELS: ReadonlyMap<string, LogLevel> = new Map(Object.entries(LEVEL_WORDS));

const LEADING_WORD = /^\s*[[(<]?(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL|PANIC)\b/i;
const CONTINUATION = /^(?:\s|at |Caused by\b|\.\.\. \d+ more)/;
// Levels that are filled up from the left, as by Log4j's `%5p` or Python's `%(levelname)8s`: a line of its own.
const FILLED_LEVEL = /^ {1,4}(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL)[\s:|\]]/;

const hex = (length: number) => new RegExp(`^[0-9a-f]{${length}}$`);
const TRACE_ID = hex(32);
const SPAN_ID = hex(16);
/** What many write where no span is active: W3C Trace Context calls such ids invalid. */
const NO_ID = /^0+$/;

interface Parsed {
  timeMs: number;
  level: LogLevel;
  message: string;
  traceId: string | null;
  spanId: string | null;
  attributes: Attributes;
}

/** A record, and what may still become of it. */
export interface LogEntry {
  record: NewLogRecord;
  /** A line of text: what follows may belong to it. */
  readonly plain: boolean;
  trace: Trace;
}

/** The kind of stack trace that a record is in the middle of, where its lines do not show by themselves what they are. */
type Trace = 'none' | 'python' | 'go';

// CPython's traceback: indented lines, and a last one that is not. A following traceback is introduced by a sentence.
const PYTHON_BEGINS = /Traceback \(most recent call last\):\s*$/;
const PYTHON_CHAINS = /^(?:During handling of the above exception|The above exception was the direct cause)/;
// Go's runtime: `goroutine 1 [running]:`, then a call and an indented place in turn.
const GO_BEGINS = /^(?:panic:|fatal error:|goroutine \d+ \[)/;
const GO_CONTINUES = /^(?:goroutine \d+ \[|\[signal |created by |exit status \d|panic\()/;
// `main.(*T).f(0x1, ...)`. The first bracket decides, so that no line is looked at more than once.
const GO_CALL = /^[\w./*()[\]{}-][\w./*)[\]{}-]*\(/;

/**
 * The records in lines that were read together. A line that is a JSON object with a level and a message is structured;
 * any other is its own message, and a stack trace's lines join the record before them. The first may join `before`, the
 * entry that the lines before these ended with, which is then the first of those given.
 */
export function logEntries(chunk: LogChunk, before: LogEntry | null): LogEntry[] {
  const entries: LogEntry[] = before === null ? [] : [before];
  chunk.lines.forEach((raw, n) => {
    const line = cut(raw.replace(ESCAPES, '').replace(/\r$/, ''));
    if (line.trim() === '') return;
    const last = entries.at(-1);
    if (last !== undefined && continues(last, line)) {
      // A trace that goes on for ever is cut as a line is.
      const { record } = last;
      if (record.message.length < LONGEST_RECORD) last.record = { ...record, message: `${record.message}\n${line}` };
      return;
    }
    entries.push(entryOf(chunk, line, chunk.timesMs?.[n] ?? chunk.timeMs));
  });
  return entries;
}

/** The records in lines that nothing came before and nothing will follow. */
export function logRecords(chunk: LogChunk): NewLogRecord[] {
  return logEntries(chunk, null).map((entry) => entry.record);
}

function entryOf(chunk: LogChunk, line: string, timeMs: number): LogEntry {
  const structured = parseJsonLine(line, timeMs);
  const text = { timeMs, level: guessLevel(line), message: line, traceId: null, spanId: null, attributes: {} };
  const parsed = structured ?? text;
  const record: NewLogRecord = {
    ...parsed,
    traceId: parsed.traceId as NewLogRecord['traceId'],
    spanId: parsed.spanId as NewLogRecord['spanId'],
    service: chunk.instance.service,
    instance: instanceId(chunk.instance),
    source: chunk.stream,
  };
  return { record, plain: structured === null, trace: structured === null ? traceOf(line) : 'none' };
}

function traceOf(line: string): Trace {
  if (PYTHON_BEGINS.test(line)) return 'python';
  return GO_BEGINS.test(line) ? 'go' : 'none';
}

/** Whether the line belongs to the record before it. */
function continues(last: LogEntry, line: string): boolean {
  if (CONTINUATION.test(line)) return !FILLED_LEVEL.test(line);
  if (last.trace === 'go') return GO_CONTINUES.test(line) || (line.endsWith(')') && GO_CALL.test(line));
  if (
    PYTHON_CHAINS.test(line) ||
    (last.trace === 'none' && last.record.message.includes('\n') && PYTHON_BEGINS.test(line))
  ) {
    last.trace = 'python';
    return true;
  }
  if (last.trace !== 'python') return false;
  // The exception itself ends the traceback, unless the line before introduced another one.
  if (!PYTHON_BEGINS.test(line)) last.trace = 'none';
  return true;
}

function cut(line: string): string {
  if (line.length <= LONGEST) return line;
  return `${line.slice(0, LONGEST)} … (cut here: a line keeps ${LONGEST.toLocaleString('en')} characters)`;
}

/** Standard error alone is no sign of an error: many programs write all their logs to it. */
function guessLevel(line: string): LogLevel {
  const word = LEADING_WORD.exec(line)?.[1]?.toLowerCase();
  if (word === undefined) return PYTHON_BEGINS.test(line) ? 'error' : 'info';
  return LEVELS.get(word) ?? 'info';
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
    timeMs: parseTime(time ?? timestamp, readAtMs) ?? readAtMs,
    level: parseLevel(level),
    message: text,
    traceId: idOf(trace_id, TRACE_ID),
    spanId: idOf(span_id, SPAN_ID),
    attributes,
  };
}

function idOf(value: AttributeValue | undefined, shape: RegExp): string | null {
  const id = typeof value === 'string' ? value.toLowerCase() : '';
  return shape.test(id) && !NO_ID.test(id) ? id : null;
}

/** A name, or pino's number: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal; what lies between rounds down. */
function parseLevel(level: string | number): LogLevel {
  if (typeof level === 'string') {
    const number = Number(level);
    if (level.trim() === '' || Number.isNaN(number)) return LEVELS.get(level.toLowerCase()) ?? 'info';
    return parseLevel(number);
  }
  if (level >= 60) return 'fatal';
  if (level >= 50) return 'error';
  if (level >= 40) return 'warn';
  if (level >= 30) return 'info';
  return level >= 20 ? 'debug' : 'trace';
}

const ISO_8601 = /^[+-]?\d{4,6}-\d\d/;
/** Before the year 2000 nothing was logged: such a `time` is how long something took. */
const EARLIEST_MS = Date.UTC(2000);
const DAY_MS = 24 * 3_600_000;

/**
 * ISO 8601 or time since the epoch, whose unit is told by its size: seconds, milliseconds, microseconds or nanoseconds.
 * Null for what is no time, and for one that no clock can have shown when it was read.
 */
function parseTime(time: unknown, readAtMs: number): number | null {
  const ms =
    typeof time === 'number' ? epochMs(time) : ISO_8601.test(String(time)) ? Date.parse(String(time)) : Number.NaN;
  return ms >= EARLIEST_MS && ms <= readAtMs + DAY_MS ? ms : null;
}

function epochMs(time: number): number {
  if (time < 1e11) return time * 1000;
  if (time < 1e14) return time;
  return time < 1e17 ? time / 1000 : time / 1e6;
}
