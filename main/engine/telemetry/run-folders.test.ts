import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forgetOldRuns, runFolder } from './run-folders.ts';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'flotilla-runs-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function makeRun(runId: string, minutesAgo: number): Promise<void> {
  const folder = runFolder(home, runId);
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'telemetry.duckdb');
  await writeFile(file, 'x');
  await writeFile(`${file}.wal`, 'x');
  const at = Date.now() / 1000 - minutesAgo * 60;
  await utimes(file, at, at);
}

const runs = async (): Promise<string[]> => (await readdir(join(home, 'runs'))).sort();

test('the present run and the four newest others are kept', async () => {
  for (let i = 1; i <= 7; i++) await makeRun(`run-${i}`, i);
  await forgetOldRuns(home, 'run-7');
  expect(await runs()).toEqual(['run-1', 'run-2', 'run-3', 'run-4', 'run-7']);
});

test('what else lies in the folder of an old run is left alone', async () => {
  for (let i = 1; i <= 6; i++) await makeRun(`run-${i}`, i);
  await writeFile(join(runFolder(home, 'run-6'), 'notes.txt'), 'mine');
  await forgetOldRuns(home, 'run-0');
  expect(await readdir(runFolder(home, 'run-6'))).toEqual(['notes.txt']);
  expect(await runs()).toEqual(['run-1', 'run-2', 'run-3', 'run-4', 'run-6']);
});

test('a home without runs is no problem', async () => {
  await expect(forgetOldRuns(home, 'run')).resolves.toBeUndefined();
});
