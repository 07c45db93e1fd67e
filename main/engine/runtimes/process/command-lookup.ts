import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

/**
 * The file that a command's first word means, looked up as a shell would, without one: a word with a slash is a path from
 * `cwd`, any other is searched for in `path`. `node` is the Node that Flotilla itself runs on (FLOTILLA_NODE wins), so
 * that a fleet needs no other. Null when there is no such file that can be executed.
 */
export function findCommand(word: string, cwd: string, path: string): string | null {
  if (word === 'node') return process.env.FLOTILLA_NODE ?? process.execPath;
  if (word.includes('/')) return executable(isAbsolute(word) ? word : resolve(cwd, word));
  for (const folder of path.split(delimiter)) {
    const found = folder === '' ? null : executable(join(folder, word));
    if (found !== null) return found;
  }
  return null;
}

function executable(file: string): string | null {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile() ? file : null;
  } catch {
    return null;
  }
}
