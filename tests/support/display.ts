import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

export interface Display {
  readonly name: string;
  close(): void;
}

const has = (command: string): boolean => spawnSync('which', [command]).status === 0;

/** A display to show windows on: the one there is, or an Xvfb of its own; null when neither can be had. */
export async function openDisplay(): Promise<Display | null> {
  if (process.platform !== 'linux') return { name: '', close: () => {} };
  if (process.env.DISPLAY) return { name: process.env.DISPLAY, close: () => {} };
  if (!has('Xvfb')) return null;
  const server: ChildProcess = spawn(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', '1440x900x24', '-nolisten', 'tcp', '-terminate'],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    },
  );
  const number = await new Promise<string>((done, fail) => {
    server.on('error', fail).on('exit', () => fail(new Error('Xvfb ended')));
    server.stdio[3]?.on('data', (data: Buffer) => done(data.toString().trim()));
  });
  return { name: `:${number}`, close: () => server.kill() };
}
