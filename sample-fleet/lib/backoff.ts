import { setTimeout as sleep } from 'node:timers/promises';
import { log } from './log.ts';

/**
 * How long to wait before try number `attempt` (from 1), in ms: exponential, half of it random ("equal jitter"), so that a fleet that lost
 * its database does not come back to it all at the same instant.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(attempt: number, options: { baseMs: number; maxMs: number }, random = Math.random): number {
  const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** (attempt - 1));
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}

/**
 * Runs `connect` until it succeeds: dependencies may start later than the service, or be away for a while. Gives up with
 * the last error after `tries`. Logs each failure once.
 */
export async function connectWithBackoff<T>(what: string, connect: () => Promise<T>, tries = 30): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await connect();
    } catch (error) {
      if (attempt >= tries) throw error;
      const waitMs = backoffMs(attempt, { baseMs: 200, maxMs: 5_000 });
      log.warn({ attempt, waitMs, reason: messageOf(error) }, `${what} cannot be reached yet`);
      await sleep(waitMs);
    }
  }
}

/** What an unknown thrown value says. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
