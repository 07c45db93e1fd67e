import type {
  AttachCandidate,
  Attachment,
  AttachTarget,
  Capability,
  ContainerFile,
  ContainerFolder,
  Endpoint,
  EnvironmentEntry,
  ErrorView,
  ImageProgress,
  ImageStanding,
  RuntimeKind,
  ServiceId,
} from '../../contract/index.ts';
import type { FleetModel, Healthcheck, ServiceSpec } from '../fleet/index.ts';

/**
 * What Flotilla can run a fleet on. A runtime knows instances (processes, containers, pods): how to start and end one,
 * what it says and what it uses. When to do so - order, health, restarts - is decided above it, in `main/engine/fleet`,
 * and is the same for every runtime.
 */
export interface Runtime {
  readonly kind: RuntimeKind;
  /** What can and cannot be done on it here; what cannot says why. */
  readonly capabilities: readonly Capability[];
  /** Whether it can be used on this machine now. Never throws; bounded in time. */
  detect(): Promise<Availability>;
  /**
   * How ready it is to start this fleet, where `detect` says that it can be used; absent where it always is. Never throws;
   * bounded in time.
   */
  readiness?(model: FleetModel): Promise<Readiness>;
  /**
   * Prepares a run of the fleet: folders, ports, networks. Starts nothing. With a `runId` that ran before, what is left
   * of that run is found again by `FleetRun.adopt`.
   */
  open(model: FleetModel, context: RunContext): Promise<FleetRun>;
  /** Looking at what runs on it without us; absent where that is not possible. */
  readonly attaching?: Attaching | undefined;
}

/** How fleets are made of what somebody else has started. */
export interface Attaching {
  /** @throws FlotillaError RUNTIME_UNAVAILABLE */
  candidates(): Promise<readonly AttachCandidate[]>;
  /**
   * The fleet that it is, and what means it for as long as it is there: containers by their names.
   * @throws FlotillaError ATTACH_UNKNOWN, RUNTIME_UNAVAILABLE
   */
  find(target: AttachTarget): Promise<{ readonly target: AttachTarget; readonly model: FleetModel }>;
  /** Looks at it. The model is as it was when it was last seen. Starts, makes and changes nothing. */
  open(target: AttachTarget, model: FleetModel, context: RunContext): Promise<FleetRun>;
}

export type Availability =
  /** `detail` goes on with "It runs on ...". */
  | { readonly available: true; readonly detail: string; readonly version?: string | undefined }
  | { readonly available: false; readonly reason: string; readonly remedy: string };

export interface Readiness {
  /** Services that it cannot run at all. */
  readonly cannotRun: readonly ServiceId[];
  /** What has to be fetched before the fleet can start, such as images. */
  readonly missing: readonly string[];
  /** It runs on another machine: nobody's default. */
  readonly remote?: boolean | undefined;
  /** The images of the fleet and whether they are there. */
  readonly images: readonly ImageStanding[];
}

/** What a run needs to know, and whom it tells. */
export interface RunContext {
  /** Names this run of the fleet: letters, digits and dashes. The same after the engine restarted. */
  readonly runId: string;
  /** FLOTILLA_HOME, absolute. A run keeps its files under `runs/<runId>` there, and data that may stay under `data/`. */
  readonly home: string;
  /** Where services send their telemetry, as seen from this machine. */
  readonly otlp: { readonly http: string; readonly grpc: string };
  /**
   * Makes the receivers listen at an address of this machine besides 127.0.0.1, for services that have a network of their
   * own, and gives their addresses there; null when this machine does not have that address. Absent where nothing is
   * received.
   */
  otlpAt?(host: string): Promise<{ readonly http: string; readonly grpc: string } | null>;
  readonly listener: RunListener;
  /** Puts links between the fleet's services; absent where none are wanted. */
  readonly links?: RunLinks | undefined;
  /** Images that the fleet builds are built though they are there. */
  readonly rebuild?: boolean | undefined;
  /**
   * Of a replicated service, the copy (1, 2, ...) whose address its consumers are given. The lifecycle answers with the
   * first healthy one: a service with several copies has no address of its own until a balancer stands before it.
   */
  pickInstance(service: ServiceId): number;
  /**
   * A service's variables with the addresses of other services in them replaced by what `address` gives for them; where
   * it gives null the text stays. The rules of what is an address belong to the fleet model.
   */
  rewriteAddresses(
    service: ServiceId,
    environment: Readonly<Record<string, string>>,
    address: (to: ServiceId, containerPort: number) => string | null,
  ): Readonly<Record<string, string>>;
}

/** The fault-injecting links of a run. */
export interface RunLinks {
  /** The edges of the fleet's file that a link can stand in: one for each caller, callee and port of the callee. */
  readonly edges: readonly LinkEdge[];
  /**
   * Makes the run's links these, and no others; those that are the same are left alone, with their faults. Gives where each
   * listens, by its name (`linkName`). Asked once for a run, before anything is started, with the addresses that it gave
   * last time where the run was before; and again, with others, where it refuses.
   * @throws FlotillaError LINKS_FAILED, LINKS_REFUSED
   */
  open(wanted: readonly WantedLink[]): Promise<ReadonlyMap<string, string>>;
}

export interface LinkEdge {
  readonly from: ServiceId;
  readonly to: ServiceId;
  /** As the file has it. */
  readonly containerPort: number;
  readonly protocol: string;
}

export interface WantedLink extends LinkEdge {
  /** `host:port` that the caller can reach; port 0 takes a free one. */
  readonly listen: string;
  /** Where this machine reaches the callee, `host:port`; every copy of it, with commas. */
  readonly upstream: string;
}

/** What happens to instances, in order per instance. Called by the run; must not throw. */
export interface RunListener {
  event(event: InstanceEvent): void;
  /**
   * Lines of one stream as they were read together, without their line ends. A promise resolves when they are kept and a crash
   * of the engine does not take them: only then may a run note that it has read them. It never rejects.
   */
  log(chunk: LogChunk): Promise<void> | void;
  /** All instances that were measured in one pass. */
  stats(stats: readonly InstanceStats[]): void;
  /** How an image comes to be that was not there; at most five times a second for each. */
  image?(progress: ImageProgress): void;
  /** Of a fleet that runs without us: it is another now, as services or copies of them came or went. */
  model?(model: FleetModel): void;
  /** What is wrong with what runs the instances, such as a container engine that is gone; null when it is well again. */
  problem?(problem: ErrorView | null): void;
}

/** One copy of a service: `{ service: 'orders', index: 1 }` is `orders-1`. */
export interface InstanceRef {
  readonly service: ServiceId;
  readonly index: number;
}

/** Compose's own name of an instance: `orders-1`. */
export function instanceId(ref: InstanceRef): string {
  return `${ref.service}-${ref.index}`;
}

export type InstanceEvent =
  | { readonly kind: 'exited'; readonly instance: InstanceRef; readonly exit: InstanceExit }
  /** It had ended before it was looked at for the first time. */
  | {
      readonly kind: 'ended';
      readonly instance: InstanceRef;
      readonly exit: InstanceExit;
      readonly startedAtMs: number;
    }
  /** It was started, paused or resumed by someone else (`docker pause`, `kubectl scale`): this is how it stands now. */
  | { readonly kind: 'observed'; readonly instance: InstanceRef; readonly running: RunningInstance }
  /** The runtime's own health check of it has come to this. */
  | { readonly kind: 'health'; readonly instance: InstanceRef; readonly health: ReportedHealth };

/** Health as what runs the instance tells it, which has counted retries and grace itself. */
export interface ReportedHealth {
  readonly status: 'starting' | 'healthy' | 'unhealthy';
  /** The last check's own words, as a clause; empty when there are none. */
  readonly detail: string;
}

export interface InstanceExit {
  readonly atMs: number;
  /** Null when it ended by a signal, or when nobody was there to be told. */
  readonly code: number | null;
  readonly signal: string | null;
  /** Ended by the kernel or the container engine because it used too much memory. */
  readonly oomKilled: boolean;
  /** A port of its own that somebody else holds, which may be why it ended. `holder`: ` by node (pid 4711)` or empty. */
  readonly portTaken: { readonly port: number; readonly holder: string } | null;
  /** Ended by someone else's hand, with the container engine's own commands: it is not wanted back then. */
  readonly outside?: 'stopped' | 'killed' | 'removed' | undefined;
  /** Its own container engine starts it again, by a restart policy that is not ours. */
  readonly again?: boolean | undefined;
}

export interface RunningInstance {
  readonly instance: InstanceRef;
  readonly pid: number | null;
  readonly containerId: string | null;
  readonly startedAtMs: number;
  readonly paused: boolean;
  /** Where the runtime itself checks its health; absent where it does not. */
  readonly health?: ReportedHealth | undefined;
  /** How often its own container engine has restarted it since it was last started by hand; absent where that is ours to do. */
  readonly restarts?: number | undefined;
}

export interface LogChunk {
  readonly instance: InstanceRef;
  readonly stream: 'stdout' | 'stderr';
  readonly lines: readonly string[];
  /** When the lines were written as far as the runtime knows: its own stamp, or when they were read. */
  readonly timeMs: number;
  /** Of each line, where the runtime has stamps of its own. */
  readonly timesMs?: readonly number[] | undefined;
}

export interface InstanceStats {
  readonly instance: InstanceRef;
  /** Of one core: 100 is one core fully used. */
  readonly cpuPercent: number;
  /** Processor time since it was started. */
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** Null: without limit, or not known. */
  readonly memoryLimitBytes: number | null;
  /** Null where it cannot be told apart from others' (processes share a network) or is not counted. */
  readonly network: Traffic | null;
  readonly disk: Traffic | null;
}

/** What came in (was received, read) and went out (was sent, written). */
export interface Traffic {
  /** Since it was started. */
  readonly inBytes: number;
  readonly outBytes: number;
  /** Since the measurement before; 0 in the first. */
  readonly inBytesPerSecond: number;
  readonly outBytesPerSecond: number;
}

/** One fleet on one runtime. Methods that act on an instance are called for one at a time. */
export interface FleetRun {
  /**
   * Finds what runs already from before the engine started, and watches it from now on. What is not provably of this run
   * is left alone. Called once, before anything is started.
   */
  adopt(): Promise<readonly RunningInstance[]>;

  /**
   * Fetches what a service needs that is not there, such as its image; absent where nothing has to be. Services are asked
   * for all at once, each before it is started.
   * @throws FlotillaError IMAGE_PULL_FAILED, IMAGE_BUILD_FAILED and the like, which a person has to do something about
   */
  prepare?(service: ServiceId): Promise<void>;

  /**
   * Starts an instance; resolves when it runs, which says nothing about its health.
   * @throws FlotillaError SERVICE_COMMAND_MISSING, SERVICE_NOT_RUNNABLE, PORT_TAKEN, RUNTIME_UNAVAILABLE
   */
  start(instance: InstanceRef): Promise<RunningInstance>;
  /** Asks it to end (the service's stop signal), ends it after the grace period. Resolves when it has; `exited` comes first. */
  stop(instance: InstanceRef): Promise<void>;
  /** Ends it at once and all that it started. Resolves when it has; `exited` comes first. */
  kill(instance: InstanceRef): Promise<void>;
  /** Ends it and starts it again in one go; absent where that is a stop and a start. */
  restart?(instance: InstanceRef): Promise<void>;
  /** @throws FlotillaError RUNTIME_CANNOT */
  pause(instance: InstanceRef): Promise<void>;
  resume(instance: InstanceRef): Promise<void>;

  /**
   * The service's health check as Flotilla can carry it out here; null when there is none, or when the runtime itself
   * checks and reports (`RunningInstance.health`).
   */
  healthcheck(service: ServiceSpec): Healthcheck | null;
  /** Where this machine reaches a port of an instance, by the port's name. Null when it is not known (yet). */
  reach(instance: InstanceRef, port: string): Reach | null;
  /** Further `host:port` that mean a service, as its peers and their spans have it: addresses of containers. */
  addresses?(): ReadonlyMap<string, { readonly service: ServiceId }>;
  /** Runs a command in the instance's surroundings; output is cut at 4,096 characters. Never throws for a failing command. */
  exec(instance: InstanceRef, command: ExecCommand): Promise<ExecResult>;
  /** What people and programs on this machine can open. */
  endpoints(service: ServiceSpec): readonly Endpoint[];
  /** `host:port` of a service's port as another service of the fleet sees it; null when it has no such port. */
  address(from: ServiceId, to: ServiceId, containerPort: number): string | null;
  /** The variables that a service's first instance gets, by name. Secrets are masked unless `reveal`. */
  environment(service: ServiceSpec, reveal: boolean): Promise<readonly EnvironmentEntry[]>;
  /**
   * A shell, or a program and its arguments, on a terminal in the instance's surroundings.
   * @throws FlotillaError RUNTIME_CANNOT, SERVICE_NOT_RUNNING, NOT_FOUND
   */
  openTerminal(instance: InstanceRef, size: TerminalSize, command?: readonly string[]): Promise<TerminalProcess>;

  /**
   * What the container engine knows of an instance. Secrets in its environment are masked unless `reveal`.
   * @throws FlotillaError RUNTIME_CANNOT, SERVICE_NOT_RUNNING
   */
  inspect(instance: InstanceRef, reveal: boolean): Promise<Record<string, unknown>>;
  /** @throws FlotillaError RUNTIME_CANNOT, SERVICE_NOT_RUNNING, NOT_FOUND */
  listFolder(instance: InstanceRef, path: string): Promise<ContainerFolder>;
  /** The first `maxBytes` of a file. @throws FlotillaError RUNTIME_CANNOT, SERVICE_NOT_RUNNING, NOT_FOUND */
  readFile(instance: InstanceRef, path: string, maxBytes: number): Promise<ContainerFile>;

  /** What faults do to an instance besides its lifecycle; what is absent cannot be done there. */
  readonly faults?: InstanceFaults | undefined;
  /** The clocks that instances see; absent where they cannot be moved. */
  readonly clocks?: InstanceClocks | undefined;

  /** What a fleet that runs without us has to be told to send its telemetry; absent where we run it. */
  attachment?(): Attachment;

  /**
   * Ends everything and leaves nothing behind: no process, container, network, file. Data stays when asked. What runs
   * without us is only let go of.
   */
  down(options: { readonly keepData: boolean }): Promise<void>;
  /** Lets go without ending anything, so that another engine can adopt the run. */
  close(): Promise<void>;
}

/**
 * What a fault is done by. What has to be put back is given as it was, in a form that is kept on disk, and is taken by what puts it
 * back, which does not mind when it is so already or the instance is gone.
 */
export interface InstanceFaults {
  /** Whether `press` can be done. @throws FlotillaError FAULT_IMPOSSIBLE with the reason, SERVICE_NOT_RUNNING */
  checkPressure(instance: InstanceRef, pressure: Pressure): Promise<void>;
  /** Starts programs that take processor time or memory from an instance; with the same id again, in place of those. */
  press(instance: InstanceRef, pressure: Pressure): Promise<void>;
  /** Ends the programs of a fault. */
  relieve(instance: InstanceRef, faultId: string): Promise<void>;
  /** How it is limited. */
  limits?(instance: InstanceRef): Promise<Record<string, unknown>>;
  limit?(instance: InstanceRef, limit: { readonly cpus: number } | { readonly memoryBytes: number }): Promise<void>;
  /** Puts back the limit of processor time or of memory. */
  unlimit?(instance: InstanceRef, what: 'cpus' | 'memory', before: Record<string, unknown>): Promise<void>;
  /** The networks that it is in, with its names and addresses there. */
  networks?(instance: InstanceRef): Promise<Record<string, unknown>>;
  disconnect?(instance: InstanceRef): Promise<void>;
  reconnect?(instance: InstanceRef, before: Record<string, unknown>): Promise<void>;
}

/** The clock of the day that an instance sees. It is given one when it starts, so what runs keeps the one that it has. */
export interface InstanceClocks {
  /** Whether clocks can be moved here. @throws FlotillaError FAULT_IMPOSSIBLE with the remedy */
  check(): void;
  /** From its next start on its clock is so many seconds ahead (negative: behind; 0: right), for as long as this engine runs. */
  set(instance: InstanceRef, offsetSeconds: number): void;
  /** By how many seconds it was set ahead for what runs, whichever engine started that; null when nothing runs. */
  of(instance: InstanceRef): number | null;
}

/** Programs beside an instance, or inside its container, that end by themselves. */
export interface Pressure {
  readonly faultId: string;
  /** Null: until they are ended. */
  readonly untilMs: number | null;
  readonly what:
    | { readonly kind: 'cpu'; readonly workers: number; readonly loadPercent: number }
    | { readonly kind: 'memory'; readonly bytes: number };
}

export interface Reach {
  readonly host: string;
  readonly port: number;
  /** Something in between accepts connections whether anybody listens behind it or not. */
  readonly proxied?: boolean | undefined;
}

export interface ExecCommand {
  readonly words: readonly string[];
  /** `words` is one line for the instance's shell, as Compose's CMD-SHELL has it. */
  readonly shell: boolean;
  readonly timeoutMs: number;
}

export interface ExecResult {
  /** Null when it could not be run or took too long; `output` says so then. */
  readonly exitCode: number | null;
  readonly output: string;
}

export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/** A shell on a pseudo-terminal. */
export interface TerminalProcess {
  onData(listener: (data: string) => void): void;
  onExit(listener: (exitCode: number) => void): void;
  write(data: string): void;
  resize(size: TerminalSize): void;
  /** Stops reading, so that what runs in it blocks instead of filling memory. */
  pause(): void;
  resume(): void;
  close(): void;
}
