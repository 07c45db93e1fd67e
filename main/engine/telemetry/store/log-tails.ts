import { FlotillaError, type LogRecord } from '../../../contract/index.ts';
import type { QueryConnection } from './connection.ts';
import { type IncomingLog, toLogRecord } from './log-buffer.ts';
import { type LogRow, readLogRow } from './log-row.ts';

export type LogFilter = (record: LogRecord) => boolean;
export type SendLines = (lines: readonly LogRecord[], skipped: number) => void;

interface Tail {
  readonly filter: LogFilter;
  readonly send: SendLines;
  credits: number;
  lines: LogRecord[];
  skipped: number;
}

/** Lines go out when this many have come together, or after this time. */
const batchLines = 500;
const batchMs = 100;
const maxTails = 64;
const maxCredits = 100_000;
/** A reader that comes back gets at most this many of the lines that it missed. */
const maxCatchUp = 20_000;

/**
 * The readers of the live log. Each has credits, one a line; a line that finds none is counted as skipped and not kept, so
 * that a slow reader costs no memory.
 */
export class LogTails {
  private readonly tails = new Map<number, Tail>();
  private timer: NodeJS.Timeout | null = null;

  /** Adds a reader. Throws BAD_REQUEST when there are too many. */
  add(id: number, filter: LogFilter, credits: number, send: SendLines): void {
    if (this.tails.size >= maxTails) {
      throw new FlotillaError('BAD_REQUEST', { detail: `more than ${maxTails} readers follow the logs` });
    }
    this.timer ??= setInterval(() => this.flush(), batchMs);
    this.tails.set(id, { filter, send, credits: Math.min(credits, maxCredits), lines: [], skipped: 0 });
  }

  /** Gives a reader what it missed since the record with number `afterSeq`, up to `lastSeq`. */
  async catchUp(id: number, db: QueryConnection, afterSeq: number, lastSeq: number): Promise<void> {
    const rows = await db.all<LogRow>(
      `SELECT * FROM (SELECT * FROM logs WHERE seq > $1 AND seq <= $2 ORDER BY seq DESC LIMIT ${maxCatchUp}) ORDER BY seq`,
      [afterSeq, lastSeq],
    );
    const tail = this.tails.get(id);
    if (tail === undefined) return;
    for (const row of rows) offer(tail, readLogRow(row));
    const [missed] =
      rows.length < maxCatchUp
        ? []
        : await db.all<{ count: number }>('SELECT count(*)::DOUBLE AS count FROM logs WHERE seq > $1 AND seq < $2', [
            afterSeq,
            Number(rows[0]?.seq ?? 0),
          ]);
    tail.skipped += missed?.count ?? 0;
  }

  credit(id: number, credits: number): void {
    const tail = this.tails.get(id);
    if (tail !== undefined) tail.credits = Math.min(tail.credits + credits, maxCredits);
  }

  remove(id: number): void {
    this.tails.delete(id);
    if (this.tails.size === 0) this.stop();
  }

  /** Shows a new record to all readers. */
  publish(seq: number, log: IncomingLog): void {
    if (this.tails.size === 0) return;
    const record = toLogRecord(seq, log);
    for (const tail of this.tails.values()) offer(tail, record);
  }

  close(): void {
    this.stop();
    this.tails.clear();
  }

  private stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  private flush(): void {
    for (const tail of this.tails.values()) deliver(tail);
  }
}

function offer(tail: Tail, record: LogRecord): void {
  if (!tail.filter(record)) return;
  if (tail.credits === 0) {
    tail.skipped++;
    return;
  }
  tail.credits--;
  tail.lines.push(record);
  if (tail.lines.length >= batchLines) deliver(tail);
}

function deliver(tail: Tail): void {
  if (tail.lines.length === 0 && tail.skipped === 0) return;
  tail.send(tail.lines, tail.skipped);
  tail.lines = [];
  tail.skipped = 0;
}
