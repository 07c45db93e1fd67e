/** How the end of a body is known (RFC 9112, 6.3). */
export type BodyKind = { readonly kind: 'none' | 'chunked' | 'close' } | { readonly kind: 'length'; bytes: number };

/** A chunk's size line or a trailer that is longer is not HTTP. */
const MAX_LINE = 8192;
const LF = 0x0a;

/** Finds the end of a body, without looking at what it says. */
export class BodyScanner {
  readonly #kind: BodyKind['kind'];
  #left: number;
  #state: 'size' | 'data' | 'trailer' = 'size';
  #line = '';
  isDone: boolean;
  /** It is no chunked body after all. */
  isBroken = false;

  constructor(body: BodyKind) {
    this.#kind = body.kind;
    this.#left = body.kind === 'length' ? body.bytes : 0;
    this.isDone = body.kind === 'none' || (body.kind === 'length' && body.bytes === 0);
  }

  /** Where, from `from` on, the bytes of this body end in the chunk. */
  take(chunk: Buffer, from: number): number {
    if (this.#kind === 'close') return chunk.length;
    if (this.#kind === 'length') {
      const end = Math.min(chunk.length, from + this.#left);
      this.#left -= end - from;
      this.isDone = this.#left === 0;
      return end;
    }
    let at = from;
    while (at < chunk.length && !this.isDone && !this.isBroken) at = this.#takeChunked(chunk, at);
    return at;
  }

  #takeChunked(chunk: Buffer, at: number): number {
    if (this.#state === 'data') {
      const end = Math.min(chunk.length, at + this.#left);
      this.#left -= end - at;
      if (this.#left === 0) this.#state = 'size';
      return end;
    }
    const feed = chunk.indexOf(LF, at);
    const end = feed < 0 ? chunk.length : feed + 1;
    this.#line += chunk.toString('latin1', at, end);
    if (this.#line.length > MAX_LINE) this.isBroken = true;
    if (feed >= 0) this.#endLine();
    return end;
  }

  #endLine(): void {
    const line = this.#line.trimEnd();
    this.#line = '';
    if (this.#state === 'trailer') {
      this.isDone = line === '';
      return;
    }
    const size = /^([0-9a-fA-F]{1,12})(?:[ \t]*;.*)?$/.exec(line)?.[1];
    if (size === undefined) {
      this.isBroken = true;
      return;
    }
    const bytes = Number.parseInt(size, 16);
    if (bytes === 0) this.#state = 'trailer';
    else {
      this.#state = 'data';
      // The line end after the data belongs to the chunk.
      this.#left = bytes + 2;
    }
  }
}
