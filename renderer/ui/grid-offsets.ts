/**
 * Where the rows of a long list lie: all are `rowHeight` high but those in `tall`, by position. Positions count rows from the
 * list's first one ever, so that they stay when rows are dropped or put before; row `index` has position `base + index`.
 */
export class GridOffsets {
  #count = 0;
  #rowHeight = 1;
  /** The top of each row, and the end of the last; empty while all are equally high. */
  #tops: Float64Array = new Float64Array(0);
  #even = true;

  update(count: number, base: number, rowHeight: number, tall: ReadonlyMap<number, number>): void {
    this.#count = count;
    this.#rowHeight = rowHeight;
    this.#even = tall.size === 0;
    if (this.#even) return;
    if (this.#tops.length < count + 1) this.#tops = new Float64Array(Math.ceil((count + 1) * 1.5));
    let top = 0;
    for (let index = 0; index < count; index++) {
      this.#tops[index] = top;
      top += tall.get(base + index) ?? rowHeight;
    }
    this.#tops[count] = top;
  }

  /** The height of all rows. */
  get total(): number {
    return this.topOf(this.#count);
  }

  /** Where a row begins; for the row after the last: where that ends. */
  topOf(index: number): number {
    const row = Math.max(0, Math.min(index, this.#count));
    return this.#even ? row * this.#rowHeight : (this.#tops[row] ?? 0);
  }

  /** The row at a distance from the top; the first or last one outside of the list. */
  indexAt(top: number): number {
    const last = Math.max(0, this.#count - 1);
    if (this.#even) return Math.max(0, Math.min(last, Math.floor(top / this.#rowHeight)));
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#tops[middle] ?? 0) <= top) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
