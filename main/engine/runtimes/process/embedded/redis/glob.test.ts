import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileGlob } from './glob.ts';

test.each<[string, string, boolean]>([
  ['*', '', true],
  ['h?llo', 'hello', true],
  ['h?llo', 'hllo', false],
  ['h*o', 'hello', true],
  ['h*l*o', 'hello', true],
  ['h[ae]llo', 'hallo', true],
  ['h[^e]llo', 'hello', false],
  ['h[a-c]llo', 'hbllo', true],
  ['h[c-a]llo', 'hbllo', true],
  ['\\*', '*', true],
  ['\\*', 'x', false],
  ['[\\]]', ']', true],
  ['a\\', 'a\\', true],
  ['', 'a', false],
])('%j on %j: %s', (pattern, text, expected) => expect(compileGlob(pattern)(text)).toBe(expected));

test('a text matches itself when its special characters are escaped, also between stars', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (before, text, after) => {
      const escaped = text.replace(/[*?[\]\\^]/g, '\\$&');
      expect(compileGlob(escaped)(text)).toBe(true);
      expect(compileGlob(`*${escaped}*`)(before + text + after)).toBe(true);
    }),
  );
});

test('a pattern of many stars takes no time', () => {
  const started = performance.now();
  expect(compileGlob('a*'.repeat(50))(`${'a'.repeat(5000)}b`)).toBe(true);
  expect(compileGlob(`${'*a'.repeat(50)}c`)('a'.repeat(5000))).toBe(false);
  expect(performance.now() - started).toBeLessThan(1000);
});
