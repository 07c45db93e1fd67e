import { expect, test } from 'vitest';
import type { NewLogRecord } from '../../contract/index.ts';
import { LogFeed } from './log-feed.ts';
import type { WorkerClient } from './worker-client.ts';

const line = (message: string, timeMs: number) => ({ message, timeMs }) as NewLogRecord;

test('lines that were read one output after the other are handed over in order of time', async () => {
  const stored: string[] = [];
  const worker = {
    logs: (batch: readonly NewLogRecord[]) => {
      stored.push(...batch.map((one) => one.message));
      return Promise.resolve({ status: 'stored' });
    },
  } as unknown as WorkerClient;
  const feed = new LogFeed(worker);
  feed.add([line('orders 1', 10), line('orders 2', 30)]);
  feed.add([line('payments 1', 20), line('payments 2', 30)]);
  await feed.close();
  expect(stored).toEqual(['orders 1', 'payments 1', 'orders 2', 'payments 2']);
});
