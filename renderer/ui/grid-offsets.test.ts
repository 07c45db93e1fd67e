import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GridOffsets } from './grid-offsets.ts';

it('finds rows of equal height by arithmetic', () => {
  const offsets = new GridOffsets();
  offsets.update(1000, 0, 20, new Map());
  expect(offsets.total).toBe(20_000);
  expect(offsets.topOf(10)).toBe(200);
  expect([-5, 0, 19.9, 20, 1e9].map((top) => offsets.indexAt(top))).toEqual([0, 0, 0, 1, 999]);
});

it('keeps tall rows by position when rows before them are dropped', () => {
  const offsets = new GridOffsets();
  const tall = new Map([[105, 100]]);
  offsets.update(10, 100, 20, tall);
  expect(offsets.topOf(6)).toBe(200);
  offsets.update(10, 103, 20, tall);
  expect(offsets.topOf(3)).toBe(140);
  expect(offsets.total).toBe(280);
});

it('finds the row that a point lies in, whatever the heights', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 60 }),
      fc.nat(6000),
      (heights, at) => {
        const offsets = new GridOffsets();
        offsets.update(heights.length, 7, 20, new Map(heights.map((height, index) => [index + 7, height])));
        const index = offsets.indexAt(at);
        if (at >= offsets.total) expect(index).toBe(heights.length - 1);
        else {
          expect(offsets.topOf(index)).toBeLessThanOrEqual(at);
          expect(offsets.topOf(index + 1)).toBeGreaterThan(at);
        }
      },
    ),
  );
});
