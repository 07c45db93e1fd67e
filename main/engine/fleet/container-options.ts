import type { ServiceId } from '../../contract/index.ts';
import type { NetworkSpec } from './model.ts';

export interface MountOptions {
  /** Of a bind: a folder is made where there is nothing at the source. */
  readonly createHostPath: boolean;
  /** Of a bind: `rprivate`, `rshared`...; null: the engine's own. */
  readonly propagation: string | null;
  /** Of a bind: to be relabelled for SELinux, shared (`z`) or for this container alone (`Z`). */
  readonly selinux: 'z' | 'Z' | null;
  /** Of a volume: what the image has at the target is not copied into it. */
  readonly noCopy: boolean;
  /** Of a volume: the folder in it that is mounted. */
  readonly subpath: string | null;
  /** Of a tmpfs. */
  readonly sizeBytes: number | null;
  /** Of a tmpfs: its permissions, such as 0o1777. */
  readonly mode: number | null;
  /** Of a tmpfs: `noexec`, `uid=1000` and the like, as the short form has them. */
  readonly flags: readonly string[];
}

/** Whose network, processes or memory a container shares. `other` is the engine's own word or a network's name. */
export type Sharing =
  | { readonly kind: 'service'; readonly service: ServiceId }
  | { readonly kind: 'container'; readonly container: string }
  | { readonly kind: 'other'; readonly mode: string };

/** Compose's `healthcheck` as it is written: null is what the file does not say, which the image may. */
export interface ContainerHealthcheck {
  /** `disable: true` or `test: NONE`: the image's own check is off too. */
  readonly disabled: boolean;
  readonly test: { readonly words: readonly string[]; readonly shell: boolean } | null;
  readonly intervalMs: number | null;
  readonly timeoutMs: number | null;
  readonly retries: number | null;
  readonly startPeriodMs: number | null;
  readonly startIntervalMs: number | null;
}

export interface DeviceRequest {
  readonly driver: string | null;
  /** -1: all of them. */
  readonly count: number | null;
  readonly deviceIds: readonly string[];
  readonly capabilities: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

/** Keys of Compose that speak of containers and of nothing else, each by Compose's name. Null: the engine's own. */
export interface ContainerOptions {
  /** `container_name`. */
  readonly name: string | null;
  readonly hostname: string | null;
  readonly domainname: string | null;
  readonly macAddress: string | null;
  /** Null: the container has an address of its own on its networks. With a mode it is on no network of the fleet. */
  readonly networkMode: Sharing | null;
  /** What the file fixes for a network, by the network's name. */
  readonly attachments: Readonly<Record<string, NetworkAttachment>>;
  /** Names by which it reaches other services besides their own. */
  readonly links: readonly { readonly service: ServiceId; readonly alias: string }[];
  /** The same for containers of others. */
  readonly externalLinks: readonly { readonly container: string; readonly alias: string }[];
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
  readonly pid: Sharing | null;
  readonly ipc: Sharing | null;
  readonly uts: string | null;
  readonly userns: string | null;
  readonly cgroup: string | null;
  readonly cgroupParent: string | null;
  readonly privileged: boolean;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly securityOptions: readonly string[];
  readonly groupAdd: readonly string[];
  readonly readOnly: boolean;
  readonly init: boolean | null;
  readonly stdinOpen: boolean;
  readonly platform: string | null;
  /** `runtime`: runc, nvidia... */
  readonly ociRuntime: string | null;
  readonly isolation: string | null;
  readonly pullPolicy: 'always' | 'never' | 'missing' | 'build';
  readonly logging: { readonly driver: string | null; readonly options: Readonly<Record<string, string>> } | null;
  readonly healthcheck: ContainerHealthcheck | null;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
  readonly devices: readonly { readonly host: string; readonly container: string; readonly permissions: string }[];
  readonly deviceCgroupRules: readonly string[];
  readonly deviceRequests: readonly DeviceRequest[];
  readonly volumesFrom: readonly { readonly from: Sharing; readonly readOnly: boolean }[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly storageOptions: Readonly<Record<string, string>>;
  readonly shmSizeBytes: number | null;
  readonly memoryReservationBytes: number | null;
  /** Memory and swap together; -1: without limit. */
  readonly memorySwapBytes: number | null;
  readonly memorySwappiness: number | null;
  readonly oomKillDisable: boolean;
  readonly oomScoreAdjust: number | null;
  /** -1: without limit. */
  readonly pidsLimit: number | null;
  readonly cpuShares: number | null;
  readonly cpuset: string | null;
  readonly cpuPeriodMicroseconds: number | null;
  readonly cpuQuotaMicroseconds: number | null;
  readonly cpuRealtimePeriodMicroseconds: number | null;
  readonly cpuRealtimeRuntimeMicroseconds: number | null;
  readonly blkio: BlkioOptions | null;
}

export interface NetworkAttachment {
  readonly ipv4: string | null;
  readonly ipv6: string | null;
  readonly linkLocalIps: readonly string[];
  readonly macAddress: string | null;
  readonly driverOptions: Readonly<Record<string, string>>;
  /** The highest is joined first. */
  readonly priority: number;
}

export interface BlkioOptions {
  readonly weight: number | null;
  readonly weightDevices: readonly { readonly path: string; readonly weight: number }[];
  /** Rates in bytes or operations a second. */
  readonly readBps: readonly { readonly path: string; readonly rate: number }[];
  readonly readIops: readonly { readonly path: string; readonly rate: number }[];
  readonly writeBps: readonly { readonly path: string; readonly rate: number }[];
  readonly writeIops: readonly { readonly path: string; readonly rate: number }[];
}

/** A mount that says nothing but from where to where. */
export const PLAIN_MOUNT: MountOptions = {
  createHostPath: true,
  propagation: null,
  selinux: null,
  noCopy: false,
  subpath: null,
  sizeBytes: null,
  mode: null,
  flags: [],
};

/** A service that says nothing about its container. */
export const PLAIN_CONTAINER: ContainerOptions = {
  name: null,
  hostname: null,
  domainname: null,
  macAddress: null,
  networkMode: null,
  attachments: {},
  links: [],
  externalLinks: [],
  dns: [],
  dnsSearch: [],
  dnsOptions: [],
  pid: null,
  ipc: null,
  uts: null,
  userns: null,
  cgroup: null,
  cgroupParent: null,
  privileged: false,
  capAdd: [],
  capDrop: [],
  securityOptions: [],
  groupAdd: [],
  readOnly: false,
  init: null,
  stdinOpen: false,
  platform: null,
  ociRuntime: null,
  isolation: null,
  pullPolicy: 'missing',
  logging: null,
  healthcheck: null,
  sysctls: {},
  ulimits: [],
  devices: [],
  deviceCgroupRules: [],
  deviceRequests: [],
  volumesFrom: [],
  annotations: {},
  storageOptions: {},
  shmSizeBytes: null,
  memoryReservationBytes: null,
  memorySwapBytes: null,
  memorySwappiness: null,
  oomKillDisable: false,
  oomScoreAdjust: null,
  pidsLimit: null,
  cpuShares: null,
  cpuset: null,
  cpuPeriodMicroseconds: null,
  cpuQuotaMicroseconds: null,
  cpuRealtimePeriodMicroseconds: null,
  cpuRealtimeRuntimeMicroseconds: null,
  blkio: null,
};

/** A network of which the file says nothing but its name, as of `default`. */
export const PLAIN_NETWORK: NetworkSpec = {
  name: null,
  external: false,
  internal: false,
  driver: null,
  driverOptions: {},
  attachable: false,
  enableIpv6: false,
  labels: {},
  ipam: null,
};
