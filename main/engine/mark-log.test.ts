import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TimelineMark } from '../contract/index.ts';
import { MarkLog } from './mark-log.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'flotilla-marks-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const mark = (id: string, untilMs: number | null = null): TimelineMark => ({
  id,
  kind: 'fault',
  atMs: 1,
  untilMs,
  service: null,
  text: id,
});
const idsIn = async (runId: string): Promise<string[]> => (await MarkLog.open(home, runId)).marks.map(({ id }) => id);

test('an engine that goes on with a run knows its marks, each as it was last', async () => {
  const log = await MarkLog.open(home, 'run-1');
  for (const id of ['a', 'b', 'c']) log.keep(mark(id));
  log.keep(mark('a', 5));
  await log.close();
  const { marks } = await MarkLog.open(home, 'run-1');
  expect(marks.map(({ id, untilMs }) => [id, untilMs])).toEqual([
    ['b', null],
    ['c', null],
    ['a', 5],
  ]);
});

test('marks of another run are not there, and go with the first of this one', async () => {
  const log = await MarkLog.open(home, 'run-1');
  log.keep(mark('a'));
  await log.close();
  const next = await MarkLog.open(home, 'run-2');
  expect(next.marks).toEqual([]);
  next.keep(mark('b'));
  await next.close();
  expect([await idsIn('run-1'), await idsIn('run-2')]).toEqual([[], ['b']]);
});

test('a line that was cut costs that mark alone', async () => {
  const log = await MarkLog.open(home, 'run-1');
  log.keep(mark('a'));
  await log.close();
  await appendFile(join(home, 'marks.jsonl'), '{"id":"b","ki');
  expect(await idsIn('run-1')).toEqual(['a']);
});

test('keeps the newest, in a file that stays small', async () => {
  const log = await MarkLog.open(home, 'run-1');
  for (let n = 0; n < 9000; n += 1) log.keep(mark(`m${n}`));
  await log.close();
  const ids = await idsIn('run-1');
  expect([ids.length, ids[0], ids.at(-1)]).toEqual([2000, 'm7000', 'm8999']);
});
