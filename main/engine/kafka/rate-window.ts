/** Rates of counters that only grow, over the last while: one reading now and then, the slope between first and last. */
export class RateWindow {
  private readonly windowMs: number;
  private readonly readings: { readonly atMs: number; readonly counts: ReadonlyMap<string, number> }[] = [];

  constructor(windowMs: number) {
    this.windowMs = windowMs;
  }

  /** @param atMs from a clock that does not jump, in ms. */
  add(atMs: number, counts: ReadonlyMap<string, number>): void {
    this.readings.push({ atMs, counts });
    // The first reading is the newest that is at least a window old, so that the slope spans a whole window.
    while ((this.readings[1]?.atMs ?? Number.POSITIVE_INFINITY) <= atMs - this.windowMs) this.readings.shift();
  }

  clear(): void {
    this.readings.length = 0;
  }

  /** Per second; null until there are two readings, or when the counter went back (the topic was made anew). */
  rate(name: string): number | null {
    const last = this.readings.at(-1);
    const first = this.readings.find(({ counts }) => counts.has(name));
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return null;
    const delta = (last.counts.get(name) ?? Number.NaN) - (first.counts.get(name) ?? Number.NaN);
    return delta >= 0 ? (delta * 1000) / (last.atMs - first.atMs) : null;
  }
}
