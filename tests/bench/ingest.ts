import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Client } from '../../main/client/index.ts';
import { ensureEngine } from '../../main/client/node/index.ts';
import type { ApiInput, CallName } from '../../main/contract/index.ts';
import { projectRoot } from '../support/flotilla.ts';
import type { Figure } from './figure.ts';
import { sendSpans } from './ingest/send-spans.ts';
import { processUsage } from './process-usage.ts';

const spans = 1_000_000;
const warmUpSpans = 50_000;
const repeats = 15;
const range = { lastMs: 3_600_000 };

/** Follows the engine's counts; gives how many spans it has stored so far. */
function followSpans(client: Client): { count(): number; end(): void } {
  let stored = 0;
  const end = client.subscribe('telemetry.pulse', undefined, {
    onData: (pulse) => {
      stored = pulse.spans;
    },
  });
  return { count: () => stored, end };
}

/** The median of some repetitions of a call, in milliseconds, over HTTP as the console sees it. */
async function medianMs<N extends CallName>(client: Client, name: N, input: ApiInput<N>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const began = performance.now();
    await client.call(name, input);
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[repeats >> 1] ?? 0;
}

async function queryFigures(client: Client): Promise<Figure[]> {
  const search = { query: '', range, limit: 200, sort: 'newest' } as const;
  const [trace] = await client.call('traces.search', search);
  if (trace === undefined) throw new Error('there are no traces');
  const over = 'over 1 million spans';
  const figure = (name: string, value: number, budget: number): Figure => ({
    name: `${name} ${over}`,
    unit: 'ms',
    value,
    budget,
    lowerIsBetter: true,
  });
  const { traceId } = trace;
  return [
    figure('a trace by id', await medianMs(client, 'traces.get', { traceId }), 20),
    figure('a search of 200 traces', await medianMs(client, 'traces.search', search), 100),
    figure('p95 by service', await medianMs(client, 'telemetry.services', { range }), 100),
  ];
}

/** How many distinct spans a stopped engine's file holds: the proof that nothing was lost. */
async function distinctSpans(home: string, runId: string): Promise<number> {
  const file = join(home, 'runs', runId, 'telemetry.duckdb');
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const result = await connection.runAndReadAll('SELECT count(DISTINCT (trace_id, span_id))::DOUBLE FROM spans');
  connection.closeSync();
  instance.closeSync();
  return Number(result.getRowsJS()[0]?.[0]);
}

async function runIdOf(home: string): Promise<string> {
  const [runId] = await readdir(join(home, 'runs'));
  if (runId === undefined) throw new Error('the engine has no run');
  return runId;
}

async function stopEngine(client: Client, pid: number): Promise<void> {
  await client.call('engine.stop', undefined);
  client.close();
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await delay(20);
  }
}

/**
 * What the engine takes over OTLP/HTTP from a sender in another process (this one): distinct spans with 8 attributes, in batches of
 * 512. The clock stops when all can be queried; a rate counts only what is found in the store afterwards.
 */
export async function benchIngest(): Promise<Figure[]> {
  const home = await mkdtemp(join(tmpdir(), 'flotilla-bench-'));
  const engineFile = join(projectRoot, 'dist/engine/main.js');
  const { client, endpoint } = await ensureEngine({ home, engineFile, node: process.execPath });
  let stopped = false;
  try {
    const { otlp } = await client.call('engine.state', undefined);
    const stored = followSpans(client);
    const untilStored = async (count: number): Promise<void> => {
      while (stored.count() < count) await delay(5);
    };
    const warm = await sendSpans(otlp.http, warmUpSpans, 1);
    await untilStored(warm);
    const before = await processUsage(endpoint.pid);
    const began = performance.now();
    const sent = await sendSpans(otlp.http, spans, 2);
    await untilStored(warm + sent);
    const seconds = (performance.now() - began) / 1000;
    const after = await processUsage(endpoint.pid);
    const queries = await queryFigures(client);
    const memory = (await processUsage(endpoint.pid)).memoryBytes;
    stored.end();
    await stopEngine(client, endpoint.pid);
    stopped = true;
    const found = await distinctSpans(home, await runIdOf(home));
    return [
      {
        name: 'OTLP/HTTP ingest, found in the store',
        unit: 'spans/s',
        value: (found - warm) / seconds,
        budget: 100_000,
      },
      { name: 'spans acknowledged and not found', unit: 'spans', value: warm + sent - found },
      {
        name: 'CPU of the engine for a span',
        unit: 'µs',
        value: ((after.cpuMs - before.cpuMs) * 1000) / sent,
        lowerIsBetter: true,
      },
      {
        name: 'memory of the engine with 1 million spans',
        unit: 'MB',
        value: memory / 1e6,
        budget: 400,
        lowerIsBetter: true,
      },
      ...queries,
    ];
  } finally {
    if (!stopped) await stopEngine(client, endpoint.pid).catch(() => undefined);
    await rm(home, { recursive: true, force: true });
  }
}
