import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { FlotillaError } from '../../../contract/index.ts';
import type { Scope } from './context.ts';
import { readDotenv } from './dotenv.ts';
import { expectList, expectMap, expectName, expectTextList } from './expect.ts';
import { Fields } from './fields.ts';
import type { Lookup } from './interpolate.ts';
import { EXTENDS_KEYS, INCLUDE_KEYS } from './keys.ts';
import { merge } from './merge.ts';
import { absolutePath } from './mounts.ts';
import { parseComposeText } from './parse.ts';
import { invalid, type Place } from './place.ts';
import { type Entry, isNull, type MapTree, type Tree } from './tree.ts';
import type { Told } from './warnings.ts';

const LARGEST_FILE = 4 * 1024 * 1024;
const MOST_FILES = 200;
/** What an included file adds to. */
const COLLECTIONS = ['services', 'volumes', 'networks', 'configs', 'secrets', 'models'];

async function readText(file: string, at: Place | null): Promise<string> {
  const start = { file, line: 1, column: 1 };
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (at !== null) throw invalid(at, `the file ${file} cannot be read (${error.code})`, 'a file that exists');
    if (error.code === 'ENOENT') throw new FlotillaError('FLEET_FILE_MISSING', { file });
    throw invalid(start, `the file cannot be read (${error.code ?? error.message})`, 'a text file');
  });
  if (bytes.length > LARGEST_FILE) throw invalid(start, 'the file is larger than 4 MB', 'a compose.yaml');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid(start, 'the file is not UTF-8', 'a text file in UTF-8');
  }
}

/** Variables as Compose finds them: the environment (or what includes this), then files such as `.env`. */
export async function variablesOf(files: readonly string[], outer: Lookup): Promise<Lookup> {
  const values = new Map<string, string | undefined>();
  const lookup: Lookup = (name) => outer(name) ?? values.get(name);
  for (const file of files) {
    for (const { name, value } of (await readDotenv(file, lookup)) ?? []) values.set(name, value ?? undefined);
  }
  return lookup;
}

/** Reads Compose files and those that they refer to by `include` and `extends`, and lays them over each other. */
export class Loader {
  readonly #told: Told;
  /** Of each file, what it is read in: what it refers to starts there. */
  readonly #scopes = new Map<string, Scope>();
  readonly #parsed = new Map<string, MapTree>();
  readonly #main: Scope;

  constructor(main: Scope, told: Told) {
    this.#main = main;
    this.#told = told;
  }

  scopeOf(place: Place): Scope {
    return this.#scopes.get(place.file) ?? this.#main;
  }

  /** The files merged in their order, with what they include and extend. */
  async load(files: readonly string[]): Promise<MapTree> {
    return this.#loadAll(files, this.#main, [], null);
  }

  async #loadAll(files: readonly string[], scope: Scope, trail: readonly string[], at: Place | null): Promise<MapTree> {
    let merged: MapTree | null = null;
    for (const file of files) {
      if (trail.includes(file)) {
        const cycle = [...trail.slice(trail.indexOf(file)), file].map((one) => path.basename(one)).join(' -> ');
        throw invalid(at ?? { file, line: 1, column: 1 }, `files include each other: ${cycle}`, 'no circle of files');
      }
      const tree = await this.#file(file, scope, at);
      const included = await this.#withIncluded(tree, scope, [...trail, file]);
      const extended = await this.#withExtended(included);
      merged = expectMap(merge(merged, extended, []) ?? extended);
    }
    if (merged === null)
      throw invalid(at ?? { file: scope.directory, line: 1, column: 1 }, 'no file is named', 'a path');
    return merged;
  }

  async #file(file: string, scope: Scope, at: Place | null): Promise<MapTree> {
    const known = this.#parsed.get(file);
    if (known !== undefined) return known;
    if (this.#parsed.size >= MOST_FILES) {
      throw invalid(at ?? { file, line: 1, column: 1 }, 'the fleet has too many files', `at most ${MOST_FILES}`);
    }
    const tree = parseComposeText(await readText(file, at), file, scope.lookup, this.#told.warnings);
    this.#scopes.set(file, scope);
    this.#parsed.set(file, tree);
    return tree;
  }

  async #withIncluded(tree: MapTree, scope: Scope, trail: readonly string[]): Promise<MapTree> {
    const include = tree.entries.get('include')?.value;
    if (include === undefined || isNull(include)) return tree;
    let whole = tree;
    for (const item of expectList(include, 'a list of files').items) {
      const { files, scope: inner } = await this.#includeOf(item, scope);
      const included = await this.#loadAll(files, inner, trail, item.place);
      whole = withResourcesOf(included, whole);
    }
    return whole;
  }

  async #includeOf(item: Tree, scope: Scope): Promise<{ files: string[]; scope: Scope }> {
    const fields = item.type === 'map' ? new Fields(item, 'a file, or {path, project_directory, env_file}') : null;
    fields?.warn(INCLUDE_KEYS, this.#told);
    const pathTree = fields === null ? item : fields.take('path');
    if (pathTree === null) throw invalid(item.place, 'this include has no path', 'path: FILE');
    const texts = (tree: Tree) => (tree.type === 'list' ? expectTextList(tree) : [expectName(tree, 'a path')]);
    const absolute = (name: string) => absolutePath(name, scope.directory);
    const files = texts(pathTree).map((name) => {
      if (!/^(oci|git|https?|ssh):|^git@/.test(name)) return absolute(name);
      throw invalid(pathTree.place, `${name} is not of this machine`, 'the path of a file');
    });
    const folder = fields?.read('project_directory', (value) => absolute(expectName(value)), null) ?? null;
    const directory = folder ?? path.dirname(files[0] ?? scope.directory);
    const envFiles = fields?.read('env_file', (value) => texts(value).map(absolute), null) ?? null;
    const lookup = await variablesOf(envFiles ?? [path.join(directory, '.env')], scope.lookup);
    return { files, scope: { directory, lookup } };
  }

  async #withExtended(tree: MapTree): Promise<MapTree> {
    const services = tree.entries.get('services');
    if (services?.value.type !== 'map') return tree;
    const extended = new Map<string, Entry>();
    for (const [name, entry] of services.value.entries) {
      extended.set(name, { ...entry, value: await this.#extend(entry.value, services.value, []) });
    }
    const value: MapTree = { ...services.value, entries: extended };
    return { ...tree, entries: new Map(tree.entries).set('services', { ...services, value }) };
  }

  /** The service with what it extends under it; `among` are the services of its file. */
  async #extend(service: Tree, among: MapTree, trail: readonly string[]): Promise<Tree> {
    const extended = service.type === 'map' ? service.entries.get('extends') : undefined;
    if (service.type !== 'map' || extended === undefined || isNull(extended.value)) return service;
    const { base, services, key } = await this.#baseOf(extended.value, among);
    if (trail.includes(key) || trail.length > 50) {
      throw invalid(extended.keyPlace, 'services extend each other in a circle', 'a service that extends no other');
    }
    const whole = await this.#extend(base, services, [...trail, key]);
    const own = new Map(service.entries);
    own.delete('extends');
    return merge(whole, { ...service, entries: own }, ['services', '']) ?? service;
  }

  async #baseOf(tree: Tree, among: MapTree): Promise<{ base: Tree; services: MapTree; key: string }> {
    const fields = tree.type === 'map' ? new Fields(tree, '{service, file}') : null;
    fields?.warn(EXTENDS_KEYS, this.#told);
    const nameTree = fields === null ? tree : fields.take('service');
    if (nameTree === null) throw invalid(tree.place, 'extends names no service', 'service: NAME');
    const name = expectName(nameTree, 'the name of a service');
    const fileTree = fields?.take('file') ?? null;
    const scope = this.scopeOf(tree.place);
    let services = among;
    let file = tree.place.file;
    if (fileTree !== null) {
      file = absolutePath(expectName(fileTree), scope.directory);
      // What the other file refers to lies beside it, whatever file this one is.
      const inner = { directory: path.dirname(file), lookup: scope.lookup };
      const other = (await this.#file(file, inner, fileTree.place)).entries.get('services')?.value;
      services = expectMap(other ?? tree, 'a file with services');
    }
    const base = services.entries.get(name)?.value;
    if (base !== undefined) return { base, services, key: `${file} ${name}` };
    throw invalid(nameTree.place, `there is no service ${name} in ${path.basename(file)}`, 'the name of a service');
  }
}

/** They say the same, wherever they stand. */
function isSame(one: Tree, other: Tree): boolean {
  if (one.type === 'map' && other.type === 'map') {
    const isInOther = ({ key, value }: Entry) => {
      const found = other.entries.get(key);
      return found !== undefined && isSame(value, found.value);
    };
    return one.entries.size === other.entries.size && [...one.entries.values()].every(isInOther);
  }
  if (one.type === 'list' && other.type === 'list') {
    const isThere = (item: Tree, n: number) => {
      const found = other.items[n];
      return found !== undefined && isSame(item, found);
    };
    return one.items.length === other.items.length && one.items.every(isThere);
  }
  return one.type === 'scalar' && other.type === 'scalar' && one.text === other.text;
}

/** The tree with the services, volumes and so on of an included one, which must not be there already and say something else. */
function withResourcesOf(included: MapTree, tree: MapTree): MapTree {
  const entries = new Map(tree.entries);
  for (const collection of COLLECTIONS) {
    const added = included.entries.get(collection);
    if (added?.value.type !== 'map') continue;
    const own = entries.get(collection);
    const all = new Map(own?.value.type === 'map' ? own.value.entries : []);
    for (const [key, entry] of added.value.entries) {
      const there = all.get(key);
      if (there !== undefined && there.keyPlace !== entry.keyPlace && !isSame(there.value, entry.value)) {
        const { file, line } = entry.keyPlace;
        const detail = `the ${collection.slice(0, -1)} ${key} is in an included file too (${file}:${line})`;
        throw invalid(there.keyPlace, detail, 'another name, or a change to it in compose.override.yaml');
      }
      if (there === undefined) all.set(key, entry);
    }
    const value: MapTree = { ...(own?.value.type === 'map' ? own.value : added.value), entries: all };
    entries.set(collection, { ...(own ?? added), value });
  }
  return { ...tree, entries };
}
