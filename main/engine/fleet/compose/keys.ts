import type { RuntimeKind } from '../../../contract/index.ts';

/**
 * What becomes of a key: on Docker, and as local processes; one text where it is the same. A text that starts with
 * `warning: ` is an effect that is missing, and what follows is said at the key's place in the file.
 */
export type KeyRow = string | readonly [docker: string, process: string];
export type KeySection = Readonly<Record<string, KeyRow>>;

const IGNORED = 'warning: ';
const DONE = 'as written';

/** Only containers have it. */
const ISOLATION = 'warning: is not carried over by processes: nothing is granted or restricted beyond the defaults';
const SETTING = 'warning: is not carried over by processes: they run with the settings of this machine';
const NAMES = 'warning: is not carried over by processes: services are reached by their service name';
const NETWORK = 'warning: is not carried over by processes: they share the network of this machine';
const LIMIT = 'warning: is not carried over by processes: use cpus and mem_limit, which are shown at least';
const FILE = 'warning: is not carried over by processes: no file is put in their way; give its value by environment';
const BUILD = 'nothing is built';
const BUILDKIT = 'warning: is not done: it takes BuildKit';
const SWARM = 'warning: has no effect: it speaks of a swarm, and Flotilla runs on one machine';

const container = (process: string, docker = DONE): KeyRow => [docker, process];

export const TOP_KEYS: KeySection = {
  name: "the name of the fleet and of the project; else the folder's name",
  services: 'see below',
  networks: ['see below', 'read; processes share the network of this machine'],
  volumes: ['see below', 'read; processes see the files of this machine'],
  configs: ['see below', 'read; see `configs` of a service'],
  secrets: ['see below', 'read; see `secrets` of a service'],
  include: 'see below',
  models: 'warning: is not supported: no model is run or reached',
  version: 'warning: has no effect: Compose files have no version any more',
  'x-flotilla': 'see below',
};

export const SERVICE_KEYS: KeySection = {
  annotations: container(SETTING, 'as written on engines that have it (24 and later)'),
  attach: 'warning: has no effect: every service logs to Flotilla',
  blkio_config: container(ISOLATION),
  build: ['see below', 'the context is the folder that the command starts in'],
  cap_add: container(ISOLATION),
  cap_drop: container(ISOLATION),
  cgroup: container(ISOLATION),
  cgroup_parent: container(ISOLATION),
  command:
    'a list, or a text that is split as a shell splits words. No shell runs: an operator such as `&&` is warned of',
  configs: container(FILE, 'a file, mounted for reading'),
  container_name: container(NAMES, 'as written; with replicas: warning, and Compose names'),
  cpu_count: ['warning: has no effect: only Windows containers have it; use cpus', LIMIT],
  cpu_percent: ['warning: has no effect: only Windows containers have it; use cpus', LIMIT],
  cpu_period: container(LIMIT),
  cpu_quota: container(LIMIT),
  cpu_rt_period: container(LIMIT),
  cpu_rt_runtime: container(LIMIT),
  cpu_shares: container(LIMIT),
  cpus: [DONE, 'shown, not enforced'],
  cpuset: container(LIMIT),
  credential_spec: ['warning: is not carried over: only Windows containers have it', ISOLATION],
  depends_on: 'see below',
  deploy: 'see below',
  develop: 'warning: has no effect: Flotilla does not watch sources',
  device_cgroup_rules: container(ISOLATION),
  devices: container(ISOLATION),
  dns: container(NETWORK),
  dns_opt: container(NETWORK),
  dns_search: container(NETWORK),
  domainname: container(NAMES),
  entrypoint: 'as `command`',
  env_file: 'see below',
  environment: ['a mapping or a list', 'the same; addresses of other services are rewritten, see below'],
  expose: 'numbers and ranges',
  extends: 'see below',
  external_links: container(NAMES),
  extra_hosts: [DONE, 'not done: a process sees the hosts of this machine'],
  gpus: container(ISOLATION),
  group_add: container(ISOLATION),
  healthcheck: 'see below',
  hostname: container(NAMES),
  image: [DONE, 'tells what is embedded (`postgres`, `kafka`, `redis` and their kin) and the kind of a service'],
  init: container(SETTING),
  ipc: container(ISOLATION),
  isolation: container(ISOLATION),
  label_file: 'a path or a list; `labels` count more',
  labels: [DONE, 'read'],
  links: container('warning: has no effect: services reach each other by name', 'another name for a service'),
  logging: container(
    'warning: has no effect: Flotilla reads what a process writes',
    'as written; a driver that the engine cannot read from shows no logs',
  ),
  mac_address: container(NETWORK),
  mem_limit: [DONE, 'shown, not enforced'],
  mem_reservation: container(LIMIT),
  mem_swappiness: container(LIMIT),
  memswap_limit: container(LIMIT),
  models: 'warning: is not supported: no model is run or reached',
  network_mode: container(NETWORK, '`host`, `none`, `bridge`, `service:NAME`, `container:NAME`'),
  networks: ['see below', 'names are checked; processes share the network of this machine'],
  oom_kill_disable: container(LIMIT),
  oom_score_adj: container(LIMIT),
  pid: container(ISOLATION),
  pids_limit: container(LIMIT),
  platform: container(SETTING),
  ports: 'see below',
  post_start: 'warning: is not run: put it into the command, or into a service of its own',
  pre_stop: 'warning: is not run: let the service do it when it is told to stop',
  privileged: container(ISOLATION),
  profiles: 'a service that a started one requires is started too, whatever its profiles',
  provider: 'warning: is not supported: nothing but containers and processes is started',
  pull_policy: container(
    SETTING,
    '`always`, `missing` (`if_not_present`), `never`, `build`; `daily` and the like: warning',
  ),
  pull_refresh_after: 'warning: has no effect: an image is pulled when it is missing',
  read_only: container(ISOLATION),
  restart: '`no`, `always`, `unless-stopped`, `on-failure`, `on-failure:N`; done by Flotilla, with growing pauses',
  runtime: container(SETTING),
  scale: 'counts more than `deploy.replicas`',
  secrets: container(FILE, 'a file, mounted for reading'),
  security_opt: container(ISOLATION),
  shm_size: container(SETTING),
  stdin_open: container(SETTING),
  stop_grace_period: DONE,
  stop_signal: DONE,
  storage_opt: container(SETTING),
  sysctls: container(ISOLATION),
  tmpfs: ['a path or a list, with options', 'not mounted'],
  tty: [DONE, 'not done: it speaks of the container'],
  ulimits: container(ISOLATION),
  use_api_socket: ['warning: is not carried over: mount the socket of the engine with volumes', ISOLATION],
  user: [DONE, 'not done: a process is of the account that started Flotilla'],
  userns_mode: container(ISOLATION),
  uts: container(ISOLATION),
  volumes: ['see below', 'not mounted. `/docker-entrypoint-initdb.d` of an embedded Postgres is read'],
  volumes_from: container('warning: is not carried over by processes: they see the files of this machine'),
  working_dir: [DONE, 'not done: it speaks of the container'],
  'x-flotilla': 'see below',
};

export const BUILD_KEYS: KeySection = {
  context: ['a folder, or an address of Git or an archive', 'a folder: where the command starts'],
  dockerfile: [DONE, BUILD],
  dockerfile_inline: [DONE, BUILD],
  additional_contexts: [BUILDKIT, BUILD],
  args: [DONE, BUILD],
  cache_from: [DONE, BUILD],
  cache_to: [BUILDKIT, BUILD],
  entitlements: [BUILDKIT, BUILD],
  extra_hosts: [DONE, BUILD],
  isolation: ['warning: is not carried over: only Windows has it', BUILD],
  labels: [DONE, BUILD],
  network: [DONE, BUILD],
  no_cache: [DONE, BUILD],
  platforms: ['one that the engine can build; more: warning', BUILD],
  privileged: [BUILDKIT, BUILD],
  provenance: [BUILDKIT, BUILD],
  pull: [DONE, BUILD],
  sbom: [BUILDKIT, BUILD],
  secrets: [BUILDKIT, BUILD],
  shm_size: [DONE, BUILD],
  ssh: [BUILDKIT, BUILD],
  tags: [DONE, BUILD],
  target: [DONE, BUILD],
  ulimits: [BUILDKIT, BUILD],
};

export const INCLUDE_KEYS: KeySection = {
  path: 'a file, or several that are merged',
  project_directory: 'where relative paths start; else the folder of the first file',
  env_file: 'defaults for variables; else `.env` in that folder',
};

export const EXTENDS_KEYS: KeySection = { service: DONE, file: 'another file; else the same' };

export const DEPENDENCY_KEYS: KeySection = {
  condition: '`service_started`, `service_healthy`, `service_completed_successfully`',
  required: DONE,
  restart: 'restarted with it when a person restarts that service',
};

export const DEPLOY_KEYS: KeySection = {
  mode: '`replicated`, or `replicated-job`; `global` is one copy',
  replicas: 'several containers or processes',
  resources: 'see below',
  restart_policy: 'where there is no `restart`',
  labels: SWARM,
  endpoint_mode: SWARM,
  placement: SWARM,
  rollback_config: SWARM,
  update_config: SWARM,
};

export const RESOURCES_KEYS: KeySection = { limits: 'see below', reservations: 'see below' };

export const LIMITS_KEYS: KeySection = {
  cpus: [DONE, 'shown, not enforced'],
  memory: [DONE, 'shown, not enforced'],
  pids: container(LIMIT),
};

export const RESERVATIONS_KEYS: KeySection = {
  cpus: 'warning: nothing is reserved: Flotilla runs on one machine',
  memory: container('warning: nothing is reserved: Flotilla runs on one machine'),
  devices: container(ISOLATION),
  generic_resources: SWARM,
};

export const RESTART_POLICY_KEYS: KeySection = {
  condition: '`none`, `on-failure`, `any`',
  max_attempts: DONE,
  delay: 'warning: has no effect: pauses grow from short to long',
  window: 'warning: has no effect: pauses grow from short to long',
};

export const HEALTHCHECK_KEYS: KeySection = {
  test: [
    'run by the engine, in the container; `NONE` turns off that of the image',
    "run in the service's environment; embedded programs are asked directly",
  ],
  disable: DONE,
  interval: DONE,
  retries: DONE,
  start_interval: ['as written on engines that have it (25 and later)', DONE],
  start_period: DONE,
  timeout: DONE,
};

export const ENV_FILE_KEYS: KeySection = {
  path: DONE,
  required: DONE,
  format: '`raw`: values as they stand, without quotes or variables',
};

export const PORT_KEYS: KeySection = {
  target: DONE,
  published: 'a port, a range to choose from, or nothing for any free one',
  host_ip: ['as written; 127.0.0.1 where there is none', '127.0.0.1; another: warning'],
  protocol: ['`tcp`, `udp`', '`tcp`; `udp`: warning'],
  app_protocol: 'how the topology names it',
  name: 'its name in the console',
  mode: 'read: on one machine both are the same',
};

export const MOUNT_KEYS: KeySection = {
  type: ['`bind`, `volume`, `tmpfs`; others are left out with a warning', 'not mounted'],
  source: DONE,
  target: DONE,
  read_only: DONE,
  consistency: 'read: no engine makes a difference any more',
  bind: 'see below',
  volume: 'see below',
  tmpfs: 'see below',
  image: 'warning: has no effect: a mount of type image is left out',
};

export const BIND_KEYS: KeySection = {
  create_host_path: DONE,
  propagation: DONE,
  selinux: DONE,
  recursive: ['warning: has no effect: what is mounted below the source is there too', 'not mounted'],
};

export const MOUNTED_VOLUME_KEYS: KeySection = {
  nocopy: DONE,
  subpath: ['as written on engines that have it (26 and later)', 'not mounted'],
  labels: ['warning: has no effect on an anonymous volume', 'not mounted'],
};

export const TMPFS_KEYS: KeySection = { size: DONE, mode: DONE };

export const SERVICE_NETWORK_KEYS: KeySection = {
  aliases: [DONE, 'names of the service in the topology'],
  ipv4_address: container(NETWORK),
  ipv6_address: container(NETWORK),
  link_local_ips: container(NETWORK),
  mac_address: container(NETWORK, 'as written on engines that have it (25 and later)'),
  driver_opts: container(NETWORK),
  priority: container(NETWORK, 'the order in which networks are joined'),
  gw_priority: ['warning: has no effect: the engine chooses the way out', NETWORK],
  interface_name: ['warning: has no effect: the engine names its interfaces', NETWORK],
};

export const NETWORK_KEYS: KeySection = {
  name: container(NETWORK),
  driver: [DONE, 'read'],
  driver_opts: container(NETWORK),
  attachable: container(NETWORK),
  enable_ipv4: ['warning: has no effect: IPv4 is always on', NETWORK],
  enable_ipv6: container(NETWORK),
  external: ['it has to be there; it is left when the fleet goes', 'read'],
  internal: [DONE, 'read'],
  ipam: container(NETWORK),
  labels: container(NETWORK),
};

export const IPAM_KEYS: KeySection = { driver: DONE, config: DONE, options: DONE };
export const IPAM_POOL_KEYS: KeySection = { subnet: DONE, ip_range: DONE, gateway: DONE, aux_addresses: DONE };

export const VOLUME_KEYS: KeySection = {
  name: container('warning: is not carried over by processes: no volume is made'),
  driver: container('warning: is not carried over by processes: no volume is made'),
  driver_opts: container('warning: is not carried over by processes: no volume is made'),
  external: ['it has to be there; it is left when the fleet goes', 'read'],
  labels: [DONE, 'read'],
};

const NO_SWARM_OBJECT: KeyRow = 'warning: has no effect: only a swarm keeps it';

export const CONFIG_KEYS: KeySection = {
  file: DONE,
  content: DONE,
  environment: DONE,
  external: ['refused where a service uses it: only a swarm keeps one', 'read'],
  name: 'read',
  labels: NO_SWARM_OBJECT,
  template_driver: NO_SWARM_OBJECT,
};

export const SECRET_KEYS: KeySection = {
  file: DONE,
  environment: DONE,
  external: ['refused where a service uses it: only a swarm keeps one', 'read'],
  name: 'read',
  labels: NO_SWARM_OBJECT,
  driver: NO_SWARM_OBJECT,
  driver_opts: NO_SWARM_OBJECT,
  template_driver: NO_SWARM_OBJECT,
};

export const GRANT_KEYS: KeySection = {
  source: DONE,
  target: DONE,
  uid: [DONE, 'no file is made'],
  gid: [DONE, 'no file is made'],
  mode: [DONE, 'no file is made'],
};

export const LOGGING_KEYS: KeySection = { driver: DONE, options: DONE };
export const ULIMIT_KEYS: KeySection = { soft: DONE, hard: DONE };
export const DEVICE_KEYS: KeySection = { source: DONE, target: DONE, permissions: DONE };
export const DEVICE_REQUEST_KEYS: KeySection = {
  capabilities: DONE,
  count: DONE,
  device_ids: DONE,
  driver: DONE,
  options: DONE,
};

export const BLKIO_KEYS: KeySection = {
  weight: DONE,
  weight_device: DONE,
  device_read_bps: DONE,
  device_read_iops: DONE,
  device_write_bps: DONE,
  device_write_iops: DONE,
};
export const BLKIO_WEIGHT_KEYS: KeySection = { path: DONE, weight: DONE };
export const BLKIO_RATE_KEYS: KeySection = { path: DONE, rate: DONE };

/** What is said at a key that has no effect on this runtime; null when it has one. */
export function whyIgnored(row: KeyRow, runtime: RuntimeKind): string | null {
  const cell = cellOf(row, runtime);
  return cell.startsWith(IGNORED) ? cell.slice(IGNORED.length) : null;
}

function cellOf(row: KeyRow, runtime: RuntimeKind): string {
  if (typeof row === 'string') return row;
  return runtime === 'docker' ? row[0] : row[1];
}
