import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ErrorView, TraceSummary } from '../../main/contract/index.ts';
import { BodyPool } from '../../main/engine/telemetry/receive/index.ts';
import type { StoreCounts } from '../../main/engine/telemetry/store/store.ts';
import { WorkerClient } from '../../main/engine/telemetry/worker-client.ts';
import { SpanBatches } from '../bench/ingest/span-batches.ts';
import { buildTelemetryWorker } from '../support/telemetry-worker.ts';
import { never } from './open-telemetry.ts';

let directory: string;
let worker: WorkerClient;
let counts: StoreCounts | null = null;
let problems: readonly ErrorView[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flotilla-worker-'));
  // The real worker, with one more message that it does not survive.
  const program = join(directory, 'worker.mjs');
  const source = pathToFileURL(await buildTelemetryWorker()).href;
  await writeFile(
    program,
    `import { parentPort } from 'node:worker_threads';
     parentPort.on('message', (message) => { if (message.query === 'crash') setImmediate(() => { throw new Error('crash'); }); });
     // Told so, it cannot close: it answers with an error and stays.
     let stuck = false;
     const on = parentPort.on.bind(parentPort);
     const error = { code: 'INTERNAL', message: 'no', remedy: '', details: {} };
     parentPort.on = (name, listener) => on(name, (message) => {
       stuck ||= message.query === 'stuck';
       if (stuck && message.kind === 'close') parentPort.postMessage({ kind: 'error', id: message.id, error });
       else listener(message);
     });
     await import(${JSON.stringify(source)});`,
  );
  worker = new WorkerClient({
    file: program,
    pool: new BodyPool(),
    settings: { directory: join(directory, 'run'), limits: { memoryBytes: 80_000_000, diskBytes: 1e9 } },
    onCounts: (now) => {
      counts = now;
    },
    onProblems: (now) => {
      problems = now;
    },
  });
  await worker.start();
});
afterEach(async () => {
  await worker.close();
  await rm(directory, { recursive: true, force: true });
});

const ingest = (batches: SpanBatches) => worker.ingest('traces', false, Uint8Array.from(batches.next(Date.now())));
const search = () =>
  worker.query<TraceSummary[]>(
    'traces.search',
    { query: '', range: { lastMs: 3_600_000 }, limit: 1000, sort: 'newest' },
    never,
  );

test('a worker that breaks is started again with the same store; meanwhile senders are told to come again', async () => {
  const batches = new SpanBatches(64, 1);
  expect(await ingest(batches)).toMatchObject({ status: 'stored', accepted: 64 });
  await vi.waitFor(() => expect(counts?.spans).toBe(64), 5000);
  const tail = { lines: () => undefined, failed: vi.fn() };
  await worker.tail('', 10, null, tail);

  // Following logs with this query is the message that breaks it.
  const lost = worker.tail('crash', 10, null, { lines: () => undefined, failed: () => undefined });
  await vi.waitFor(() => expect(tail.failed).toHaveBeenCalled(), 5000);
  await lost.catch(() => undefined);
  expect(problems.map(({ code }) => code)).toEqual(['TELEMETRY_RESTARTING']);
  expect(await ingest(batches)).toMatchObject({ status: 'unavailable' });
  await expect(search()).rejects.toMatchObject({ code: 'TELEMETRY_RESTARTING' });

  await vi.waitFor(async () => expect(await search()).toHaveLength(8), 10_000);
  expect(problems).toEqual([]);
  expect(await ingest(batches)).toMatchObject({ status: 'stored' });
  await vi.waitFor(() => expect(counts?.spans).toBe(128), 5000);
});

test('a query whose caller is gone is stopped, and the worker is free for others', async () => {
  await ingest(new SpanBatches(64, 1));
  const gone = new AbortController();
  const slow = worker.query(
    'traces.search',
    { query: '', range: { lastMs: 3_600_000 }, limit: 10, sort: 'newest' },
    gone.signal,
  );
  gone.abort();
  await slow.catch(() => undefined);
  await vi.waitFor(async () => expect(await search()).toHaveLength(8), 5000);
});

test('a worker that cannot close is ended all the same', async () => {
  await worker.tail('stuck', 10, null, { lines: () => undefined, failed: () => undefined });
  await worker.close();
});
