import { describe, expect, it } from 'vitest';
import { execute } from './exec.ts';
import { processTable } from './process-table.ts';

const run = (script: string, timeoutMs: number) =>
  execute('/bin/sh', ['-c', script], { cwd: '/', environment: { PATH: process.env.PATH ?? '' }, timeoutMs });

async function runs(pid: number): Promise<boolean> {
  return (await processTable().one(pid)) !== null;
}

async function ended(pid: number): Promise<void> {
  const deadline = Date.now() + 5000;
  while (await runs(pid)) {
    if (Date.now() > deadline) throw new Error(`${pid} still runs`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe.skipIf(process.platform === 'win32')('a program that is run', () => {
  it('gives its code and what it wrote', async () => {
    expect(await run('echo out; echo err >&2; exit 3', 5000)).toEqual({ exitCode: 3, output: 'out\nerr' });
  });

  it('is ended when it takes too long', async () => {
    expect(await run('sleep 4711', 200)).toEqual({ exitCode: null, output: 'no answer within 200 ms' });
  });

  it('answers when it ends though something that it started holds its output open, which is ended in time', async () => {
    const { exitCode, output } = await run('sleep 4711 & echo $!; exit 0', 1000);
    expect(exitCode).toBe(0);
    expect(await runs(Number(output))).toBe(true);
    await ended(Number(output));
  });

  // What tells such a process is its environment, which other systems do not show.
  it.skipIf(process.platform !== 'linux')('takes along what has left its group', async () => {
    const { output } = await run("setsid sh -c 'echo $$; exec sleep 4711' & sleep 0.2", 1000);
    await ended(Number(output));
  });
});
