import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { ProcessProvider } from '../model.ts';
import type { ActivityContext } from '../run-activity.ts';
import { substitute } from '../substitute.ts';
import { ActivityFailedError, timeoutMs } from './activity-failed.ts';

type Surroundings = Pick<ActivityContext, 'variables' | 'folder' | 'environment' | 'gate'>;

const MOST_BYTES = 1024 * 1024;

export interface ProcessOutput {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the program of an activity in the experiment's folder. A list or a mapping of arguments reaches it as words; text
 * goes through the shell with the path before it, as Chaos Toolkit does. Any exit code is an output. It and all that it
 * started is ended when it takes too long or the experiment is broken off.
 * @throws ActivityFailedError when it cannot be started, or takes too long
 */
export async function runProcess(
  provider: ProcessProvider,
  { variables, folder, environment, gate: { signal } }: Surroundings,
): Promise<ProcessOutput> {
  const path = String(substitute(provider.path, variables));
  const args = substitute(provider.arguments, variables);
  const limitMs = timeoutMs(provider.timeout, variables);
  const [file, words] = typeof args === 'string' ? ['/bin/sh', ['-c', `${path} ${args}`]] : [path, wordsOf(args)];
  // Who has ended already tells nobody any more.
  signal.throwIfAborted();
  const child = spawn(file, words, {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const end = (): void => {
    // The group, so that what the program started ends with it.
    if (child.pid !== undefined) killGroup(child.pid);
    // What has left the group may hold them open for ever.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const timer = AbortSignal.timeout(limitMs);
  const stop = AbortSignal.any([signal, timer]);
  stop.addEventListener('abort', end, { once: true });
  try {
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const status = await new Promise<number>((resolve, reject) => {
      child.once('error', (error) => reject(new ActivityFailedError(`${path} cannot be started: ${error.message}`)));
      child.once('close', (code, killedBy) => resolve(code ?? -(killedBy === null ? 1 : constants.signals[killedBy])));
    });
    if (timer.aborted) throw new ActivityFailedError(`${path} did not end within ${limitMs / 1000} s and was ended`);
    signal.throwIfAborted();
    return { status, stdout: stdout(), stderr: stderr() };
  } finally {
    stop.removeEventListener('abort', end);
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** `{'--count': 3}` is `--count 3`; empty words are left out. */
function wordsOf(args: unknown): string[] {
  const words = Array.isArray(args) ? args : Object.entries((args as Record<string, unknown> | undefined) ?? {}).flat();
  return words.filter((word) => word !== null && word !== '').map(String);
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    if (bytes < MOST_BYTES) chunks.push(chunk.subarray(0, MOST_BYTES - bytes));
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
