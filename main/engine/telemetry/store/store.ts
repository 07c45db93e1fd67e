import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type ErrorView, FlotillaError, toErrorView } from '../../../contract/index.ts';
import type { QueryConnection } from './connection.ts';
import { Database, putAside, removeStore, storeFile } from './database.ts';
import { type IncomingLog, LogBuffer } from './log-buffer.ts';
import { MetricBuffer, type StoredSeries } from './metric-buffer.ts';
import { Resources, type StoredResource } from './resources.ts';
import { prune } from './retention.ts';
import { SpanBuffer } from './span-buffer.ts';
import { TableWriter } from './table-writer.ts';

/** The bounds of a store. */
export interface StoreLimits {
  /** What DuckDB may use of memory for itself. */
  readonly memoryBytes: number;
  /** What the run's telemetry may take on disk; the oldest goes first. */
  readonly diskBytes: number;
}

export interface StoreCounts {
  spans: number;
  logs: number;
  metricPoints: number;
  dropped: number;
  storeBytes: number;
  newestMs: number | null;
}

export interface StoreOptions {
  readonly directory: string;
  readonly limits: StoreLimits;
  /** Called when counts have changed. */
  readonly onChange: () => void;
  /** Called with all that is wrong at present, when that has changed. */
  readonly onProblems: (problems: readonly ErrorView[]) => void;
}

/** Rows that are written without waiting for the clock: a row group. */
const batchRows = 30_720;
/** How long rows wait for more at most; what is acknowledged can be queried after that. */
const flushMs = 400;
/** Metrics alone wait longer: idle services send them too, and each write costs what hundreds of points do. */
const metricsFlushMs = 3000;
const housekeepingMs = 2000;
/** The store is weighed when so much was written since, or so much later. */
const weighRows = 5000;
const weighMs = 15_000;
/** With less than this free the disk counts as full, before DuckDB runs into it in the middle of a commit. */
const minFreeBytes = 48 << 20;
/** While the disk is full this many rows are kept in memory, so that nothing acknowledged is lost. */
const maxWaitingRows = 250_000;
/** Numbers of log records that were shown but not stored when the engine died must not come again. */
const seqGap = 1_000_000;
const maxFailures = 5;
const lockAttempts = 20;
const lockRetryMs = 100;

/** One run's telemetry: rows gather in memory and go to the database in batches. All writes pass through here. */
export class Store {
  readonly resources = new Resources();
  readonly spans = new SpanBuffer();
  readonly logs = new LogBuffer();
  readonly metrics = new MetricBuffer();
  readonly counts: StoreCounts = { spans: 0, logs: 0, metricPoints: 0, dropped: 0, storeBytes: 0, newestMs: null };
  private readonly options: StoreOptions;
  private database: Database;
  private spanWriter: TableWriter;
  private logWriter: TableWriter;
  private nextSeq = 1;
  private chain: Promise<unknown> = Promise.resolve();
  private flushTimer: NodeJS.Timeout | null = null;
  private flushDueMs = 0;
  private readonly housekeeping: NodeJS.Timeout;
  private failures = 0;
  /** Those who wait for what is in the buffers to be written. */
  private keepers: (() => void)[] = [];
  private readonly problems = new Map<string, ErrorView>();
  private closed = false;
  /** What was written since the store's size was looked at, and when that was. A file that was there may be too large. */
  private unweighedRows = weighRows;
  private weighedAtMs = Number.NEGATIVE_INFINITY;

  private constructor(options: StoreOptions, database: Database) {
    this.options = options;
    this.database = database;
    this.spanWriter = new TableWriter(database.writer, 'spans');
    this.logWriter = new TableWriter(database.writer, 'logs');
    this.housekeeping = setInterval(() => void this.exclusive(() => this.keepHouse()), housekeepingMs);
  }

  /** Opens the store in a folder and goes on with what it holds. A damaged file is put aside, not deleted. */
  static async open(options: StoreOptions): Promise<Store> {
    const { directory, limits } = options;
    let damaged: ErrorView | null = null;
    let database: Database;
    try {
      database = await openUnlocked(directory, limits.memoryBytes);
    } catch (error) {
      // A file that another holds, that is not ours to read, or that there is no room to open is not damaged.
      const blocked = error instanceof FlotillaError || isLocked(error) || /permission denied/i.test(firstLine(error));
      if (blocked) throw error;
      const path = await putAside(directory);
      damaged = new FlotillaError('STORE_DAMAGED', { detail: firstLine(error), path }).toView();
      database = await openUnlocked(directory, limits.memoryBytes);
    }
    const store = new Store(options, database);
    await store.load();
    if (damaged !== null) store.setProblem('damaged', damaged);
    return store;
  }

  /** Whether rows can be taken; when not, senders are to come again later. */
  get accepting(): boolean {
    return !this.closed && !this.problems.has('full');
  }

  /** The number of the newest log record. */
  get lastSeq(): number {
    return this.nextSeq - 1;
  }

  /** Runs `work` when no other work on buffers or writer is going on. */
  exclusive<T>(work: () => Promise<T> | T): Promise<T> {
    const result = this.chain.then(work);
    this.chain = result.catch(() => undefined);
    return result;
  }

  /** Numbers a log record and takes it; gives its number. */
  addLog(log: IncomingLog): number {
    const seq = this.nextSeq++;
    this.logs.add(seq, log);
    return seq;
  }

  /** To be called, inside `exclusive`, after rows were added: writes them now or soon. */
  async added(): Promise<void> {
    if (this.waitingRows() >= batchRows && this.accepting) await this.write();
    else this.flushWithin(this.spans.rows + this.logs.rows > 0 ? flushMs : metricsFlushMs);
  }

  private flushWithin(ms: number): void {
    const dueMs = performance.now() + ms;
    if (this.flushTimer !== null) {
      // After a failure the next attempt has its own time.
      if (this.flushDueMs <= dueMs || this.failures > 0) return;
      clearTimeout(this.flushTimer);
    }
    this.flushDueMs = dueMs;
    this.flushTimer = setTimeout(() => void this.flush(), ms);
  }

  /**
   * To be called inside `exclusive`. Resolves when all that was added so far is in the database, where a crash of this process
   * does not take it, or was discarded because it could not be written again and again.
   */
  kept(): Promise<void> {
    if (this.waitingRows() === 0) return Promise.resolve();
    return new Promise((resolve) => this.keepers.push(resolve));
  }

  /** Writes what waits. Rejects never: a failure is a problem that is reported, and tried again. */
  flush(): Promise<void> {
    return this.exclusive(() => this.write());
  }

  /** Runs a query on a connection of its own. */
  read<T>(signal: AbortSignal, work: (db: QueryConnection) => Promise<T>): Promise<T> {
    return this.database.read(signal, work);
  }

  /** Counts records that could not be kept. */
  drop(count: number): void {
    this.counts.dropped += count;
    this.options.onChange();
  }

  async close(): Promise<void> {
    clearInterval(this.housekeeping);
    await this.flush();
    this.closed = true;
    await this.exclusive(() => {
      if (this.flushTimer !== null) clearTimeout(this.flushTimer);
      this.closeDatabase();
    });
  }

  private waitingRows(): number {
    return this.spans.rows + this.logs.rows + this.metrics.points.length;
  }

  private async write(): Promise<void> {
    if (this.flushTimer !== null) clearTimeout(this.flushTimer);
    this.flushTimer = null;
    if (this.closed || this.waitingRows() === 0) return;
    try {
      await this.writeBuffers();
      this.failures = 0;
      this.setProblem('full', null);
      this.setProblem('failing', null);
    } catch (error) {
      await this.writeFailed(error);
    }
    this.options.onChange();
  }

  /** All that waits, in one transaction: one wait for the disk, and all or nothing. */
  private async writeBuffers(): Promise<void> {
    const { spans, logs, metrics, resources } = this;
    const { writer } = this.database;
    await writer.run('BEGIN');
    await resources.write(writer);
    await this.spanWriter.write(spans.batch());
    await this.logWriter.write(logs.batch());
    await metrics.write(writer);
    await writer.run('COMMIT');
    this.written();
  }

  private written(): void {
    const { counts, spans, logs, metrics } = this;
    this.unweighedRows += this.waitingRows();
    counts.spans += spans.rows;
    counts.logs += logs.rows;
    counts.metricPoints += metrics.points.length;
    if (spans.rows > 0) this.noteTime(spans.startMs(spans.rows - 1));
    if (logs.rows > 0) this.noteTime(logs.timeMs(logs.rows - 1));
    this.resources.written();
    spans.clear();
    logs.clear();
    metrics.written();
    this.tellKeepers();
  }

  private tellKeepers(): void {
    for (const told of this.keepers.splice(0)) told();
  }

  private noteTime(ms: number): void {
    this.counts.newestMs = Math.max(this.counts.newestMs ?? 0, ms);
  }

  private async writeFailed(error: unknown): Promise<void> {
    const full = isDiskFull(error) || (await this.freeBytes()) < minFreeBytes;
    if (full) this.setProblem('full', new FlotillaError('DISK_FULL', { path: this.options.directory }).toView());
    else {
      this.failures++;
      this.setProblem('failing', toErrorView(error));
    }
    if (this.waitingRows() > maxWaitingRows || this.failures > maxFailures) this.discardBuffers();
    await this.reopen();
    this.flushWithin(1000);
  }

  private discardBuffers(): void {
    this.counts.dropped += this.waitingRows();
    this.spans.clear();
    this.logs.clear();
    this.metrics.points = [];
    this.failures = 0;
    this.tellKeepers();
  }

  /** After a failed write DuckDB may refuse everything until it is opened anew. */
  private async reopen(): Promise<void> {
    try {
      this.closeDatabase();
    } catch {
      // What could not be closed cleanly is still closed by the operating system's means.
    }
    try {
      this.database = await Database.open(this.options.directory, this.options.limits.memoryBytes);
      this.spanWriter = new TableWriter(this.database.writer, 'spans');
      this.logWriter = new TableWriter(this.database.writer, 'logs');
    } catch (error) {
      this.setProblem('failing', toErrorView(error));
    }
  }

  private closeDatabase(): void {
    this.spanWriter.close();
    this.logWriter.close();
    this.database.close();
  }

  /** Endless where it cannot be told, as of a folder that somebody removed: that is another trouble than a full disk. */
  private async freeBytes(): Promise<number> {
    const found = await statfs(this.options.directory).catch(() => null);
    return found === null ? Number.POSITIVE_INFINITY : found.bavail * found.bsize;
  }

  private async keepHouse(): Promise<void> {
    if (this.closed) return;
    try {
      if ((await this.freeBytes()) < minFreeBytes) {
        this.setProblem('full', new FlotillaError('DISK_FULL', { path: this.options.directory }).toView());
      } else if (this.problems.has('full') && this.waitingRows() === 0) this.setProblem('full', null);
      const recently = performance.now() - this.weighedAtMs < weighMs;
      if (this.unweighedRows === 0 || (recently && this.unweighedRows < weighRows)) return;
      this.unweighedRows = 0;
      this.weighedAtMs = performance.now();
      if (await prune(this.database, this.options.limits.diskBytes)) await this.recount();
      this.counts.storeBytes = await this.database.usedBytes();
      this.options.onChange();
    } catch (error) {
      if (isDiskFull(error)) await this.writeFailed(error);
      else this.setProblem('failing', toErrorView(error));
    }
  }

  private setProblem(key: string, problem: ErrorView | null): void {
    if (problem === null ? !this.problems.delete(key) : this.problems.get(key)?.message === problem.message) return;
    if (problem !== null) this.problems.set(key, problem);
    this.options.onProblems([...this.problems.values()]);
  }

  /** Takes over what an existing file knows: numbers, senders, series. */
  private async load(): Promise<void> {
    await this.recount();
    await this.read(new AbortController().signal, async (db) => {
      this.resources.load(await db.all<StoredResource>('SELECT * FROM resources'));
      this.metrics.load(await db.all<StoredSeries>('SELECT * FROM metric_series'));
      const [last] = await db.all<{ seq: bigint | null }>('SELECT max(seq) AS seq FROM logs');
      if (last?.seq !== null && last?.seq !== undefined) this.nextSeq = Number(last.seq) + seqGap;
    });
    this.counts.storeBytes = await this.database.usedBytes();
  }

  private async recount(): Promise<void> {
    const [row] = await this.read(new AbortController().signal, (db) =>
      db.all<{ spans: number; logs: number; points: number; newest: number | null }>(
        `SELECT (SELECT count(*) FROM spans)::DOUBLE AS spans, (SELECT count(*) FROM logs)::DOUBLE AS logs,
           (SELECT count(*) FROM metric_points)::DOUBLE AS points,
           greatest((SELECT max(start_ns) FROM spans), (SELECT max(time_ns) FROM logs))::DOUBLE / 1e6 AS newest`,
      ),
    );
    if (row === undefined) return;
    Object.assign(this.counts, { spans: row.spans, logs: row.logs, metricPoints: row.points, newestMs: row.newest });
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

function isLocked(error: unknown): boolean {
  return /could not set lock|conflicting lock/i.test(error instanceof Error ? error.message : String(error));
}

/**
 * Opens the database; an engine that is just dying may hold the file a moment longer.
 * @throws FlotillaError DISK_FULL; else what DuckDB says
 */
async function openUnlocked(directory: string, memoryBytes: number): Promise<Database> {
  const isNew = !existsSync(storeFile(directory));
  for (let attempt = 1; ; attempt++) {
    try {
      return await Database.open(directory, memoryBytes);
    } catch (error) {
      if (isDiskFull(error)) {
        // The beginning of a file would be taken for a damaged one.
        if (isNew) await removeStore(directory);
        throw new FlotillaError('DISK_FULL', { path: storeFile(directory) }, { cause: error });
      }
      if (!isLocked(error) || attempt === lockAttempts) throw error;
      await delay(lockRetryMs);
    }
  }
}

function isDiskFull(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error);
  return /no space left|disk quota|ENOSPC|EDQUOT|could not write all|not enough space/i.test(message);
}
