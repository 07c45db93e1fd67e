import { expect, test } from 'vitest';
import { prettyJson } from './pretty-json.ts';

test('lays out objects and arrays, and leaves everything else', () => {
  expect(prettyJson('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
  for (const text of ['12', 'plain', '{broken', '"quoted"', '']) expect(prettyJson(text)).toBe(text);
});
