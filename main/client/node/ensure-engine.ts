import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FlotillaError, HOME_TAKEN_STATUS, homeFiles } from '../../contract/index.ts';
import { type FoundEngine, findEngine } from './find-engine.ts';

const START_MS = 30_000;
const POLL_MS = 40;

export interface EnsureOptions {
  readonly home: string;
  /** The built engine: `dist/engine/main.js`. */
  readonly engineFile: string;
  /** The Node to run it with; FLOTILLA_NODE wins. */
  readonly node: string;
  /** What that Node needs in its environment besides this process's own (Electron's: ELECTRON_RUN_AS_NODE). */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What the engine said last, or its last error. */
async function lastWords(file: string, from: number): Promise<string> {
  const text = await readFile(file).catch(() => Buffer.alloc(0));
  // Log records are JSON; what is said to people is not.
  const all = text.subarray(from).toString('utf8').trim().split('\n');
  const lines = all.filter((line) => !line.startsWith('{'));
  // A crash ends with the version of Node; what says why is above.
  return lines.findLast((line) => /Error: /.test(line)) ?? lines.at(-1) ?? '';
}

/** Starts an engine that outlives this process; what it says goes to the engine's log in its home. */
async function launch(options: EnsureOptions): Promise<() => string | null> {
  await mkdir(options.home, { recursive: true, mode: 0o700 });
  const file = join(options.home, homeFiles.log);
  const from = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  const log = await open(file, 'a', 0o600);
  const child = spawn(process.env.FLOTILLA_NODE ?? options.node, [options.engineFile], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: { ...process.env, ...options.environment, FLOTILLA_HOME: options.home },
  });
  let ended: string | null = null;
  child.on('error', (error) => {
    ended = error.message;
  });
  child.on('exit', (code) => {
    // Somebody else started one at the same time: that one is waited for.
    if (code === HOME_TAKEN_STATUS) return;
    void lastWords(file, from).then((last) => {
      ended = last || `it exited with code ${code}`;
    });
  });
  child.unref();
  await log.close();
  return () => ended;
}

/**
 * The engine of a home, connected: the one that runs, or a new one.
 * @throws FlotillaError ENGINE_VERSION, or ENGINE_FAILED with the engine's last words when it does not come up
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
    if (why !== null) throw new FlotillaError('ENGINE_FAILED', { log: join(options.home, homeFiles.log), detail: why });
    await delay(POLL_MS);
  }
  throw new FlotillaError('ENGINE_FAILED', {
    log: join(options.home, homeFiles.log),
    detail: `no answer within ${START_MS / 1000} s`,
  });
}
