import { LONGEST_TIMER_MS } from '../longest-timer.ts';

/** A run was broken off. The message says by what. */
export class BrokenOffError extends Error {}

/** Where a run waits while it is paused, and learns that it is broken off. */
export class Gate {
  readonly #abort = new AbortController();
  readonly #outer: Gate | null;
  /** Aborts with what is under way. */
  readonly signal: AbortSignal;
  #paused: { readonly promise: Promise<void>; readonly resolve: () => void } | null = null;

  /** Within another, a part of a run can be broken off by itself; the whole is paused and broken off as ever. */
  constructor(outer: Gate | null = null) {
    this.#outer = outer;
    const own = this.#abort.signal;
    this.signal = outer === null ? own : AbortSignal.any([outer.signal, own]);
  }

  get paused(): boolean {
    return this.#paused !== null;
  }

  pause(): void {
    if (this.#paused !== null || this.signal.aborted) return;
    let resolve = (): void => {};
    const promise = new Promise<void>((done) => {
      resolve = done;
    });
    this.#paused = { promise, resolve };
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = null;
  }

  /** Breaks the run off; a second reason is ignored. */
  breakOff(reason: string): void {
    if (this.signal.aborted) return;
    this.#abort.abort(new BrokenOffError(reason));
    this.resume();
  }

  /** Goes on at once, or when a pause has ended. @throws BrokenOffError */
  async pass(): Promise<void> {
    await this.#outer?.pass();
    while (this.#paused !== null) await this.#paused.promise;
    this.signal.throwIfAborted();
  }

  /** Waits, in seconds; a pause of the run does not shorten it. @throws BrokenOffError */
  async sleep(seconds: number): Promise<void> {
    this.signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const aborted = (): void => {
        clearTimeout(timer);
        reject(this.signal.reason);
      };
      const timer = setTimeout(
        () => {
          this.signal.removeEventListener('abort', aborted);
          resolve();
        },
        Math.min(seconds * 1000, LONGEST_TIMER_MS),
      );
      this.signal.addEventListener('abort', aborted, { once: true });
    });
    await this.pass();
  }
}
