import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OffsetStore } from './offset-store.ts';

let folder: string;
let file: string;
const complaints: string[] = [];
const open = (): OffsetStore => new OffsetStore(file, (line) => complaints.push(line));
const at = (offset: number, commitMs = 1) => ({ offset, leaderEpoch: 0, metadata: 'm', commitMs });

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'flotilla-offsets-'));
  file = path.join(folder, 'offsets.jsonl');
  complaints.length = 0;
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

test('has what was committed last again, and not what was deleted', () => {
  const store = open();
  store.commit('g', 't', 0, at(1));
  store.commit('g', 't', 0, at(2));
  store.commit('g', 't', 1, at(3));
  store.commit('h', 'gone', 0, at(4));
  store.commit('k', 't', 0, at(5));
  store.deleteTopic('gone');
  store.deleteGroup('k');
  store.close();
  const again = open();
  expect(again.groupIds()).toEqual(['g']);
  expect(again.get('g', 't', 0)).toEqual(at(2));
  expect(again.get('g', 't', 1)).toEqual(at(3));
  again.close();
});

test('reads over a torn end', () => {
  const store = open();
  store.commit('g', 't', 0, at(1));
  store.close();
  fs.appendFileSync(file, '["g","t",0,9');
  const again = open();
  expect(again.get('g', 't', 0)?.offset).toBe(1);
  expect(complaints).toHaveLength(1);
  again.close();
});

test('does not grow without bound', () => {
  const store = open();
  for (let offset = 0; offset < 25_000; offset += 1) store.commit('g', 't', 0, at(offset));
  store.close();
  expect(fs.readFileSync(file, 'utf8').split('\n').length).toBeLessThan(10_001);
  const again = open();
  expect(again.get('g', 't', 0)?.offset).toBe(24_999);
  again.close();
});

test('drops what is too old', () => {
  const store = open();
  store.commit('g', 't', 0, at(1, 100));
  store.commit('g', 't', 1, at(1, 200));
  store.expire('g', 150);
  expect([...(store.topicsOf('g').get('t')?.keys() ?? [])]).toEqual([1]);
  store.close();
});
