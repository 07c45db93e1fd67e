import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type FoundEngine, findEngine } from '../../main/client/node/index.ts';

export const projectRoot = resolve(import.meta.dirname, '../..');
const cli = join(projectRoot, 'dist/cli/main.js');

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built command line in a home of its own. */
export interface Flotilla {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  run(...args: string[]): Promise<Result>;
  /** The parsed stdout of a command that has to succeed; `--json` is added. */
  json<T>(...args: string[]): Promise<T>;
  /** The same for commands that print one object a line. */
  jsonLines<T>(...args: string[]): Promise<T[]>;
  engine(): Promise<FoundEngine>;
  /** Stops everything and removes the home. */
  close(): Promise<void>;
}

function runCli(env: NodeJS.ProcessEnv, args: string[]): Promise<Result> {
  const child = spawn(process.execPath, [cli, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}

export async function makeFlotilla(extra: NodeJS.ProcessEnv = {}): Promise<Flotilla> {
  const home = await mkdtemp(join(tmpdir(), 'flotilla-test-'));
  const env = { ...process.env, ...extra, FLOTILLA_HOME: home, NO_COLOR: '1' };
  const run = (...args: string[]): Promise<Result> => runCli(env, args);
  const succeed = async (args: string[]): Promise<string> => {
    const result = await run(...args, '--json');
    if (result.code !== 0) throw new Error(`flotilla ${args.join(' ')} exited with ${result.code}: ${result.stderr}`);
    return result.stdout;
  };
  return {
    home,
    env,
    run,
    json: async (...args) => JSON.parse(await succeed(args)),
    jsonLines: async (...args) =>
      (await succeed(args))
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    async engine() {
      const found = await findEngine(home);
      if (!found) throw new Error('no engine is running');
      return found;
    },
    async close() {
      await run('down');
      await rm(home, { recursive: true, force: true });
    },
  };
}

/**
 * Processes of this machine that were started for a home, by what Linux keeps of their environment, this one left out.
 * Elsewhere nothing can be told and the list is empty.
 */
export async function processesOf(home: string): Promise<{ pid: number; command: string }[]> {
  if (process.platform !== 'linux') return [];
  const found: { pid: number; command: string }[] = [];
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const environment = await readFile(`/proc/${entry}/environ`, 'utf8').catch(() => '');
    const command = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    if (environment.includes(home) || command.includes(home))
      found.push({ pid, command: command.replaceAll('\0', ' ') });
  }
  return found;
}
