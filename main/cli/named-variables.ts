import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

const LARGEST = 4 * 1024 * 1024;
/** Those that the reader of fleet files looks for without being told. */
const ALWAYS = ['COMPOSE_FILE', 'COMPOSE_PATH_SEPARATOR', 'COMPOSE_PROFILES', 'COMPOSE_PROJECT_NAME'];

/** Files that refer to each other; far above any real fleet. */
const MOST_FILES = 200;

async function textOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => null);
  return found?.isFile() && found.size <= LARGEST ? readFile(file, 'utf8').catch(() => '') : '';
}

/** Paths in a Compose file that look like what it includes or extends, or like files of variables. */
function referredFiles(text: string, folder: string): string[] {
  const words = text.match(/[^\s"'[\]{},]+/g) ?? [];
  return words.filter((word) => /\.ya?ml$|\.env\b/.test(word)).map((word) => resolve(folder, word));
}

/**
 * Of the environment that `flotilla up` is called in, what a fleet's files may ask for: every variable whose name stands
 * in one of them, in an override or env file beside it, or in what these refer to. The engine may have been started from
 * elsewhere, and the rest of the environment is none of its business. A file may be the folder that holds it.
 */
export async function namedVariables(
  files: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, string>> {
  const names = new Set(ALWAYS);
  const pending: string[] = [];
  for (const file of files) {
    const isFolder = (await stat(file).catch(() => null))?.isDirectory() ?? false;
    const folder = isFolder ? file : dirname(file);
    const beside = await readdir(folder).catch(() => []);
    const read = isFolder ? /\.env|\.ya?ml$/ : /\.env|\.override\.ya?ml$/;
    pending.push(file, ...beside.filter((name) => read.test(name)).map((name) => join(folder, name)));
  }
  const seen = new Set<string>();
  for (let file = pending.shift(); file !== undefined && seen.size < MOST_FILES; file = pending.shift()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = await textOf(file);
    for (const name of text.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []) names.add(name);
    if (/\.ya?ml$/.test(file)) {
      const folder = dirname(file);
      // An included file has its variables beside it.
      pending.push(...referredFiles(text, folder).flatMap((one) => [one, join(dirname(one), '.env')]));
    }
  }
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && names.has(name) ? [[name, value] as const] : [],
    ),
  );
}
