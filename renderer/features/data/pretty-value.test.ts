import { expect, test } from 'vitest';
import { prettyValue } from './pretty-value.ts';

test('lays out objects and arrays, and leaves everything else', () => {
  expect(prettyValue('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
  for (const text of ['12', 'plain', '{broken', '"quoted"', '']) expect(prettyValue(text)).toBe(text);
});
