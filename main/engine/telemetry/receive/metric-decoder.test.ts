import { describe, expect, test } from 'vitest';
import { MetricBuffer, maxSeries } from '../store/metric-buffer.ts';
import { Resources } from '../store/resources.ts';
import { decodeMetrics } from './metric-decoder.ts';
import { messageFromJson } from './otlp-json.ts';
import type { MetricsRequest } from './otlp-messages.ts';

const timeUnixNano = '1700000000000000000';

function decode(metrics: object[], buffer = new MetricBuffer()) {
  const body = {
    resourceMetrics: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'orders' } }] },
        scopeMetrics: [{ scope: { name: 'shop' }, metrics }],
      },
    ],
  };
  const message = messageFromJson('metrics', Buffer.from(JSON.stringify(body)));
  const outcome = decodeMetrics(message as unknown as MetricsRequest, new Resources(), buffer);
  return { outcome, points: buffer.points, buffer };
}

const gauge = (points: object[], more: object = {}) => ({
  name: 'g',
  gauge: { dataPoints: points.map((point) => ({ timeUnixNano, ...point })) },
  ...more,
});

describe('points of each kind', () => {
  test('gauge and sum: the value, whole or not', () => {
    const { outcome, points } = decode([
      gauge([{ asDouble: 1.5 }]),
      {
        name: 's',
        sum: {
          isMonotonic: true,
          aggregationTemporality: 2,
          dataPoints: [{ timeUnixNano, startTimeUnixNano: '1600000000000000000', asInt: '-7' }],
        },
      },
    ]);
    expect(outcome).toEqual({ accepted: 2, rejected: 0, reason: '' });
    expect(points).toMatchObject([
      { value: 1.5, timeNs: 1_700_000_000_000_000_000n, startNs: 0n, count: null, bounds: null },
      { value: -7, startNs: 1_600_000_000_000_000_000n },
    ]);
  });

  test('histogram: buckets, and the average as the value', () => {
    const point = {
      timeUnixNano,
      count: '4',
      sum: 10,
      min: 1,
      max: 5,
      bucketCounts: ['1', '3', '0'],
      explicitBounds: [2, 6],
    };
    const { points } = decode([{ name: 'h', histogram: { aggregationTemporality: 1, dataPoints: [point] } }]);
    expect(points).toMatchObject([
      { value: 2.5, count: 4, sum: 10, min: 1, max: 5, bounds: [2, 6], counts: [1, 3, 0] },
    ]);
  });

  test('histogram without sum, or without buckets', () => {
    const { points } = decode([
      { name: 'h', histogram: { dataPoints: [{ timeUnixNano, count: '2' }] } },
      { name: 'h', histogram: { dataPoints: [{ timeUnixNano, count: '0', sum: 0 }] } },
    ]);
    expect(points).toMatchObject([
      { value: null, sum: null, bounds: [], counts: [2] },
      { value: null, sum: 0, counts: [0] },
    ]);
  });

  test('exponential histogram: its buckets as explicit ones, from the negative up', () => {
    const point = {
      timeUnixNano,
      count: '10',
      sum: 12,
      scale: 0,
      zeroCount: '2',
      negative: { offset: 0, bucketCounts: ['1', '2'] },
      positive: { offset: 1, bucketCounts: ['4', '1'] },
    };
    const { points } = decode([
      { name: 'e', exponentialHistogram: { aggregationTemporality: 2, dataPoints: [point] } },
    ]);
    // Base 2: negative (-2,-1] has 1 and (-4,-2] has 2; positive (2,4] has 4 and (4,8] has 1.
    expect(points).toMatchObject([
      { value: 1.2, count: 10, bounds: [-4, -2, -1, 2, 4, 8], counts: [0, 2, 1, 2, 4, 1, 0] },
    ]);
  });

  test('exponential histogram at a fine scale keeps its counts and ascending bounds', () => {
    const bucketCounts = Array.from({ length: 160 }, (_, i) => String(i));
    const point = { timeUnixNano, count: '12720', sum: 1, scale: 20, positive: { offset: 1000, bucketCounts } };
    const { points } = decode([{ name: 'e', exponentialHistogram: { dataPoints: [point] } }]);
    const { bounds, counts } = points[0] ?? {};
    expect(counts?.reduce((sum, count) => sum + count, 0)).toBe(12_720);
    expect(counts).toHaveLength((bounds?.length ?? 0) + 1);
    expect([...(bounds ?? [])].sort((a, b) => a - b)).toEqual(bounds);
  });

  test('summary: quantiles and their values', () => {
    const quantileValues = [
      { quantile: 0.5, value: 2 },
      { quantile: 0.99, value: 9 },
    ];
    const { points } = decode([
      { name: 'y', summary: { dataPoints: [{ timeUnixNano, count: '3', sum: 6, quantileValues }] } },
    ]);
    expect(points).toMatchObject([{ value: 2, count: 3, bounds: [0.5, 0.99], counts: [2, 9] }]);
  });
});

describe('series', () => {
  test('are told apart by their labels whatever their order', () => {
    const label = (key: string, stringValue: string) => ({ key, value: { stringValue } });
    const { points } = decode([
      gauge([
        { asDouble: 1, attributes: [label('a', '1'), label('b', '2')] },
        { asDouble: 2, attributes: [label('b', '2'), label('a', '1')] },
        { asDouble: 3, attributes: [label('a', '2'), label('b', '2')] },
      ]),
    ]);
    expect(points[0]?.series).toBe(points[1]?.series);
    expect(points[0]?.series).not.toBe(points[2]?.series);
  });

  test('beyond the limit are refused and said to be; those that are known go on', () => {
    const many = Array.from({ length: maxSeries + 5 }, (_, i) => ({
      asDouble: i,
      attributes: [{ key: 'id', value: { intValue: i } }],
    }));
    const { outcome, buffer } = decode([gauge(many)]);
    expect(outcome).toEqual({
      accepted: maxSeries,
      rejected: 5,
      reason: `g: more than ${maxSeries} series in this run`,
    });
    expect(decode([gauge(many.slice(0, 1))], buffer).outcome.accepted).toBe(1);
  });
});

describe('points that cannot be kept', () => {
  test.each([
    ['not a number', gauge([{ asDouble: 'NaN' }]), 'g: a value is not a finite number'],
    ['without a time', gauge([{ asDouble: 1, timeUnixNano: '0' }]), 'g: a point has no usable time'],
    ['of a metric without a name', gauge([{ asDouble: 1 }], { name: '' }), ': a metric has no name'],
    [
      'with bounds that do not fit the buckets',
      { name: 'h', histogram: { dataPoints: [{ timeUnixNano, bucketCounts: ['1', '2'], explicitBounds: [1, 2] }] } },
      'h: a histogram has 2 buckets and 2 bounds',
    ],
  ])('%s are rejected, the others kept', (_, metric, reason) => {
    const { outcome } = decode([metric, gauge([{ asDouble: 1 }])]);
    expect(outcome).toEqual({ accepted: 1, rejected: 1, reason });
  });

  test('that say themselves that they have no value are passed over', () => {
    expect(decode([gauge([{ flags: 1 }])]).outcome).toEqual({ accepted: 0, rejected: 0, reason: '' });
  });
});
