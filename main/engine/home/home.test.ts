import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processTable } from '../runtimes/index.ts';
import { openHome } from './home.ts';

let path: string;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'flotilla-home-'));
});
afterEach(() => rm(path, { recursive: true, force: true }));

test('a second engine of the same home is refused and told who has it', async () => {
  await openHome(path);
  await expect(openHome(path)).rejects.toMatchObject({ code: 'ENGINE_ALREADY_RUNNING', details: { pid: process.pid } });
});

test('the lock of a process that is gone, or whose pid is another process now, counts for nothing', async () => {
  await writeFile(join(path, 'engine.lock'), `${process.pid} 1`);
  await expect(openHome(path)).resolves.toMatchObject({ path });
});

test('a lock without a holder in it, or of another program, counts for nothing and leaves no file behind', async () => {
  await writeFile(join(path, 'engine.lock'), '');
  const home = await openHome(path);
  await home.release();
  expect((await readdir(path)).toSorted()).toEqual(['runs', 'token']);
});

test('an engine that follows one that died has its token, run and port; after a clean stop the run is a new one', async () => {
  const first = await openHome(path);
  await first.announce('http://127.0.0.1:7999', '1');
  await rm(join(path, 'engine.lock'));
  const second = await openHome(path);
  expect(second).toMatchObject({ token: first.token, runId: first.runId, lastPort: 7999 });
  await second.release();
  const third = await openHome(path);
  expect(third.token).toBe(first.token);
  expect(third).toMatchObject({ lastPort: 7999 });
  await expect(readFile(join(path, 'engine.json'))).rejects.toThrow();
});

test('an engine that waits behind another does not take its place when that one is stopped', async () => {
  const lock = join(path, 'engine.lock');
  const script = `process.on('SIGTERM', () => { require('node:fs').rmSync(${JSON.stringify(lock)}); process.exit(); });`;
  const holder = spawn(process.execPath, ['-e', `${script} console.log('ready'); setInterval(() => {}, 1000);`]);
  await once(holder.stdout, 'data');
  const started = await processTable().one(holder.pid ?? 0);
  await writeFile(lock, `${holder.pid} ${started?.identity}`);
  const waiting = openHome(path);
  await expect.poll(() => readdir(path)).toContain(`engine.lock.${process.pid}`);
  holder.kill('SIGTERM');
  await expect(waiting).rejects.toMatchObject({ code: 'ENGINE_ALREADY_RUNNING' });
});

test('what holds the token is readable by the user alone', async () => {
  const home = await openHome(path);
  await home.announce('http://127.0.0.1:7999', '1');
  for (const file of ['engine.json', 'token', 'runs']) {
    expect((await stat(join(path, file))).mode & 0o077).toBe(0);
  }
});
