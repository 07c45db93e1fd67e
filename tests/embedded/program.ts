import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** An embedded program as the process runtime starts it, built (`npm run build`). */
export interface Program {
  readonly child: ChildProcess;
  readonly port: number;
  /** Every line that it has written, both streams. */
  readonly lines: readonly string[];
  /** Sends a signal and waits for the end; gives the exit code, null when a signal ended it. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts one and waits until it is ready. Rejects with what it said when it ends before. */
export async function startProgram(
  name: 'postgres' | 'redis',
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<Program> {
  const file = path.resolve(import.meta.dirname, '../../dist/embedded', `${name}.js`);
  const env = { PATH: process.env.PATH, PORT: '0', ...environment };
  const child = spawn(process.execPath, [file, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const ended = once(child, 'close').then(() => child.exitCode);
  const ready = new Promise<number>((resolve, reject) => {
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        lines.push(line);
        const port = /^ready on 127\.0\.0\.1:(\d+)$/.exec(line)?.[1];
        if (port) resolve(Number(port));
      });
    }
    ended.then((code) => reject(new Error(`${lines.at(-1)} (code ${code})`)));
  });
  const end = (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return ended;
  };
  return { child, port: await ready, lines, end };
}
