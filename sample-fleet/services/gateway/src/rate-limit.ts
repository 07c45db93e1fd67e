import type { FastifyInstance } from 'fastify';
import { counter } from '../../../lib/metrics.ts';

/** Clients that are remembered; the one that has been quiet for longest is forgotten first. */
const MAX_CLIENTS = 20_000;

const limited = counter('gateway.rate_limited', 'Requests refused because a client asked too often');

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/**
 * The token bucket: a client has `burst` tokens at most, a request takes one, and `perSecond` come back each second. Short
 * bursts pass, a sustained rate above `perSecond` does not.
 */
export class TokenBuckets {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** Takes a token for `client`. Gives 0, or how many seconds to wait for the next one. */
  take(client: string, nowMs = Date.now()): number {
    const known = this.#buckets.get(client) ?? { tokens: this.#burst, filledAtMs: nowMs };
    const refilled = known.tokens + ((nowMs - known.filledAtMs) / 1_000) * this.#perSecond;
    const tokens = Math.min(this.#burst, refilled);
    const allowed = tokens >= 1;
    // Deleting first moves the client to the end: the map is in the order of last use.
    this.#buckets.delete(client);
    this.#buckets.set(client, { tokens: allowed ? tokens - 1 : tokens, filledAtMs: nowMs });
    this.#forgetQuietest();
    return allowed ? 0 : (1 - tokens) / this.#perSecond;
  }

  #forgetQuietest(): void {
    if (this.#buckets.size <= MAX_CLIENTS) return;
    const [quietest] = this.#buckets.keys();
    if (quietest !== undefined) this.#buckets.delete(quietest);
  }
}

/** Answers 429 with Retry-After to a client that asks too often. A client is an address, as `app`'s trustProxy sees it. */
export function limitRates(app: FastifyInstance, buckets: TokenBuckets): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith('/health/')) return;
    const waitS = buckets.take(request.ip);
    if (waitS === 0) return;
    limited.add(1);
    reply.code(429).header('retry-after', String(Math.ceil(waitS)));
    return reply.send({ error: 'rate_limited', message: 'You ask too often; wait a moment.' });
  });
}
