const NEWLINE = 0x0a;

/** Makes lines of bytes that come in pieces. A line keeps at most `longest` bytes; the rest of it is passed over. */
export class LineSplitter {
  readonly #longest: number;
  #pending: Buffer[] = [];
  #kept = 0;
  #bytes = 0;

  constructor(longest = 1024 * 1024) {
    this.#longest = longest;
  }

  /** Bytes that came since the last line end. */
  get pendingBytes(): number {
    return this.#bytes;
  }

  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, end));
      lines.push(this.#take());
      from = end + 1;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
    return lines;
  }

  /** The line that has begun and will not end. */
  flush(): string[] {
    return this.#bytes === 0 ? [] : [this.#take()];
  }

  #keep(piece: Buffer): void {
    this.#bytes += piece.length;
    const room = this.#longest - this.#kept;
    if (room <= 0 || piece.length === 0) return;
    // A copy: the chunk's memory is used again for the next read.
    const kept = Buffer.from(piece.subarray(0, room));
    this.#pending.push(kept);
    this.#kept += kept.length;
  }

  #take(): string {
    const line = Buffer.concat(this.#pending).toString('utf8');
    this.#pending = [];
    this.#kept = 0;
    this.#bytes = 0;
    return line;
  }
}
