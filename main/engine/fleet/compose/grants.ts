import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { GrantedFile } from '../model.ts';
import type { ReadContext } from './context.ts';
import { expectFileMode, expectList, expectName, expectText } from './expect.ts';
import { Fields } from './fields.ts';
import { CONFIG_KEYS, GRANT_KEYS, SECRET_KEYS } from './keys.ts';
import { absolutePath } from './mounts.ts';
import { entriesOf, readExternal } from './networks.ts';
import { invalid, type Place, sentence } from './place.ts';
import { isNull, type Tree } from './tree.ts';

type Kind = GrantedFile['kind'];

/** An entry of the top level's `configs` or `secrets`. */
export interface Grantable {
  readonly source:
    | { readonly file: string }
    | { readonly content: string }
    | { readonly variable: string; readonly value: string | null }
    | { readonly external: true };
  /** Of what names the source, for errors that are found when a service uses it. */
  readonly place: Place;
}

export type Grantables = ReadonlyMap<string, Grantable>;

const KEYS = { config: CONFIG_KEYS, secret: SECRET_KEYS } as const;
const SOURCES = { config: ['file', 'content', 'environment', 'external'], secret: ['file', 'environment', 'external'] };

function readGrantable(kind: Kind, name: string, tree: Tree, context: ReadContext): Grantable {
  const fields = new Fields(tree);
  fields.warn(KEYS[kind], context);
  const { external } = readExternal(fields);
  const given = SOURCES[kind].filter((key) => (key === 'external' ? external : fields.take(key) !== null));
  const [key] = given;
  const expected = `one of ${sentence(SOURCES[kind], 'or')}`;
  const value = key === undefined ? null : fields.take(key);
  if (key === undefined || value === null) throw invalid(tree.place, `the ${kind} ${name} has no source`, expected);
  if (given.length > 1) throw invalid(value.place, `the ${kind} ${name} has ${sentence(given)}`, expected);
  const { directory, lookup } = context.scopeOf(value.place);
  if (key === 'external') return { source: { external: true }, place: value.place };
  if (key === 'content') return { source: { content: expectText(value) }, place: value.place };
  const text = expectName(value);
  if (key === 'file') return { source: { file: absolutePath(text, directory) }, place: value.place };
  return { source: { variable: text, value: lookup(text) ?? null }, place: value.place };
}

/** The top level's `configs` or `secrets`. */
export function readGrantables(kind: Kind, tree: Tree | null, context: ReadContext): Grantables {
  return new Map(
    entriesOf(tree).map(({ key, keyPlace, value }) => {
      if (!isNull(value)) return [key, readGrantable(kind, key, value, context)];
      throw invalid(keyPlace, `the ${kind} ${key} has no source`, `one of ${sentence(SOURCES[kind], 'or')}`);
    }),
  );
}

/** Where a config or secret is put when the service names a relative path, or none. */
const FOLDERS: Readonly<Record<Kind, string>> = { config: '/', secret: '/run/secrets' };

async function resolveSource(kind: Kind, name: string, found: Grantable): Promise<GrantedFile['source']> {
  const { source, place } = found;
  if ('content' in source) return source;
  if ('external' in source) {
    const detail = `the ${kind} ${name} is external, and only a swarm keeps such a one`;
    throw invalid(place, detail, `one of ${sentence(SOURCES[kind].slice(0, -1), 'or')}`);
  }
  if ('variable' in source) {
    if (source.value !== null) return { content: source.value };
    throw invalid(place, `the variable ${source.variable} of the ${kind} ${name} is not set`, 'a variable that is set');
  }
  const isThere = await stat(source.file).catch(() => null);
  if (isThere) return source;
  throw invalid(place, `the file ${source.file} of the ${kind} ${name} does not exist`, 'a file that exists');
}

async function readGrant(kind: Kind, tree: Tree, context: ReadContext): Promise<GrantedFile | null> {
  const form = `the name of a ${kind}, or {source, target, uid, gid, mode}`;
  const fields = tree.type === 'map' ? new Fields(tree, form) : null;
  fields?.warn(GRANT_KEYS, context);
  const sourceTree = fields === null ? tree : fields.take('source');
  if (sourceTree === null) throw invalid(tree.place, `this ${kind} has no source`, form);
  const name = expectName(sourceTree, form);
  const grantables = kind === 'config' ? context.configs : context.secrets;
  const found = grantables.get(name);
  if (found === undefined) {
    const known = sentence([...grantables.keys()], 'or') || `a ${kind} of the top level's ${kind}s`;
    throw invalid(sourceTree.place, `there is no ${kind} ${name}`, known);
  }
  const text = (key: string) => fields?.read(key, (value) => expectName(value), null) ?? null;
  const target = path.posix.resolve(FOLDERS[kind], text('target') ?? name);
  const grant = { uid: text('uid'), gid: text('gid'), mode: fields?.read('mode', expectFileMode, null) ?? null };
  if (context.runtime !== 'docker') return null;
  return { kind, name, source: await resolveSource(kind, name, found), target, ...grant };
}

/**
 * A service's `configs` and `secrets` with where their text comes from. On processes, which are given no files, they are
 * checked alone.
 */
export async function readGrants(fields: Fields, context: ReadContext): Promise<GrantedFile[]> {
  const grants: GrantedFile[] = [];
  for (const kind of ['config', 'secret'] as const) {
    for (const item of fields.read(`${kind}s`, (tree) => expectList(tree).items, [])) {
      const grant = await readGrant(kind, item, context);
      if (grant !== null) grants.push(grant);
    }
  }
  return grants;
}
