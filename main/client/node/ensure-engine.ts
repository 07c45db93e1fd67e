import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  DISK_FULL_STATUS,
  FlotillaError,
  HOME_TAKEN_STATUS,
  homeFiles,
  KEEP_DATA,
  STOP_LEFTOVER,
} from '../../contract/index.ts';
import { type FoundEngine, findEngine } from './find-engine.ts';

const START_MS = 30_000;
const POLL_MS = 40;
const SAID_LENGTH = 2000;

export interface EnsureOptions {
  readonly home: string;
  /** The built engine: `dist/engine/main.js`. */
  readonly engineFile: string;
  /** The Node to run it with; FLOTILLA_NODE wins. */
  readonly node: string;
  /** What that Node needs in its environment besides this process's own (Electron's: ELECTRON_RUN_AS_NODE). */
  readonly environment?: Readonly<Record<string, string>>;
}

const nodeOf = (options: EnsureOptions): string => process.env.FLOTILLA_NODE ?? options.node;
const environmentOf = (options: EnsureOptions): NodeJS.ProcessEnv => ({
  ...process.env,
  ...options.environment,
  FLOTILLA_HOME: options.home,
});

/** What the engine said last, or its last error. */
async function lastWords(file: string, from: number): Promise<string> {
  const text = await readFile(file).catch(() => Buffer.alloc(0));
  // Log records are JSON; what is said to people is not.
  const all = text.subarray(from).toString('utf8').trim().split('\n');
  const lines = all.filter((line) => !line.startsWith('{'));
  // A crash ends with the version of Node; what says why is above.
  return lines.findLast((line) => /Error: /.test(line)) ?? lines.at(-1) ?? '';
}

/** Starts an engine that outlives this process; what it says goes to the engine's log in its home. Gives why it ended, if it did. */
async function launch(options: EnsureOptions): Promise<() => FlotillaError | null> {
  await mkdir(options.home, { recursive: true, mode: 0o700 });
  const file = join(options.home, homeFiles.log);
  const from = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  const log = await open(file, 'a', 0o600);
  const child = spawn(nodeOf(options), [options.engineFile], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: environmentOf(options),
  });
  let ended: FlotillaError | null = null;
  const failed = (detail: string): FlotillaError => new FlotillaError('ENGINE_FAILED', { log: file, detail });
  child.on('error', (error) => {
    ended = failed(error.message);
  });
  child.on('exit', (code) => {
    // Somebody else started one at the same time: that one is waited for.
    if (code === HOME_TAKEN_STATUS) return;
    if (code === DISK_FULL_STATUS) {
      ended = new FlotillaError('DISK_FULL', { path: options.home });
      return;
    }
    void lastWords(file, from).then((last) => {
      ended = failed(last || `it exited with code ${code}`);
    });
  });
  child.unref();
  await log.close();
  return () => ended;
}

/**
 * The engine of a home, connected: the one that runs, or a new one.
 * @throws FlotillaError ENGINE_VERSION, DISK_FULL, or ENGINE_FAILED with the engine's last words when it does not come up
 */
export async function ensureEngine(options: EnsureOptions): Promise<FoundEngine & { started: boolean }> {
  const running = await findEngine(options.home);
  if (running) return { ...running, started: false };
  if (!existsSync(options.engineFile)) {
    throw new FlotillaError('NOT_FOUND', { what: 'built engine', name: options.engineFile });
  }
  const ended = await launch(options);
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    const found = await findEngine(options.home);
    if (found) return { ...found, started: true };
    const why = ended();
    if (why !== null) throw why;
    await delay(POLL_MS);
  }
  throw new FlotillaError('ENGINE_FAILED', {
    log: join(options.home, homeFiles.log),
    detail: `no answer within ${START_MS / 1000} s`,
  });
}

/**
 * Stops the fleet that a dead engine left in its home, by an engine that does nothing else and writes nothing: for a disk that
 * has no room for one that runs.
 * @throws FlotillaError ENGINE_FAILED with its last words
 */
export async function stopLeftover(options: EnsureOptions, keepData: boolean): Promise<void> {
  const args = [options.engineFile, STOP_LEFTOVER, ...(keepData ? [KEEP_DATA] : [])];
  const child = spawn(nodeOf(options), args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: environmentOf(options),
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-SAID_LENGTH);
  });
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code === 0) return;
  const detail = said.trim() || `it exited with code ${code}`;
  throw new FlotillaError('ENGINE_FAILED', { log: join(options.home, homeFiles.log), detail });
}
