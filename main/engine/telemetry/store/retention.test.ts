import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SpanBatches } from '../../../../tests/bench/ingest/span-batches.ts';
import { TraceDecoder } from '../receive/trace-decoder.ts';
import { Database, storeFile } from './database.ts';
import { Resources } from './resources.ts';
import { prune } from './retention.ts';
import { SpanBuffer } from './span-buffer.ts';
import { TableWriter } from './table-writer.ts';

let directory: string;
let database: Database;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flotilla-retention-'));
  database = await Database.open(directory, 80_000_000);
});
afterEach(async () => {
  database.close();
  await rm(directory, { recursive: true, force: true });
});

async function one(sql: string): Promise<number> {
  return Number((await database.writer.runAndReadAll(sql)).getRowsJS()[0]?.[0]);
}

test('the oldest go until the rest fits, and the file does not grow past the limit', async () => {
  const limit = 12_000_000;
  const spans = new SpanBuffer();
  const decoder = new TraceDecoder(spans, new Resources());
  const writer = new TableWriter(database.writer, 'spans');
  const batches = new SpanBatches(512, 1);
  let sent = 0;
  let largest = 0;
  for (let round = 0; round < 12; round++) {
    for (let i = 0; i < 60; i++) sent += decoder.decode(batches.next(1_700_000_000_000 + round * 60_000)).accepted;
    await writer.write(spans.batch());
    spans.clear();
    await prune(database, limit);
    largest = Math.max(largest, (await stat(storeFile(directory))).size);
  }
  const left = await one('SELECT count(*) FROM spans');
  expect(left).toBeLessThan(sent * 0.6);
  expect(left).toBeGreaterThan(sent * 0.1);
  expect(await database.usedBytes()).toBeLessThanOrEqual(limit);
  expect(largest).toBeLessThan(limit * 1.25);
  // What is left is the newest.
  expect(await one('SELECT max(start_ns) / 1000000000 FROM spans')).toBeCloseTo(1_700_000_000 + 11 * 60, -1);
  expect(await one('SELECT min(start_ns) / 1000000000 FROM spans')).toBeGreaterThan(1_700_000_000 + 4 * 60);
  writer.close();
});

test('a store below the limit is left alone', async () => {
  expect(await prune(database, 100_000_000)).toBe(false);
});
