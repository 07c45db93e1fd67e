import { ServiceId } from '../../../contract/index.ts';
import { PLAIN_CONTAINER } from '../container-options.ts';
import type { ContainerOptions, Sharing } from '../model.ts';
import type { ReadContext } from './context.ts';
import type { Deploy } from './deploy.ts';
import { readMemory, readPidsLimit } from './deploy.ts';
import { readBlkio, readDevice, readGpus } from './devices.ts';
import { parseDuration } from './duration.ts';
import {
  expectBoolean,
  expectByteLimit,
  expectByteSize,
  expectList,
  expectMap,
  expectName,
  expectNumber,
  expectText,
  expectTextList,
  expectTextMap,
  expectTexts,
} from './expect.ts';
import { Fields } from './fields.ts';
import { readContainerHealthcheck } from './healthcheck.ts';
import { LOGGING_KEYS, ULIMIT_KEYS } from './keys.ts';
import { invalid, type Place } from './place.ts';
import type { Tree } from './tree.ts';

/** A service that another names outside `depends_on`, and so depends on: by its network, its volumes, a link. */
export interface PlacedName {
  readonly service: string;
  readonly place: Place;
}

const NO_CONTAINER = 'service:NAME or container:NAME with a name';

function readSharing(tree: Tree): Sharing {
  const text = expectName(tree);
  const [kind = '', name] = text.split(/:(.*)/s);
  if (kind !== 'service' && kind !== 'container') return { kind: 'other', mode: text };
  if (!name) throw invalid(tree.place, `${text} names nothing`, NO_CONTAINER);
  return kind === 'service' ? { kind, service: ServiceId.parse(name) } : { kind, container: name };
}

function readVolumesFrom(tree: Tree): ContainerOptions['volumesFrom'][number] {
  const text = expectName(tree, 'SERVICE[:ro], or container:NAME[:ro]');
  const readOnly = text.endsWith(':ro');
  const name = text.replace(/:r[ow]$/, '');
  const from: Sharing = name.startsWith('container:')
    ? { kind: 'container', container: name.slice('container:'.length) }
    : { kind: 'service', service: ServiceId.parse(name) };
  return { from, readOnly };
}

/** `name` or `name:alias`. */
function readLink(tree: Tree): { name: string; alias: string } {
  const [name = '', alias = name] = expectName(tree, 'NAME or NAME:ALIAS').split(':');
  if (name === '' || alias === '') throw invalid(tree.place, 'this link has no name', 'NAME or NAME:ALIAS');
  return { name, alias };
}

const count = (tree: Tree): number => expectNumber(tree, { min: -1, max: Number.MAX_SAFE_INTEGER, integer: true });

function readUlimits(tree: Tree, context: ReadContext): ContainerOptions['ulimits'] {
  return [...expectMap(tree).entries.values()].map(({ key, value }) => {
    if (value.type !== 'map') return { name: key, soft: count(value), hard: count(value) };
    const fields = new Fields(value, 'a number, or {soft, hard}');
    fields.warn(ULIMIT_KEYS, context);
    const hard = fields.read('hard', count, null);
    const soft = fields.read('soft', count, hard);
    if (soft === null) throw invalid(value.place, `the limit ${key} has no value`, 'a number, or {soft, hard}');
    return { name: key, soft, hard: hard ?? soft };
  });
}

function readLogging(tree: Tree, context: ReadContext): NonNullable<ContainerOptions['logging']> {
  const fields = new Fields(tree);
  fields.warn(LOGGING_KEYS, context);
  const driver = fields.read('driver', (value) => expectName(value), null);
  return { driver, options: fields.read('options', expectTextMap, {}) };
}

function readPullPolicy(tree: Tree, context: ReadContext): ContainerOptions['pullPolicy'] {
  const text = expectName(tree);
  if (text === 'always' || text === 'never' || text === 'missing' || text === 'build') return text;
  if (text === 'if_not_present') return 'missing';
  const known = 'always, missing, if_not_present, never, build, daily, weekly or every_DURATION';
  if (!/^(daily|weekly|every_\w+)$/.test(text)) throw invalid(tree.place, `pull_policy is ${text}`, known);
  if (context.runtime === 'docker') {
    context.warnings.add(tree.place, tree.path, `${text} is not done: the image is pulled when it is missing`);
  }
  return 'missing';
}

/** A number of microseconds, or a duration. */
function microseconds(tree: Tree): number {
  const text = expectText(tree);
  const durationMs = /[a-z]$/.test(text) ? parseDuration(text) : null;
  if (durationMs !== null) return Math.round(durationMs * 1000);
  return expectNumber(tree, { min: -1, max: Number.MAX_SAFE_INTEGER, integer: true });
}

/** Names, networks and what is shared with other containers. */
function readNeighbours(fields: Fields) {
  const sharing = (key: string) => fields.read(key, readSharing, null);
  const text = (key: string) => fields.read(key, (tree) => expectName(tree), null);
  const links = (key: string) => fields.read(key, (tree) => expectList(tree).items.map(readLink), []);
  return {
    name: text('container_name'),
    hostname: text('hostname'),
    domainname: text('domainname'),
    macAddress: text('mac_address'),
    networkMode: sharing('network_mode'),
    links: links('links').map(({ name, alias }) => ({ service: ServiceId.parse(name), alias })),
    externalLinks: links('external_links').map(({ name, alias }) => ({ container: name, alias })),
    dns: fields.read('dns', expectTexts, []),
    dnsSearch: fields.read('dns_search', expectTexts, []),
    dnsOptions: fields.read('dns_opt', expectTexts, []),
    pid: sharing('pid'),
    ipc: sharing('ipc'),
    uts: text('uts'),
    userns: text('userns_mode'),
    cgroup: text('cgroup'),
    cgroupParent: text('cgroup_parent'),
    volumesFrom: fields.read('volumes_from', (tree) => expectList(tree).items.map(readVolumesFrom), []),
  };
}

/** What the container may do, and what it finds inside. */
function readRights(fields: Fields, context: ReadContext) {
  const texts = (key: string) => fields.read(key, (tree) => expectTextList(tree), []);
  const text = (key: string) => fields.read(key, (tree) => expectName(tree), null);
  return {
    privileged: fields.read('privileged', expectBoolean, false),
    capAdd: texts('cap_add'),
    capDrop: texts('cap_drop'),
    securityOptions: texts('security_opt'),
    groupAdd: texts('group_add'),
    readOnly: fields.read('read_only', expectBoolean, false),
    init: fields.read('init', expectBoolean, null),
    stdinOpen: fields.read('stdin_open', expectBoolean, false),
    platform: text('platform'),
    ociRuntime: text('runtime'),
    isolation: text('isolation'),
    pullPolicy: fields.read('pull_policy', (tree) => readPullPolicy(tree, context), PLAIN_CONTAINER.pullPolicy),
    logging: fields.read('logging', (tree) => readLogging(tree, context), null),
    sysctls: fields.read('sysctls', expectTextMap, {}),
    ulimits: fields.read('ulimits', (tree) => readUlimits(tree, context), []),
    devices: fields.read('devices', (tree) => expectList(tree).items.map((item) => readDevice(item, context)), []),
    deviceCgroupRules: texts('device_cgroup_rules'),
    annotations: fields.read('annotations', expectTextMap, {}),
    storageOptions: fields.read('storage_opt', expectTextMap, {}),
  };
}

/** What it may use of the machine. */
function readLimits(fields: Fields, deploy: Deploy, context: ReadContext) {
  const whole = (key: string, min: number, max = Number.MAX_SAFE_INTEGER) =>
    fields.read(key, (tree) => expectNumber(tree, { min, max, integer: true }), null);
  return {
    deviceRequests: [...deploy.deviceRequests, ...fields.read('gpus', (tree) => readGpus(tree, context), [])],
    shmSizeBytes: fields.read('shm_size', expectByteSize, null),
    memoryReservationBytes: fields.read('mem_reservation', readMemory, deploy.memoryReservationBytes),
    memorySwapBytes: fields.read('memswap_limit', expectByteLimit, null),
    memorySwappiness: whole('mem_swappiness', 0, 100),
    oomKillDisable: fields.read('oom_kill_disable', expectBoolean, false),
    oomScoreAdjust: whole('oom_score_adj', -1000, 1000),
    pidsLimit: fields.read('pids_limit', readPidsLimit, deploy.pidsLimit),
    cpuShares: whole('cpu_shares', 0),
    cpuset: fields.read('cpuset', (tree) => expectName(tree), null),
    cpuPeriodMicroseconds: fields.read('cpu_period', microseconds, null),
    cpuQuotaMicroseconds: fields.read('cpu_quota', microseconds, null),
    cpuRealtimePeriodMicroseconds: fields.read('cpu_rt_period', microseconds, null),
    cpuRealtimeRuntimeMicroseconds: fields.read('cpu_rt_runtime', microseconds, null),
    blkio: fields.read('blkio_config', (tree) => readBlkio(tree, context), null),
  };
}

/** The keys of a service that speak of its container alone. */
export function readContainer(
  fields: Fields,
  attachments: ContainerOptions['attachments'],
  deploy: Deploy,
  context: ReadContext,
): ContainerOptions {
  return {
    ...readNeighbours(fields),
    attachments,
    ...readRights(fields, context),
    ...readLimits(fields, deploy, context),
    healthcheck: fields.read('healthcheck', readContainerHealthcheck, null),
  };
}

/** Services that are named by `network_mode`, `pid`, `ipc`, `volumes_from` and `links`; Compose starts these first. */
export function readImpliedDependencies(fields: Fields): PlacedName[] {
  const named: PlacedName[] = [];
  const add = (tree: Tree, sharing: Sharing): void => {
    if (sharing.kind === 'service') named.push({ service: sharing.service, place: tree.place });
  };
  for (const key of ['network_mode', 'pid', 'ipc']) {
    const tree = fields.take(key);
    if (tree !== null) add(tree, readSharing(tree));
  }
  for (const item of fields.read('volumes_from', (tree) => expectList(tree).items, []))
    add(item, readVolumesFrom(item).from);
  for (const item of fields.read('links', (tree) => expectList(tree).items, [])) {
    named.push({ service: readLink(item).name, place: item.place });
  }
  return named;
}
