import type { FleetWarning, ServiceId, ServiceKind } from '../../contract/index.ts';
import type { ContainerOptions, MountOptions } from './container-options.ts';

export type * from './container-options.ts';

/**
 * A fleet as read from its compose.yaml: profiles applied, variables filled in, paths absolute, defaults made explicit.
 * Everything after the reader works on this and never on YAML.
 */
export interface FleetModel {
  /** Compose's project name. */
  readonly name: string;
  /** Absolute path of the file, and of the folder that relative paths start from. */
  readonly file: string;
  readonly directory: string;
  /** The file and those that were laid over it, in that order: what Compose calls the project's config files. */
  readonly files: readonly string[];
  /** In the file's order. */
  readonly services: readonly ServiceSpec[];
  readonly dial: DialSpec | null;
  /** Topics and databases that the file describes, by node id (`kafka/order-events`). */
  readonly resources: readonly ResourceSpec[];
  /** By their name in the file; only those that a service uses, and of networks `default` too where it is used. */
  readonly volumes: Readonly<Record<string, VolumeSpec>>;
  readonly networks: Readonly<Record<string, NetworkSpec>>;
  readonly warnings: readonly FleetWarning[];
  /** False: calls pass no links. */
  readonly links?: false | undefined;
}

export interface VolumeSpec {
  /** The container engine's name of it where the file gives one; null: `<project>_<key>`, or the key of an external one. */
  readonly name: string | null;
  /** Made by somebody else, and left when the fleet goes. */
  readonly external: boolean;
  readonly driver: string | null;
  readonly driverOptions: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

export interface NetworkSpec {
  /** As a volume's. */
  readonly name: string | null;
  readonly external: boolean;
  /** Without a way to the world outside. */
  readonly internal: boolean;
  readonly driver: string | null;
  readonly driverOptions: Readonly<Record<string, string>>;
  readonly attachable: boolean;
  readonly enableIpv6: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Null: the container engine's own addresses. */
  readonly ipam: IpamSpec | null;
}

export interface IpamSpec {
  readonly driver: string | null;
  readonly options: Readonly<Record<string, string>>;
  readonly pools: readonly {
    readonly subnet: string | null;
    readonly ipRange: string | null;
    readonly gateway: string | null;
    readonly auxAddresses: Readonly<Record<string, string>>;
  }[];
}

export interface ServiceSpec {
  readonly id: ServiceId;
  readonly kind: ServiceKind;
  readonly description: string;
  readonly image: string | null;
  readonly build: BuildSpec | null;
  /** Null: the image's own. Words, never a shell line: Compose's string form is split as a shell would, without running one. */
  readonly command: readonly string[] | null;
  readonly entrypoint: readonly string[] | null;
  readonly environment: Readonly<Record<string, EnvironmentValue>>;
  readonly workingDir: string | null;
  readonly user: string | null;
  readonly ports: readonly PortSpec[];
  readonly dependsOn: readonly Dependency[];
  readonly healthcheck: Healthcheck | null;
  readonly restart: RestartPolicy;
  readonly stopSignal: NodeJS.Signals;
  readonly stopGracePeriodMs: number;
  readonly replicas: number;
  /**
   * Set where it runs without Flotilla, which only looks: nothing starts it but a person. The numbers of its copies, which
   * need not begin with 1 nor be without gaps.
   */
  readonly attached?: { readonly copies: readonly number[] } | undefined;
  readonly limits: { readonly cpus: number | null; readonly memoryBytes: number | null };
  readonly labels: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  /** Network name to the aliases that the service has there. */
  readonly networks: Readonly<Record<string, readonly string[]>>;
  readonly extraHosts: readonly string[];
  readonly tty: boolean;
  /** Configs and secrets that it is given as files. */
  readonly files: readonly GrantedFile[];
  /** How to run it without a container; null: not possible unless its image is one that is embedded. */
  readonly process: ProcessSpec | null;
  /** What only a container can have. */
  readonly container: ContainerOptions;
  /** False: its calls to others pass no links. */
  readonly links?: false | undefined;
  /** Where it stands in the file, for errors that are found later. */
  readonly position: { readonly file: string; readonly line: number; readonly column: number };
}

export interface EnvironmentValue {
  readonly value: string;
  readonly source: 'compose' | 'env_file';
}

export interface BuildSpec {
  readonly context: string;
  readonly dockerfile: string | null;
  /** The Dockerfile's text where it stands in the fleet's file itself; counts instead of `dockerfile`. */
  readonly dockerfileInline: string | null;
  readonly target: string | null;
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Further names for the image. */
  readonly tags: readonly string[];
  readonly cacheFrom: readonly string[];
  /** `name:address`. */
  readonly extraHosts: readonly string[];
  readonly network: string | null;
  readonly shmSizeBytes: number | null;
  readonly noCache: boolean;
  /** Ask for newer base images though there are some. */
  readonly pull: boolean;
  /** `linux/amd64`; null: the engine's own. */
  readonly platform: string | null;
}

/** A port that the service listens on. Others reach it as `<service>:<containerPort>` in their environment. */
export interface PortSpec {
  /** `http`, `grpc`; the number as text where the file gives no name. */
  readonly name: string;
  readonly containerPort: number;
  /** `http`, `grpc`, `postgres`, `kafka`, `redis`, `amqp` or `tcp`; `udp` for what only containers can publish. */
  readonly protocol: string;
  /** The port that the file asks to publish on the host; null: any free one. */
  readonly hostPort: number | null;
  /** Published to the host by the file (`ports`), or only known to the other services (`expose`, x-flotilla). */
  readonly published: boolean;
  /** Every entry of `ports` for it, in the file's order: one port may be published at several places. */
  readonly publications: readonly Publication[];
  /** The variable that tells the service which port to listen on when it runs as a process. */
  readonly env: string | null;
}

export interface Publication {
  /** Null: the file names none, which is 127.0.0.1 here. */
  readonly hostIp: string | null;
  /** Null: any free port. A range means any free one of it. */
  readonly hostPorts: { readonly from: number; readonly to: number } | null;
}

export interface Dependency {
  readonly service: ServiceId;
  readonly condition: 'service_started' | 'service_healthy' | 'service_completed_successfully';
  readonly required: boolean;
  /** Restarted when a person restarts that service. */
  readonly restart: boolean;
}

/** How to tell that a service is healthy. The first that is set counts. */
export interface Healthcheck {
  /** From x-flotilla: asked from outside, on the port with this name; 2xx is healthy. */
  readonly http: { readonly port: string; readonly path: string } | null;
  /** From x-flotilla: a connection can be made to the port with this name. */
  readonly tcp: { readonly port: string } | null;
  /** Compose's test as words, run in the service's environment; `shell` when it was CMD-SHELL. */
  readonly test: { readonly words: readonly string[]; readonly shell: boolean } | null;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly startPeriodMs: number;
  /** How often to ask while it starts. */
  readonly startIntervalMs: number;
}

export interface RestartPolicy {
  readonly policy: 'no' | 'always' | 'on-failure' | 'unless-stopped';
  /** Null: without limit. */
  readonly maxRetries: number | null;
}

export interface Mount {
  readonly kind: 'bind' | 'volume' | 'tmpfs';
  /** An absolute path, a volume's name, or null (anonymous volume, tmpfs). */
  readonly source: string | null;
  readonly target: string;
  readonly readOnly: boolean;
  readonly options: MountOptions;
}

/** A config or a secret as one service gets it. */
export interface GrantedFile {
  readonly kind: 'config' | 'secret';
  readonly name: string;
  /** A file of this machine (absolute), or what the file is to hold. */
  readonly source: { readonly file: string } | { readonly content: string };
  /** The absolute path that the container sees. */
  readonly target: string;
  readonly uid: string | null;
  readonly gid: string | null;
  /** Permissions; null: those of the source, 0o444 where there is none. */
  readonly mode: number | null;
}

/** `x-flotilla.process`. */
export interface ProcessSpec {
  readonly command: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** On top of the service's environment, for this runtime alone. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface DialSpec {
  readonly service: ServiceId;
  readonly port: string;
  readonly path: string;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
}

export interface ResourceSpec {
  readonly service: ServiceId;
  readonly kind: 'topic' | 'database' | 'queue';
  readonly name: string;
  readonly description: string;
}
