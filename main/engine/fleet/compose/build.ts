import path from 'node:path';
import type { BuildSpec } from '../model.ts';
import type { ReadContext } from './context.ts';
import { expectName, expectPairs } from './expect.ts';
import { Fields } from './fields.ts';
import type { Tree } from './tree.ts';

/** A context on another machine: a Git address or an archive's URL. */
export const isRemoteContext = (context: string): boolean =>
  /^(https?|git|ssh):\/\/|^git@|^github\.com\//.test(context);

function contextPath(text: string, context: ReadContext): string {
  return isRemoteContext(text) ? text : path.resolve(context.directory, text);
}

/** `build`: a context, or a mapping with dockerfile, target and args. */
export function readBuild(tree: Tree, context: ReadContext): BuildSpec {
  if (tree.type === 'scalar') {
    return { context: contextPath(expectName(tree), context), dockerfile: null, target: null, args: {} };
  }
  const fields = new Fields(tree, 'a folder, or a mapping with context');
  const args: Record<string, string> = {};
  for (const { key, value } of fields.read('args', expectPairs, [])) {
    const known = value ?? context.lookup(key);
    if (known !== undefined) args[key] = known;
  }
  const build = {
    context: contextPath(
      fields.read('context', (value) => expectName(value), '.'),
      context,
    ),
    dockerfile: fields.read('dockerfile', (value) => expectName(value), null),
    target: fields.read('target', (value) => expectName(value), null),
    args,
  };
  fields.warnOfRest(context.warnings);
  return build;
}
