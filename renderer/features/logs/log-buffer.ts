import type { LogRecord } from '../../../main/contract/index.ts';

/** Lines that the engine could not send because the reader was behind, in their place among those that came. */
export interface SkippedLines {
  readonly skipped: number;
}

export type LogRow = LogRecord | SkippedLines;

export function isLine(row: LogRow | undefined): row is LogRecord {
  return row !== undefined && 'seq' in row;
}

/**
 * The rows of the log list in a ring: at most `capacity`, whatever comes. Each row has a position that it keeps for life;
 * those appended count up from the first, those put before count down.
 */
export class LogBuffer {
  readonly capacity: number;
  readonly #ring: (LogRow | undefined)[];
  #first = 0;
  #end = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#ring = new Array<LogRow | undefined>(capacity).fill(undefined);
  }

  /** The position of the oldest row. */
  get first(): number {
    return this.#first;
  }

  get count(): number {
    return this.#end - this.#first;
  }

  at(position: number): LogRow | undefined {
    return position >= this.#first && position < this.#end ? this.#ring[this.#slot(position)] : undefined;
  }

  /** Adds rows after the newest; the oldest go when there are too many. */
  append(rows: readonly LogRow[]): void {
    for (const row of rows) {
      this.#ring[this.#slot(this.#end)] = row;
      this.#end += 1;
      if (this.#end - this.#first > this.capacity) this.#first += 1;
    }
  }

  /** Counts lines as skipped after the newest row, in one row with those skipped just before. */
  skip(count: number): void {
    const last = this.at(this.#end - 1);
    if (last !== undefined && 'skipped' in last) {
      this.#ring[this.#slot(this.#end - 1)] = { skipped: last.skipped + count };
    } else this.append([{ skipped: count }]);
  }

  /** Puts rows before the oldest; the newest go when there are too many. Gives how many went. */
  prepend(rows: readonly LogRow[]): number {
    for (let at = rows.length - 1; at >= 0; at--) {
      this.#first -= 1;
      this.#ring[this.#slot(this.#first)] = rows[at];
    }
    const dropped = Math.max(0, this.count - this.capacity);
    this.#end -= dropped;
    return dropped;
  }

  /** Starts anew; positions begin at zero again. */
  clear(): void {
    this.#ring.fill(undefined);
    this.#first = 0;
    this.#end = 0;
  }

  /** The lines from one position to another, both included, without the marks of skipped ones. */
  lines(from = this.#first, to = this.#end - 1): LogRecord[] {
    const found: LogRecord[] = [];
    for (let position = Math.max(from, this.#first); position <= Math.min(to, this.#end - 1); position++) {
      const row = this.at(position);
      if (isLine(row)) found.push(row);
    }
    return found;
  }

  #slot(position: number): number {
    return ((position % this.capacity) + this.capacity) % this.capacity;
  }
}
