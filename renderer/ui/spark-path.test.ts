import { expect, it } from 'vitest';
import { areaPath, linePath } from './spark-path.ts';

const box = { width: 20, height: 12 };

it('spreads values over the width, the largest at the top', () => {
  expect(linePath([0, 5, 10], box)).toBe('M0 11L10 6L20 1');
});

it('keeps to a top that is given', () => expect(linePath([5, 5], { ...box, max: 10 })).toBe('M0 6L20 6'));

it('leaves a gap where nothing is known', () => {
  expect(linePath([1, null, 1, 1], { width: 30, height: 12 })).toBe('M0 1M20 1L30 1');
  expect(areaPath([null, 1, 1], box)).toBe('M10 12L10 1L20 1L20 12Z');
});

it('draws nothing from nothing, and zero on the ground', () => {
  expect(linePath([], box)).toBe('');
  expect(linePath([0, 0], box)).toBe('M0 11L20 11');
});
