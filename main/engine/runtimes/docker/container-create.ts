import { createHash } from 'node:crypto';
import type Dockerode from 'dockerode';
import type { Healthcheck, Mount, ServiceSpec, Sharing } from '../../fleet/index.ts';

type CreateOptions = Dockerode.ContainerCreateOptions;
type HostConfig = Dockerode.HostConfig;

export interface Binding {
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp';
  readonly hostIp: string;
  readonly hostPort: number;
}

export interface Attachment {
  /** The engine's name of the network. */
  readonly network: string;
  /** The file's name of it. */
  readonly key: string;
  readonly aliases: readonly string[];
}

export interface ContainerInput {
  readonly spec: ServiceSpec;
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly bindings: readonly Binding[];
  /** The first is where it is made; the others it joins before it starts. Empty where it shares another's network. */
  readonly attachments: readonly Attachment[];
  /** Names or addresses besides the file's own. */
  readonly extraHosts: readonly string[];
  /** The engine's name of a volume of the file. */
  volumeName(key: string): string;
  /** The container of a service whose network or processes are shared. */
  containerOf(service: string): string;
}

const NANOSECONDS = 1_000_000;

/**
 * What a container is made from, as the engine's API takes it
 * (https://docs.docker.com/engine/api/v1.41/#operation/ContainerCreate). It is never restarted by the engine: when to
 * start it again is for the fleet to decide, as on every runtime.
 */
export function containerCreate(input: ContainerInput): CreateOptions {
  const { spec, attachments } = input;
  const { container } = spec;
  const [first] = attachments;
  const options: CreateOptions = {
    name: input.name,
    ...(container.platform === null ? {} : { platform: container.platform }),
    Image: input.image,
    Env: Object.entries(input.environment).map(([name, value]) => `${name}=${value}`),
    Labels: { ...input.labels },
    Tty: spec.tty,
    OpenStdin: container.stdinOpen,
    StopSignal: spec.stopSignal,
    StopTimeout: Math.ceil(spec.stopGracePeriodMs / 1000),
    ...defined({
      Cmd: spec.command === null ? undefined : [...spec.command],
      Entrypoint: spec.entrypoint === null ? undefined : [...spec.entrypoint],
      WorkingDir: spec.workingDir ?? undefined,
      User: spec.user ?? undefined,
      Hostname: container.hostname ?? undefined,
      Domainname: container.domainname ?? undefined,
      MacAddress: container.macAddress ?? undefined,
      Healthcheck: healthConfig(spec),
    }),
    ...(hasPorts(spec) ? { ExposedPorts: exposed(spec, input.bindings) } : {}),
    HostConfig: hostConfig(input),
    ...(first === undefined
      ? {}
      : { NetworkingConfig: { EndpointsConfig: { [first.network]: endpoint(spec, first, input.containerOf) } } }),
  };
  const anonymous = spec.mounts.filter((mount) => mount.kind === 'volume' && mount.source === null);
  if (anonymous.length > 0) options.Volumes = Object.fromEntries(anonymous.map((mount) => [mount.target, {}]));
  return options;
}

/** A container with the network of another, or of the machine, has no ports of its own. */
export function hasPorts({ container: { networkMode: mode } }: ServiceSpec): boolean {
  return mode === null || (mode.kind === 'other' && mode.mode !== 'host' && mode.mode !== 'none');
}

/** The same for the same input: a container with this hash need not be made anew. */
export function configHash(options: CreateOptions): string {
  const { Labels, ...rest } = options;
  const labels = Object.entries(Labels ?? {}).toSorted(([a], [b]) => a.localeCompare(b));
  return createHash('sha256')
    .update(JSON.stringify([rest, labels]))
    .digest('hex');
}

function hostConfig(input: ContainerInput): HostConfig {
  const { spec } = input;
  const { container, limits } = spec;
  const mode = container.networkMode;
  const [first] = input.attachments;
  return {
    RestartPolicy: { Name: 'no' },
    NetworkMode: mode === null ? (first?.network ?? 'none') : sharing(mode, input),
    ...(hasPorts(spec) ? { PortBindings: portBindings(input.bindings) } : {}),
    Mounts: spec.mounts
      .filter((mount) => !isAnonymous(mount) && !isShort(mount) && !hasFlags(mount))
      .map((mount) => mountOf(mount, input)),
    Binds: spec.mounts.filter(isShort).map((mount) => shortBind(mount)),
    ...defined({
      Tmpfs: tmpfsOf(spec.mounts),
      ExtraHosts: some([...spec.extraHosts, ...input.extraHosts]),
      NanoCpus: limits.cpus === null ? undefined : Math.round(limits.cpus * 1e9),
      Memory: limits.memoryBytes ?? undefined,
      MemoryReservation: container.memoryReservationBytes ?? undefined,
      MemorySwap: container.memorySwapBytes ?? undefined,
      MemorySwappiness: container.memorySwappiness ?? undefined,
      OomKillDisable: container.oomKillDisable || undefined,
      OomScoreAdj: container.oomScoreAdjust ?? undefined,
      PidsLimit: container.pidsLimit ?? undefined,
      ShmSize: container.shmSizeBytes ?? undefined,
      CpuShares: container.cpuShares ?? undefined,
      CpusetCpus: container.cpuset ?? undefined,
      CpuPeriod: container.cpuPeriodMicroseconds ?? undefined,
      CpuQuota: container.cpuQuotaMicroseconds ?? undefined,
      CpuRealtimePeriod: container.cpuRealtimePeriodMicroseconds ?? undefined,
      CpuRealtimeRuntime: container.cpuRealtimeRuntimeMicroseconds ?? undefined,
    }),
    ...security(spec),
    ...surroundings(input),
    ...block(spec),
  };
}

function security({ container }: ServiceSpec): HostConfig {
  return defined({
    Privileged: container.privileged || undefined,
    CapAdd: some(container.capAdd),
    CapDrop: some(container.capDrop),
    SecurityOpt: some(container.securityOptions),
    GroupAdd: some(container.groupAdd),
    ReadonlyRootfs: container.readOnly || undefined,
    Init: container.init ?? undefined,
    UsernsMode: container.userns ?? undefined,
    Sysctls: someOf(container.sysctls),
    Ulimits: some(container.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard }))),
    Devices: some(
      container.devices.map(({ host, container: inside, permissions }) => ({
        PathOnHost: host,
        PathInContainer: inside,
        CgroupPermissions: permissions,
      })),
    ),
    DeviceCgroupRules: some(container.deviceCgroupRules),
    DeviceRequests: some(
      container.deviceRequests.map((one) => ({
        ...(one.driver === null ? {} : { Driver: one.driver }),
        ...(one.count === null ? {} : { Count: one.count }),
        DeviceIDs: [...one.deviceIds],
        Capabilities: [[...one.capabilities]],
        Options: { ...one.options },
      })),
    ),
  });
}

function surroundings(input: ContainerInput): HostConfig {
  const { container } = input.spec;
  const links = input.attachments.length > 0 ? [] : linksOf(container, input.containerOf);
  return defined({
    Dns: some(container.dns),
    DnsSearch: some(container.dnsSearch),
    DnsOptions: some(container.dnsOptions),
    PidMode: container.pid === null ? undefined : sharing(container.pid, input),
    IpcMode: container.ipc === null ? undefined : sharing(container.ipc, input),
    UTSMode: container.uts ?? undefined,
    CgroupnsMode: (container.cgroup ?? undefined) as 'private' | 'host' | undefined,
    CgroupParent: container.cgroupParent ?? undefined,
    Runtime: container.ociRuntime ?? undefined,
    Isolation: container.isolation ?? undefined,
    LogConfig:
      container.logging === null
        ? undefined
        : { Type: container.logging.driver ?? '', Config: { ...container.logging.options } },
    VolumesFrom: some(
      container.volumesFrom.map(({ from, readOnly }) => `${sharer(from, input)}${readOnly ? ':ro' : ''}`),
    ),
    Links: some(links),
    Annotations: someOf(container.annotations),
    StorageOpt: someOf(container.storageOptions),
  });
}

function linksOf(
  { links, externalLinks }: ServiceSpec['container'],
  containerOf: ContainerInput['containerOf'],
): string[] {
  return [
    ...links.map(({ service, alias }) => `${containerOf(service)}:${alias}`),
    ...externalLinks.map(({ container, alias }) => `${container}:${alias}`),
  ];
}

function block({ container: { blkio } }: ServiceSpec): HostConfig {
  if (blkio === null) return {};
  const rates = (all: readonly { readonly path: string; readonly rate: number }[]) =>
    some(all.map(({ path, rate }) => ({ Path: path, Rate: rate })));
  return defined({
    BlkioWeight: blkio.weight ?? undefined,
    BlkioWeightDevice: some(blkio.weightDevices.map(({ path, weight }) => ({ Path: path, Weight: weight }))),
    BlkioDeviceReadBps: rates(blkio.readBps),
    BlkioDeviceReadIOps: rates(blkio.readIops),
    BlkioDeviceWriteBps: rates(blkio.writeBps),
    BlkioDeviceWriteIOps: rates(blkio.writeIops),
  });
}

/** What a container finds on one of its networks. Links belong to it: those of the host's configuration mean no fleet's network. */
export function endpoint(
  { container }: ServiceSpec,
  { key, aliases }: Attachment,
  containerOf: ContainerInput['containerOf'],
): Dockerode.EndpointSettings {
  const fixed = container.attachments[key];
  const ipam = {
    ...(fixed?.ipv4 ? { IPv4Address: fixed.ipv4 } : {}),
    ...(fixed?.ipv6 ? { IPv6Address: fixed.ipv6 } : {}),
    ...(fixed?.linkLocalIps.length ? { LinkLocalIPs: [...fixed.linkLocalIps] } : {}),
  };
  return {
    Aliases: [...aliases],
    ...defined({ Links: some(linksOf(container, containerOf)) }),
    ...(Object.keys(ipam).length === 0 ? {} : { IPAMConfig: ipam }),
    ...(fixed?.macAddress ? { MacAddress: fixed.macAddress } : {}),
    ...(fixed && Object.keys(fixed.driverOptions).length > 0 ? { DriverOpts: { ...fixed.driverOptions } } : {}),
  } as Dockerode.EndpointSettings;
}

function sharing(mode: Sharing, input: ContainerInput): string {
  return mode.kind === 'other' ? mode.mode : `container:${sharer(mode, input)}`;
}

function sharer(mode: Sharing, input: ContainerInput): string {
  if (mode.kind === 'service') return input.containerOf(mode.service);
  return mode.kind === 'container' ? mode.container : mode.mode;
}

function exposed(spec: ServiceSpec, bindings: readonly Binding[]): Record<string, Record<string, never>> {
  const ports = spec.ports.map((port) => `${port.containerPort}/${port.protocol === 'udp' ? 'udp' : 'tcp'}`);
  const bound = bindings.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`);
  return Object.fromEntries([...ports, ...bound].map((port) => [port, {}]));
}

function portBindings(bindings: readonly Binding[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const result: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const { containerPort, protocol, hostIp, hostPort } of bindings) {
    const key = `${containerPort}/${protocol}`;
    result[key] = [...(result[key] ?? []), { HostIp: hostIp, HostPort: String(hostPort) }];
  }
  return result;
}

const isAnonymous = (mount: Mount): boolean => mount.kind === 'volume' && mount.source === null;
const hasFlags = (mount: Mount): boolean => mount.kind === 'tmpfs' && mount.options.flags.length > 0;
/**
 * Relabelling for SELinux is known to the short form alone, and only it makes folders that are not there. A path with a
 * colon cannot be said in it.
 */
const isShort = (mount: Mount): boolean =>
  mount.kind === 'bind' &&
  (mount.options.selinux !== null || mount.options.createHostPath) &&
  !`${mount.source}${mount.target}`.includes(':');

function shortBind(mount: Mount): string {
  const words = [
    mount.readOnly ? 'ro' : 'rw',
    ...(mount.options.selinux === null ? [] : [mount.options.selinux]),
    ...(mount.options.propagation === null ? [] : [mount.options.propagation]),
  ];
  return `${mount.source}:${mount.target}:${words.join(',')}`;
}

function mountOf(mount: Mount, input: ContainerInput): Dockerode.MountSettings {
  const { options } = mount;
  const base = { Target: mount.target, ReadOnly: mount.readOnly };
  if (mount.kind === 'bind') {
    const bind = options.propagation === null ? {} : { BindOptions: { Propagation: options.propagation } };
    return { ...base, ...bind, Type: 'bind', Source: mount.source ?? '' } as Dockerode.MountSettings;
  }
  if (mount.kind === 'volume') {
    const volume = {
      ...(options.noCopy ? { NoCopy: true } : {}),
      ...(options.subpath === null ? {} : { Subpath: options.subpath }),
    };
    const given = Object.keys(volume).length === 0 ? {} : { VolumeOptions: volume };
    return {
      ...base,
      ...given,
      Type: 'volume',
      Source: input.volumeName(mount.source ?? ''),
    } as Dockerode.MountSettings;
  }
  const tmpfs = {
    ...(options.sizeBytes === null ? {} : { SizeBytes: options.sizeBytes }),
    ...(options.mode === null ? {} : { Mode: options.mode }),
  };
  return { ...base, TmpfsOptions: tmpfs, Type: 'tmpfs', Source: '' } as Dockerode.MountSettings;
}

/** The API's `Mounts` has no words for flags such as `noexec`; its older form has. */
function tmpfsOf(mounts: readonly Mount[]): Record<string, string> | undefined {
  const entries = mounts.filter(hasFlags).map((mount) => {
    const { sizeBytes, mode, flags } = mount.options;
    const words = [
      ...flags,
      ...(sizeBytes === null ? [] : [`size=${sizeBytes}`]),
      ...(mode === null ? [] : [`mode=${mode.toString(8)}`]),
      ...(mount.readOnly ? ['ro'] : []),
    ];
    return [mount.target, words.join(',')] as const;
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The check that the engine carries out: Compose's, with what it leaves open left to the image; absent: the image's own. */
function healthConfig({ container, healthcheck }: ServiceSpec): Dockerode.HealthConfig | undefined {
  const written = container.healthcheck;
  if (written?.disabled) return { Test: ['NONE'] };
  if (written === null) {
    // x-flotilla's check is ours, and what the image says about itself is not asked for as well.
    if (healthcheck?.http || healthcheck?.tcp) return { Test: ['NONE'] };
    return healthcheck?.test ? fromModel(healthcheck) : undefined;
  }
  return {
    ...defined({ Test: testOf(written.test) }),
    Interval: nanoseconds(written.intervalMs),
    Timeout: nanoseconds(written.timeoutMs),
    Retries: written.retries ?? 0,
    StartPeriod: nanoseconds(written.startPeriodMs),
    ...(written.startIntervalMs === null ? {} : { StartInterval: nanoseconds(written.startIntervalMs) }),
  } as Dockerode.HealthConfig;
}

function fromModel(check: Healthcheck): Dockerode.HealthConfig {
  return {
    Test: testOf(check.test) ?? [],
    Interval: nanoseconds(check.intervalMs),
    Timeout: nanoseconds(check.timeoutMs),
    Retries: check.retries,
    StartPeriod: nanoseconds(check.startPeriodMs),
  };
}

const testOf = (test: Healthcheck['test']): string[] | undefined =>
  test === null ? undefined : [test.shell ? 'CMD-SHELL' : 'CMD', ...test.words];

/** 0 lets the image decide, and the engine's own default where it does not. */
const nanoseconds = (ms: number | null): number => (ms === null ? 0 : Math.max(1, Math.round(ms)) * NANOSECONDS);

const some = <T>(list: readonly T[]): T[] | undefined => (list.length === 0 ? undefined : [...list]);
const someOf = <T extends object>(values: T): T | undefined =>
  Object.keys(values).length === 0 ? undefined : { ...values };

/** Without what is undefined: the API takes null and absence for different things. */
function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
