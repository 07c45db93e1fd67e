import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const LARGEST = 4 * 1024 * 1024;
/** Those that the reader of fleet files looks for without being told. */
const ALWAYS = ['COMPOSE_PROFILES', 'COMPOSE_PROJECT_NAME'];

async function words(file: string): Promise<string[]> {
  const found = await stat(file).catch(() => null);
  if (!found?.isFile() || found.size > LARGEST) return [];
  return (await readFile(file, 'utf8')).match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? [];
}

/**
 * Of the environment that `flotilla up` is called in, what a fleet file may ask for: every variable whose name stands in
 * the file or in an env file beside it. The engine may have been started from elsewhere, and the rest of the environment
 * is none of its business. The file may be the folder that holds it.
 */
export async function namedVariables(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, string>> {
  const isFolder = (await stat(file).catch(() => null))?.isDirectory() ?? false;
  const folder = isFolder ? file : dirname(file);
  const beside = (await readdir(folder).catch(() => [])).filter(
    (name) => name.includes('.env') || (isFolder && /\.ya?ml$/.test(name)),
  );
  const files = [...beside.map((name) => join(folder, name)), ...(isFolder ? [] : [file])];
  const names = new Set([...ALWAYS, ...(await Promise.all(files.map(words))).flat()]);
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && names.has(name) ? [[name, value] as const] : [],
    ),
  );
}
