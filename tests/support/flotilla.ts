import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type FoundEngine, findEngine } from '../../main/client/node/index.ts';
import { type FoundProcess, processesWith } from './processes.ts';

export const projectRoot = resolve(import.meta.dirname, '../..');
export const cli = join(projectRoot, 'dist/cli/main.js');

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built command line in a home of its own. */
export interface Flotilla {
  readonly home: string;
  /** What everything that it starts takes for the machine's folder of temporary files. */
  readonly temporary: string;
  readonly env: NodeJS.ProcessEnv;
  run(...args: string[]): Promise<Result>;
  /** The parsed stdout of a command that has to succeed; `--json` is added. */
  json<T>(...args: string[]): Promise<T>;
  /** The same for commands that print one object a line. */
  jsonLines<T>(...args: string[]): Promise<T[]>;
  engine(): Promise<FoundEngine>;
  /** Its processes that run, whether the engine is there or not: engine, services and what these have started. */
  processes(): Promise<FoundProcess[]>;
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

/** The run that services carry in their environment; it is gone after a stop, so it has to be asked for before. */
async function runOf(home: string): Promise<string | null> {
  const text = await readFile(join(home, 'fleet.json'), 'utf8').catch(() => null);
  return text && JSON.parse(text).runId;
}

export async function makeFlotilla(extra: NodeJS.ProcessEnv = {}): Promise<Flotilla> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-test-'));
  const home = join(folder, 'home');
  const temporary = join(folder, 'tmp');
  for (const path of [home, temporary]) await mkdir(path);
  // A database server that runs as a user of its own has to be let through.
  await chmod(folder, 0o755);
  const env = { ...process.env, ...extra, FLOTILLA_HOME: home, TMPDIR: temporary, NO_COLOR: '1' };
  const marks = new Set([home]);
  const run = (...args: string[]): Promise<Result> => runCli(env, args);
  const succeed = async (args: string[]): Promise<string> => {
    const result = await run(...args, '--json');
    if (result.code !== 0) throw new Error(`flotilla ${args.join(' ')} exited with ${result.code}: ${result.stderr}`);
    return result.stdout;
  };
  return {
    home,
    temporary,
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
    async processes() {
      const run = await runOf(home);
      if (run) marks.add(`FLOTILLA_RUN=${run}`);
      return processesWith(marks);
    },
    async close() {
      await run('down');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** What has a home in its environment or command, the engine first of all, and the descendants of that. */
export function processesOf(home: string): Promise<FoundProcess[]> {
  return processesWith(new Set([home]));
}
