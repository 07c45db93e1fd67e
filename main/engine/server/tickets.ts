import { createHash, randomBytes } from 'node:crypto';

const LIVES_MS = 60_000;
/** Of so many only the newest are good: nobody opens more pages at once. */
const MOST = 16;

const hash = (ticket: string): string => createHash('sha256').update(ticket).digest('hex');

/**
 * What opens one session in place of the token, once and within a minute. The address that a browser is started with stands in
 * the process list, where every user of the machine can read it: a ticket in it is spent by the time that anybody could use it.
 */
export class Tickets {
  readonly #now: () => number;
  /** When each ends, by its hash, oldest first. */
  readonly #open = new Map<string, number>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  issue(): string {
    const ticket = randomBytes(32).toString('hex');
    this.#open.set(hash(ticket), this.#now() + LIVES_MS);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MOST && oldest !== undefined) this.#open.delete(oldest);
    return ticket;
  }

  /** Whether it is good; it is not a second time. */
  redeem(ticket: string): boolean {
    const key = hash(ticket);
    const endsMs = this.#open.get(key);
    this.#open.delete(key);
    return endsMs !== undefined && this.#now() < endsMs;
  }
}
