import { existsSync } from 'node:fs';
import {
  type ApiHandlers,
  type ApiOutput,
  type ErrorView,
  fixRange,
  type NewLogRecord,
  type TelemetryPulse,
  type TimeRange,
} from '../../contract/index.ts';
import { LogFeed } from './log-feed.ts';
import { logStreams } from './log-streams.ts';
import { Pulse } from './pulse.ts';
import type { Ended, EndedAsked } from './query/ended.ts';
import { BodyPool, type OtlpPorts, type Sink, startReceivers } from './receive/index.ts';
import { forgetOldRuns, runFolder } from './run-folders.ts';
import type { StoreCounts, StoreLimits } from './store/store.ts';
import type { SeenTopology } from './topology/index.ts';
import { WorkerClient } from './worker-client.ts';

export type { Ended, EndedAsked } from './query/ended.ts';
export { mergeTopology } from './topology/index.ts';

export interface TelemetryOptions {
  /** The engine's home; the run's file is `<home>/runs/<runId>/telemetry.duckdb`. */
  readonly home: string;
  /** A run that exists already is continued. */
  readonly runId: string;
  readonly limits?: Partial<StoreLimits>;
  /** Where OTLP is to listen if that is free; else on 4318 and 4317 or the next free ones. 0 is any. */
  readonly ports?: OtlpPorts;
  /** The built worker; by default the one beside the engine's program. */
  readonly workerFile?: string | URL;
  readonly onPulse?: (pulse: TelemetryPulse) => void;
  /** All that is wrong with telemetry at present; empty when nothing is. */
  readonly onProblems: (problems: readonly ErrorView[]) => void;
}

type QueryName =
  | 'telemetry.timeline'
  | 'telemetry.services'
  | 'traces.search'
  | 'traces.get'
  | 'logs.search'
  | 'logs.histogram'
  | 'metrics.list'
  | 'metrics.series';
type TelemetryHandlers = Pick<ApiHandlers, QueryName | 'telemetry.pulse' | 'logs.tail' | 'logs.credit'>;

/** The telemetry of the present run: what receives it, and what answers questions about it. */
export interface Telemetry {
  /** Base addresses for OTLP exporters. */
  readonly otlp: { readonly http: string; readonly grpc: string };
  readonly handlers: TelemetryHandlers;
  /**
   * Takes log lines that runtimes have read. Resolves when they are in the store, where a crash of the engine does not take
   * them, or were dropped for good, which is counted. Never rejects.
   */
  ingestLogs(records: readonly NewLogRecord[]): Promise<void>;
  /** Takes metrics that the engine has measured itself, as an OTLP/JSON body. Never rejects; what cannot be kept is lost. */
  ingestMetrics(body: Buffer): Promise<void>;
  /** Receives at another address of this machine too; gives the addresses there, null when it is none of this machine. */
  listenAt(host: string): Promise<{ readonly http: string; readonly grpc: string } | null>;
  /** Nodes and edges that spans in this range show. */
  topologySeen(range: TimeRange, signal?: AbortSignal): Promise<SeenTopology>;
  /** Requests that ended in the last so many seconds: those that entered the fleet, or that one service served. */
  ended(asked: EndedAsked, signal?: AbortSignal): Promise<Ended>;
  /** Stops receiving, writes what waits and closes the file. */
  close(): Promise<void>;
}

const defaultLimits: StoreLimits = { memoryBytes: 80_000_000, diskBytes: 2_000_000_000 };

/** Where the worker lies in a built engine: beside its program, which may have taken this file into a chunk below. */
function builtWorker(): URL {
  const beside = new URL('./telemetry-worker.js', import.meta.url);
  return existsSync(beside) ? beside : new URL('../telemetry-worker.js', import.meta.url);
}

/**
 * Starts the telemetry worker with the run's store, and the OTLP receivers. Rejects with DISK_FULL when there is no room for the
 * store, or with what kept the worker from starting.
 */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { home, runId } = options;
  await forgetOldRuns(home, runId);
  const pulse = new Pulse();
  const pool = new BodyPool();
  const worker = new WorkerClient({
    pool,
    file: options.workerFile ?? builtWorker(),
    settings: { directory: runFolder(home, runId), limits: { ...defaultLimits, ...options.limits } },
    onCounts: (counts: StoreCounts) => {
      const pulsed = pulse.set({ ...counts, dropped: counts.dropped + feed.dropped });
      options.onPulse?.(pulsed);
    },
    onProblems: options.onProblems,
  });
  const feed = new LogFeed(worker);
  await worker.start();
  const ingest: Sink = (signal, json, body) => worker.ingest(signal, json, body);
  const receivers = await startReceivers(options.ports ?? {}, ingest, pool).catch(async (error: unknown) => {
    await worker.close();
    throw error;
  });
  return {
    otlp: receivers.urls,
    handlers: handlersOf(worker, pulse),
    ingestLogs: (records) => feed.add(records),
    async ingestMetrics(body) {
      await worker.ingest('metrics', true, body);
    },
    listenAt: (host) => receivers.listenAt(host),
    topologySeen: (range, signal = new AbortController().signal) =>
      worker.query('topology.seen', { range: fixRange(range, Date.now()) }, signal),
    ended: (asked, signal = new AbortController().signal) => worker.query('telemetry.ended', asked, signal),
    async close() {
      await receivers.close();
      await feed.close();
      await worker.close();
    },
  };
}

function handlersOf(worker: WorkerClient, pulse: Pulse): TelemetryHandlers {
  const ask =
    <N extends QueryName>(name: N) =>
    (input: unknown, signal: AbortSignal) =>
      worker.query<ApiOutput<N>>(name, input, signal);
  return {
    'telemetry.pulse': (_, signal) => pulse.follow(signal),
    'telemetry.timeline': ask('telemetry.timeline'),
    'telemetry.services': ask('telemetry.services'),
    'traces.search': ask('traces.search'),
    'traces.get': ask('traces.get'),
    'logs.search': ask('logs.search'),
    'logs.histogram': ask('logs.histogram'),
    'metrics.list': ask('metrics.list'),
    'metrics.series': ask('metrics.series'),
    ...logStreams(worker),
  };
}
