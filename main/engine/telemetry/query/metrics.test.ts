import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { api } from '../../../contract/index.ts';
import type { SqlParameter } from '../store/connection.ts';
import { queries } from './index.ts';
import { histogramQuantile } from './quantile.ts';
import { contextAt, type MemoryStore, openMemoryStore } from './testing/memory-store.ts';
import { msToNs } from './time.ts';

const t0 = Date.parse('2026-11-22T12:00:00.000Z');
const range = { fromMs: t0, toMs: t0 + 100_000 };

let store: MemoryStore;
beforeEach(async () => {
  store = await openMemoryStore();
});
afterEach(() => store.close());

interface Point {
  atMs: number;
  startMs?: number;
  value?: number;
  count?: number;
  sum?: number;
  bounds?: number[];
  counts?: number[];
}

interface Series {
  name: string;
  kind?: string;
  temporality?: 0 | 1 | 2;
  monotonic?: boolean;
  service?: string;
  instance?: string;
  scope?: string;
  labels?: object;
  points: Point[];
}

let nextId = 1;
async function add(series: Series): Promise<void> {
  const id = nextId++;
  const { name, kind = 'gauge', temporality = 0, monotonic = kind !== 'gauge', service = 'orders' } = series;
  await store.run('INSERT INTO resources VALUES ($1, $2, $3, $4)', [
    id,
    service,
    series.instance ?? `${service}-1`,
    '{}',
  ]);
  await store.run('INSERT INTO metric_series VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)', [
    id,
    name,
    kind,
    'ms',
    `what ${name} is`,
    temporality,
    monotonic,
    id,
    service,
    series.scope ?? 'test',
    JSON.stringify(series.labels ?? {}),
  ]);
  for (const point of series.points) {
    const list = (values: number[] | undefined): SqlParameter => (values === undefined ? null : JSON.stringify(values));
    await store.run(
      'INSERT INTO metric_points VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL, $7::DOUBLE[], $8::DOUBLE[])',
      [
        id,
        msToNs(t0 + point.atMs),
        point.startMs === undefined ? 0n : msToNs(t0 + point.startMs),
        point.value ?? null,
        point.count ?? null,
        point.sum ?? null,
        list(point.bounds),
        list(point.counts),
      ],
    );
  }
}

async function ask(input: object): ReturnType<(typeof queries)['metrics.series']> {
  const output = await queries['metrics.series'](
    store.db,
    api['metrics.series'].input.parse({ range, ...input }),
    contextAt(0),
  );
  return api['metrics.series'].output.parse(output);
}

/** Points of the only series as seconds and value. */
async function points(input: object): Promise<[number, number][]> {
  const series = await ask(input);
  expect(series).toHaveLength(1);
  return (series[0]?.points ?? []).map(({ atMs, value }) => [(atMs - t0) / 1000, value]);
}

describe('metrics.list', () => {
  it('lists what has points in the range', async () => {
    await add({ name: 'b', labels: { x: 'y', n: 1 }, points: [{ atMs: 5, value: 1 }] });
    await add({ name: 'b', service: 'cart', labels: { z: 'y' }, points: [{ atMs: 5, value: 1 }] });
    await add({ name: 'a', kind: 'sum', points: [{ atMs: 5, value: 1 }] });
    await add({ name: 'gone', points: [{ atMs: -5, value: 1 }] });
    const list = api['metrics.list'].output.parse(await queries['metrics.list'](store.db, { range }, contextAt(0)));
    expect(list).toEqual([
      { name: 'a', kind: 'sum', unit: 'ms', description: 'what a is', services: ['orders'], labels: [] },
      {
        name: 'b',
        kind: 'gauge',
        unit: 'ms',
        description: 'what b is',
        services: ['cart', 'orders'],
        labels: ['n', 'x', 'z'],
      },
    ]);
  });
});

describe('metrics.series', () => {
  it('gives the last or the average value of each step', async () => {
    await add({
      name: 'g',
      points: [
        { atMs: 0, value: 1 },
        { atMs: 4000, value: 3 },
        { atMs: 25_000, value: 7 },
        { atMs: 100_000, value: 9 },
      ],
    });
    expect(await points({ name: 'g', points: 10 })).toEqual([
      [0, 3],
      [20, 7],
    ]);
    expect(await points({ name: 'g', points: 10, aggregate: 'avg' })).toEqual([
      [0, 2],
      [20, 7],
    ]);
  });

  it('gives at most as many points as were asked for', async () => {
    await add({ name: 'g', points: Array.from({ length: 101 }, (_, i) => ({ atMs: i * 1000, value: i })) });
    const unaligned = { fromMs: t0 + 500, toMs: t0 + 100_500 };
    expect((await points({ name: 'g', points: 20, range: unaligned })).length).toBe(20);
  });

  it('filters by label and service', async () => {
    await add({ name: 'g', labels: { route: '/a', code: 200 }, points: [{ atMs: 0, value: 1 }] });
    await add({ name: 'g', labels: { route: '/b', code: 200 }, points: [{ atMs: 0, value: 2 }] });
    await add({ name: 'g', service: 'cart', labels: { route: '/b' }, points: [{ atMs: 0, value: 3 }] });
    expect(await points({ name: 'g', labels: { route: '/b', code: '200' } })).toEqual([[0, 2]]);
    expect((await ask({ name: 'g', labels: { route: '/b' } })).map((series) => series.service)).toEqual([
      'cart',
      'orders',
    ]);
    expect(await points({ name: 'g', service: 'cart' })).toEqual([[0, 3]]);
    expect(await ask({ name: "g' OR true --" })).toEqual([]);
  });

  it('rates a cumulative sum, over a restart of the counter and of the process', async () => {
    const sum = { name: 's', kind: 'sum', temporality: 2 } as const;
    await add({
      ...sum,
      points: [
        { atMs: -5000, startMs: -60_000, value: 100 },
        { atMs: 5000, startMs: -60_000, value: 120 },
        { atMs: 15_000, startMs: -60_000, value: 150 },
        // The value goes down though the start is not told anew.
        { atMs: 25_000, startMs: -60_000, value: 10 },
        { atMs: 35_000, startMs: 26_000, value: 40 },
      ],
    });
    // The same instance, a new process.
    await add({
      ...sum,
      points: [
        { atMs: 45_000, startMs: 36_000, value: 60 },
        { atMs: 55_000, startMs: 36_000, value: 60 },
      ],
    });
    expect(await points({ name: 's', aggregate: 'rate', points: 10 })).toEqual([
      [0, 2],
      [10, 3],
      [20, 1],
      [30, 4],
      [40, 6],
      [50, 0],
    ]);
    expect(await points({ name: 's', points: 10 })).toEqual([
      [0, 120],
      [10, 150],
      [20, 10],
      [30, 40],
      [40, 60],
      [50, 60],
    ]);
  });

  it('does not take an old counter that is seen first for an increase', async () => {
    await add({
      name: 's',
      kind: 'sum',
      temporality: 2,
      points: [
        { atMs: 5000, startMs: -1e7, value: 1e6 },
        { atMs: 15_000, startMs: -1e7, value: 1e6 + 5 },
      ],
    });
    expect(await points({ name: 's', aggregate: 'rate', points: 10 })).toEqual([[10, 0.5]]);
  });

  it('rates and sums a delta sum', async () => {
    await add({
      name: 'd',
      kind: 'sum',
      temporality: 1,
      points: [
        { atMs: 5000, startMs: 0, value: 10 },
        { atMs: 9000, startMs: 5000, value: 8 },
        { atMs: 15_000, startMs: 9000, value: 3 },
      ],
    });
    expect(await points({ name: 'd', aggregate: 'rate', points: 10 })).toEqual([
      [0, 2],
      [10, 0.5],
    ]);
    expect(await points({ name: 'd', points: 10 })).toEqual([
      [0, 18],
      [10, 3],
    ]);
  });

  it('lets a sum that is not monotonic fall', async () => {
    await add({
      name: 'u',
      kind: 'sum',
      temporality: 2,
      monotonic: false,
      points: [
        { atMs: 0, value: 10 },
        { atMs: 10_000, value: 5 },
      ],
    });
    expect(await points({ name: 'u', aggregate: 'rate', points: 10 })).toEqual([[10, -0.5]]);
  });

  it('gives percentiles, average and rate of a cumulative histogram between its points', async () => {
    const bounds = [10, 20, 40];
    await add({
      name: 'h',
      kind: 'histogram',
      temporality: 2,
      points: [
        { atMs: -1000, startMs: -9e6, count: 1000, sum: 1e6, bounds, counts: [1000, 0, 0, 0] },
        { atMs: 5000, startMs: -9e6, count: 1010, sum: 1e6 + 150, bounds, counts: [1000, 10, 0, 0] },
        { atMs: 15_000, startMs: -9e6, count: 1014, sum: 1e6 + 350, bounds, counts: [1000, 10, 4, 0] },
        // Begun anew.
        { atMs: 25_000, startMs: 16_000, count: 2, sum: 8, bounds, counts: [2, 0, 0, 0] },
      ],
    });
    expect(await points({ name: 'h', aggregate: 'p50', points: 10 })).toEqual([
      [0, 15],
      [10, 30],
      [20, 5],
    ]);
    expect(await points({ name: 'h', aggregate: 'p95', points: 10 })).toEqual([
      [0, 19.5],
      [10, 39],
      [20, 9.5],
    ]);
    expect(await points({ name: 'h', aggregate: 'avg', points: 10 })).toEqual([
      [0, 15],
      [10, 50],
      [20, 4],
    ]);
    expect(await points({ name: 'h', aggregate: 'rate', points: 10 })).toEqual([
      [0, 10 / 6],
      [10, 0.4],
      [20, 0.2],
    ]);
  });

  it('gives percentiles of a delta histogram and of a summary', async () => {
    await add({
      name: 'h',
      kind: 'histogram',
      temporality: 1,
      points: [
        { atMs: 1000, startMs: 0, count: 2, sum: 1, bounds: [10], counts: [2, 0] },
        { atMs: 2000, startMs: 1000, count: 2, sum: 1, bounds: [10], counts: [2, 0] },
      ],
    });
    await add({
      name: 'q',
      kind: 'summary',
      points: [{ atMs: 0, value: 3, count: 5, sum: 15, bounds: [0.5, 0.95], counts: [2, 9] }],
    });
    expect(await points({ name: 'h', aggregate: 'p50', points: 10 })).toEqual([[0, 5]]);
    expect(await points({ name: 'q', aggregate: 'p95', points: 10 })).toEqual([[0, 9]]);
    expect(await points({ name: 'q', aggregate: 'p99', points: 10 })).toEqual([]);
    expect(await points({ name: 'q', points: 10 })).toEqual([[0, 3]]);
  });

  it('tells instances and scopes with the same labels apart', async () => {
    const labels = { a: 'b' };
    await add({ name: 'g', labels, instance: 'orders-1', points: [{ atMs: 0, value: 1 }] });
    await add({ name: 'g', labels, instance: 'orders-2', points: [{ atMs: 0, value: 2 }] });
    await add({ name: 'g', service: 'cart', scope: 'x', points: [{ atMs: 0, value: 3 }] });
    await add({ name: 'g', service: 'cart', scope: 'y', points: [{ atMs: 0, value: 4 }] });
    expect((await ask({ name: 'g' })).map(({ labels, points: [point] }) => [labels, point?.value])).toEqual([
      [{ 'otel.scope.name': 'x' }, 3],
      [{ 'otel.scope.name': 'y' }, 4],
      [{ a: 'b', 'service.instance.id': 'orders-1' }, 1],
      [{ a: 'b', 'service.instance.id': 'orders-2' }, 2],
    ]);
  });

  it('refuses what a kind of metric does not have', async () => {
    await add({ name: 'g', points: [{ atMs: 0, value: 1 }] });
    await expect(ask({ name: 'g', aggregate: 'rate' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(ask({ name: 'g', aggregate: 'p95' })).rejects.toThrow(/p95 needs a histogram, and g is of kind gauge/);
    await add({ name: 'g', kind: 'sum', service: 'cart', points: [{ atMs: 0, value: 1 }] });
    await expect(ask({ name: 'g' })).rejects.toThrow(/different kinds \(sum, gauge\)/);
    expect(await ask({ name: 'g', service: 'cart' })).toHaveLength(1);
  });
});

describe('histogramQuantile', () => {
  it('interpolates within the bucket', () => {
    expect(histogramQuantile(0.5, [10, 20], [0, 4, 0])).toBe(15);
    expect(histogramQuantile(0.25, [10, 20], [2, 2, 0])).toBe(5);
    expect(histogramQuantile(0.99, [10, 20], [0, 0, 5])).toBe(20);
    expect(histogramQuantile(0.5, [-10, 10], [2, 0, 0])).toBe(-10);
    expect(histogramQuantile(0.5, [10], [0, 0])).toBeNull();
    expect(histogramQuantile(0.5, [], [3])).toBeNull();
  });
});
