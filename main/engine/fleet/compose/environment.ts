import path from 'node:path';
import type { EnvironmentValue } from '../model.ts';
import type { ReadContext } from './context.ts';
import { readDotenv, readRawEnvFile } from './dotenv.ts';
import { expectBoolean, expectName, expectOneOf, expectPairs } from './expect.ts';
import { Fields } from './fields.ts';
import { ENV_FILE_KEYS } from './keys.ts';
import { invalid } from './place.ts';
import type { Tree } from './tree.ts';

type Environment = Record<string, EnvironmentValue>;

interface EnvFile {
  readonly file: string;
  readonly required: boolean;
  readonly isRaw: boolean;
}

function envFileEntry(tree: Tree, context: ReadContext): EnvFile {
  if (tree.type === 'scalar') return { file: expectName(tree, 'the path of a file'), required: true, isRaw: false };
  const fields = new Fields(tree, 'the path of a file, or {path, required, format}');
  const file = fields.read('path', (value) => expectName(value, 'the path of a file'), null);
  if (file === null) throw invalid(tree.place, 'this env_file entry has no path', 'path: FILE');
  const required = fields.read('required', expectBoolean, true);
  const format = fields.read('format', (value) => expectOneOf(value, ['raw']), null);
  fields.warn(ENV_FILE_KEYS, context);
  return { file, required, isRaw: format === 'raw' };
}

async function readEnvFiles(tree: Tree, context: ReadContext): Promise<Environment> {
  const environment: Environment = {};
  for (const item of tree.type === 'list' ? tree.items : [tree]) {
    const { file, required, isRaw } = envFileEntry(item, context);
    const { directory, lookup } = context.scopeOf(item.place);
    const absolute = path.resolve(directory, file);
    const entries = await (isRaw ? readRawEnvFile(absolute) : readDotenv(absolute, lookup));
    if (entries === null && required) {
      throw invalid(item.place, `the env_file ${file} does not exist`, 'a file that exists, or required: false');
    }
    for (const { name, value } of entries ?? []) {
      const known = value ?? lookup(name);
      if (known !== undefined) environment[name] = { value: known, source: 'env_file' };
    }
  }
  return environment;
}

/** `label_file`: files as those of `env_file`, whose variables are labels. */
export async function readLabelFiles(tree: Tree | null, context: ReadContext): Promise<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const item of tree?.type === 'list' ? tree.items : tree === null ? [] : [tree]) {
    const file = expectName(item, 'the path of a file');
    const { directory, lookup } = context.scopeOf(item.place);
    const entries = await readDotenv(path.resolve(directory, file), lookup);
    if (entries === null) throw invalid(item.place, `the label_file ${file} does not exist`, 'a file that exists');
    for (const { name, value } of entries) labels[name] = value ?? '';
  }
  return labels;
}

/**
 * A service's environment: its env files in order, then `environment` over them. A name without a value takes that of the
 * environment the fleet is read in, and is left out when there is none.
 */
export async function readEnvironment(
  envFile: Tree | null,
  environment: Tree | null,
  context: ReadContext,
): Promise<Environment> {
  const result = envFile === null ? {} : await readEnvFiles(envFile, context);
  for (const { key, value, tree } of environment === null ? [] : expectPairs(environment)) {
    const known = value ?? context.scopeOf(tree.place).lookup(key);
    if (known !== undefined) result[key] = { value: known, source: 'compose' };
  }
  return result;
}
