import type { Entry, ListTree, MapTree, ScalarTree, Tree } from './tree.ts';

/**
 * Lays one file over another by the rules of the Compose specification (13-merge): mappings are joined, lists go on, and
 * what is neither is replaced. Keys that Compose takes both as list and as mapping are made mappings first.
 */
type Path = readonly string[];

/** `*` stands for any key. */
function matches(path: Path, pattern: string): boolean {
  const parts = pattern.split('.');
  return parts.length === path.length && parts.every((part, index) => part === '*' || part === path[index]);
}

const isOneOf = (path: Path, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => matches(path, pattern));

const REPLACED = [
  'services.*.command',
  'services.*.entrypoint',
  'services.*.healthcheck.test',
  'services.*.x-flotilla.runtimes',
  'services.*.x-flotilla.process.command',
];
/** `KEY=value` lists. */
const PAIRS = [
  'services.*.annotations',
  'services.*.build.additional_contexts',
  'services.*.build.args',
  'services.*.build.labels',
  'services.*.deploy.labels',
  'services.*.environment',
  'services.*.labels',
  'services.*.storage_opt',
  'services.*.sysctls',
  'services.*.x-flotilla.process.environment',
  'networks.*.labels',
  'volumes.*.labels',
];
/** Lists of names that may be mappings from the name. */
const NAMES = ['services.*.depends_on', 'services.*.networks', 'services.*.models'];
/** A text alone is the same as a list of one. */
const TEXTS = [
  'services.*.dns',
  'services.*.dns_opt',
  'services.*.dns_search',
  'services.*.env_file',
  'services.*.label_file',
  'services.*.tmpfs',
];
const HOSTS = ['services.*.extra_hosts', 'services.*.build.extra_hosts'];

const nothing = (at: Tree): ScalarTree => ({ type: 'scalar', value: null, text: '', place: at.place, path: at.path });
const text = (at: Tree, value: string): ScalarTree => ({ ...nothing(at), value, text: value });
const emptyMap = (at: Tree): MapTree => ({ type: 'map', entries: new Map(), place: at.place, path: at.path });

function mapOf(at: Tree, entries: readonly Entry[]): MapTree {
  return { ...emptyMap(at), entries: new Map(entries.map((entry) => [entry.key, entry])) };
}

const listOf = (at: Tree, items: readonly Tree[]): ListTree => ({
  type: 'list',
  items,
  place: at.place,
  path: at.path,
});

/** The one form of a value that may be written in several, so that two of them can be joined. */
function oneForm(tree: Tree, path: Path): Tree {
  if (tree.type === 'list' && isOneOf(path, PAIRS)) {
    const entries = tree.items.map((item): Entry => {
      const [, key = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(item.type === 'scalar' ? item.text : '') ?? [];
      return { key, keyPlace: item.place, value: value === undefined ? nothing(item) : text(item, value) };
    });
    return mapOf(tree, entries);
  }
  if (tree.type === 'list' && isOneOf(path, NAMES)) {
    const entries = tree.items.map((item): Entry => {
      const key = item.type === 'scalar' ? item.text : '';
      return { key, keyPlace: item.place, value: emptyMap(item) };
    });
    return mapOf(tree, entries);
  }
  if (tree.type === 'scalar' && tree.value !== null) {
    if (isOneOf(path, TEXTS)) return listOf(tree, [tree]);
    if (matches(path, 'services.*.build')) return mapOf(tree, [{ key: 'context', keyPlace: tree.place, value: tree }]);
  }
  if (tree.type === 'map' && isOneOf(path, HOSTS)) {
    const items = [...tree.entries.values()].flatMap(({ key, value }) => {
      const addresses = value.type === 'list' ? value.items : [value];
      return addresses.map((one) => text(one, `${key}=${one.type === 'scalar' ? one.text : ''}`));
    });
    return listOf(tree, items);
  }
  return tree;
}

function field(tree: Tree, key: string): string {
  const value = tree.type === 'map' ? tree.entries.get(key)?.value : undefined;
  return value?.type === 'scalar' ? value.text : '';
}

function portKey(tree: Tree): string {
  const short = tree.type === 'scalar' ? tree.text : '';
  const match = /^(?:(?:(\[[^\]]*\]|[^:]*):)?([^:]*):)?([^:/]*)(?:\/(\w+))?$/.exec(short);
  if (match) return [match[1], match[2], match[3], match[4] ?? 'tcp'].map((part) => part ?? '').join('|');
  return [
    field(tree, 'host_ip'),
    field(tree, 'published'),
    field(tree, 'target'),
    field(tree, 'protocol') || 'tcp',
  ].join('|');
}

function mountTarget(tree: Tree): string {
  if (tree.type !== 'scalar') return field(tree, 'target');
  const parts = tree.text.replace(/^[A-Za-z]:(?=[\\/])/, '').split(':');
  return (parts.length === 1 ? parts[0] : parts[1]) ?? '';
}

function grantTarget(tree: Tree): string {
  return tree.type === 'scalar' ? tree.text : field(tree, 'target') || field(tree, 'source');
}

const plainKey = (tree: Tree): string => (tree.type === 'scalar' ? tree.text : '');

/** What makes two items of a list the same, of which the later one counts. Null: every item stays. */
function itemKey(path: Path): ((tree: Tree) => string) | null {
  if (matches(path, 'services.*.ports')) return portKey;
  if (isOneOf(path, ['services.*.volumes', 'services.*.devices'])) return mountTarget;
  if (isOneOf(path, ['services.*.configs', 'services.*.secrets'])) return grantTarget;
  if (path[2] === 'blkio_config') return (tree) => field(tree, 'path');
  if (matches(path, 'services.*.x-flotilla.ports')) return (tree) => field(tree, 'port');
  if (matches(path, 'x-flotilla.resources')) {
    return (tree) => ['service', 'kind', 'name'].map((key) => field(tree, key)).join('|');
  }
  if (matches(path, 'networks.*.ipam.config')) return (tree) => field(tree, 'subnet');
  return matches(path, 'services.*.env_file') ? null : plainKey;
}

function mergeLists(base: ListTree, over: ListTree, path: Path): ListTree {
  const keyOf = itemKey(path);
  const items: Tree[] = [];
  const known = new Map<string, number>();
  for (const item of [...base.items, ...over.items]) {
    const key = keyOf?.(item) ?? '';
    const index = key === '' ? undefined : known.get(key);
    if (index === undefined) {
      if (key !== '') known.set(key, items.length);
      items.push(item);
    } else {
      items[index] = item;
    }
  }
  return { ...base, items };
}

function mergeMaps(base: MapTree, over: MapTree, path: Path): MapTree {
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const before = entries.get(key);
    const value = merge(before?.value ?? null, entry.value, [...path, key]);
    if (value === null) entries.delete(key);
    // What is added to stays where it began, what is replaced stands where it is now.
    else entries.set(key, { ...(before?.value.place === value.place ? before : entry), value });
  }
  return { ...base, entries };
}

/** Two log drivers have no options in common. */
function isOtherDriver(base: Tree, over: Tree, path: Path): boolean {
  if (!matches(path, 'services.*.logging')) return false;
  const driver = field(over, 'driver');
  return driver !== '' && field(base, 'driver') !== '' && driver !== field(base, 'driver');
}

/**
 * `over` laid over `base`, both at this path of the file (`['services', 'web']`); null where nothing is left. Every value
 * keeps the place where it was written.
 */
export function merge(base: Tree | null, over: Tree, path: Path): Tree | null {
  if (over.tag === 'reset') return null;
  if (base === null || over.tag === 'override') return withoutTags(over, path);
  // A key with nothing after its colon says nothing.
  if (over.type === 'scalar' && over.value === null && !isOneOf(path, ['services.*.environment.*'])) return base;
  if (isOneOf(path, REPLACED) || isOtherDriver(base, over, path)) return withoutTags(over, path);
  const [before, after] = [oneForm(base, path), oneForm(over, path)];
  if (before.type === 'map' && after.type === 'map') return mergeMaps(before, after, path);
  if (before.type === 'list' && after.type === 'list') return mergeLists(before, after, path);
  return withoutTags(over, path);
}

/** What is under `!reset` is not there; `!override` has nothing to replace. */
function withoutTags(tree: Tree, path: Path): Tree {
  if (tree.type !== 'map') return tree;
  return mergeMaps(emptyMap(tree), tree, path);
}
