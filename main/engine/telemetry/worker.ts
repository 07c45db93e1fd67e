import { parentPort, workerData } from 'node:worker_threads';
import { FlotillaError, toErrorView } from '../../contract/index.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './protocol.ts';
import { compileLogFilter, queries } from './query/index.ts';
import { Ingester } from './receive/ingester.ts';
import type { StoreQuery } from './store/connection.ts';
import { LogTails } from './store/log-tails.ts';
import { Store } from './store/store.ts';

/** The telemetry worker: a thread that owns decoding and the store, so that the engine's own thread stays free. */

const countsMs = 200;

/** Fetches the port to the engine's thread; this file is of no use elsewhere. */
function enginePort() {
  if (parentPort === null) throw new Error('the telemetry worker runs in a worker thread only');
  return parentPort;
}

const port = enginePort();
const post = (message: FromWorker, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
const running = new Map<number, AbortController>();

const store = await Store.open({
  ...(workerData as WorkerSettings),
  onChange: () => postCountsSoon(),
  onProblems: (problems) => post({ kind: 'problems', problems }),
}).catch((error: unknown) => {
  post({ kind: 'failed', error: toErrorView(error) });
  throw error;
});
const tails = new LogTails();
const ingester = new Ingester(store, tails);

const postCounts = (): void => post({ kind: 'counts', counts: { ...store.counts } });
let countsArePending = false;

/** However often counts change, they are told a few times a second. */
function postCountsSoon(): void {
  if (countsArePending) return;
  countsArePending = true;
  setTimeout(() => {
    countsArePending = false;
    postCounts();
  }, countsMs);
}

async function runQuery(id: number, name: string, input: unknown): Promise<unknown> {
  const query = (queries as Record<string, StoreQuery<never, unknown>>)[name];
  if (query === undefined) throw new FlotillaError('NOT_FOUND', { what: 'query', name });
  const controller = new AbortController();
  running.set(id, controller);
  try {
    // Metrics wait long to be written, as mostly nobody looks at them.
    if (name.startsWith('metrics.')) await store.flush();
    const context = { nowMs: Date.now(), signal: controller.signal };
    return await store.read(controller.signal, (db) => query(db, input as never, context));
  } finally {
    running.delete(id);
  }
}

async function startTail(message: ToWorker & { kind: 'tail' }): Promise<void> {
  const { id, query, credits, afterSeq } = message;
  const filter = compileLogFilter(query);
  const add = (): number => {
    tails.add(id, filter, credits, (lines, skipped) => post({ kind: 'lines', id, lines, skipped }));
    return store.lastSeq;
  };
  if (afterSeq === null) {
    add();
    return;
  }
  // What was missed has to be in the database before it is read, and nothing new may come in between.
  await store.flush();
  await store.exclusive(async () => {
    const lastSeq = add();
    try {
      await store.read(new AbortController().signal, (db) => tails.catchUp(id, db, afterSeq, lastSeq));
    } catch (error) {
      // Its reader is told that there is no such stream, and will never end it.
      tails.remove(id);
      throw error;
    }
  });
}

async function close(): Promise<void> {
  tails.close();
  for (const controller of running.values()) controller.abort();
  await store.close();
}

async function answer(message: ToWorker & { id: number }): Promise<void> {
  const { id } = message;
  switch (message.kind) {
    case 'ingest': {
      const { signal, json, body, length } = message;
      const answer = await ingester.ingest(signal, json, new Uint8Array(body, 0, length));
      post({ kind: 'ingested', id, answer, body }, [body]);
      return;
    }
    case 'logs': {
      const { answer, kept } = await ingester.logs(message.records);
      post({ kind: 'ingested', id, answer });
      await kept;
      post({ kind: 'kept', id });
      return;
    }
    case 'query':
      post({ kind: 'result', id, value: await runQuery(id, message.name, message.input) });
      return;
    case 'tail':
      await startTail(message);
      post({ kind: 'result', id, value: null });
      return;
    case 'close':
      await close();
      post({ kind: 'result', id, value: null });
      port.close();
      return;
    case 'cancel':
      running.get(id)?.abort();
      return;
    case 'credit':
      tails.credit(id, message.credits);
      return;
    case 'untail':
      tails.remove(id);
  }
}

port.on('message', (message: ToWorker) => {
  answer(message).catch((error: unknown) => post({ kind: 'error', id: message.id, error: toErrorView(error) }));
});
postCounts();
post({ kind: 'ready' });
