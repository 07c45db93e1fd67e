import { spawn } from 'node:child_process';
import type { ExecResult } from '../runtime.ts';
import { sendSignal } from './leftovers.ts';

const LONGEST = 4096;

/** Runs a program to its end, or to the end of its time with all that it started. Never throws. */
export function execute(
  file: string,
  words: readonly string[],
  options: { cwd: string; environment: Readonly<Record<string, string>>; timeoutMs: number },
): Promise<ExecResult> {
  return new Promise((resolve) => {
    const child = spawn(file, words, {
      cwd: options.cwd,
      env: { ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    const add = (text: string): void => {
      if (output.length < LONGEST) output = (output + text).slice(0, LONGEST);
    };
    child.stdout.setEncoding('utf8').on('data', add);
    child.stderr.setEncoding('utf8').on('data', add);
    const finish = (exitCode: number | null, said: string): void => {
      clearTimeout(timer);
      resolve({ exitCode, output: said.trim() });
    };
    const timer = setTimeout(() => {
      // Not reaped yet, so the number still means it and its group.
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        sendSignal(-child.pid, 'SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
      finish(null, `no answer within ${options.timeoutMs} ms`);
    }, options.timeoutMs);
    child.once('error', (error) => finish(null, error.message));
    child.once('close', (code) => finish(code, output));
  });
}
