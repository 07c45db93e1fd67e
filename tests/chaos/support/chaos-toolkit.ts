import { execFile } from 'node:child_process';
import { mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
// The last is for tolerances of type jsonpath, which are left out without it.
const PACKAGES = ['chaostoolkit==1.19.0', 'chaostoolkit-lib==1.44.0', 'jsonpath2==0.4.5'];

/** Where caches of the user's go (XDG Base Directory Specification). */
const cacheDir = (): string => process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');

/** Chaos Toolkit's own program, installed once into the user's cache folder; or why there is none. */
export async function findChaosToolkit(): Promise<{ chaos: string; python: string } | { reason: string }> {
  const folder = join(cacheDir(), 'flotilla', `python-${PACKAGES.join('-').replaceAll('==', '-')}`);
  const bin = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
  const found = { chaos: join(bin, 'chaos'), python: join(bin, 'python') };
  const done = join(folder, 'complete');
  if (await stat(done).catch(() => null)) return found;
  try {
    await run('python3', ['-m', 'venv', folder], { timeout: 60_000 });
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES];
    await run(found.python, install, { timeout: 300_000 });
    await mkdir(done);
    return found;
  } catch (error) {
    const detail = error instanceof Error ? error.message.split('\n').slice(0, 2).join(' ') : String(error);
    return { reason: `no Python with ${PACKAGES[0]}: ${detail}` };
  }
}
