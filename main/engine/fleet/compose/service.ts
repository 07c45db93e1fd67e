import os from 'node:os';
import { ServiceId, type ServiceKind } from '../../../contract/index.ts';
import { embeddedProgramFor } from '../../runtimes/index.ts';
import type { ContainerOptions, Healthcheck, PortSpec, ProcessSpec, RestartPolicy, ServiceSpec } from '../model.ts';
import { isRemoteContext, readBuild } from './build.ts';
import { readWords } from './command.ts';
import { readContainer, readImpliedDependencies } from './container.ts';
import type { ReadContext } from './context.ts';
import { type PlacedDependency, readDependsOn } from './depends-on.ts';
import { readCpus, readDeploy, readMemory } from './deploy.ts';
import { readEnvironment, readLabelFiles } from './environment.ts';
import { expectBoolean, expectDurationMs, expectList, expectName, expectTextList, expectTextMap } from './expect.ts';
import { Fields } from './fields.ts';
import { readGrants } from './grants.ts';
import { readHealthcheck } from './healthcheck.ts';
import { knownImage } from './images.ts';
import { SERVICE_KEYS } from './keys.ts';
import { readMount, readTmpfs } from './mounts.ts';
import { readExtraHosts, readServiceNetworks, type ServiceNetworks } from './networks.ts';
import { invalid, type Place, sentence } from './place.ts';
import { expectReplicas, readExposedPort, readPublishedPort } from './ports.ts';
import { readRestart } from './restart.ts';
import { joinPorts, withHttpOf } from './service-ports.ts';
import { type Entry, isNull, type Tree } from './tree.ts';
import { NO_EXTENSION, readServiceExtension, runsOn, type ServiceExtension } from './x-flotilla.ts';

/** What decides whether a service is started at all. */
export interface ServiceOutline {
  readonly entry: Entry;
  readonly profiles: readonly string[];
  readonly dependencies: readonly PlacedDependency[];
  /** Whether it is for the fleet's runtime at all. */
  readonly isHere: boolean;
  /** Whether it says itself what it is, under x-flotilla. */
  readonly hasKind: boolean;
  /** Where it says `provider`, when it has nothing else to run. */
  readonly provider: Place | null;
}

const NOTHING_TO_RUN = 'image, build or x-flotilla.process';
const NEVER: RestartPolicy = { policy: 'no', maxRetries: null };

function readSignal(tree: Tree): NodeJS.Signals {
  const expected = 'a signal such as SIGTERM';
  const text = expectName(tree, expected).toUpperCase();
  const signals = Object.entries(os.constants.signals) as [NodeJS.Signals, number][];
  const found = signals.find(([name, number]) => name === text || name === `SIG${text}` || String(number) === text);
  if (!found) throw invalid(tree.place, `${text} is not a signal`, expected);
  return found[0];
}

function kindOf(extension: ServiceExtension, image: string | null): ServiceKind {
  return extension.kind ?? knownImage(image)?.kind ?? 'service';
}

/** The command in `x-flotilla.process`, or else the one that the container would run; with the variables of the former. */
function processOf(
  { extension, image }: { extension: ServiceExtension; image: string | null },
  { command, entrypoint, build }: Pick<ServiceSpec, 'command' | 'entrypoint' | 'build'>,
  directory: string,
): ProcessSpec | null {
  const own = extension.process;
  const { environment = {}, cwd = null } = own ?? {};
  if (own !== null && own.command.length > 0) return { command: own.command, cwd: cwd ?? directory, environment };
  const words = [...(entrypoint ?? []), ...(command ?? [])];
  if (own !== null && words.length === 0) {
    const detail = 'x-flotilla.process has no command, and neither has the service';
    throw invalid(own.place, detail, 'command: [program, argument]');
  }
  if (words.length === 0 || embeddedProgramFor(image) !== null) return null;
  const folder = build === null || isRemoteContext(build.context) ? directory : build.context;
  return { command: words, cwd: cwd ?? folder, environment };
}

function checkHealthPort(
  health: Healthcheck | null,
  ports: readonly PortSpec[],
  tree: Tree | null,
): Healthcheck | null {
  const asked = health?.http?.port ?? health?.tcp?.port;
  if (health === null || asked === undefined || tree === null) return health;
  const port = ports.find((one) => one.name === asked || String(one.containerPort) === asked);
  if (!port) {
    const known = ports.map((one) => one.name);
    const expected = known.length === 0 ? 'ports under x-flotilla' : sentence(known, 'or');
    throw invalid(tree.place, `health asks the port ${asked}, which this service does not have`, expected);
  }
  return {
    ...health,
    http: health.http && { ...health.http, port: port.name },
    tcp: health.tcp && { port: port.name },
  };
}

/** The keys of an entry of `services`. */
export function serviceFields(entry: Entry): Fields {
  if (!isNull(entry.value)) return new Fields(entry.value, 'a mapping with image or build');
  throw invalid(entry.keyPlace, `the service ${entry.key} has nothing to run`, NOTHING_TO_RUN);
}

/** Reads the profiles and dependencies of an entry of `services` alone. */
export function readOutline(entry: Entry, fields: Fields, context: ReadContext): ServiceOutline {
  const extension = fields.take('x-flotilla');
  const runs = fields.take('image') ?? fields.take('build');
  const provider = runs === null ? fields.tree.entries.get('provider') : undefined;
  return {
    entry,
    profiles: fields.read('profiles', (tree) => expectTextList(tree, 'a list of profiles'), []),
    dependencies: readDependencies(fields, context),
    isHere: provider === undefined && runsOn(extension, context.runtime),
    hasKind: extension?.type === 'map' && extension.entries.has('kind'),
    provider: provider?.keyPlace ?? null,
  };
}

/** `depends_on`, and the services that are named elsewhere and so have to be there first. */
function readDependencies(fields: Fields, context: ReadContext): PlacedDependency[] {
  const written = fields.read('depends_on', (tree) => readDependsOn(tree, context), []);
  const names = new Set<string>(written.map((dependency) => dependency.service));
  const implied = readImpliedDependencies(fields).filter(({ service }) => !names.has(service) && names.add(service));
  return [
    ...written,
    ...implied.map(({ service, place }) => ({
      service: ServiceId.parse(service),
      condition: 'service_started' as const,
      required: true,
      restart: true,
      place,
    })),
  ];
}

/** A service with a `network_mode` is on none of the fleet's networks. */
function readNetworksOf(fields: Fields, context: ReadContext): ServiceNetworks {
  const mode = fields.take('network_mode');
  const tree = fields.take('networks');
  if (mode === null || context.runtime !== 'docker') return readServiceNetworks(tree, context);
  if (tree !== null) throw invalid(mode.place, 'networks is there too', 'network_mode or networks');
  return { networks: {}, attachments: {} };
}

/** Several containers cannot have one name: they have Compose's then. */
function withoutSharedName(
  container: ContainerOptions,
  replicas: number,
  fields: Fields,
  context: ReadContext,
): ContainerOptions {
  const tree = fields.take('container_name');
  if (tree === null || replicas < 2 || context.runtime !== 'docker') return container;
  context.warnings.add(
    tree.place,
    tree.path,
    `${replicas} containers cannot have one name: they have those of Compose`,
  );
  return { ...container, name: null };
}

/** The parts of a service that need nothing but their own key. */
function readPlainFields(fields: Fields, context: ReadContext) {
  const deploy = readDeploy(fields.take('deploy'), context);
  const items = <T>(key: string, read: (item: Tree) => T): T[] =>
    fields.read(key, (tree) => expectList(tree).items.map(read), []);
  const scale = fields.read('scale', expectReplicas, null);
  const cpus = fields.read('cpus', readCpus, null);
  const memoryBytes = fields.read('mem_limit', readMemory, null);
  const replicas = scale ?? deploy.replicas ?? 1;
  const { networks, attachments } = readNetworksOf(fields, context);
  return {
    workingDir: fields.read('working_dir', (tree) => expectName(tree), null),
    user: fields.read('user', (tree) => expectName(tree), null),
    restart: fields.read('restart', readRestart, deploy.restart ?? NEVER),
    stopSignal: fields.read('stop_signal', readSignal, 'SIGTERM' as const),
    stopGracePeriodMs: fields.read('stop_grace_period', expectDurationMs, 10_000),
    replicas,
    limits: { cpus: cpus ?? deploy.limits.cpus, memoryBytes: memoryBytes ?? deploy.limits.memoryBytes },
    labels: fields.read('labels', expectTextMap, {}),
    mounts: [
      ...items('volumes', (item) => readMount(item, context)).filter((mount) => mount !== null),
      ...fields.read('tmpfs', readTmpfs, []),
    ],
    networks,
    container: withoutSharedName(readContainer(fields, attachments, deploy, context), replicas, fields, context),
    extraHosts: fields.read('extra_hosts', readExtraHosts, []),
    tty: fields.read('tty', expectBoolean, false),
    published: items('ports', (item) => readPublishedPort(item, context)).flat(),
    exposed: items('expose', (item) => readExposedPort(item, context)).flat(),
  };
}

/**
 * Reads one entry of `services`. Throws FLEET_FILE_INVALID. The env files of a service that no active profile starts are
 * not read, as they need not exist.
 */
export async function readService(entry: Entry, context: ReadContext, isActive: boolean): Promise<ServiceSpec> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(entry.key)) {
    const expected = 'a name of letters, digits, dots, dashes and underscores';
    throw invalid(entry.keyPlace, `${JSON.stringify(entry.key)} cannot name a service`, expected);
  }
  const fields = serviceFields(entry);
  const image = fields.read('image', (tree) => expectName(tree), null);
  const build = fields.read('build', (tree) => readBuild(tree, context), null);
  const command = fields.read('command', (tree) => readWords(tree, context), null);
  const entrypoint = fields.read('entrypoint', (tree) => readWords(tree, context), null);
  const envFile = fields.take('env_file');
  const environment = await readEnvironment(isActive ? envFile : null, fields.take('environment'), context);
  const labelFile = fields.take('label_file');
  const labels = await readLabelFiles(isActive ? labelFile : null, context);
  const extension = fields.read('x-flotilla', (tree) => readServiceExtension(tree, context), NO_EXTENSION);
  const { published, exposed, ...plain } = readPlainFields(fields, context);
  const { dependencies } = readOutline(entry, fields, context);
  const health = readHealthcheck(fields.take('healthcheck'), extension.health, context);
  fields.warn(SERVICE_KEYS, context);

  const { directory } = context.scopeOf(entry.keyPlace);
  const listed = joinPorts({ image, published, exposed, extension, environment });
  const healthcheck = checkHealthPort(health, listed, extension.health);
  const asProcess = processOf({ extension, image }, { command, entrypoint, build }, directory);
  const isForContainers = isActive && context.runtime !== 'process';
  const ownCommand = isForContainers ? [] : (extension.process?.command ?? []);
  if (image === null && build === null && ownCommand.length === 0) {
    const expected = isForContainers ? 'image or build' : NOTHING_TO_RUN;
    throw invalid(entry.keyPlace, `the service ${entry.key} has nothing to run`, expected);
  }
  return {
    id: ServiceId.parse(entry.key),
    kind: kindOf(extension, image),
    description: extension.description,
    image,
    build,
    command,
    entrypoint,
    environment,
    ...plain,
    labels: { ...labels, ...plain.labels },
    ports: withHttpOf(listed, healthcheck),
    dependsOn: dependencies.map(({ place: _, ...dependency }) => dependency),
    healthcheck,
    files: isActive ? await readGrants(fields, context) : [],
    // What a process would be given is nothing to a container.
    process: context.runtime === 'process' ? asProcess : null,
    links: extension.links ? undefined : false,
    position: entry.keyPlace,
  };
}
