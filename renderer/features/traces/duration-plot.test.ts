import { expect, it } from 'vitest';
import type { TraceId, TraceSummary } from '../../../main/contract/index.ts';
import { plotDots } from './duration-plot.tsx';

const trace = (atMs: number, durationMs: number): TraceSummary => ({
  traceId: 'a'.repeat(32) as TraceId,
  root: { service: 'gateway', name: 'GET /' },
  startTime: new Date(atMs).toISOString(),
  durationMs,
  spans: 1,
  errors: 0,
  services: ['gateway'],
});

it('places traces in the range that was searched, not between the first and the last found', () => {
  const dots = plotDots([trace(500_000, 1), trace(600_000, 100)], { fromMs: 0, toMs: 1_000_000 });
  expect(dots.map((dot) => dot.x)).toEqual([0.5, 0.6]);
  expect(dots[0]?.y).toBeLessThan(dots[1]?.y ?? 0);
});

it('keeps what a clock ahead of the engine says within the plot', () => {
  const [dot] = plotDots([trace(1_000_400, 1)], { fromMs: 0, toMs: 1_000_000 });
  expect(dot?.x).toBe(1);
});
