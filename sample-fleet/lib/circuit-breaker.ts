export type CircuitName = 'closed' | 'half-open' | 'open';

export interface CircuitBreakerOptions {
  /** Which errors count as the other side's failure; any other is an answer, and so a success. */
  isFailure(error: unknown): boolean;
  onChange?(state: CircuitName): void;
  nowMs?(): number;
}

/** Opens when half of the calls of the last 10 s failed, of 5 at least. */
const WINDOW_S = 10;
const LEAST_CALLS = 5;
const FAILED_SHARE = 0.5;
/** How long it stays open before a trial: twice as long after each that failed, since each costs somebody a failure. */
const FIRST_OPEN_MS = 5_000;
const LONGEST_OPEN_MS = 20_000;

/** The call was not made: the circuit is open, or half-open and another call is on trial. */
export class CircuitOpenError extends Error {
  /** When it may be worth trying again. */
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('its circuit is open');
    this.name = 'CircuitOpenError';
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * A circuit breaker: https://martinfowler.com/bliki/CircuitBreaker.html. While the other side fails, callers are told so at
 * once, which spares them the wait and the other side the load.
 *
 *   closed ---- too many failures ----> open ---- time is up ----> half-open: one call is let through, on trial
 *     ^                                   ^                             |
 *     +------------- it succeeded --------+------- it failed -----------+
 *
 * All other calls are refused while one is on trial: waiting for it they would be as slow as if there were no breaker, and
 * let through after it they would come down all at once on a service that has just got up.
 */
export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  readonly #nowMs: () => number;
  readonly #calls = new RecentCalls();
  #state: CircuitName = 'closed';
  #failedTrials = 0;
  #openUntilMs = 0;
  /** Counts changes of state: how a call ended that began before the last one says nothing about now. */
  #epoch = 0;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
  }

  get state(): CircuitName {
    return this.#state;
  }

  /** Makes the call, or rejects with a CircuitOpenError. The call must end, or a trial would never. */
  async execute<T>(call: () => Promise<T>): Promise<T> {
    this.#admit();
    const epoch = this.#epoch;
    try {
      const result = await call();
      this.#note(epoch, true);
      return result;
    } catch (error) {
      this.#note(epoch, !this.#options.isFailure(error));
      throw error;
    }
  }

  #admit(): void {
    if (this.#state === 'closed') return;
    const leftMs = this.#openUntilMs - this.#nowMs();
    if (this.#state === 'half-open' || leftMs > 0) throw new CircuitOpenError(Math.max(leftMs, FIRST_OPEN_MS / 5));
    this.#become('half-open');
  }

  #note(epoch: number, succeeded: boolean): void {
    if (epoch !== this.#epoch) return;
    if (this.#state === 'half-open') {
      if (succeeded) this.#close();
      else this.#open(this.#failedTrials + 1);
      return;
    }
    this.#calls.add(this.#nowMs(), succeeded);
    const { total, failed } = this.#calls.count(this.#nowMs());
    if (!succeeded && total >= LEAST_CALLS && failed >= total * FAILED_SHARE) this.#open(0);
  }

  #open(failedTrials: number): void {
    this.#failedTrials = failedTrials;
    this.#openUntilMs = this.#nowMs() + Math.min(LONGEST_OPEN_MS, FIRST_OPEN_MS * 2 ** failedTrials);
    this.#become('open');
  }

  #close(): void {
    this.#calls.forget();
    this.#become('closed');
  }

  #become(state: CircuitName): void {
    this.#state = state;
    this.#epoch += 1;
    this.#options.onChange?.(state);
  }
}

interface Second {
  at: number;
  total: number;
  failed: number;
}

/** How the calls of the last WINDOW_S seconds ended: a sum for each second, however many calls there are. */
class RecentCalls {
  #seconds: Second[] = [];

  add(nowMs: number, succeeded: boolean): void {
    const at = Math.floor(nowMs / 1_000);
    let second = this.#seconds.at(-1);
    if (second?.at !== at) {
      second = { at, total: 0, failed: 0 };
      this.#seconds = [...this.#since(nowMs), second];
    }
    second.total += 1;
    if (!succeeded) second.failed += 1;
  }

  count(nowMs: number): { total: number; failed: number } {
    const sum = { total: 0, failed: 0 };
    for (const { total, failed } of this.#since(nowMs)) {
      sum.total += total;
      sum.failed += failed;
    }
    return sum;
  }

  forget(): void {
    this.#seconds = [];
  }

  #since(nowMs: number): Second[] {
    return this.#seconds.filter(({ at }) => at > nowMs / 1_000 - WINDOW_S);
  }
}
