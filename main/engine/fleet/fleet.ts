import type {
  ApiHandlers,
  EngineChange,
  EngineProblem,
  FleetView,
  NewLogRecord,
  ServiceId,
} from '../../contract/index.ts';
import type { LinksClient } from '../links/index.ts';
import type { Runtime } from '../runtimes/index.ts';
import type { LinkTraffic } from './link-counts.ts';
import type { FleetModel } from './model.ts';
import type { RunningFleet } from './running-fleet.ts';

export interface FleetOptions {
  /** FLOTILLA_HOME, absolute: where the fleet's state, logs and data lie. */
  readonly home: string;
  /** The engine's receivers, as services reach them: `http://127.0.0.1:4318`, `http://127.0.0.1:4317`. */
  readonly otlp: { readonly http: string; readonly grpc: string };
  /** Each change to the fleet, its services, their stats and the timeline's marks. Apply with `applyEngineChange`. */
  onChange(change: EngineChange): void;
  /** What services write and what happened to them, as records ready to be stored. A promise resolves when they are. */
  onLogs(lines: NewLogRecord[]): Promise<void> | void;
  /** What instances use, a few times a minute, as a body of OTLP/JSON. */
  onMetrics?(body: Buffer): void;
  /** Makes the receivers listen at another address of this machine too; null where it has no such address. */
  otlpAt?(host: string): Promise<{ readonly http: string; readonly grpc: string } | null>;
  /** A run is about to end, or to be let go of: what acts on it takes its hands off first. It never rejects. */
  onEnding?(runId: string): Promise<void>;
  /** What does not work right now: the whole list, whenever it may have changed. */
  onProblems?(problems: EngineProblem[]): void;
  /** Default: all that there are. Those that come first are preferred. */
  readonly runtimes?: readonly Runtime[];
  /** Default: the sample fleet's compose.yaml of this package. */
  readonly defaultFile?: string;
}

export type FleetHandlers = Pick<
  ApiHandlers,
  | 'fleet.up'
  | 'fleet.down'
  | 'fleet.attach'
  | 'attach.list'
  | 'fleet.dial'
  | 'runtimes.list'
  | 'links.list'
  | 'service.act'
  | 'service.environment'
  | 'service.inspect'
  | 'service.files'
  | 'service.file'
  | 'terminal.open'
  | 'terminal.output'
  | 'terminal.credit'
  | 'terminal.write'
  | 'terminal.resize'
  | 'terminal.close'
>;

export interface UpRequest {
  /** An absolute path. */
  readonly file?: string | undefined;
  /** Compose files that are laid over it. */
  readonly overrides?: readonly string[] | undefined;
  readonly runtime?: 'process' | 'docker' | 'kubernetes' | undefined;
  readonly traffic?: number | undefined;
  readonly profiles?: readonly string[] | undefined;
  /** Builds the images that the fleet builds though they are there. */
  readonly build?: boolean | undefined;
  /** False: calls pass no links, so that no faults can be put on edges. */
  readonly links?: boolean | undefined;
  /** Of whoever asks; the engine's own when absent. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** The links that the calls between a fleet's services pass. */
export interface FleetLinks {
  /** Calls the program that they are in. Do not keep it: after a restart of the program it may be another. */
  readonly client: LinksClient;
  /** The edges that have one; `name` is that of its link. */
  readonly edges: readonly LinkedEdge[];
}

export interface LinkedEdge {
  readonly from: ServiceId;
  readonly to: ServiceId;
  /** The callee's, as the fleet's file has it. */
  readonly port: number;
  readonly protocol: string;
  readonly name: string;
}

/** The fleet of an engine: at most one at a time. */
export interface Fleet {
  /** Finds the fleet that an engine before this one left running and carries on with it. True when there was one. */
  adopt(): Promise<boolean>;
  /**
   * Resolves once starting has begun; progress is seen through changes. A fleet that is there with all of its services stopped is
   * started again, as it was read.
   * @throws FlotillaError FLEET_OTHER, FLEET_BUSY, RUNTIME_UNAVAILABLE and what reading the file can give
   */
  up(request: UpRequest): Promise<void>;
  /** Resolves when nothing is left, also of a fleet that is just being opened. Does nothing when there is none. */
  down(options?: { keepData?: boolean }): Promise<void>;
  view(): FleetView | null;
  model(): FleetModel | null;
  /** Where this machine reaches a service's port (by name, or its number in the file): for Kafka's browser and the like. */
  reach(service: string, port: string | number): { host: string; port: number } | null;
  /** Further `host:port` that mean a service: addresses of containers. */
  addresses(): ReadonlyMap<string, { readonly service: ServiceId }>;
  /** The links between its services; null while there are none: no fleet, none wanted, or the program is being started. */
  links(): FleetLinks | null;
  /** What links passed in a time, by their names; at most the last quarter of an hour is known. */
  linkTraffic(fromMs: number, toMs: number): ReadonlyMap<string, LinkTraffic>;
  /**
   * Tells whenever links were made anew, after the program that they are in had died: they have no toxics then and are all
   * enabled. Gives what ends it.
   */
  onLinksRestart(listener: () => void): () => void;
  /** From inside; null while there is none. */
  running(): RunningFleet | null;
  /** Whether a run is there, or is left for an engine that reaches what it runs on. */
  isKept(runId: string): boolean;
  /** Lets go of everything; the fleet goes on running for the next engine unless `stopFleet`. */
  close(options: { stopFleet: boolean }): Promise<void>;
  readonly handlers: FleetHandlers;
}
