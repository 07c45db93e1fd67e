import { execFile } from 'node:child_process';
import { mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const GO_VERSION = 'v2.12.0';
const PYTHON_PACKAGE = 'toxiproxy-python==0.1.1';

type Found = { readonly path: string } | { readonly reason: string };

/** Where caches of the user's go (XDG Base Directory Specification). */
const cacheDir = (): string => join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'flotilla');
const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );
const detail = (error: unknown): string =>
  String((error as Error).message)
    .split('\n')
    .slice(0, 2)
    .join(' ');

/** Toxiproxy's server or command line, built once by Go into the user's cache folder: its path, or why there is none. */
export async function toxiproxyProgram(name: 'server' | 'cli'): Promise<Found> {
  const folder = join(cacheDir(), `toxiproxy-${GO_VERSION}`);
  const path = join(folder, process.platform === 'win32' ? `${name}.exe` : name);
  if (await exists(path)) return { path };
  try {
    await mkdir(folder, { recursive: true });
    const env = { ...process.env, GOBIN: folder };
    await run('go', ['install', `github.com/Shopify/toxiproxy/v2/cmd/${name}@${GO_VERSION}`], {
      env,
      timeout: 300_000,
    });
    return { path };
  } catch (error) {
    return { reason: `no Go that builds Toxiproxy: ${detail(error)}` };
  }
}

/** A Go program of the tests, built into the user's cache folder anew each time: Go knows what has changed. */
export async function goProgram(source: string, name: string): Promise<Found> {
  const path = join(cacheDir(), name);
  try {
    await mkdir(cacheDir(), { recursive: true });
    await run('go', ['build', '-o', path, source], { timeout: 120_000 });
    return { path };
  } catch (error) {
    return { reason: `no Go: ${detail(error)}` };
  }
}

/** A Python with toxiproxy-python, made once in the user's cache folder. */
export async function toxiproxyPython(): Promise<Found> {
  const folder = join(cacheDir(), `python-${PYTHON_PACKAGE.replace('==', '-')}`);
  const path = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const done = join(folder, 'complete');
  if (await exists(done)) return { path };
  try {
    await run('python3', ['-m', 'venv', folder], { timeout: 60_000 });
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', PYTHON_PACKAGE];
    await run(path, install, { timeout: 120_000 });
    await mkdir(done);
    return { path };
  } catch (error) {
    return { reason: `no Python with ${PYTHON_PACKAGE}: ${detail(error)}` };
  }
}
