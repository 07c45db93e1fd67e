import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LineSplitter } from './line-splitter.ts';

const CHUNK = 256 * 1024;
const TRUNCATE_AT = 16 * 1024 * 1024;
/** A backlog larger than this is not read but passed over, and said so: a service that floods must not fill the disk. */
const BACKLOG = 64 * 1024 * 1024;
const POSITION_WIDTH = 20;
/** What was handed over and is not kept yet. With more than this no more is read: a file on disk can wait. */
const MOST_UNKEPT = 8 * 1024 * 1024;

const buffer = Buffer.allocUnsafe(CHUNK);

/** Takes lines; a promise resolves when they are kept, nothing means that they are at once. */
type Deliver = (lines: string[]) => Promise<void> | void;

/**
 * Reads what a service appends to its log file. How far its lines are kept stands in a file beside it, so that another engine
 * goes on there. It is written when a delivery is known to be kept and so is never ahead: an engine that dies leaves lines that
 * are read twice at the worst, and none that are lost. A file whose lines are all kept and that is large is emptied: the service
 * has it open for appending and goes on at its new end.
 */
export class LogTail {
  readonly #file: number;
  readonly #positionFile: number;
  readonly #deliver: Deliver;
  readonly #truncateAt: number;
  readonly #splitter = new LineSplitter();
  /** How far was read. */
  #offset: number;
  /** Where each delivery ended whose lines are not kept yet, oldest first. */
  #unkept: { readonly end: number; kept: boolean }[] = [];
  /** How far lines are kept: what stands in the position's file. */
  #kept: number;
  #closed = false;

  constructor(path: string, deliver: Deliver, truncateAt = TRUNCATE_AT) {
    const open = (name: string): number => openSync(name, constants.O_RDWR | constants.O_CREAT, 0o600);
    this.#file = open(path);
    this.#positionFile = open(`${path}.position`);
    this.#deliver = deliver;
    this.#truncateAt = truncateAt;
    const size = fstatSync(this.#file).size;
    const position = Buffer.alloc(POSITION_WIDTH);
    const read = readSync(this.#positionFile, position, 0, POSITION_WIDTH, 0);
    const saved = Number(position.toString('latin1', 0, read));
    // A file shorter than the position was emptied by an engine that died before it wrote the new one.
    this.#offset = Number.isInteger(saved) && saved <= size ? saved : 0;
    this.#kept = this.#offset;
  }

  /** Delivers what is new, at most 256 KB; true when there is more. Asking costs microseconds when there is nothing. */
  read(): boolean {
    if (this.#unkept.length > 0 && this.#offset - this.#kept > MOST_UNKEPT) return false;
    return this.#read();
  }

  #read(): boolean {
    // Its descriptors may mean other files by now.
    if (this.#closed) return false;
    const size = fstatSync(this.#file).size;
    // The service emptied its log itself.
    if (size < this.#offset) this.#startOver();
    if (size - this.#offset > BACKLOG) this.#skipTo(size);
    else if (size > this.#offset) this.#readOnce();
    this.#truncateWhenLarge();
    return this.#offset < size && this.#offset > 0;
  }

  /**
   * Delivers all that there is, a last line without an end included: its writer has ended. It does not wait for lines to be
   * kept, as a service is not started again before its log was read.
   */
  async drain(): Promise<void> {
    while (this.#read()) await nextTurn();
    if (!this.#closed) this.#hand(this.#splitter.flush());
  }

  /** What was not read then is left to whoever follows the file next. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#file);
    closeSync(this.#positionFile);
  }

  #readOnce(): void {
    const bytes = readSync(this.#file, buffer, 0, CHUNK, this.#offset);
    this.#offset += bytes;
    this.#hand(this.#splitter.push(buffer.subarray(0, bytes)));
  }

  #skipTo(size: number): void {
    const skipped = Math.round((size - this.#offset) / 1024 / 1024);
    this.#splitter.flush();
    this.#offset = size;
    this.#hand([`WARN ${skipped} MB of log were passed over: they came faster than they could be read`]);
  }

  #hand(lines: string[]): void {
    if (lines.length === 0) return;
    const end = this.#offset - this.#splitter.pendingBytes;
    const keeping = this.#deliver(lines);
    if (keeping === undefined && this.#unkept.length === 0) {
      this.#savePosition(end);
      return;
    }
    const delivery = { end, kept: keeping === undefined };
    this.#unkept.push(delivery);
    void keeping?.then(() => {
      delivery.kept = true;
      this.#advance();
    });
  }

  /** Notes how far all is kept without a gap. */
  #advance(): void {
    let end: number | null = null;
    while (this.#unkept[0]?.kept === true) end = this.#unkept.shift()?.end ?? end;
    if (end !== null && !this.#closed) this.#savePosition(end);
  }

  /** The file was emptied: positions in what was there before mean nothing any more. */
  #startOver(): void {
    this.#offset = 0;
    this.#unkept = [];
    this.#kept = 0;
    this.#hand(this.#splitter.flush());
  }

  /** Between the look at the size and the emptying lie microseconds: what is written just then is lost. */
  #truncateWhenLarge(): void {
    if (this.#offset < this.#truncateAt || this.#splitter.pendingBytes > 0 || this.#unkept.length > 0) return;
    if (fstatSync(this.#file).size !== this.#offset) return;
    ftruncateSync(this.#file, 0);
    this.#offset = 0;
    this.#savePosition(0);
  }

  #savePosition(end: number): void {
    this.#kept = end;
    try {
      writeSync(this.#positionFile, String(end).padStart(POSITION_WIDTH, '0'), 0, 'latin1');
    } catch {
      // A full disk: until there is room an engine that dies leaves lines that the next one reads again.
    }
  }
}
