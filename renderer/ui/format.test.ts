import { describe, expect, it } from 'vitest';
import {
  bytesParts,
  formatAgo,
  formatBytes,
  formatClock,
  formatCompact,
  formatCount,
  formatCpu,
  formatDuration,
  formatPercent,
  formatRate,
  formatSpan,
  plural,
} from './format.ts';

describe('numbers', () => {
  it.each([
    [0, '0/s'],
    [0.01, '<0.1/s'],
    [0.4, '0.4/s'],
    [9.94, '9.9/s'],
    [11.8, '12/s'],
    [96.2, '96/s'],
    [1240, '1,240/s'],
    [12_340, '12.3k/s'],
  ])('writes a rate of %s as %s', (value, text) => expect(formatRate(value)).toBe(text));

  it.each([
    [0, '0 %'],
    [0.0004, '<0.1 %'],
    [0.024, '2.4 %'],
    [0.37, '37 %'],
    [0.9999, '>99 %'],
    [1, '100 %'],
  ])('writes a share of %s as %s', (value, text) => expect(formatPercent(value)).toBe(text));

  it.each([
    [999, '999'],
    [9_999, '9,999'],
    [12_340, '12.3k'],
    [4_100_000, '4.1M'],
  ])('keeps %s narrow as %s', (value, text) => expect(formatCompact(value)).toBe(text));

  it('groups thousands and counts in words', () => {
    expect(formatCount(1_234_567)).toBe('1,234,567');
    expect(plural(1, 'error')).toBe('1 error');
    expect(plural(2, 'error')).toBe('2 errors');
    expect(plural(2, 'entry', 'entries')).toBe('2 entries');
  });
});

describe('durations', () => {
  it.each([
    [null, '–'],
    [0, '0 ms'],
    [0.0002, '1 µs'],
    [0.42, '420 µs'],
    [0.9996, '1 ms'],
    [4.25, '4.3 ms'],
    [9.96, '10 ms'],
    [310.4, '310 ms'],
    [999.6, '1.00 s'],
    [2040, '2.04 s'],
    [12_340, '12.3 s'],
    [72_000, '1:12 min'],
    [3_720_000, '1:02 h'],
    [-12, '-12 ms'],
  ])('writes %s ms as %s', (value, text) => expect(formatDuration(value)).toBe(text));

  it.each([
    [900, '0 s'],
    [8_000, '8 s'],
    [14 * 60_000 + 5_000, '14 min'],
    [3 * 3_600_000, '3 h'],
    [3 * 3_600_000 + 20 * 60_000, '3 h 20 min'],
    [52 * 3_600_000, '2 d 4 h'],
  ])('writes a span of %s ms as %s', (value, text) => expect(formatSpan(value)).toBe(text));

  it('tells how long ago', () => {
    expect(formatAgo(1000, 2000)).toBe('now');
    expect(formatAgo(1000, 13_500)).toBe('12 s ago');
  });

  it('writes the time of day with milliseconds', () => {
    expect(formatClock(new Date(2026, 10, 22, 13, 4, 11, 208).getTime())).toBe('13:04:11.208');
  });
});

describe('bytes and CPU', () => {
  it.each([
    [null, '–'],
    [0, '0 B'],
    [999, '999 B'],
    [1000, '0.98 KiB'],
    [182 * 1024 * 1024, '182 MiB'],
    [1.5 * 1024 ** 3, '1.5 GiB'],
    [3 * 1024 ** 4, '3 TiB'],
  ])('writes %s bytes as %s', (value, text) => expect(formatBytes(value)).toBe(text));

  it('keeps value and unit apart', () => expect(bytesParts(2048)).toEqual({ value: '2', unit: 'KiB' }));

  it('writes CPU of one core', () => {
    expect(formatCpu(null)).toBe('–');
    expect(formatCpu(0.42)).toBe('0.4 %');
    expect(formatCpu(140.2)).toBe('140 %');
  });
});
