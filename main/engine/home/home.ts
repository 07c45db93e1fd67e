import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, readlink, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EndpointFile, FlotillaError, flotillaHome, homeFiles } from '../../contract/index.ts';
import { processTable } from '../runtimes/index.ts';

const HOLDER_ENDS_MS = 2000;
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

/** `pid identity`: a pid alone may have been given to another process. */
async function describe(pid: number): Promise<string | null> {
  const entry = await processTable().one(pid);
  return entry && `${pid} ${entry.identity}`;
}

/** On a full disk a file has no room for its text; the target of a symbolic link lies where its name does and needs none. */
async function writeHolder(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    await rm(file, { force: true });
    await symlink(text, file);
  }
}

async function readHolder(file: string): Promise<string | null> {
  return (await readText(file)) ?? readlink(file).catch(() => null);
}

/**
 * Takes the home for this process, or says who has it. A lock whose process is gone counts for nothing. The lock appears
 * with its content in it (link(2) gives a file that is written already a name, unless the name is taken), so that of two
 * engines that start together neither finds one without a holder.
 */
async function takeLock(file: string, home: string): Promise<void> {
  const mine = `${file}.${process.pid}`;
  try {
    await writeHolder(mine, (await describe(process.pid)) ?? `${process.pid} unknown`);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      if (await linked(mine, file)) return;
      const text = (await readHolder(file)) ?? '';
      const pid = Number(text.split(' ')[0]);
      const taken = new FlotillaError('ENGINE_ALREADY_RUNNING', { home, pid });
      if (pid > 0 && !(await isGoneSoon(pid, text))) throw taken;
      // One that died left its lock. One that was told to stop took it away: nobody wants another in its place.
      if (pid > 0 && (await readHolder(file)) !== text) throw taken;
      await removeStale(file, text);
    }
    throw new FlotillaError('ENGINE_ALREADY_RUNNING', { home, pid: 'unknown' });
  } finally {
    await rm(mine, { force: true });
  }
}

/** Whether the process is gone. One that was killed a moment ago is still there while its memory is given back. */
async function isGoneSoon(pid: number, description: string): Promise<boolean> {
  const deadline = Date.now() + HOLDER_ENDS_MS;
  while ((await describe(pid)) === description) {
    if (Date.now() > deadline) return false;
    await delay(20);
  }
  return true;
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes a stale lock away, and puts it back if it was another by then: one that an engine has just taken. */
async function removeStale(file: string, text: string): Promise<void> {
  const aside = `${file}.stale-${process.pid}`;
  await rename(file, aside).catch(() => {});
  const taken = await readHolder(aside);
  if (taken !== null && taken !== text) await linked(aside, file);
  await rm(aside, { force: true });
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
  // Also where the home was there before and others may look into it, they see nothing of what was recorded.
  await mkdir(join(path, 'runs'), { recursive: true, mode: 0o700 });
  const lockFile = join(path, 'engine.lock');
  const endpointFile = join(path, homeFiles.endpoint);
  const portFile = join(path, 'port');
  const runFile = join(path, homeFiles.run);
  await takeLock(lockFile, path);
  await boundLog(join(path, homeFiles.log));
  const newRun = () => new Date().toISOString().replace(/[:.]/g, '-');

  const token = await textOrNew(join(path, 'token'), () => randomBytes(32).toString('hex'));

  return {
    path,
    token,
    lastPort: await portBefore(portFile),
    runId: await textOrNew(runFile, newRun),
    async announce(url, version) {
      const endpoint = EndpointFile.parse({ pid: process.pid, url, token, version });
      await writePrivate(portFile, new URL(url).port);
      await writePrivate(endpointFile, JSON.stringify(endpoint));
    },
    async release() {
      for (const file of [endpointFile, runFile, lockFile]) await rm(file, { force: true });
    },
  };
}
