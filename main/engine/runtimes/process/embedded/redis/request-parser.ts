import { splitInline } from './inline.ts';

/** A request that breaks the protocol; the connection ends after its reply, as what follows cannot be told apart. */
export class ProtocolError extends Error {}

/** Redis allows 512 MB and a million; a fleet on a laptop needs neither. */
const LONGEST_BULK = 64 * 1024 * 1024;
const MOST_ARGUMENTS = 1024 * 1024;
const LONGEST_LINE = 64 * 1024;

const CR = 0x0d;
const LF = 0x0a;
const STAR = 0x2a;
const DOLLAR = 0x24;

/**
 * Cuts a stream of bytes into requests: arrays of bulk strings, or inline commands. Chunks that end within a request are
 * kept and joined once enough has come, so that a large value costs one copy.
 */
export class RequestParser {
  #chunks: Buffer[] = [];
  #length = 0;
  /** So many bytes are needed before it makes sense to look again. */
  #needed = 1;
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;
  /** The request that is being read: what it has, and how many more are to come. */
  #words: string[] = [];
  #missing = 0;

  /** Takes the next bytes and gives the requests that are now whole. Throws ProtocolError. */
  push(chunk: Buffer, accept: (words: string[]) => void): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return;
    this.#buffer = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#length);
    this.#at = 0;
    this.#needed = 0;
    while (this.#needed === 0 && this.#at < this.#buffer.length) this.#step(accept);
    const rest = this.#buffer.subarray(this.#at);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
    this.#needed = Math.max(this.#needed, rest.length + 1);
  }

  #step(accept: (words: string[]) => void): void {
    if (this.#missing > 0) {
      this.#readBulk();
      if (this.#missing === 0 && this.#words.length > 0) this.#finish(accept);
      return;
    }
    const line = this.#readLine();
    if (line === null) return;
    if (line.charCodeAt(0) !== STAR) {
      const words = splitInline(line);
      if (words === null) throw new ProtocolError('ERR Protocol error: unbalanced quotes in request');
      if (words.length > 0) accept(words);
      return;
    }
    const count = Number(line.slice(1));
    if (!Number.isInteger(count) || count > MOST_ARGUMENTS) {
      throw new ProtocolError('ERR Protocol error: invalid multibulk length');
    }
    this.#missing = Math.max(0, count);
  }

  #finish(accept: (words: string[]) => void): void {
    const words = this.#words;
    this.#words = [];
    accept(words);
  }

  /** The next line without its end; null when it is not whole yet, and then nothing is taken. */
  #readLine(): string | null {
    const end = this.#buffer.indexOf(LF, this.#at);
    if (end < 0) {
      if (this.#buffer.length - this.#at > LONGEST_LINE)
        throw new ProtocolError('ERR Protocol error: too big inline request');
      this.#needed = this.#buffer.length - this.#at + 1;
      return null;
    }
    const stop = end > this.#at && this.#buffer[end - 1] === CR ? end - 1 : end;
    const line = this.#buffer.toString('latin1', this.#at, stop);
    this.#at = end + 1;
    return line;
  }

  #readBulk(): void {
    const start = this.#at;
    const line = this.#readLine();
    if (line === null) return;
    if (line.charCodeAt(0) !== DOLLAR) {
      throw new ProtocolError(`ERR Protocol error: expected '$', got '${line.charAt(0)}'`);
    }
    const length = Number(line.slice(1));
    if (line.length < 2 || !Number.isInteger(length) || length < 0 || length > LONGEST_BULK) {
      throw new ProtocolError('ERR Protocol error: invalid bulk length');
    }
    if (this.#buffer.length < this.#at + length + 2) {
      this.#needed = this.#at - start + length + 2;
      this.#at = start;
      return;
    }
    this.#words.push(this.#buffer.toString('latin1', this.#at, this.#at + length));
    this.#at += length + 2;
    this.#missing -= 1;
  }
}
