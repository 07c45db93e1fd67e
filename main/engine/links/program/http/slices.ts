/** Collects pieces of output; what lies beside each other in the same buffer stays one piece, without a copy. */
export class Slices {
  #pieces: Buffer[] = [];

  push(piece: Buffer): void {
    if (piece.length === 0) return;
    const last = this.#pieces.at(-1);
    if (last && last.buffer === piece.buffer && last.byteOffset + last.length === piece.byteOffset) {
      const joined = Buffer.from(last.buffer, last.byteOffset, last.length + piece.length);
      this.#pieces[this.#pieces.length - 1] = joined;
    } else this.#pieces.push(piece);
  }

  /** Hands everything on as one buffer. */
  flush(write: (chunk: Buffer) => void): void {
    if (this.#pieces.length === 0) return;
    const [first] = this.#pieces;
    const all = this.#pieces.length === 1 && first ? first : Buffer.concat(this.#pieces);
    this.#pieces = [];
    write(all);
  }
}
