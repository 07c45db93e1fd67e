import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '../../..');

/** The embedded broker made from its sources into `outDir`; gives the program's file. */
export async function buildBroker(outDir: string): Promise<string> {
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: {
      ssr: join(root, 'main/engine/runtimes/process/embedded/kafka/main.ts'),
      target: 'node20',
      outDir,
      minify: false,
      rolldownOptions: { output: { entryFileNames: 'kafka.mjs', codeSplitting: false } },
    },
  });
  return join(outDir, 'kafka.mjs');
}

export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'flotilla-kafka-'));

export interface BrokerProgram {
  readonly port: number;
  readonly address: string;
  output(): string;
  /** Sends the signal and waits for the end. @returns the exit code, null after a signal that it does not handle. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  signal(signal: NodeJS.Signals): void;
}

/** Starts the program and waits until it says that it is ready. @throws Error with what it printed if it ends before. */
export async function startBroker(program: string, environment: Record<string, string> = {}): Promise<BrokerProgram> {
  const child: ChildProcess = spawn(process.execPath, [program], {
    env: { PATH: process.env.PATH, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let output = '';
  const port = await new Promise<number>((ready, fail) => {
    const hear = (text: Buffer): void => {
      output += text.toString();
      const found = /^ready on 127\.0\.0\.1:(\d+)$/m.exec(output)?.[1];
      if (found !== undefined) ready(Number(found));
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.on('exit', (code) => fail(new Error(`the broker exited with ${code}: ${output}`)));
  });
  return {
    port,
    address: `127.0.0.1:${port}`,
    output: () => output,
    signal: (signal) => void child.kill(signal),
    async end(signal) {
      child.kill(signal);
      const [code] = await ended;
      return typeof code === 'number' ? code : null;
    },
  };
}
