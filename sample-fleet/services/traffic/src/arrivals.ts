import { log } from '../../../lib/log.ts';
import { counter, gauge } from '../../../lib/metrics.ts';

/** A safe guard for this machine: beyond it shoppers are turned away at the door, and counted. */
const MAX_IN_FLIGHT = 1_000;
/** Timers know no longer time, and fire at once where they are given one (2^31 ms). */
const LONGEST_WAIT_MS = 60 * 60_000;

const turnedAway = counter('traffic.turned_away', 'Journeys that did not begin because too many were under way');

/**
 * Lets journeys begin at `rate` per second on average, at random moments (a Poisson process) and whatever has become of
 * those before: an open loop. Real shoppers do not wait for each other either, which is why a slow shop gets crowded.
 */
export class Arrivals {
  readonly #journey: () => Promise<void>;
  readonly #random: () => number;
  #rate = 0;
  #nextAtMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #inFlight = 0;

  constructor(journey: () => Promise<void>, random: () => number = Math.random) {
    this.#journey = journey;
    this.#random = random;
    gauge('traffic.rate', 'Journeys per second that the dial asks for', () => [{ value: this.#rate }]);
    gauge('traffic.in_flight', 'Journeys under way', () => [{ value: this.#inFlight }]);
  }

  get rate(): number {
    return this.#rate;
  }

  /** Journeys per second from now on; 0 for none. Those under way go on. */
  setRate(rate: number): void {
    this.#rate = rate;
    clearTimeout(this.#timer);
    this.#nextAtMs = performance.now() + this.#gapMs();
    this.#schedule();
  }

  #schedule(): void {
    if (this.#rate === 0) return;
    const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(0, this.#nextAtMs - performance.now()));
    this.#timer = setTimeout(() => this.#arrive(), waitMs);
  }

  /** Begins all journeys that are due: a timer that fires late must not lower the rate. */
  #arrive(): void {
    const nowMs = performance.now();
    while (this.#nextAtMs <= nowMs) {
      this.#begin();
      this.#nextAtMs += this.#gapMs();
    }
    this.#schedule();
  }

  #begin(): void {
    if (this.#inFlight >= MAX_IN_FLIGHT) {
      turnedAway.add(1);
      return;
    }
    this.#inFlight += 1;
    this.#journey()
      .catch((err: unknown) => log.error({ err }, 'a journey broke'))
      .finally(() => {
        this.#inFlight -= 1;
      });
  }

  /** Exponentially distributed, with the mean 1 / rate. */
  #gapMs(): number {
    return (-Math.log(1 - this.#random()) / this.#rate) * 1_000;
  }
}
