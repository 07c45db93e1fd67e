import os from 'node:os';
import path from 'node:path';
import type { Mount } from '../model.ts';
import type { ReadContext } from './context.ts';
import { expectBoolean, expectName, expectOneOf, expectTexts } from './expect.ts';
import { Fields } from './fields.ts';
import { invalid, sentence } from './place.ts';
import type { Tree } from './tree.ts';

const SHORT = '"SOURCE:TARGET[:ro]", "TARGET" or a mapping with type and target';
/** Options of the short form that change nothing here: sharing, labels and caching of other systems. */
const HARMLESS = new Set(['rw', 'z', 'Z', 'cached', 'delegated', 'consistent']);

const isPath = (source: string): boolean => /^(\.|~|\/|[A-Za-z]:[\\/])/.test(source);

/** An absolute path; `~` is the home folder. */
function absolute(source: string, context: ReadContext): string {
  const expanded = source === '~' || source.startsWith('~/') ? path.join(os.homedir(), source.slice(1)) : source;
  return path.resolve(context.directory, expanded);
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

function readShort(tree: Tree, context: ReadContext): Mount {
  const text = expectName(tree, SHORT);
  const match = /^(?<source>(?:[A-Za-z]:[\\/])?[^:]*)(?::(?<target>[^:]+)(?::(?<options>[^:]+))?)?$/.exec(text);
  const { source = '', target, options = '' } = match?.groups ?? {};
  if (!match || source === '') throw invalid(tree.place, `${JSON.stringify(text)} is not a mount`, SHORT);
  if (target === undefined) return { kind: 'volume', source: null, target: source, readOnly: false };
  const flags = options === '' ? [] : options.split(',');
  for (const flag of flags) {
    if (flag !== 'ro' && !HARMLESS.has(flag))
      context.warnings.add(tree.place, tree.path, `the option ${flag} has no effect here`);
  }
  const readOnly = flags.includes('ro');
  if (isPath(source)) return { kind: 'bind', source: absolute(source, context), target, readOnly };
  return { kind: 'volume', source: checkVolume(source, tree, context), target, readOnly };
}

function readLong(tree: Tree, context: ReadContext): Mount | null {
  const fields = new Fields(tree, SHORT);
  const kinds = ['bind', 'volume', 'tmpfs', 'npipe', 'cluster', 'image'] as const;
  const kind = fields.read('type', (value) => expectOneOf(value, kinds), 'volume');
  const target = fields.read('target', (value) => expectName(value), null);
  const sourceTree = fields.take('source');
  const readOnly = fields.read('read_only', expectBoolean, false);
  if (target === null) throw invalid(tree.place, 'this mount has no target', 'target: PATH');
  fields.warnOfRest(context.warnings);
  if (kind === 'npipe' || kind === 'cluster' || kind === 'image') {
    context.warnings.add(tree.place, tree.path, `a mount of type ${kind} is left out`);
    return null;
  }
  if (kind === 'tmpfs') return { kind, source: null, target, readOnly };
  if (sourceTree === null) {
    if (kind === 'bind') throw invalid(tree.place, 'this bind mount has no source', 'source: PATH');
    return { kind, source: null, target, readOnly };
  }
  const source = expectName(sourceTree);
  return kind === 'bind'
    ? { kind, source: absolute(source, context), target, readOnly }
    : { kind, source: checkVolume(source, sourceTree, context), target, readOnly };
}

/** An item of a service's `volumes`; null for kinds of mount that are left out with a warning. */
export function readMount(tree: Tree, context: ReadContext): Mount | null {
  return tree.type === 'map' ? readLong(tree, context) : readShort(tree, context);
}

/** `tmpfs`: one path or several, with options after a colon that are the container's own matter. */
export function readTmpfs(tree: Tree): Mount[] {
  return expectTexts(tree).map((text) => ({
    kind: 'tmpfs',
    source: null,
    target: text.split(':')[0] ?? text,
    readOnly: false,
  }));
}
