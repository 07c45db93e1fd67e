import os from 'node:os';
import path from 'node:path';
import { PLAIN_MOUNT } from '../container-options.ts';
import type { Mount, MountOptions } from '../model.ts';
import { parseByteSize } from './byte-size.ts';
import type { ReadContext } from './context.ts';
import { expectBoolean, expectByteSize, expectFileMode, expectName, expectOneOf, expectTexts } from './expect.ts';
import { Fields } from './fields.ts';
import { BIND_KEYS, MOUNT_KEYS, MOUNTED_VOLUME_KEYS, TMPFS_KEYS } from './keys.ts';
import { invalid, sentence } from './place.ts';
import type { Tree } from './tree.ts';

const SHORT = '"SOURCE:TARGET[:ro]", "TARGET" or a mapping with type and target';
/** Options of the short form that change nothing: caching of other systems, what is so anyway. */
const HARMLESS = new Set(['rw', 'cached', 'delegated', 'consistent']);
const PROPAGATION = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'] as const;

const isPath = (source: string): boolean => /^(\.|~|\/|[A-Za-z]:[\\/])/.test(source);

/** An absolute path; `~` is the home folder. */
export function absolutePath(source: string, directory: string): string {
  const expanded = source === '~' || source.startsWith('~/') ? path.join(os.homedir(), source.slice(1)) : source;
  return path.resolve(directory, expanded);
}

function checkVolume(name: string, tree: Tree, context: ReadContext): string {
  if (context.volumes.has(name)) return name;
  const known = context.volumes.size === 0 ? 'none yet' : sentence([...context.volumes]);
  throw invalid(
    tree.place,
    `there is no volume ${name}`,
    `a volume of the top level's volumes (${known}), or ./${name} for a folder`,
  );
}

/** The third part of the short form: `ro`, `z`, `rshared`, `nocopy`. */
function readFlags(text: string, tree: Tree, context: ReadContext): { readOnly: boolean; options: MountOptions } {
  let readOnly = false;
  let options = PLAIN_MOUNT;
  for (const flag of text === '' ? [] : text.split(',')) {
    const propagation = PROPAGATION.find((one) => one === flag);
    if (flag === 'ro') readOnly = true;
    else if (flag === 'z' || flag === 'Z') options = { ...options, selinux: flag };
    else if (flag === 'nocopy') options = { ...options, noCopy: true };
    else if (propagation !== undefined) options = { ...options, propagation };
    else if (!HARMLESS.has(flag)) {
      context.warnings.add(tree.place, tree.path, `the option ${flag} has no effect here`);
    }
  }
  return { readOnly, options };
}

function readShort(tree: Tree, context: ReadContext): Mount {
  const text = expectName(tree, SHORT);
  const match = /^(?<source>(?:[A-Za-z]:[\\/])?[^:]*)(?::(?<target>[^:]+)(?::(?<options>[^:]+))?)?$/.exec(text);
  const { source = '', target, options = '' } = match?.groups ?? {};
  if (!match || source === '') throw invalid(tree.place, `${JSON.stringify(text)} is not a mount`, SHORT);
  if (target === undefined) {
    return { kind: 'volume', source: null, target: source, readOnly: false, options: PLAIN_MOUNT };
  }
  const flags = readFlags(options, tree, context);
  const { directory } = context.scopeOf(tree.place);
  if (isPath(source)) return { kind: 'bind', source: absolutePath(source, directory), target, ...flags };
  return { kind: 'volume', source: checkVolume(source, tree, context), target, ...flags };
}

/** `bind`, `volume` and `tmpfs` of the long form. */
function readOptions(fields: Fields, context: ReadContext): MountOptions {
  const bind = fields.read('bind', (tree) => new Fields(tree), null);
  const volume = fields.read('volume', (tree) => new Fields(tree), null);
  const tmpfs = fields.read('tmpfs', (tree) => new Fields(tree), null);
  bind?.warn(BIND_KEYS, context);
  volume?.warn(MOUNTED_VOLUME_KEYS, context);
  tmpfs?.warn(TMPFS_KEYS, context);
  return {
    createHostPath: bind?.read('create_host_path', expectBoolean, true) ?? true,
    propagation: bind?.read('propagation', (tree) => expectOneOf(tree, PROPAGATION), null) ?? null,
    selinux: bind?.read('selinux', (tree) => expectOneOf(tree, ['z', 'Z'] as const), null) ?? null,
    noCopy: volume?.read('nocopy', expectBoolean, false) ?? false,
    subpath: volume?.read('subpath', (tree) => expectName(tree), null) ?? null,
    sizeBytes: tmpfs?.read('size', expectByteSize, null) ?? null,
    mode: tmpfs?.read('mode', expectFileMode, null) ?? null,
    flags: [],
  };
}

function readLong(tree: Tree, context: ReadContext): Mount | null {
  const fields = new Fields(tree, SHORT);
  const kinds = ['bind', 'volume', 'tmpfs', 'npipe', 'cluster', 'image'] as const;
  const kind = fields.read('type', (value) => expectOneOf(value, kinds), 'volume');
  const target = fields.read('target', (value) => expectName(value), null);
  const sourceTree = fields.take('source');
  const readOnly = fields.read('read_only', expectBoolean, false);
  if (target === null) throw invalid(tree.place, 'this mount has no target', 'target: PATH');
  const options = readOptions(fields, context);
  fields.warn(MOUNT_KEYS, context);
  if (kind === 'npipe' || kind === 'cluster' || kind === 'image') {
    context.warnings.add(tree.place, tree.path, `a mount of type ${kind} is left out`);
    return null;
  }
  if (kind === 'tmpfs') return { kind, source: null, target, readOnly, options };
  if (sourceTree === null) {
    if (kind === 'bind') throw invalid(tree.place, 'this bind mount has no source', 'source: PATH');
    return { kind, source: null, target, readOnly, options };
  }
  const source = expectName(sourceTree);
  return kind === 'bind'
    ? { kind, source: absolutePath(source, context.scopeOf(sourceTree.place).directory), target, readOnly, options }
    : { kind, source: checkVolume(source, sourceTree, context), target, readOnly, options };
}

/** An item of a service's `volumes`; null for kinds of mount that are left out with a warning. */
export function readMount(tree: Tree, context: ReadContext): Mount | null {
  return tree.type === 'map' ? readLong(tree, context) : readShort(tree, context);
}

function tmpfsMount(text: string): Mount {
  const colon = text.indexOf(':');
  const flags = colon < 0 ? [] : text.slice(colon + 1).split(',');
  const option = (name: string) => flags.find((flag) => flag.startsWith(`${name}=`))?.slice(name.length + 1);
  const mode = option('mode');
  return {
    kind: 'tmpfs',
    source: null,
    target: colon < 0 ? text : text.slice(0, colon),
    readOnly: flags.includes('ro'),
    options: {
      ...PLAIN_MOUNT,
      sizeBytes: parseByteSize(option('size') ?? '') ?? null,
      mode: /^[0-7]{3,4}$/.test(mode ?? '') ? Number.parseInt(mode ?? '', 8) : null,
      flags: flags.filter((flag) => flag !== '' && !/^(size=|mode=|ro$|rw$)/.test(flag)),
    },
  };
}

/** `tmpfs`: one path or several, each with options after a colon. */
export function readTmpfs(tree: Tree): Mount[] {
  return expectTexts(tree).map(tmpfsMount);
}
