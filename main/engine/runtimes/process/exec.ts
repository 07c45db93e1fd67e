import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { ExecResult } from '../runtime.ts';
import { endLeftovers, sendSignal } from './leftovers.ts';
import { processTable } from './process-table.ts';

const LONGEST = 4096;
/** So long what a program wrote may be on its way after it has ended. */
const PIPE_MS = 200;

/**
 * Runs a program to its end, or to the end of its time. What it has started may go on until then, and is ended then. Never
 * throws.
 */
export function execute(
  file: string,
  words: readonly string[],
  options: { cwd: string; environment: Readonly<Record<string, string>>; timeoutMs: number },
): Promise<ExecResult> {
  const mark = randomUUID();
  return new Promise((resolve) => {
    const child = spawn(file, words, {
      cwd: options.cwd,
      env: { ...options.environment, FLOTILLA_EXEC: mark },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    const add = (text: string): void => {
      if (output.length < LONGEST) output = (output + text).slice(0, LONGEST);
    };
    child.stdout.setEncoding('utf8').on('data', add);
    child.stderr.setEncoding('utf8').on('data', add);
    const finish = (exitCode: number | null, said: string): void => resolve({ exitCode, output: said.trim() });
    const timer = setTimeout(() => {
      // Not reaped yet, so the number still means it and its group.
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        sendSignal(-child.pid, 'SIGKILL');
      const provenance = {
        assignment: `FLOTILLA_EXEC=${mark}`,
        leader: child.pid ?? null,
        descendants: new Set<string>(),
      };
      void endLeftovers(processTable(), provenance).catch(() => undefined);
      child.stdout.destroy();
      child.stderr.destroy();
      finish(null, `no answer within ${options.timeoutMs} ms`);
    }, options.timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      finish(null, error.message);
    });
    // Something that it has started may hold its output open: that it has ended is its answer nevertheless.
    child.once('exit', (code) => setTimeout(() => finish(code, output), PIPE_MS).unref());
    child.once('close', (code) => {
      clearTimeout(timer);
      finish(code, output);
    });
  });
}
