import { describe, expect, it } from 'vitest';
import type { TimelineMark } from '../../../main/contract/index.ts';
import { groupMarks, markSpans, shapes, stepRange, stripLength, ticks, timeAt, xOf } from './timeline-model.ts';

const strip = { fromMs: 1_000_000, toMs: 1_100_000, width: 1000 };
const mark = (atMs: number, kind: TimelineMark['kind'] = 'restart', untilMs: number | null = null): TimelineMark => ({
  id: `${kind}${atMs}`,
  kind,
  atMs,
  untilMs,
  service: null,
  text: '',
});

it('goes from times to pixels and back, staying inside', () => {
  expect(xOf(strip, 1_050_000)).toBe(500);
  expect(timeAt(strip, 500)).toBe(1_050_000);
  expect(timeAt(strip, -5)).toBe(strip.fromMs);
  expect(timeAt(strip, 5000)).toBe(strip.toMs);
});

it('reaches back far enough for the past that is shown', () => {
  expect(stripLength(900_000, null, 5_000_000)).toBe(900_000);
  expect(stripLength(900_000, { fromMs: 4_900_000 }, 5_000_000)).toBe(900_000);
  expect(stripLength(900_000, { fromMs: 3_000_000 }, 5_000_000)).toBe(2_700_000);
});

it('puts labels on round moments that do not touch', () => {
  const found = ticks({ fromMs: 0, toMs: 900_000, width: 1300 });
  expect(found.length).toBeGreaterThan(4);
  expect(found.length).toBeLessThan(12);
  expect(found.every((at) => at % 60_000 === 0)).toBe(true);
});

describe('shapes', () => {
  const timeline = {
    stepMs: 50_000,
    oldestMs: null,
    points: [
      { atMs: 1_000_000, ratePerSecond: 10, errorsPerSecond: 0 },
      { atMs: 1_050_000, ratePerSecond: 5, errorsPerSecond: 5 },
      { atMs: 1_100_000, ratePerSecond: 1, errorsPerSecond: 0 },
    ],
  };
  it('draws rate and errors on one scale and leaves out the step that is not over', () => {
    const drawn = shapes(strip, timeline, 56);
    expect(drawn.line).toBe('M250 6L750 31');
    expect(drawn.bars).toEqual([{ x: 500.5, width: 499, height: 25, few: false }]);
  });
  it('draws nothing from nothing', () => {
    expect(shapes(strip, { stepMs: 1000, oldestMs: null, points: [] }, 56)).toMatchObject({
      line: '',
      area: '',
      bars: [],
    });
  });
});

it('groups marks that would overlap and leaves out quiet ones, spans, and those outside', () => {
  const groups = groupMarks(strip, [
    mark(1_050_500),
    mark(1_050_000),
    mark(1_090_000),
    mark(1, 'exit'),
    mark(1_060_000, 'healthy'),
    mark(1_010_000, 'fault', 1_020_000),
  ]);
  expect(groups.map((group) => group.marks.length)).toEqual([2, 1]);
});

it('steps through time by half a window and comes back to live', () => {
  expect(stepRange(null, 'ArrowLeft', 200_000)).toEqual({ fromMs: 110_000, toMs: 170_000 });
  expect(stepRange({ fromMs: 110_000, toMs: 170_000 }, 'ArrowRight', 200_000)).toEqual({
    fromMs: 140_000,
    toMs: 200_000,
  });
  expect(stepRange({ fromMs: 140_000, toMs: 200_000 }, 'ArrowRight', 200_000)).toBeNull();
});

it('draws what lasts from its begin to its end, or to now', () => {
  const spans = markSpans(strip, [
    mark(1_020_000, 'fault', 1_050_000),
    mark(990_000, 'experiment', 1_010_000),
    mark(1_090_000, 'fault'),
    mark(900_000, 'fault', 950_000),
    mark(1_060_000),
  ]);
  expect(spans.map(({ from, to }) => [from, to])).toEqual([
    [200, 500],
    [0, 100],
    [900, 1000],
  ]);
});
