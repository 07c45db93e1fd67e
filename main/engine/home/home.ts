import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { EndpointFile, FlotillaError, flotillaHome, homeFiles } from '../../contract/index.ts';
import { processStart } from './process-start.ts';

const MAX_LOG_BYTES = 5 * 1024 * 1024;

/** The engine's place on disk, held by one engine at a time. */
export interface EngineHome {
  readonly path: string;
  /** Kept over restarts, so that an open page needs no new one. */
  readonly token: string;
  /** The API's port of the engine before, which open consoles know; 0 when there was none. */
  readonly lastPort: number;
  /** Names the telemetry's file. An engine that follows one that died goes on with its run. */
  readonly runId: string;
  /** Tells the shell and the CLI where this engine is. */
  announce(url: string, version: string): Promise<void>;
  /** After a clean stop: nobody finds this engine any more, and the next begins a new run. */
  release(): Promise<void>;
}

interface Lock {
  readonly pid: number;
  readonly pidStartedAt: string;
}

async function readText(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}

async function writePrivate(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, file);
}

async function textOrNew(file: string, make: () => string): Promise<string> {
  const found = (await readText(file))?.trim();
  if (found) return found;
  const made = make();
  await writePrivate(file, made);
  return made;
}

function parseLock(text: string | null): Lock | null {
  const [pid, pidStartedAt] = (text ?? '').split(' ');
  return pid && pidStartedAt ? { pid: Number(pid), pidStartedAt } : null;
}

/** Takes the home for this process, or says who has it. A lock whose process is gone counts for nothing. */
async function takeLock(file: string, home: string): Promise<void> {
  const mine = `${process.pid} ${(await processStart(process.pid)) ?? 'unknown'}`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const handle = await open(file, 'wx', 0o600);
      await handle.writeFile(mine);
      await handle.close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = parseLock(await readText(file));
    if (holder && (await processStart(holder.pid)) === holder.pidStartedAt) {
      throw new FlotillaError('ENGINE_ALREADY_RUNNING', { home, pid: holder.pid });
    }
    await rm(file, { force: true });
  }
  throw new FlotillaError('ENGINE_ALREADY_RUNNING', { home, pid: 'unknown' });
}

async function portBefore(file: string): Promise<number> {
  const port = Number((await readText(file))?.trim());
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
}

async function boundLog(file: string): Promise<void> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > MAX_LOG_BYTES) await truncate(file, 0);
}

/** FLOTILLA_HOME of this process, absolute. */
export function homePath(): string {
  return resolve(flotillaHome({ platform: process.platform, env: process.env, userDir: homedir() }));
}

/**
 * Opens FLOTILLA_HOME for this engine: makes it, private to the user, and locks it.
 * @throws FlotillaError ENGINE_ALREADY_RUNNING
 */
export async function openHome(path: string): Promise<EngineHome> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const lockFile = join(path, 'engine.lock');
  const endpointFile = join(path, homeFiles.endpoint);
  const portFile = join(path, 'port');
  const runFile = join(path, homeFiles.run);
  await takeLock(lockFile, path);
  await boundLog(join(path, homeFiles.log));
  const newRun = () => new Date().toISOString().replace(/[:.]/g, '-');

  return {
    path,
    token: await textOrNew(join(path, 'token'), () => randomBytes(32).toString('hex')),
    lastPort: await portBefore(portFile),
    runId: await textOrNew(runFile, newRun),
    async announce(url, version) {
      const token = (await readText(join(path, 'token'))) ?? '';
      const pidStartedAt = (await processStart(process.pid)) ?? 'unknown';
      const endpoint = EndpointFile.parse({ pid: process.pid, pidStartedAt, url, token: token.trim(), version });
      await writePrivate(portFile, new URL(url).port);
      await writePrivate(endpointFile, JSON.stringify(endpoint));
    },
    async release() {
      for (const file of [endpointFile, runFile, lockFile]) await rm(file, { force: true });
    },
  };
}
