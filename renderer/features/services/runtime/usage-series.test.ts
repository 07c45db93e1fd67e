import { describe, expect, it } from 'vitest';
import type { MetricSeries } from '../../../../main/contract/index.ts';
import { usageCharts, usageLines } from './usage-series.ts';

const series = (times: readonly number[], labels: Record<string, string> = {}): MetricSeries => ({
  name: 'process.cpu.utilization',
  service: 'orders',
  labels,
  unit: '{cpu}',
  points: times.map((atMs) => ({ atMs, value: 0.04 })),
});

describe('usageLines', () => {
  it('has a line for each instance, in the order of their numbers, in the unit that is shown', () => {
    const lines = usageLines(
      [series([0, 10], { 'service.instance.id': 'orders-10' }), series([0, 10], { 'service.instance.id': 'orders-2' })],
      'orders',
      100,
    );
    expect(lines.map((line) => line.instance)).toEqual(['orders-2', 'orders-10']);
    expect(lines[0]?.points).toEqual([
      { atMs: 0, value: 4 },
      { atMs: 10, value: 4 },
    ]);
  });

  it('breaks a line where nothing was measured', () => {
    const [line] = usageLines([series([0, 10, 20, 100, 110])], 'orders', 1);
    expect(line?.instance).toBe('orders-1');
    expect(line?.points.map((point) => [point.atMs, point.value === null])).toEqual([
      [0, false],
      [10, false],
      [20, false],
      [21, true],
      [100, false],
      [110, false],
    ]);
  });

  it('has none for a series without a point', () => {
    expect(usageLines([series([])], 'orders', 1)).toEqual([]);
  });
});

it('asks for processes and containers under their own names', () => {
  expect(usageCharts('process').map((chart) => chart.metric)).toContain('process.memory.usage');
  expect(usageCharts('docker').map((chart) => chart.metric)).toContain('container.network.io');
});
