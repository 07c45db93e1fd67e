import { expect, test, vi } from 'vitest';
import type { NewLogRecord } from '../../contract/index.ts';
import { LogFeed } from './log-feed.ts';
import type { IngestAnswer } from './protocol.ts';

const line = (message: string, timeMs = 0) => ({ message, timeMs }) as NewLogRecord;
const stored: IngestAnswer = { status: 'stored', accepted: 1, rejected: 0, reason: '' };
const unavailable: IngestAnswer = { status: 'unavailable', reason: 'it starts again' };

/** A worker that takes what it is given, and says that it is kept when the test does. */
function fakeWorker() {
  const batches: string[][] = [];
  const settle: ((kept: boolean) => void)[] = [];
  let answer = stored;
  return {
    batches,
    settle,
    answerWith: (next: IngestAnswer) => {
      answer = next;
    },
    logs: async (records: readonly NewLogRecord[], settled: (kept: boolean) => void): Promise<IngestAnswer> => {
      batches.push(records.map((one) => one.message));
      if (answer.status === 'stored') settle.push(settled);
      return answer;
    },
  };
}

/** Whether a promise is done, as an array that fills. */
function watched(promise: Promise<void>): string[] {
  const done: string[] = [];
  void promise.then(() => done.push('kept'));
  return done;
}

test('lines that were read one output after the other are handed over in order of time', async () => {
  const worker = fakeWorker();
  const feed = new LogFeed(worker);
  void feed.add([line('orders 1', 10), line('orders 2', 30)]);
  void feed.add([line('payments 1', 20), line('payments 2', 30)]);
  await feed.close();
  expect(worker.batches).toEqual([['orders 1', 'payments 1', 'orders 2', 'payments 2']]);
});

test('lines count as kept when the database has them and those before them, not when they were handed over', async () => {
  const worker = fakeWorker();
  const feed = new LogFeed(worker);
  const first = watched(feed.add([line('one')]));
  await vi.waitFor(() => expect(worker.batches).toHaveLength(1));
  const second = watched(feed.add([line('two')]));
  await vi.waitFor(() => expect(worker.batches).toHaveLength(2));
  expect([first, second]).toEqual([[], []]);
  worker.settle[0]?.(true);
  await vi.waitFor(() => expect(first).toEqual(['kept']));
  expect(second).toEqual([]);
  worker.settle[1]?.(true);
  await vi.waitFor(() => expect(second).toEqual(['kept']));
  await feed.close();
});

test('what a worker that broke had not written is handed over again, in order', async () => {
  const worker = fakeWorker();
  const feed = new LogFeed(worker);
  const kept = watched(feed.add([line('one')]));
  await vi.waitFor(() => expect(worker.batches).toHaveLength(1));
  worker.answerWith(unavailable);
  void feed.add([line('two')]);
  await vi.waitFor(() => expect(worker.batches).toHaveLength(2));
  worker.settle[0]?.(false);
  worker.answerWith(stored);
  await vi.waitFor(() => expect(worker.batches.at(-1)).toEqual(['one', 'two']), 2000);
  expect(kept).toEqual([]);
  worker.settle.at(-1)?.(true);
  await vi.waitFor(() => expect(kept).toEqual(['kept']));
  await feed.close();
});

test('closing hands over all that waits, however much', async () => {
  const worker = fakeWorker();
  const feed = new LogFeed(worker);
  void feed.add(Array.from({ length: 3500 }, (_, i) => line(`line ${i}`)));
  await feed.close();
  expect(worker.batches.flat()).toHaveLength(3500);
});

test('what there is no room for is dropped, counted and not waited for', async () => {
  const worker = fakeWorker();
  worker.answerWith(unavailable);
  const feed = new LogFeed(worker);
  void feed.add(Array.from({ length: 50_000 }, () => line('flood')));
  expect(feed.dropped).toBe(10_000);
  await feed.close();
});
