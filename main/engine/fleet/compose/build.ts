import path from 'node:path';
import type { BuildSpec } from '../model.ts';
import type { ReadContext } from './context.ts';
import { expectBoolean, expectByteSize, expectName, expectPairs, expectTextList, expectTextMap } from './expect.ts';
import { Fields } from './fields.ts';
import { BUILD_KEYS } from './keys.ts';
import { readExtraHosts } from './networks.ts';
import { invalid, type Place } from './place.ts';
import type { Tree } from './tree.ts';

/** A context on another machine: a Git address or an archive's URL. */
export const isRemoteContext = (context: string): boolean =>
  /^(https?|git|ssh):\/\/|^git@|^github\.com\//.test(context);

function contextPath(tree: Tree | null, place: Place, context: ReadContext): string {
  const text = tree === null ? '.' : expectName(tree);
  return isRemoteContext(text) ? text : path.resolve(context.scopeOf(tree?.place ?? place).directory, text);
}

const PLAIN: Omit<BuildSpec, 'context'> = {
  dockerfile: null,
  dockerfileInline: null,
  target: null,
  args: {},
  labels: {},
  tags: [],
  cacheFrom: [],
  extraHosts: [],
  network: null,
  shmSizeBytes: null,
  noCache: false,
  pull: false,
  platform: null,
};

function readArgs(fields: Fields, context: ReadContext): Record<string, string> {
  const args: Record<string, string> = {};
  for (const { key, value, tree } of fields.read('args', expectPairs, [])) {
    const known = value ?? context.scopeOf(tree.place).lookup(key);
    if (known !== undefined) args[key] = known;
  }
  return args;
}

/** One image is built, for one platform: the service's own if it is among them, else the first. */
function readPlatform(fields: Fields, context: ReadContext): string | null {
  const tree = fields.take('platforms');
  const platforms = tree === null ? [] : expectTextList(tree);
  if (tree !== null && platforms.length > 1 && context.runtime === 'docker') {
    context.warnings.add(tree.place, tree.path, `built for ${platforms[0]} alone: one image is made and run here`);
  }
  return platforms[0] ?? null;
}

/** `build`: a context, or a mapping with dockerfile, target, args and more. */
export function readBuild(tree: Tree, context: ReadContext): BuildSpec {
  if (tree.type === 'scalar') return { ...PLAIN, context: contextPath(tree, tree.place, context) };
  const fields = new Fields(tree, 'a folder, or a mapping with context');
  fields.warn(BUILD_KEYS, context);
  const texts = (key: string) => fields.read(key, (value) => expectTextList(value), []);
  const inline = fields.take('dockerfile_inline');
  const dockerfile = fields.read('dockerfile', (value) => expectName(value), null);
  if (inline !== null && dockerfile !== null) {
    throw invalid(inline.place, 'dockerfile is there too', 'dockerfile or dockerfile_inline');
  }
  return {
    context: contextPath(fields.take('context'), tree.place, context),
    dockerfile,
    dockerfileInline: inline === null ? null : expectName(inline),
    target: fields.read('target', (value) => expectName(value), null),
    args: readArgs(fields, context),
    labels: fields.read('labels', expectTextMap, {}),
    tags: texts('tags'),
    cacheFrom: texts('cache_from'),
    extraHosts: fields.read('extra_hosts', readExtraHosts, []),
    network: fields.read('network', (value) => expectName(value), null),
    shmSizeBytes: fields.read('shm_size', expectByteSize, null),
    noCache: fields.read('no_cache', expectBoolean, false),
    pull: fields.read('pull', expectBoolean, false),
    platform: readPlatform(fields, context),
  };
}
