import type {
  ApiHandlers,
  EngineChange,
  EngineProblem,
  FleetView,
  NewLogRecord,
  ServiceId,
  TimelineMark,
} from '../../contract/index.ts';
import type { Runtime } from '../runtimes/index.ts';
import type { FleetModel } from './model.ts';

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
  /** Of whoever asks; the engine's own when absent. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
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
  /** Resolves when nothing is left. Does nothing when there is no fleet. */
  down(options?: { keepData?: boolean }): Promise<void>;
  view(): FleetView | null;
  model(): FleetModel | null;
  /** The marks of this run, oldest first, at most 2,000. */
  marks(): readonly TimelineMark[];
  /** Where this machine reaches a service's port (by name, or its number in the file): for Kafka's browser and the like. */
  reach(service: string, port: string | number): { host: string; port: number } | null;
  /** Further `host:port` that mean a service: addresses of containers. */
  addresses(): ReadonlyMap<string, { readonly service: ServiceId }>;
  /** Lets go of everything; the fleet goes on running for the next engine unless `stopFleet`. */
  close(options: { stopFleet: boolean }): Promise<void>;
  readonly handlers: FleetHandlers;
}
