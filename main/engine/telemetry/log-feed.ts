import type { NewLogRecord } from '../../contract/index.ts';
import type { WorkerClient } from './worker-client.ts';

/** Long enough that what several services wrote at the same time is here together and can be put in order. */
const batchMs = 250;
const batchRecords = 1000;
const retryMs = 500;
/** While the store cannot take them, this many wait; further ones are dropped and counted. */
const maxWaiting = 20_000;

/** Hands the runtimes' log records to the worker in batches, one after the other, and holds a bounded number while it cannot take them. */
export class LogFeed {
  dropped = 0;
  private readonly worker: WorkerClient;
  private waiting: NewLogRecord[] = [];
  private timer: NodeJS.Timeout | null = null;
  private sending: Promise<void> | null = null;

  constructor(worker: WorkerClient) {
    this.worker = worker;
  }

  add(records: readonly NewLogRecord[]): void {
    const room = maxWaiting - this.waiting.length;
    this.dropped += Math.max(0, records.length - room);
    for (const record of room >= records.length ? records : records.slice(0, room)) this.waiting.push(record);
    if (this.waiting.length >= batchRecords) this.send();
    else this.schedule(batchMs);
  }

  /** Resolves when what waited was handed over, or could not be. */
  async close(): Promise<void> {
    await this.sending;
    this.send();
    await this.sending;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private schedule(ms: number): void {
    if (this.sending !== null || this.timer !== null || this.waiting.length === 0) return;
    this.timer = setTimeout(() => this.send(), ms);
  }

  private send(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.sending !== null || this.waiting.length === 0) return;
    // Outputs are read one after the other; numbered in order of time, the list of lines and their numbers agree.
    const batch = this.waiting.splice(0, batchRecords).sort((a, b) => a.timeMs - b.timeMs);
    this.sending = this.worker.logs(batch).then((answer) => {
      this.sending = null;
      if (answer.status === 'stored') {
        this.schedule(this.waiting.length >= batchRecords ? 0 : batchMs);
        return;
      }
      this.waiting = [...batch, ...this.waiting];
      this.schedule(retryMs);
    });
  }
}
