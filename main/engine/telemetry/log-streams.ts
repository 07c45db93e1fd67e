import { randomUUID } from 'node:crypto';
import type { ApiHandlers, ApiOutput, LogRecord } from '../../contract/index.ts';
import { FlotillaError } from '../../contract/index.ts';
import { Waiters } from '../waiters.ts';
import type { WorkerClient } from './worker-client.ts';

type Handlers = Pick<ApiHandlers, 'logs.tail' | 'logs.credit'>;
type Batch = ApiOutput<'logs.tail'>;

/** What has arrived for one stream and was not taken yet. The credits that its reader gave bound it. */
class Mailbox {
  private lines: LogRecord[] = [];
  private skipped = 0;
  private error: Error | null = null;
  private readonly waiters = new Waiters();

  put(lines: readonly LogRecord[], skipped: number): void {
    for (const line of lines) this.lines.push(line);
    this.skipped += skipped;
    this.waiters.wake();
  }

  fail(error: Error): void {
    this.error = error;
    this.waiters.wake();
  }

  /** Waits until there is something, or the signal aborts: null then. */
  async take(signal: AbortSignal): Promise<Omit<Batch, 'streamId'> | null> {
    while (this.lines.length === 0 && this.skipped === 0) {
      if (signal.aborted) return null;
      if (this.error !== null) throw this.error;
      await this.waiters.wait(signal);
    }
    const batch = { lines: this.lines, skipped: this.skipped };
    this.lines = [];
    this.skipped = 0;
    return batch;
  }
}

/** The live log as procedures: each stream follows the worker's tail of its own, and gets lines for its credits. */
export function logStreams(worker: WorkerClient): Handlers {
  const tails = new Map<string, number>();
  return {
    async *'logs.tail'({ query, credits, afterSeq }, signal) {
      const streamId = randomUUID();
      const mailbox = new Mailbox();
      const tail = await worker.tail(query, credits, afterSeq ?? null, {
        lines: (lines, skipped) => mailbox.put(lines, skipped),
        failed: (error) => mailbox.fail(error),
      });
      tails.set(streamId, tail);
      try {
        // The first event tells the stream's id, so that credits can be given before any line has come.
        yield { streamId, lines: [], skipped: 0 };
        for (;;) {
          const batch = await mailbox.take(signal);
          if (batch === null) return;
          yield { streamId, ...batch };
        }
      } finally {
        tails.delete(streamId);
        worker.untail(tail);
      }
    },
    'logs.credit': ({ streamId, credits }) => {
      const tail = tails.get(streamId);
      if (tail === undefined) throw new FlotillaError('NOT_FOUND', { what: 'log stream', name: streamId });
      worker.credit(tail, credits);
    },
  };
}
