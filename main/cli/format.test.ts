import { expect, test } from 'vitest';
import { formatBytes, formatMs, formatRate, formatShare, parseDuration } from './format.ts';

test('durations keep three figures in the unit that reads best', () => {
  expect([0.012, 3.4567, 340.4, 1530, 61_000, null].map(formatMs)).toEqual([
    '12 µs',
    '3.46 ms',
    '340 ms',
    '1.53 s',
    '1 min 1 s',
    '–',
  ]);
});

test('bytes, rates and shares', () => {
  expect([0, 1023, 1024, 13_002_342].map(formatBytes)).toEqual(['0 B', '1023 B', '1.0 KiB', '12.4 MiB']);
  expect([0, 0.44, 12.4].map(formatRate)).toEqual(['0/s', '0.4/s', '12/s']);
  expect(formatShare(0.0321)).toBe('3.2 %');
});

test('a duration without a unit, or with a wrong one, is none', () => {
  expect(['90s', '15m', '1.5h', '500ms'].map(parseDuration)).toEqual([90_000, 900_000, 5_400_000, 500]);
  expect(['', '15', 's', '1w', '-1s'].map(parseDuration)).toEqual([null, null, null, null, null]);
});
