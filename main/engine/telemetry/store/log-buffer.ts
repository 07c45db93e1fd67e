import { BIGINT, UBIGINT, UTINYINT, UUID } from '@duckdb/node-api';
import type { Attributes, LogRecord, NewLogRecord } from '../../../contract/index.ts';
import { ColumnBuffer, fixed, text } from './column-buffer.ts';
import { logLevels, logSources } from './schema.ts';
import type { BatchColumn } from './table-writer.ts';
import { msToNs, nsToIso } from './time.ts';

/** A log record before it has a number, with the exact time where it is known. */
export interface IncomingLog extends NewLogRecord {
  readonly timeNs?: bigint;
}

const sizes = { rows: 8192, keptRows: 32_768, heapBytes: 1 << 20, keptHeapBytes: 4 << 20 };
const maxMessageLength = 65_536;
const maxAttributesLength = 262_144;
const maxNameLength = 200;

function allocate(rows: number) {
  return {
    seq: new BigInt64Array(rows),
    timeNs: new BigInt64Array(rows),
    level: new Uint8Array(rows),
    source: new Uint8Array(rows),
    service: new Uint32Array(rows * 4),
    instance: new Uint32Array(rows * 4),
    message: new Uint32Array(rows * 4),
    traceId: new BigUint64Array(rows * 2),
    traceIdValid: new Uint8Array(rows),
    spanId: new BigUint64Array(rows),
    spanIdValid: new Uint8Array(rows),
    attributes: new Uint32Array(rows * 4),
  };
}
type Columns = ReturnType<typeof allocate>;

/** Log records that are not in the database yet, in the layout that it takes them in. */
export class LogBuffer extends ColumnBuffer<Columns> {
  constructor() {
    super(allocate, sizes);
  }

  add(seq: number, log: IncomingLog): void {
    this.reserveRow();
    const { columns: c, rows: row } = this;
    c.seq[row] = BigInt(seq);
    c.timeNs[row] = timeOf(log);
    c.level[row] = logLevels.indexOf(log.level);
    c.source[row] = logSources.indexOf(log.source);
    this.text(c.service, log.service, maxNameLength);
    this.text(c.instance, log.instance, maxNameLength);
    this.text(c.message, log.message, maxMessageLength);
    this.text(c.attributes, attributesText(log.attributes), Number.POSITIVE_INFINITY);
    c.traceIdValid[row] = log.traceId === null ? 0 : 1;
    if (log.traceId !== null) {
      c.traceId[row * 2] = BigInt(`0x${log.traceId.slice(16)}`);
      c.traceId[row * 2 + 1] = BigInt(`0x${log.traceId.slice(0, 16)}`) ^ 0x8000000000000000n;
    }
    c.spanIdValid[row] = log.spanId === null ? 0 : 1;
    if (log.spanId !== null) c.spanId[row] = BigInt(`0x${log.spanId}`);
    this.rows++;
  }

  /** The time of a row, epoch milliseconds. */
  timeMs(row: number): number {
    return Number(this.columns.timeNs[row]) / 1e6;
  }

  protected inTableOrder(c: Columns): BatchColumn[] {
    return [
      fixed(BIGINT, 8, c.seq),
      fixed(BIGINT, 8, c.timeNs),
      fixed(UTINYINT, 1, c.level),
      fixed(UTINYINT, 1, c.source),
      text(c.service),
      text(c.instance),
      text(c.message),
      fixed(UUID, 16, c.traceId, c.traceIdValid),
      fixed(UBIGINT, 8, c.spanId, c.spanIdValid),
      text(c.attributes),
    ];
  }

  private text(column: Uint32Array, value: string, maxLength: number): void {
    const start = this.heap.length;
    const clean = value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;
    this.heap.string(clean.length <= maxLength ? clean : `${clean.slice(0, maxLength)}…`);
    this.heap.record(column, this.rows, start);
  }
}

/** The record as the live tail shows it. */
export function toLogRecord(seq: number, log: IncomingLog): LogRecord {
  const { timeMs: _, timeNs: __, ...rest } = log;
  return { ...rest, seq, time: nsToIso(timeOf(log)) };
}

function timeOf(log: IncomingLog): bigint {
  return log.timeNs ?? msToNs(log.timeMs);
}

/** Attributes as JSON; when they are too many or too long, the short ones and a note. */
function attributesText(attributes: Attributes): string {
  const whole = JSON.stringify(attributes);
  if (whole.length <= maxAttributesLength) return whole;
  const kept: Attributes = {};
  let length = 0;
  let dropped = 0;
  for (const [key, value] of Object.entries(attributes)) {
    const size = key.length + JSON.stringify(value).length;
    if (length + size > maxAttributesLength / 2) dropped++;
    else {
      kept[key] = value;
      length += size;
    }
  }
  return JSON.stringify({ ...kept, 'flotilla.dropped_attributes': dropped });
}
