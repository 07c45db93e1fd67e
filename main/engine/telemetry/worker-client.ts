import { Worker } from 'node:worker_threads';
import {
  catalogue,
  type ErrorCode,
  type ErrorView,
  FlotillaError,
  type LogRecord,
  type NewLogRecord,
} from '../../contract/index.ts';
import type { FromWorker, IngestAnswer, ToWorker, WorkerSettings } from './protocol.ts';
import type { BodyPool } from './receive/index.ts';
import type { Signal } from './receive/otlp-proto.ts';
import type { StoreCounts } from './store/store.ts';

export interface WorkerClientOptions {
  readonly file: string | URL;
  readonly settings: WorkerSettings;
  /** Where bodies' buffers come from and go back to. */
  readonly pool: BodyPool;
  readonly onCounts: (counts: StoreCounts) => void;
  /** All that is wrong at present. */
  readonly onProblems: (problems: readonly ErrorView[]) => void;
}

export interface LineSink {
  lines(lines: readonly LogRecord[], skipped: number): void;
  /** The worker broke: no more lines will come. */
  failed(error: Error): void;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
  /** What to answer when the worker dies before it does; absent: reject. */
  readonly lost?: unknown;
}

/** Bodies that wait for the worker; beyond that senders are told to come again. */
const maxQueuedBytes = 48 << 20;
/** The young generation is kept small: what is garbage soon are bodies, which lie outside of the heap anyway. */
const resourceLimits = { maxOldGenerationSizeMb: 384, maxYoungGenerationSizeMb: 16 };
const firstBackoffMs = 100;
const longestBackoffMs = 5000;
/** A worker that has lived this long is not one that breaks again and again. */
const steadyMs = 10_000;
const unavailable: IngestAnswer = { status: 'unavailable', reason: 'the telemetry store is starting again' };
const behind: IngestAnswer = { status: 'unavailable', reason: 'the telemetry store is behind' };

/** The telemetry worker as the engine's thread sees it: calls, and a new worker when one breaks. */
export class WorkerClient {
  private readonly options: WorkerClientOptions;
  private worker: Worker | null = null;
  private ready = false;
  private closing = false;
  private nextId = 1;
  private queuedBytes = 0;
  private readonly pending = new Map<number, Pending>();
  private readonly tails = new Map<number, LineSink>();
  /** Log records that are in the worker's memory and not in the database yet. */
  private readonly unkept = new Map<number, (kept: boolean) => void>();
  private restartTimer: NodeJS.Timeout | null = null;
  private backoffMs = firstBackoffMs;
  /** When a worker was ready last; 0 before the first was. */
  private readyAtMs = 0;
  private workerProblems: readonly ErrorView[] = [];

  constructor(options: WorkerClientOptions) {
    this.options = options;
  }

  /** Starts the worker. Rejects when its first start fails; later ones are repeated. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => this.spawn(resolve, reject));
  }

  /** Hands over a request body; `body` is not usable afterwards. Never rejects. */
  ingest(signal: Signal, json: boolean, body: Uint8Array): Promise<IngestAnswer> {
    if (!this.ready) return Promise.resolve(unavailable);
    if (this.queuedBytes > 0 && this.queuedBytes + body.length > maxQueuedBytes) return Promise.resolve(behind);
    const { length } = body;
    this.queuedBytes += length;
    const buffer = this.ownBuffer(body);
    const id = this.nextId++;
    const message: ToWorker = { kind: 'ingest', id, signal, json, body: buffer, length };
    const answer = this.call<IngestAnswer>(message, [buffer], unavailable);
    return answer
      .catch((error: Error): IngestAnswer => ({ status: 'unavailable', reason: error.message }))
      .finally(() => {
        this.queuedBytes -= length;
      });
  }

  /**
   * Hands over log records. Never rejects. After an answer `stored`, `settled` is called once: with true when they are in the
   * database, with false when the worker broke before that and they may have to be handed over again.
   */
  async logs(records: readonly NewLogRecord[], settled: (kept: boolean) => void): Promise<IngestAnswer> {
    if (!this.ready) return unavailable;
    const id = this.nextId++;
    this.unkept.set(id, settled);
    const answer = await this.call<IngestAnswer>({ kind: 'logs', id, records }, [], unavailable).catch(
      (error: Error): IngestAnswer => ({ status: 'unavailable', reason: error.message }),
    );
    if (answer.status !== 'stored') this.unkept.delete(id);
    return answer;
  }

  /** Asks the store. Rejects with what the query threw, or TELEMETRY_RESTARTING; aborting stops the work. */
  async query<T>(name: string, input: unknown, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (!this.ready) throw new FlotillaError('TELEMETRY_RESTARTING');
    const id = this.nextId++;
    const cancel = (): void => this.send({ kind: 'cancel', id });
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await this.call<T>({ kind: 'query', id, name, input });
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  /** Follows the logs; gives the number to use with `credit` and `untail`. */
  async tail(query: string, credits: number, afterSeq: number | null, sink: LineSink): Promise<number> {
    if (!this.ready) throw new FlotillaError('TELEMETRY_RESTARTING');
    const id = this.nextId++;
    this.tails.set(id, sink);
    try {
      await this.call({ kind: 'tail', id, query, credits, afterSeq });
    } catch (error) {
      this.tails.delete(id);
      throw error;
    }
    return id;
  }

  credit(id: number, credits: number): void {
    this.send({ kind: 'credit', id, credits });
  }

  untail(id: number): void {
    this.tails.delete(id);
    this.send({ kind: 'untail', id });
  }

  /** Writes what waits and ends the worker. */
  async close(): Promise<void> {
    if (this.closing) return;
    this.closing = true;
    if (this.restartTimer !== null) clearTimeout(this.restartTimer);
    const { worker } = this;
    if (worker === null) return;
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const closed = this.ready && (await this.call({ kind: 'close', id: this.nextId++ }).then(isDone, isNotDone));
    // One that could not write what waits, as its folder is gone, would stay for ever and the engine with it.
    if (!closed) await worker.terminate();
    await exited;
  }

  private spawn(started: () => void, failed: (error: Error) => void): void {
    const worker = new Worker(this.options.file, {
      workerData: this.options.settings,
      resourceLimits,
      execArgv: [],
      name: 'telemetry',
    });
    this.worker = worker;
    let cause: Error | null = null;
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'ready') {
        this.becomeReady();
        started();
      } else if (message.kind === 'failed') cause = toError(message.error);
      else this.receive(message);
    });
    worker.on('error', (error: Error) => {
      cause ??= error;
    });
    worker.on('exit', (code) => {
      const error = cause ?? new Error(`the telemetry worker ended with code ${code}`);
      failed(error);
      this.ended(error, worker);
    });
  }

  private becomeReady(): void {
    this.ready = true;
    this.readyAtMs = Date.now();
    this.options.onProblems(this.workerProblems);
  }

  private ended(error: Error, worker: Worker): void {
    if (this.worker !== worker) return;
    const wasReady = this.ready;
    this.ready = false;
    this.worker = null;
    const lost = new FlotillaError('TELEMETRY_RESTARTING', {}, { cause: error });
    // Those that were not answered yet are told so by their answer.
    const answered = [...this.unkept].filter(([id]) => !this.pending.has(id));
    this.unkept.clear();
    for (const [, settled] of answered) settled(false);
    for (const pending of this.pending.values()) {
      if (pending.lost === undefined) pending.reject(lost);
      else pending.resolve(pending.lost);
    }
    this.pending.clear();
    for (const sink of this.tails.values()) sink.failed(lost);
    this.tails.clear();
    if (this.closing || this.readyAtMs === 0) return;
    if (wasReady && Date.now() - this.readyAtMs > steadyMs) this.backoffMs = firstBackoffMs;
    this.workerProblems = [];
    this.options.onProblems([lost.toView()]);
    this.restartTimer = setTimeout(
      () =>
        this.spawn(
          () => undefined,
          () => undefined,
        ),
      this.backoffMs,
    );
    this.backoffMs = Math.min(this.backoffMs * 2, longestBackoffMs);
  }

  private receive(message: FromWorker): void {
    switch (message.kind) {
      case 'ingested':
        if (message.body !== undefined) this.options.pool.give(message.body);
        this.take(message.id)?.resolve(message.answer);
        return;
      case 'result':
        this.take(message.id)?.resolve(message.value);
        return;
      case 'error':
        this.take(message.id)?.reject(toError(message.error));
        return;
      case 'kept':
        this.unkept.get(message.id)?.(true);
        this.unkept.delete(message.id);
        return;
      case 'counts':
        this.options.onCounts(message.counts);
        return;
      case 'problems':
        this.workerProblems = message.problems;
        this.options.onProblems(message.problems);
        return;
      case 'lines':
        this.tails.get(message.id)?.lines(message.lines, message.skipped);
    }
  }

  /** The bytes at the start of a buffer that nothing else uses, as a transfer needs it; copied only where they are not. */
  private ownBuffer(bytes: Uint8Array): ArrayBuffer {
    const { buffer } = bytes;
    if (bytes.byteOffset === 0 && this.options.pool.owns(buffer)) return buffer;
    const copy = this.options.pool.take(bytes.length);
    copy.set(bytes);
    return copy.buffer;
  }

  private take(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    return pending;
  }

  private call<T>(message: ToWorker, transfer: ArrayBuffer[] = [], lost?: T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.pending.set(message.id, { resolve: resolve as (value: unknown) => void, reject, lost });
      this.send(message, transfer);
    });
  }

  private send(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.worker?.postMessage(message, transfer);
  }
}

const isDone = (): boolean => true;
const isNotDone = (): boolean => false;

/** An error of the worker's as it was thrown there. */
function toError(view: ErrorView): Error {
  return view.code in catalogue ? new FlotillaError(view.code as ErrorCode, view.details) : new Error(view.message);
}
