import type { NewLogRecord } from '../../contract/index.ts';
import type { WorkerClient } from './worker-client.ts';

/** Long enough that what several services wrote at the same time is here together and can be put in order. */
const batchMs = 250;
const batchRecords = 1000;
const retryMs = 500;
/** So many are held at the most, those included that are on their way to the database; further ones are dropped and counted. */
const maxHeld = 40_000;

interface Batch {
  readonly records: readonly NewLogRecord[];
  kept: boolean;
}

/**
 * Hands the runtimes' log records to the worker in batches, one after the other, and holds a bounded number until they are in the
 * database: what a worker that broke had not written is handed over again.
 */
export class LogFeed {
  dropped = 0;
  private readonly worker: Pick<WorkerClient, 'logs'>;
  private waiting: NewLogRecord[] = [];
  /** What the worker has and the database has not, oldest first. */
  private unkept: Batch[] = [];
  private timer: NodeJS.Timeout | null = null;
  private sending: Promise<void> | null = null;
  private closed = false;
  /** How many records were taken and how many of these, in the same order, are kept. */
  private taken = 0;
  private kept = 0;
  /** Those who wait for a number of records to be kept; the numbers grow. */
  private keepers: { readonly upTo: number; readonly told: () => void }[] = [];

  constructor(worker: Pick<WorkerClient, 'logs'>) {
    this.worker = worker;
  }

  /** Resolves when the records are in the database, or those for which there was no room are dropped. Never rejects. */
  add(records: readonly NewLogRecord[]): Promise<void> {
    const room = Math.max(0, maxHeld - (this.taken - this.kept));
    const accepted = room >= records.length ? records : records.slice(0, room);
    this.dropped += records.length - accepted.length;
    for (const record of accepted) this.waiting.push(record);
    this.taken += accepted.length;
    if (this.waiting.length >= batchRecords) this.send();
    else this.schedule(batchMs);
    if (this.kept === this.taken) return Promise.resolve();
    return new Promise((told) => this.keepers.push({ upTo: this.taken, told }));
  }

  /** Resolves when what waited was handed over, or could not be. */
  async close(): Promise<void> {
    await this.sending;
    while (this.waiting.length > 0) {
      const before = this.waiting.length;
      this.send();
      await this.sending;
      if (this.waiting.length >= before) break;
    }
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private schedule(ms: number): void {
    if (this.closed || this.sending !== null || this.timer !== null || this.waiting.length === 0) return;
    this.timer = setTimeout(() => this.send(), ms);
  }

  private send(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.sending !== null || this.waiting.length === 0) return;
    // Outputs are read one after the other; numbered in order of time, the list of lines and their numbers agree.
    const records = this.waiting.splice(0, batchRecords).sort((a, b) => a.timeMs - b.timeMs);
    const batch: Batch = { records, kept: false };
    this.unkept.push(batch);
    this.sending = this.worker
      .logs(records, (kept) => this.settled(batch, kept))
      .then((answer) => {
        this.sending = null;
        if (answer.status === 'stored') {
          this.schedule(this.waiting.length >= batchRecords ? 0 : batchMs);
          return;
        }
        this.takeBack(batch);
        this.schedule(retryMs);
      });
  }

  private settled(batch: Batch, kept: boolean): void {
    if (!kept) {
      this.takeBack(batch);
      this.schedule(retryMs);
      return;
    }
    batch.kept = true;
    while (this.unkept[0]?.kept === true) this.kept += this.unkept.shift()?.records.length ?? 0;
    while ((this.keepers[0]?.upTo ?? Number.POSITIVE_INFINITY) <= this.kept) this.keepers.shift()?.told();
  }

  /** Puts a batch that is not kept, and those after it, back in front of what waits, in their order. */
  private takeBack(batch: Batch): void {
    const at = this.unkept.indexOf(batch);
    if (at < 0) return;
    const back = this.unkept.splice(at).filter((one) => !one.kept);
    this.waiting = [...back.flatMap((one) => one.records), ...this.waiting];
  }
}
