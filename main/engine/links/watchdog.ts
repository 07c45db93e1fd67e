/** How often it is asked while it answers. */
const ASK_MS = 2000;
/** A machine that is busy may let it wait; one that gives it no turn for all of this is not to be told from a program that hangs. */
const PATIENCE_MS = 6000;
const FAILURES = 3;
/** Later than this, the engine itself got no turn, and what it thinks of others counts for nothing. */
const LATE_MS = 500;

export interface WatchdogOptions {
  /** Rejects when there is no answer within a time that the caller sets. */
  ask(): Promise<unknown>;
  /** How often `tick` is called. */
  readonly tickMs: number;
  /** Milliseconds by a clock that nobody sets. */
  now?(): number;
}

/** Tells a program that hangs from one that is slow, or that seems so because this process or the machine stood still. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #now: () => number;
  #lastTickMs: number;
  #askedMs: number;
  /** When the first question was asked that had no answer, and how many had none since. */
  #silence: { readonly sinceMs: number; readonly failures: number } | null = null;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#lastTickMs = this.#now();
    this.#askedMs = this.#lastTickMs;
  }

  /**
   * To be called all the time, and before `isDeaf`: after a pause of this process its own time limits end before it reads the
   * answers that have come, so that silence up to a late call does not count.
   */
  tick(): void {
    const nowMs = this.#now();
    if (nowMs - this.#lastTickMs > this.#options.tickMs + LATE_MS) this.#silence = null;
    this.#lastTickMs = nowMs;
  }

  /** It has not answered several times in a row, over several seconds. */
  get isDeaf(): boolean {
    const silence = this.#silence;
    return silence !== null && silence.failures >= FAILURES && this.#now() - silence.sinceMs >= PATIENCE_MS;
  }

  /** Asks when it is time to; at once where the last question had no answer. Never rejects. */
  async look(): Promise<void> {
    const askedMs = this.#now();
    if (this.#silence === null && askedMs - this.#askedMs < ASK_MS) return;
    this.#askedMs = askedMs;
    try {
      await this.#options.ask();
      this.#silence = null;
    } catch {
      const { sinceMs, failures } = this.#silence ?? { sinceMs: askedMs, failures: 0 };
      this.#silence = { sinceMs, failures: failures + 1 };
    }
  }

  /** Another program is watched from now on. */
  reset(): void {
    this.#silence = null;
    this.#askedMs = this.#now();
  }
}
