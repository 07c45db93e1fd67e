import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TumblingWindows } from './windows.ts';

const OPTIONS = { sizeMs: 10_000, latenessMs: 5_000, keep: 100 };

describe('tumbling windows', () => {
  it('close once the watermark has passed them', () => {
    const windows = new TumblingWindows(OPTIONS);
    windows.add(1_000, 100);
    windows.add(9_999, 50);
    windows.add(14_999, 7);
    expect(windows.closed()).toEqual([]);
    windows.add(15_000, 7);
    expect(windows.closed()).toEqual([{ startMs: 0, orders: 2, revenueCents: 150 }]);
  });

  it('take what is a little late, and refuse what is too late', () => {
    const windows = new TumblingWindows(OPTIONS);
    windows.add(14_000, 1);
    expect(windows.add(9_000, 1)).toBe(true);
    windows.add(16_000, 1);
    expect(windows.add(9_500, 1)).toBe(false);
    expect(windows.closed()).toEqual([{ startMs: 0, orders: 1, revenueCents: 1 }]);
  });

  it('close by the clock when the stream falls silent', () => {
    const windows = new TumblingWindows(OPTIONS);
    windows.add(1_000, 100);
    windows.advanceTo(10_000);
    expect(windows.closed()).toHaveLength(1);
  });

  it('keep no more than they should', () => {
    const windows = new TumblingWindows({ ...OPTIONS, keep: 2 });
    for (let second = 0; second < 100; second += 10) windows.add(second * 1_000, 1);
    expect(windows.closed().map(({ startMs }) => startMs)).toEqual([60_000, 70_000]);
  });

  it('lose nothing that they took, whatever the order of events', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 200_000 }), { maxLength: 100 }), (times) => {
        const windows = new TumblingWindows(OPTIONS);
        const taken = times.filter((atMs) => windows.add(atMs, 3)).length;
        windows.advanceTo(1_000_000);
        const closed = windows.closed();
        expect(closed.reduce((sum, { orders }) => sum + orders, 0)).toBe(taken);
        expect(closed.reduce((sum, { revenueCents }) => sum + revenueCents, 0)).toBe(3 * taken);
        expect(new Set(closed.map(({ startMs }) => startMs)).size).toBe(closed.length);
      }),
    );
  });
});
