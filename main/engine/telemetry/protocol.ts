import type { ErrorView, LogRecord, NewLogRecord } from '../../contract/index.ts';
import type { Signal } from './receive/otlp-proto.ts';
import type { StoreCounts, StoreLimits } from './store/store.ts';

/** What the worker is started with. */
export interface WorkerSettings {
  /** The run's folder. */
  readonly directory: string;
  readonly limits: StoreLimits;
}

/** What became of a request to store something. */
export type IngestAnswer =
  /** In the store's memory, in the database in less than half a second; some records may have been refused. */
  | { readonly status: 'stored'; readonly accepted: number; readonly rejected: number; readonly reason: string }
  /** The body is not what it should be; nothing of it was taken. */
  | { readonly status: 'invalid'; readonly reason: string }
  /** Not now: the disk is full, or the worker starts again. */
  | { readonly status: 'unavailable'; readonly reason: string };

/** Messages to the worker. `id` comes back with the answer. */
export type ToWorker =
  | {
      readonly kind: 'ingest';
      readonly id: number;
      readonly signal: Signal;
      readonly json: boolean;
      readonly body: ArrayBuffer;
      /** Of the body, which may be shorter than its buffer. */
      readonly length: number;
    }
  | { readonly kind: 'logs'; readonly id: number; readonly records: readonly NewLogRecord[] }
  | { readonly kind: 'query'; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly kind: 'cancel'; readonly id: number }
  | {
      readonly kind: 'tail';
      readonly id: number;
      readonly query: string;
      readonly credits: number;
      readonly afterSeq: number | null;
    }
  | { readonly kind: 'credit'; readonly id: number; readonly credits: number }
  | { readonly kind: 'untail'; readonly id: number }
  | { readonly kind: 'close'; readonly id: number };

/** Messages from the worker. */
export type FromWorker =
  | { readonly kind: 'ready' }
  /** The store could not be opened; the worker ends. */
  | { readonly kind: 'failed'; readonly error: ErrorView }
  /** `body` gives the request's buffer back. */
  | { readonly kind: 'ingested'; readonly id: number; readonly answer: IngestAnswer; readonly body?: ArrayBuffer }
  /** Log records that were answered with `stored` are in the database now, or were dropped. */
  | { readonly kind: 'kept'; readonly id: number }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: ErrorView }
  | { readonly kind: 'counts'; readonly counts: StoreCounts }
  | { readonly kind: 'problems'; readonly problems: readonly ErrorView[] }
  | { readonly kind: 'lines'; readonly id: number; readonly lines: readonly LogRecord[]; readonly skipped: number };
