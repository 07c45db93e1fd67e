import { execFile } from 'node:child_process';
import { mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const packages = ['opentelemetry-sdk==1.38.0', 'opentelemetry-exporter-otlp==1.38.0'];

/** Where caches of the user's go (XDG Base Directory Specification). */
const cacheDir = (): string => process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');

/**
 * A Python with OpenTelemetry's exporters, made once in the user's cache folder: its path, or why there is none.
 */
export async function findPython(): Promise<{ python: string } | { reason: string }> {
  const directory = join(cacheDir(), 'flotilla', `python-opentelemetry-${packages[0]?.split('==')[1]}`);
  const python = join(directory, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const done = join(directory, 'complete');
  try {
    await stat(done);
    return { python };
  } catch {
    // Not made yet.
  }
  try {
    await run('python3', ['-m', 'venv', directory], { timeout: 60_000 });
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages], {
      timeout: 300_000,
    });
    await mkdir(done);
    return { python };
  } catch (error) {
    const detail = error instanceof Error ? error.message.split('\n').slice(0, 2).join(' ') : String(error);
    return { reason: `no Python with opentelemetry-exporter-otlp: ${detail}` };
  }
}
