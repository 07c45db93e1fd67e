import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LineSplitter } from './line-splitter.ts';

const CHUNK = 256 * 1024;
const TRUNCATE_AT = 16 * 1024 * 1024;
/** A backlog larger than this is not read but passed over, and said so: a service that floods must not fill the disk. */
const BACKLOG = 64 * 1024 * 1024;
const POSITION_WIDTH = 20;

const buffer = Buffer.allocUnsafe(CHUNK);

/**
 * Reads what a service appends to its log file. How far it has read stands in a file beside it, written with each
 * delivery, so that another engine goes on exactly there. A file that was read to its end and is large is emptied: the
 * service has it open for appending and goes on at its new end.
 */
export class LogTail {
  readonly #file: number;
  readonly #positionFile: number;
  readonly #deliver: (lines: string[]) => void;
  readonly #truncateAt: number;
  readonly #splitter = new LineSplitter();
  #offset: number;

  constructor(path: string, deliver: (lines: string[]) => void, truncateAt = TRUNCATE_AT) {
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
  }

  /** Delivers what is new, at most 256 KB; true when there is more. Asking costs microseconds when there is nothing. */
  read(): boolean {
    const size = fstatSync(this.#file).size;
    // The service emptied its log itself.
    if (size < this.#offset) this.#offset = 0;
    if (size - this.#offset > BACKLOG) this.#skipTo(size);
    else if (size > this.#offset) this.#readOnce();
    this.#truncateWhenLarge();
    return this.#offset < size && this.#offset > 0;
  }

  /** Delivers all that there is, a last line without an end included: its writer has ended. */
  async drain(): Promise<void> {
    while (this.read()) await nextTurn();
    this.#hand(this.#splitter.flush());
  }

  close(): void {
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
    this.#deliver(lines);
    this.#savePosition();
  }

  /** Between the look at the size and the emptying lie microseconds: what is written just then is lost. */
  #truncateWhenLarge(): void {
    if (this.#offset < this.#truncateAt || this.#splitter.pendingBytes > 0) return;
    if (fstatSync(this.#file).size !== this.#offset) return;
    ftruncateSync(this.#file, 0);
    this.#offset = 0;
    this.#savePosition();
  }

  #savePosition(): void {
    const position = String(this.#offset - this.#splitter.pendingBytes).padStart(POSITION_WIDTH, '0');
    try {
      writeSync(this.#positionFile, position, 0, 'latin1');
    } catch {
      // A full disk: until there is room an engine that dies leaves lines that the next one reads again.
    }
  }
}
