import { Slices } from '../slices.ts';
import { type BodyKind, BodyScanner } from './body-scanner.ts';
import { type Head, parseHead } from './head.ts';

/** A longer head is not followed. */
const MAX_HEAD = 64 * 1024;
const MAX_LINE = 16 * 1024;
const LF = 0x0a;
const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** What a reader tells of the messages of one direction, and where its output goes. */
export interface MessageListener {
  /** Whether a first line can be one of a message of this direction; others are let pass without waiting for more. */
  isFirstLine(line: string): boolean;
  /** A head is complete. It has to be answered by `begin`, `interim`, `stop` or `break`. */
  head(bytes: Buffer, head: Head): void;
  /** A message has passed. */
  done(): void;
  /** This is no HTTP/1 any more: everything passes from here on. */
  broken(): void;
  write(chunk: Buffer): void;
}

/** Cuts one direction of an HTTP/1 connection into messages, however the bytes arrive. */
export class MessageReader {
  readonly #listener: MessageListener;
  readonly #out = new Slices();
  #partialHead: Buffer | null = null;
  #body: BodyScanner | null = null;
  #isSwallowed = false;
  #isBroken = false;
  #keepRest: ((rest: Buffer) => void) | null = null;

  constructor(listener: MessageListener) {
    this.#listener = listener;
  }

  get isBetweenMessages(): boolean {
    return this.#body === null && this.#partialHead === null;
  }

  /** Reads on; what is to be written has been when this returns. */
  read(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#partialHead) {
      bytes = Buffer.concat([this.#partialHead, chunk]);
      this.#partialHead = null;
    }
    let at = 0;
    while (at < bytes.length && !this.#isBroken && !this.#keepRest) {
      at = this.#body ? this.#readBody(this.#body, bytes, at) : this.#readHead(bytes, at);
    }
    if (this.#keepRest) {
      if (at < bytes.length) this.#keepRest(Buffer.from(bytes.subarray(at)));
      this.#keepRest = null;
    } else if (at < bytes.length) this.#out.push(bytes.subarray(at));
    this.#flushOut();
  }

  /** The message whose head was told goes on with this body; a swallowed one is read and not written. */
  begin(body: BodyKind, isSwallowed: boolean): void {
    this.#body = new BodyScanner(body);
    this.#isSwallowed = isSwallowed;
    if (this.#body.isDone) this.#endMessage();
  }

  /** A head without a body that is not the end of the exchange (1xx). */
  interim(bytes: Buffer): void {
    this.#out.push(bytes);
  }

  /** Stops before this head: it and all that follows in the chunk go to `keepRest`. */
  stop(head: Buffer, keepRest: (rest: Buffer) => void): void {
    keepRest(Buffer.from(head));
    this.#keepRest = keepRest;
  }

  /** Passes this and everything after it as it is. */
  break(bytes: Buffer): void {
    this.#out.push(bytes);
    this.#break();
  }

  write(bytes: Buffer): void {
    this.#out.push(bytes);
  }

  /** Writes what waits, an unfinished head too. */
  flush(): void {
    if (this.#partialHead) this.#out.push(this.#partialHead);
    this.#partialHead = null;
    this.#flushOut();
  }

  #readHead(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(END_OF_HEAD, at);
    if (end < 0) {
      if (bytes.length - at > MAX_HEAD || !this.#mayBecomeHead(bytes, at)) this.#break();
      else this.#partialHead = Buffer.from(bytes.subarray(at));
      return this.#isBroken ? at : bytes.length;
    }
    const raw = bytes.subarray(at, end + END_OF_HEAD.length);
    const head = parseHead(raw);
    if (head) this.#listener.head(raw, head);
    else this.break(raw);
    return end + END_OF_HEAD.length;
  }

  #mayBecomeHead(bytes: Buffer, at: number): boolean {
    const feed = bytes.indexOf(LF, at);
    if (feed < 0) return bytes.length - at < MAX_LINE;
    return this.#listener.isFirstLine(bytes.toString('latin1', at, feed).trimEnd());
  }

  #readBody(body: BodyScanner, bytes: Buffer, at: number): number {
    const end = body.take(bytes, at);
    if (!this.#isSwallowed) this.#out.push(bytes.subarray(at, end));
    if (body.isBroken) this.#break();
    else if (body.isDone) this.#endMessage();
    return end;
  }

  #endMessage(): void {
    this.#body = null;
    this.#isSwallowed = false;
    this.#listener.done();
  }

  #break(): void {
    this.#isBroken = true;
    this.#body = null;
    this.#listener.broken();
  }

  #flushOut(): void {
    this.#out.flush(this.#listener.write);
  }
}
