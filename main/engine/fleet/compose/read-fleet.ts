import { stat } from 'node:fs/promises';
import path from 'node:path';
import { FlotillaError, type RuntimeKind } from '../../../contract/index.ts';
import { PLAIN_NETWORK } from '../container-options.ts';
import type { FleetModel, ServiceSpec } from '../model.ts';
import type { ReadContext, Scope } from './context.ts';
import { activeServices, checkDependencies } from './dependencies.ts';
import { expectName } from './expect.ts';
import { Fields } from './fields.ts';
import { readGrantables } from './grants.ts';
import type { Lookup } from './interpolate.ts';
import { TOP_KEYS } from './keys.ts';
import { Loader, variablesOf } from './load.ts';
import { readNetworks, readVolumes } from './networks.ts';
import { invalid, sentence } from './place.ts';
import { withReferencedPorts } from './referenced-ports.ts';
import { type FleetExtension, readFleetExtension } from './resources.ts';
import { readOutline, readService, type ServiceOutline, serviceFields } from './service.ts';
import type { Entry, Tree } from './tree.ts';
import { type Told, Warnings } from './warnings.ts';

export interface ReadFleetOptions {
  /** Variables for the file; `.env` beside it is read too and counts less. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Files that are laid over the first, in this order; with a list, an empty one too, no other is looked for beside it. */
  readonly files?: readonly string[] | undefined;
  /** What it is to run on: services that are not for it are left out. Default: process. */
  readonly runtime?: RuntimeKind | undefined;
  /** Profiles to start, beside those of COMPOSE_PROFILES; `*` is all. */
  readonly profiles: readonly string[];
}

const PROJECT_NAME = 'COMPOSE_PROJECT_NAME';
const NAMES_IN_FOLDER = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
const OVERRIDES = [
  'compose.override.yaml',
  'compose.override.yml',
  'docker-compose.override.yaml',
  'docker-compose.override.yml',
];

async function firstOf(folder: string, names: readonly string[]): Promise<string | null> {
  for (const name of names) {
    const candidate = path.join(folder, name);
    if (await stat(candidate).catch(() => null)) return candidate;
  }
  return null;
}

/** The file itself, or in a folder the one that Compose would take. */
async function findFile(given: string): Promise<string> {
  const file = path.resolve(given);
  const found = await stat(file).catch(() => null);
  if (!found) throw new FlotillaError('FLEET_FILE_MISSING', { file });
  if (!found.isDirectory()) return file;
  const inside = await firstOf(file, NAMES_IN_FOLDER);
  if (inside !== null) return inside;
  throw new FlotillaError('FLEET_FILE_MISSING', { file: path.join(file, 'compose.yaml') });
}

/** Of a folder, the files that COMPOSE_FILE names there or in the environment. */
async function namedFiles(given: string, outer: Lookup): Promise<string[]> {
  const folder = path.resolve(given);
  if (!(await stat(folder).catch(() => null))?.isDirectory()) return [];
  const lookup = await variablesOf([path.join(folder, '.env')], outer);
  const separator = lookup('COMPOSE_PATH_SEPARATOR') || path.delimiter;
  const names = (lookup('COMPOSE_FILE') ?? '').split(separator).filter((name) => name !== '');
  return names.map((name) => path.resolve(folder, name));
}

/** The files of the fleet: those that are named, or one that Compose would find by itself with its override beside it. */
async function findFiles(given: string, more: readonly string[] | undefined, outer: Lookup): Promise<string[]> {
  if (more !== undefined) return [await findFile(given), ...more.map((one) => path.resolve(one))];
  const named = await namedFiles(given, outer);
  if (named.length > 0) return named;
  const file = await findFile(given);
  if (!NAMES_IN_FOLDER.includes(path.basename(file))) return [file];
  const override = await firstOf(path.dirname(file), OVERRIDES);
  return override === null ? [file] : [file, override];
}

function projectName(tree: Tree | null, file: string, lookup: Lookup): string {
  const valid = /^[a-z0-9][a-z0-9_-]*$/;
  const fromVariable = lookup(PROJECT_NAME);
  if (fromVariable) {
    if (valid.test(fromVariable)) return fromVariable;
    const place = tree?.place ?? { file, line: 1, column: 1 };
    const problem = `is ${JSON.stringify(fromVariable)}, which cannot name a fleet: lower-case letters, digits, - and _ can`;
    throw new FlotillaError('FLEET_VARIABLE', { ...place, variable: PROJECT_NAME, problem });
  }
  if (tree === null) {
    const directory = path.dirname(file);
    const folder = path.basename(directory).toLowerCase();
    return folder.replace(/[^a-z0-9_-]/g, '').replace(/^[_-]+/, '') || 'fleet';
  }
  const name = expectName(tree);
  if (valid.test(name)) return name;
  throw invalid(
    tree.place,
    `${JSON.stringify(name)} cannot name a fleet`,
    'lower-case letters, digits, - and _, first a letter or digit',
  );
}

function serviceEntries(root: Fields): Entry[] {
  const tree = root.take('services');
  const entries = tree === null ? [] : [...new Fields(tree, 'a mapping of services').tree.entries.values()];
  if (entries.length === 0) {
    throw invalid(tree?.place ?? root.tree.place, 'the file has no services', 'services: with at least one service');
  }
  return entries.filter(({ key }) => !key.startsWith('x-'));
}

/** What a service depends on among those that start, and `job` for what others wait to see completed. */
function finishServices(read: readonly ServiceSpec[], outlines: ReadonlyMap<string, ServiceOutline>): ServiceSpec[] {
  const started = new Set<string>(read.map((service) => service.id));
  const dependencies = read.flatMap((service) => service.dependsOn);
  const awaited = dependencies.filter(({ condition }) => condition === 'service_completed_successfully');
  const jobs = new Set<string>(awaited.map(({ service }) => service));
  return read.map((service) => {
    // A job may well be of the image of a database, whose client it is.
    const isJob = jobs.has(service.id) && outlines.get(service.id)?.hasKind === false;
    return {
      ...service,
      kind: isJob ? 'job' : service.kind,
      dependsOn: service.dependsOn.filter((dependency) => started.has(dependency.service)),
    };
  });
}

function warnOfMissingHealth(
  services: readonly ServiceSpec[],
  outlines: ReadonlyMap<string, ServiceOutline>,
  { warnings, runtime }: Told,
) {
  const silent = new Set<string>(services.filter((one) => one.healthcheck === null).map((one) => one.id));
  const unless = runtime === 'docker' ? ' here: unless its image has one, it' : ': it';
  for (const { id } of services) {
    const outline = outlines.get(id);
    for (const { service, condition, place } of outline?.dependencies ?? []) {
      if (condition !== 'service_healthy' || !silent.has(service)) continue;
      const message = `${service} has no health check${unless} counts as healthy as soon as it runs`;
      warnings.add(place, `services.${id}.depends_on.${service}`, message);
    }
  }
}

function finishDial(dial: FleetExtension['dial'], services: readonly ServiceSpec[]): FleetModel['dial'] {
  const service = services.find((one) => one.id === dial?.service);
  if (dial === null || !service) return null;
  const { place, ...spec } = dial;
  const port = service.ports.find((one) => one.name === dial.port || String(one.containerPort) === dial.port);
  if (!port) {
    const known = sentence(
      service.ports.map((one) => one.name),
      'or',
    );
    throw invalid(
      place,
      `the dial asks the port ${dial.port}, which ${dial.service} does not have`,
      known || `a port of ${dial.service}`,
    );
  }
  return { ...spec, port: port.name };
}

function requestedProfiles(options: ReadFleetOptions, lookup: Lookup): Set<string> {
  const fromVariable = (lookup('COMPOSE_PROFILES') ?? '').split(',').map((profile) => profile.trim());
  return new Set([...options.profiles, ...fromVariable].filter((profile) => profile !== ''));
}

async function readServices(root: Fields, context: ReadContext, file: string, profiles: ReadonlySet<string>) {
  const entries = serviceEntries(root);
  const outlines = new Map(entries.map((entry) => [entry.key, readOutline(entry, serviceFields(entry), context)]));
  checkDependencies(outlines);
  const known = new Set([...outlines.values()].flatMap((outline) => outline.profiles));
  for (const profile of profiles) {
    if (profile === '*' || known.has(profile)) continue;
    context.warnings.add({ file, line: 1, column: 1 }, 'profiles', `no service has the profile ${profile}`);
  }
  const active = activeServices(outlines, profiles);
  const read: ServiceSpec[] = [];
  for (const entry of entries) {
    const provider = outlines.get(entry.key)?.provider ?? null;
    if (provider !== null) {
      const message = 'nothing but containers and processes is started: the service is left out';
      context.warnings.add(provider, `services.${entry.key}.provider`, message);
      continue;
    }
    const isActive = active.has(entry.key);
    // What is not started is still checked, but what it would lack is of no interest.
    const service = await readService(entry, isActive ? context : { ...context, warnings: new Warnings() }, isActive);
    if (isActive) read.push(service);
  }
  const services = finishServices(withReferencedPorts(read), outlines);
  warnOfMissingHealth(services, outlines, context);
  return { services, names: new Set(outlines.keys()) };
}

interface Project {
  readonly told: Told;
  readonly loader: Loader;
  readonly root: Fields;
  readonly name: string;
}

/** The files as one, and the name of the project, which they may use as a variable themselves. */
async function loadProject(files: readonly string[], scope: Scope, runtime: RuntimeKind): Promise<Project> {
  const { directory, lookup } = scope;
  const loadAs = async (own: Lookup): Promise<Project> => {
    const told: Told = { warnings: new Warnings(), runtime };
    const loader = new Loader({ directory, lookup: own }, told);
    const root = new Fields(await loader.load(files));
    return { told, loader, root, name: projectName(root.take('name'), files[0] ?? directory, lookup) };
  };
  let asked = false;
  const project = await loadAs((variable) => {
    const value = lookup(variable);
    if (variable !== PROJECT_NAME || value !== undefined) return value;
    asked = true;
    return '';
  });
  return asked ? loadAs((variable) => (variable === PROJECT_NAME ? project.name : lookup(variable))) : project;
}

/** As with Compose, what no started service uses is not made. */
function usedVolumes(volumes: FleetModel['volumes'], services: readonly ServiceSpec[]): FleetModel['volumes'] {
  const mounts = services.flatMap((service) => service.mounts).filter((mount) => mount.kind === 'volume');
  const used = new Set(mounts.map((mount) => mount.source));
  return Object.fromEntries(Object.entries(volumes).filter(([name]) => used.has(name)));
}

function usedNetworks(networks: FleetModel['networks'], services: readonly ServiceSpec[]): FleetModel['networks'] {
  const used = new Set(services.flatMap((service) => Object.keys(service.networks)));
  const all = Object.entries({ ...(used.has('default') ? { default: PLAIN_NETWORK } : {}), ...networks });
  return Object.fromEntries(all.filter(([name]) => used.has(name)));
}

/**
 * Reads a Compose file (or the one in a folder) and everything it refers to. What is not done as written is in `warnings`.
 * Throws FLEET_FILE_MISSING, FLEET_FILE_INVALID, FLEET_VARIABLE and FLEET_CYCLE, each with file, line and column.
 * Follows the Compose specification; docs/compose.md has the keys.
 */
export async function readFleet(given: string, options: ReadFleetOptions): Promise<FleetModel> {
  const { environment } = options;
  const outer: Lookup = (name) => (Object.hasOwn(environment, name) ? environment[name] : undefined);
  const files = await findFiles(given, options.files, outer);
  const [file = given] = files;
  const directory = path.dirname(file);
  const lookup = await variablesOf([path.join(directory, '.env')], outer);
  const { told, loader, root, name } = await loadProject(files, { directory, lookup }, options.runtime ?? 'process');
  const volumes = readVolumes(root.take('volumes'), told);
  const networks = readNetworks(root.take('networks'), told);
  const empty: ReadContext = {
    ...told,
    scopeOf: (place) => loader.scopeOf(place),
    volumes: new Set(Object.keys(volumes)),
    networks: new Set(Object.keys(networks)),
    configs: new Map(),
    secrets: new Map(),
  };
  const configs = readGrantables('config', root.take('configs'), empty);
  const context = { ...empty, configs, secrets: readGrantables('secret', root.take('secrets'), empty) };
  const profiles = requestedProfiles(options, lookup);
  const { services, names: serviceNames } = await readServices(root, context, file, profiles);
  const extension = readFleetExtension(root.take('x-flotilla'), serviceNames);
  root.warn(TOP_KEYS, told);
  const started = new Set<string>(services.map((service) => service.id));
  return {
    name,
    file,
    directory,
    files,
    services,
    dial: finishDial(extension.dial, services),
    resources: extension.resources
      .filter((one) => started.has(one.service) && (one.runtimes?.includes(told.runtime) ?? true))
      .map(({ runtimes: _, ...resource }) => resource),
    volumes: usedVolumes(volumes, services),
    networks: usedNetworks(networks, services),
    warnings: told.warnings.list(),
    links: extension.links ? undefined : false,
  };
}
