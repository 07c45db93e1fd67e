import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { FlotillaError } from '../../contract/index.ts';
import { processTable } from '../runtimes/index.ts';
import { LinksClient } from './links-client.ts';
import type { LinksInfo } from './views.ts';

const START_MS = 10_000;
const STOP_MS = 3000;
const POLL_MS = 20;

/** Little of what the program makes lives long: a small nursery and one helper thread keep its memory small. */
export const nodeOptions: readonly string[] = ['--max-semi-space-size=1', '--v8-pool-size=1'];

export interface ProcessOptions {
  /** The built program (dist/links/main.js). */
  readonly program: string;
  /** Where it is written which process runs, so that an engine that follows finds it. */
  readonly stateFile: string;
  /** Asked of every caller of the control API when it is given; Toxiproxy's own clients then cannot call. */
  readonly token?: string | null;
  /** Where the control API listens. */
  readonly host?: string;
  readonly port?: number;
}

/** A links program that runs. */
export interface RunningProgram {
  readonly id: string;
  readonly pid: number;
  /** See `ProcessEntry.identity`. */
  readonly identity: string;
  readonly url: string;
  readonly client: LinksClient;
  /** It was running before. */
  readonly isAdopted: boolean;
}

const State = z.object({
  url: z.string(),
  id: z.string(),
  token: z.string().nullable(),
  /** Which process it is; what was written before there was this has none. */
  pid: z.number().optional(),
  identity: z.string().optional(),
});
type State = z.infer<typeof State>;

/**
 * The program that an engine before left running, if it answers as that one: whatever else has its port now does not. One that
 * runs and does not answer is ended, as it would keep the ports of all links, and its faults.
 */
export async function findProgram(stateFile: string): Promise<RunningProgram | null> {
  const state = await readState(stateFile);
  if (state === null) return null;
  const found = await askProgram(state);
  const { pid, identity } = state;
  if (found === null && pid !== undefined && identity !== undefined) await endDeaf({ pid, identity });
  return found;
}

async function readState(stateFile: string): Promise<State | null> {
  try {
    return State.parse(JSON.parse(await readFile(stateFile, 'utf8')));
  } catch {
    return null;
  }
}

async function askProgram({ url, id, token }: State): Promise<RunningProgram | null> {
  try {
    const client = new LinksClient(url, token);
    const info = await answer(client);
    const identity = (await processTable().one(info.pid))?.identity;
    if (info.id !== id || identity === undefined) return null;
    return { id, pid: info.pid, identity, url, client, isAdopted: true };
  } catch {
    return null;
  }
}

/** Ends one that does not answer. Resolves when it is gone, or after some seconds. */
export async function endDeaf(program: Pick<RunningProgram, 'pid' | 'identity'>): Promise<void> {
  const deadline = performance.now() + STOP_MS;
  if (await isAlive(program)) process.kill(program.pid, 'SIGKILL');
  while ((await isAlive(program)) && performance.now() < deadline) await delay(POLL_MS);
}

/** On a machine that is busy it may take its time; where nobody listens, it is gone. */
async function answer(client: LinksClient): Promise<LinksInfo> {
  for (let again = 2; ; again -= 1) {
    try {
      return await client.info();
    } catch (error) {
      if (again === 0 || (error as Error).message.includes('ECONNREFUSED')) throw error;
    }
  }
}

/**
 * Starts the program. It is detached: services keep their ways to each other when the engine dies.
 * @param before the one that it takes the place of, which has died
 * @throws FlotillaError LINKS_FAILED
 */
export async function startProgram(options: ProcessOptions, before?: RunningProgram): Promise<RunningProgram> {
  const { program, stateFile, token = null, host = '127.0.0.1', port = 0 } = options;
  const id = before?.id ?? randomUUID();
  const child = spawn(process.execPath, [...nodeOptions, program, '--host', host, '--port', String(port)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      LINKS_ID: id,
      LINKS_TOKEN: token ?? '',
      LINKS_CONFIG: '',
      ...(process.versions.electron === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' }),
    },
  });
  const address = await ready(child);
  const { pid = 0 } = child;
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
  const url = `http://${address}`;
  const identity = (await processTable().one(pid))?.identity ?? '';
  try {
    await writePrivate(stateFile, JSON.stringify({ url, id, token, pid, identity } satisfies State));
  } catch (error) {
    // On a full disk, one that takes the place of another is found as that was.
    if (url !== before?.url) {
      child.kill('SIGKILL');
      throw error;
    }
  }
  return { id, pid, identity, url, client: new LinksClient(url, token), isAdopted: false };
}

async function ready(child: ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream }) {
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
  const lines = createInterface({ input: child.stdout });
  const isReady = new Promise<string>((done) => {
    lines.on('line', (line) => {
      const address = /^ready on (.+)$/.exec(line)?.[1];
      if (address) done(address);
    });
  });
  const abort = new AbortController();
  const failed = Promise.race([
    once(child, 'error', { signal: abort.signal }).then(([error]) => (error as Error).message),
    once(child, 'close', { signal: abort.signal }).then(([code]) => said.join(' ') || `it ended with code ${code}`),
    delay(START_MS, `it was not ready after ${START_MS} ms`, { signal: abort.signal }),
  ]).then((detail) => {
    child.kill('SIGKILL');
    throw new FlotillaError('LINKS_FAILED', { detail });
  });
  try {
    return await Promise.race([isReady, failed]);
  } finally {
    failed.catch(() => {});
    abort.abort();
    lines.close();
  }
}

async function writePrivate(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, file);
}

/** Ends the program that an engine before left running, if it is that one, and forgets it. */
export async function endLeftProgram(stateFile: string): Promise<void> {
  const left = await findProgram(stateFile);
  if (left === null) await rm(stateFile, { force: true });
  else await endProgram(left, stateFile);
}

/** Whether the program still runs; its pid may be another's by now. */
export async function isAlive({ pid, identity }: Pick<RunningProgram, 'pid' | 'identity'>): Promise<boolean> {
  return (await processTable().one(pid))?.identity === identity;
}

/** Ends the program and forgets it. */
export async function endProgram(program: RunningProgram, stateFile: string): Promise<void> {
  const deadline = performance.now() + STOP_MS;
  if (await isAlive(program)) process.kill(program.pid, 'SIGTERM');
  while ((await isAlive(program)) && performance.now() < deadline) await delay(POLL_MS);
  if (await isAlive(program)) process.kill(program.pid, 'SIGKILL');
  await rm(stateFile, { force: true });
}
