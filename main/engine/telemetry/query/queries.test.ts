import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ApiOutput,
  type ApiParsed,
  api,
  type LogRecord,
  type ProcedureName,
  type ServiceId,
  type TraceId,
} from '../../../contract/index.ts';
import { queries } from './index.ts';
import {
  contextAt,
  type MemoryStore,
  openMemoryStore,
  type TestSpan,
  testSpanId,
  testTraceId,
} from './testing/memory-store.ts';

const t0 = Date.parse('2026-11-22T12:00:00.000Z');
const range = { fromMs: t0, toMs: t0 + 60_000 };

let store: MemoryStore;
beforeEach(async () => {
  store = await openMemoryStore();
});
afterEach(() => store.close());

/** Asks as the engine does, and checks the answer against the contract. */
async function ask<N extends keyof typeof queries & ProcedureName>(name: N, input: object): Promise<ApiOutput<N>> {
  const parsed = api[name].input.parse(input) as ApiParsed<N>;
  const query = queries[name] as (db: unknown, input: unknown, context: unknown) => Promise<ApiOutput<N>>;
  const output = await query(store.db, parsed, contextAt(t0 + 60_000));
  api[name].output.parse(output);
  return output;
}

/** gateway -> orders -> payments, all in one trace. */
function order(trace: string, atMs: number, more: Partial<TestSpan> = {}): TestSpan[] {
  return [
    {
      trace,
      id: `${trace}1`,
      service: 'gateway',
      name: 'POST /orders',
      kind: 'server',
      atMs,
      durationMs: 100,
      ...more,
    },
    {
      trace,
      id: `${trace}2`,
      parent: `${trace}1`,
      service: 'gateway',
      name: 'POST',
      kind: 'client',
      atMs: atMs + 10,
      durationMs: 80,
    },
    {
      trace,
      id: `${trace}3`,
      parent: `${trace}2`,
      service: 'orders',
      name: 'POST /orders',
      kind: 'server',
      atMs: atMs + 20,
      durationMs: 60,
    },
    {
      trace,
      id: `${trace}4`,
      parent: `${trace}3`,
      service: 'payments',
      name: 'Charge',
      kind: 'server',
      status: 'error',
      atMs: atMs + 30,
      durationMs: 40,
    },
  ];
}

describe('traces.search', () => {
  beforeEach(async () => {
    for (let i = 0; i < 5; i++)
      await store.addSpans(order(`o${i}`, t0 + i * 1000, { durationMs: 100 + ((i * 3) % 5) * 10 }));
    await store.addSpans([
      { trace: 'old', id: 'old1', service: 'gateway', name: 'GET /', kind: 'server', atMs: t0 - 5000 },
    ]);
  });

  it('gives the newest first, with what they are made of', async () => {
    const traces = await ask('traces.search', { range });
    expect(traces.map((trace) => trace.traceId)).toEqual(['o4', 'o3', 'o2', 'o1', 'o0'].map(testTraceId));
    expect(traces[0]).toEqual({
      traceId: testTraceId('o4'),
      root: { service: 'gateway', name: 'POST /orders' },
      startTime: '2026-11-22T12:00:04.000Z',
      durationMs: 120,
      spans: 4,
      errors: 1,
      services: ['gateway', 'orders', 'payments'],
      complete: true,
    });
  });

  it('says of which traces spans may still be on their way', async () => {
    await store.addSpans([
      ...order('fresh', t0 + 58_500),
      { trace: 'rootless', id: 'r1', parent: 'r0', service: 'orders', kind: 'server', atMs: t0 + 40_000 },
      { trace: 'orphan', id: 'p1', parent: 'p0', service: 'orders', kind: 'server', atMs: t0 - 10_000 },
    ]);
    const traces = await ask('traces.search', { range: { fromMs: t0 - 20_000, toMs: t0 + 60_000 } });
    const found = traces.map((trace) => [trace.traceId, trace.complete]);
    expect(Object.fromEntries(found)).toMatchObject({
      [testTraceId('fresh')]: false,
      [testTraceId('rootless')]: false,
      [testTraceId('orphan')]: true,
      [testTraceId('o4')]: true,
    });
  });

  it('finds the newest even where one trace has more spans than are looked at first', async () => {
    const busy = Array.from(
      { length: 50 },
      (_, i): TestSpan => ({ trace: 'busy', id: `b${i}`, service: 'job', atMs: t0 + 30_000 + i }),
    );
    await store.addSpans(busy);
    const traces = await ask('traces.search', { range, limit: 2 });
    expect(traces.map((trace) => trace.traceId)).toEqual(['busy', 'o4'].map(testTraceId));
  });

  it('sorts by duration', async () => {
    const traces = await ask('traces.search', { range, sort: 'longest', limit: 3 });
    expect(traces.map((trace) => trace.durationMs)).toEqual([140, 130, 120]);
  });

  it('wants all conditions of one span', async () => {
    expect(await ask('traces.search', { range, query: 'service:payments status:error' })).toHaveLength(5);
    expect(await ask('traces.search', { range, query: 'service:gateway status:error' })).toHaveLength(0);
    expect(await ask('traces.search', { range, query: 'service:gateway kind:server duration>=130ms' })).toHaveLength(2);
  });

  it('names the first span where the root is not there', async () => {
    await store.addSpans([
      { trace: 'x', id: 'x2', parent: 'gone', service: 'b', name: 'later', atMs: t0 + 50_001 },
      { trace: 'x', id: 'x1', parent: 'gone', service: 'a', name: 'first', atMs: t0 + 50_000 },
    ]);
    const [trace] = await ask('traces.search', { range, limit: 1 });
    expect(trace?.root).toEqual({ service: 'a', name: 'first' });
  });

  it('says what is wrong with a search', async () => {
    await expect(ask('traces.search', { range, query: 'servce:x' })).rejects.toMatchObject({ code: 'QUERY_SYNTAX' });
  });
});

describe('traces.get', () => {
  it('gives spans with times, events, links, the critical path and resources', async () => {
    const [root, ...rest] = order('o', t0 + 0.25);
    const timeNs = String(BigInt(t0) * 1_000_000n + 5_250_001n);
    const extra = {
      events: [{ name: 'exception', timeNs, attributes: { 'exception.message': 'no' } }],
      links: [{ traceId: testTraceId('z'), spanId: testSpanId('y'), attributes: {} }],
    };
    await store.addSpans([
      ...rest.toReversed(),
      { ...(root as TestSpan), extra, attributes: { n: 1 }, instance: 'gateway-1' },
    ]);
    await store.addSpans([
      { trace: 'o', id: 'lost', parent: 'gone', service: 'orders', atMs: t0 + 3000, durationMs: 7 },
    ]);
    const trace = await ask('traces.get', { traceId: testTraceId('o') as TraceId });
    expect(trace).toMatchObject({ root: { service: 'gateway', name: 'POST /orders' }, durationMs: 3006.75 });
    expect(trace.startTime).toBe('2026-11-22T12:00:00.00025Z');
    expect(trace.spans.map((span) => span.spanId)).toEqual(['o1', 'o2', 'o3', 'o4', 'lost'].map(testSpanId));
    expect(trace.spans.map((span) => span.offsetMs)).toEqual([0, 10, 20, 30, 2999.75]);
    expect(trace.spans[4]?.parentSpanId).toBe(testSpanId('gone'));
    expect(trace.spans[0]).toMatchObject({
      parentSpanId: null,
      kind: 'server',
      attributes: { n: 1 },
      events: [
        {
          name: 'exception',
          offsetMs: 5.000001,
          time: '2026-11-22T12:00:00.005250001Z',
          attributes: { 'exception.message': 'no' },
        },
      ],
      links: [{ traceId: testTraceId('z'), spanId: testSpanId('y') }],
    });
    expect(trace.criticalPath).toEqual(['o1', 'o2', 'o3', 'o4'].map(testSpanId));
    expect(Object.keys(trace.resources).toSorted()).toEqual(['gateway', 'orders', 'payments']);
    expect(trace.resources.gateway).toMatchObject({ 'service.instance.id': 'gateway-1' });
  });

  it('ends on parents that go in a circle', async () => {
    await store.addSpans([
      { trace: 'c', id: 'a', parent: 'b', service: 's', atMs: t0 },
      { trace: 'c', id: 'b', parent: 'a', service: 's', atMs: t0 + 1 },
    ]);
    const trace = await ask('traces.get', { traceId: testTraceId('c') });
    expect(trace.spans.map((span) => span.parentSpanId)).toEqual([null, testSpanId('a')]);
  });

  it('gives the first 20,000 spans of a trace without end and counts the rest', async () => {
    await store.addSpans([{ trace: 'big', id: 'r', service: 's', atMs: t0 }]);
    await store.run(`INSERT INTO spans SELECT spans.* REPLACE (1000000 + i AS span_id, span_id AS parent_id, start_ns + i AS start_ns)
      FROM spans, range(1, 20006) t(i)`);
    const trace = await ask('traces.get', { traceId: testTraceId('big') });
    expect([trace.spans.length, trace.omitted]).toEqual([20_000, 6]);
  });

  it('says so when there is no such trace', async () => {
    await expect(ask('traces.get', { traceId: testTraceId('none') })).rejects.toMatchObject({ code: 'TRACE_UNKNOWN' });
  });
});

describe('telemetry.services', () => {
  it('gives RED of what services serve, over the time that there is data for', async () => {
    const served = Array.from(
      { length: 20 },
      (_, i): TestSpan => ({
        trace: `t${i}`,
        id: `s${i}`,
        service: 'orders',
        kind: i % 2 ? 'server' : 'consumer',
        atMs: t0 + 40_000,
        durationMs: i + 1,
        status: i < 5 ? 'error' : 'ok',
      }),
    );
    await store.addSpans([...served, { trace: 'x', id: 'x', service: 'orders', kind: 'client', atMs: t0 + 50_000 }]);
    expect(await ask('telemetry.services', { range: { lastMs: 60_000 } })).toEqual([
      { service: 'orders', count: 20, ratePerSecond: 1, errorRate: 0.25, p50Ms: 10.5, p95Ms: expect.closeTo(19.05, 6) },
    ]);
  });
});

describe('telemetry.timeline', () => {
  beforeEach(async () => {
    await store.addSpans([
      ...order('outside', t0 + 500, { status: 'error' }),
      // A load generator serves nothing: its calls enter the fleet.
      { trace: 'l', id: 'l0', service: 'traffic', kind: 'internal', atMs: t0 + 2000 },
      { trace: 'l', id: 'l1', parent: 'l0', service: 'traffic', kind: 'client', atMs: t0 + 2000, durationMs: 9 },
      { trace: 'l', id: 'l2', parent: 'l1', service: 'gateway', kind: 'server', atMs: t0 + 2100, durationMs: 7 },
      // So does the call of somebody who sends no spans.
      { trace: 'm', id: 'm1', parent: 'gone', service: 'gateway', kind: 'server', atMs: t0 + 2200, durationMs: 7 },
      // A loop of a service is no request.
      { trace: 'n', id: 'n1', service: 'orders', kind: 'client', atMs: t0 + 3000 },
    ]);
  });

  it('counts what enters the fleet', async () => {
    const result = await ask('telemetry.timeline', { range, points: 60 });
    expect(result.stepMs).toBe(1000);
    expect(result.points).toHaveLength(60);
    expect(result.points.slice(0, 4).map((p) => [p.ratePerSecond, p.errorsPerSecond])).toEqual([
      [1, 1],
      [0, 0],
      [2, 0],
      [0, 0],
    ]);
    expect(result.points[2]).toMatchObject({ atMs: t0 + 2000, ratePerSecond: 2, errorsPerSecond: 0 });
    expect(result.points[2]?.p95Ms).toBeCloseTo(8.9);
    expect(result.oldestMs).toBe(t0 + 500);
  });

  it('waits for the caller of a call that has just ended before it takes it for an entry', async () => {
    const [, call, served] = order('now', t0 + 58_000);
    await store.addSpans([served as TestSpan]);
    const rate = async (): Promise<number | undefined> =>
      (await ask('telemetry.timeline', { range, points: 60 })).points[58]?.ratePerSecond;
    expect(await rate()).toBe(0);
    await store.addSpans([{ ...(call as TestSpan), service: 'traffic' }]);
    expect(await rate()).toBe(1);
  });

  describe('with a load generator in the fleet', () => {
    const at = { 'server.address': '127.0.0.1', 'server.port': 20_001 };
    const call = (id: string, atMs: number, more: Partial<TestSpan> = {}): TestSpan => {
      const about = { trace: id, id, service: 'traffic', kind: 'client', status: 'error', attributes: at } as const;
      return { ...about, atMs, durationMs: 3000, ...more };
    };
    const points = async (): Promise<(number | undefined)[][]> => {
      const { points: all } = await ask('telemetry.timeline', { range, points: 60 });
      return all.slice(10, 14).map((p) => [p.ratePerSecond, p.errorsPerSecond, p.p95Ms ?? undefined]);
    };

    it('counts calls that were given up, as the edge does: unanswered, or answered well but too late', async () => {
      await store.addSpans([
        call('g1', t0 + 10_000),
        call('g2', t0 + 11_000),
        { trace: 'g2', id: 's2', parent: 'g2', service: 'gateway', kind: 'server', atMs: t0 + 14_500 },
        call('g3', t0 + 12_000, { status: 'unset' }),
        { trace: 'g3', id: 's3', parent: 'g3', service: 'gateway', kind: 'server', atMs: t0 + 12_010 },
      ]);
      expect(await points()).toEqual([
        [1, 1, 3000],
        [1, 1, 3000],
        [1, 0, 3000],
        [0, 0, undefined],
      ]);
    });

    it('counts them where nothing at that address has answered yet', async () => {
      await store.addSpans([call('g1', t0 + 10_000), call('g2', t0 + 11_000)]);
      expect((await points()).map(([rate, errors]) => [rate, errors])).toEqual([
        [1, 1],
        [1, 1],
        [0, 0],
        [0, 0],
      ]);
    });

    it('does not count its calls to somebody outside, nor what it asks of stores and brokers', async () => {
      const bank = { 'server.address': 'bank.example', 'server.port': 443 };
      await store.addSpans([
        call('b1', t0 + 10_000, { attributes: bank, status: 'unset' }),
        call('b2', t0 + 10_100, { attributes: bank }),
        call('d1', t0 + 11_000, { attributes: { ...at, 'db.system.name': 'postgresql' } }),
        call('k1', t0 + 12_000, { attributes: { ...at, 'messaging.system': 'kafka' } }),
      ]);
      expect((await points()).map(([rate]) => rate)).toEqual([0, 0, 0, 0]);
    });
  });

  it('counts what one service serves', async () => {
    const result = await ask('telemetry.timeline', { range, points: 60, service: 'payments' as ServiceId });
    expect(result).toMatchObject({ service: 'payments' });
    expect(result.points[0]).toMatchObject({ ratePerSecond: 1, errorsPerSecond: 1, p95Ms: 40 });
  });

  it('stands on round moments and leaves out a step that has just begun', async () => {
    const result = await ask('telemetry.timeline', { range: { fromMs: t0 + 350, toMs: t0 + 10_100 }, points: 10 });
    expect(result.stepMs).toBe(1000);
    expect(result.points.map((p) => p.atMs - t0)).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000]);
  });

  it('has no oldest moment in an empty store', async () => {
    await store.run('DELETE FROM spans');
    expect(await ask('telemetry.timeline', { range, points: 10 })).toMatchObject({ oldestMs: null });
  });
});

describe('logs', () => {
  const record = (seq: number, more: Partial<LogRecord> = {}): LogRecord => ({
    seq,
    time: new Date(t0 + seq * 1000).toISOString(),
    service: 'orders',
    instance: 'orders-1',
    level: 'info',
    message: `line ${seq}`,
    traceId: null,
    spanId: null,
    attributes: {},
    source: 'stdout',
    ...more,
  });

  it('gives the newest that fit in order of time, and pages back', async () => {
    const records = Array.from({ length: 30 }, (_, i) => record(i + 1, { level: i % 3 === 0 ? 'error' : 'info' }));
    // One that came late.
    records[29] = record(30, {
      time: new Date(t0 + 28_500).toISOString(),
      attributes: { a: [1, { b: 'c' }] },
      traceId: testTraceId('t') as TraceId,
    });
    await store.addLogs(records);
    const newest = await ask('logs.search', { range, limit: 3 });
    expect(newest.map((line) => line.seq)).toEqual([28, 30, 29]);
    expect(newest[1]).toEqual(records[29]);
    const page = await ask('logs.search', { range, limit: 2, beforeSeq: 28 });
    expect(page.map((line) => line.seq)).toEqual([26, 27]);
    const errors = await ask('logs.search', { range, query: 'level>=error line*2', limit: 500 });
    expect(errors.map((line) => line.seq)).toEqual([22, 25, 28]);
    expect(await ask('logs.search', { range: { fromMs: 0, toMs: t0 } })).toEqual([]);
  });

  it('counts by step and level', async () => {
    await store.addLogs([
      record(1),
      record(2, { level: 'warn' }),
      record(2, { level: 'fatal' }),
      record(59, { level: 'error' }),
    ]);
    const { stepMs, buckets } = await ask('logs.histogram', { range, buckets: 12 });
    expect(stepMs).toBe(5000);
    expect(buckets).toHaveLength(12);
    expect(buckets[0]).toEqual({ atMs: t0, total: 3, errors: 1, warnings: 1 });
    expect(buckets[1]).toEqual({ atMs: t0 + 5000, total: 0, errors: 0, warnings: 0 });
    expect(buckets[11]).toEqual({ atMs: t0 + 55_000, total: 1, errors: 1, warnings: 0 });
  });
});
