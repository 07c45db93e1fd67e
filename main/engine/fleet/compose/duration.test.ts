import { expect, test } from 'vitest';
import { parseByteSize } from './byte-size.ts';
import { parseDuration } from './duration.ts';

test.each([
  ['1m30s', 90_000],
  ['500ms', 500],
  ['2s', 2000],
  ['1.5h', 5_400_000],
  ['0', 0],
  ['0s', 0],
  ['250us', 0.25],
])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

test.each(['', '10', 's', '1 m', '-3s', '1y', '1m30', 'soon'])('%j is no duration', (text) =>
  expect(parseDuration(text)).toBeNull(),
);

test.each([
  ['512m', 536_870_912],
  ['1.5g', 1_610_612_736],
  ['64MiB', 67_108_864],
  ['2kb', 2048],
  ['100', 100],
  ['100b', 100],
])('%s is %d bytes', (text, bytes) => expect(parseByteSize(text)).toBe(bytes));

test.each(['', 'm', '1x', '-1m', '1 2m'])('%j is no size', (text) => expect(parseByteSize(text)).toBeNull());
