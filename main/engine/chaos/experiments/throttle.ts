/** Calls a function at most every so often, and always once more after the last touch. A slow one is called less often. */
export class Throttle {
  readonly #everyMs: number;
  readonly #call: () => void;
  #timer: NodeJS.Timeout | null = null;
  #lastMs = Number.NEGATIVE_INFINITY;
  #tookMs = 0;

  constructor(everyMs: number, call: () => void) {
    this.#everyMs = everyMs;
    this.#call = call;
  }

  touch(): void {
    if (this.#timer !== null) return;
    // It is never busy for more than a twentieth of the time.
    const waitMs = this.#lastMs + Math.max(this.#everyMs, this.#tookMs * 20) - performance.now();
    if (waitMs <= 0) this.now();
    else this.#timer = setTimeout(() => this.now(), waitMs);
  }

  now(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const startMs = performance.now();
    this.#call();
    this.#lastMs = performance.now();
    this.#tookMs = this.#lastMs - startMs;
  }
}
