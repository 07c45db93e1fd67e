/** What was sold within one window of event time. */
export interface SalesWindow {
  startMs: number;
  orders: number;
  revenueCents: number;
}

export interface WindowOptions {
  sizeMs: number;
  /** How far behind the newest event another may be and still count: partitions do not run in step. */
  latenessMs: number;
  /** How many closed windows are kept. */
  keep: number;
}

/**
 * Tumbling windows over a stream, by the time at which things happened rather than by when we hear of them. The watermark
 * trails the newest event by `latenessMs`; a window that it has passed is closed and never changes again. Kept in memory: a
 * restart begins anew, unlike the read model in Postgres.
 */
export class TumblingWindows {
  readonly #options: WindowOptions;
  readonly #open = new Map<number, SalesWindow>();
  #closed: SalesWindow[] = [];
  #watermarkMs = Number.NEGATIVE_INFINITY;

  constructor(options: WindowOptions) {
    this.#options = options;
  }

  /** Adds an order; false where it came too late, its window is closed. */
  add(atMs: number, revenueCents: number): boolean {
    const { sizeMs, latenessMs } = this.#options;
    const startMs = Math.floor(atMs / sizeMs) * sizeMs;
    if (startMs + sizeMs <= this.#watermarkMs) return false;
    const window = this.#open.get(startMs) ?? { startMs, orders: 0, revenueCents: 0 };
    this.#open.set(startMs, {
      startMs,
      orders: window.orders + 1,
      revenueCents: window.revenueCents + revenueCents,
    });
    this.advanceTo(atMs - latenessMs);
    return true;
  }

  /** Closes the windows that end before `watermarkMs`. Also called by the clock, for a stream that has fallen silent. */
  advanceTo(watermarkMs: number): void {
    if (watermarkMs <= this.#watermarkMs) return;
    this.#watermarkMs = watermarkMs;
    const done = [...this.#open.values()].filter(({ startMs }) => startMs + this.#options.sizeMs <= watermarkMs);
    for (const { startMs } of done) this.#open.delete(startMs);
    done.sort((a, b) => a.startMs - b.startMs);
    this.#closed = [...this.#closed, ...done].slice(-this.#options.keep);
  }

  /** The closed windows, oldest first. */
  closed(): readonly SalesWindow[] {
    return this.#closed;
  }
}
