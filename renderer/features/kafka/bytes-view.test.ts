import { expect, it } from 'vitest';
import { formatsOf, hexDump, oneLine, showBytes } from './bytes-view.ts';

const decoded = (format: 'json' | 'text' | 'hex' | 'null', text: string) => ({
  format,
  text,
  bytes: 1,
  truncated: false,
});

it('dumps bytes as hex with their ASCII beside them', () => {
  const bytes = Array.from({ length: 18 }, (_, index) => index + 60);
  expect(hexDump(bytes)).toBe(
    `000000  3c 3d 3e 3f 40 41 42 43 44 45 46 47 48 49 4a 4b  <=>?@ABCDEFGHIJK\n000010  4c 4d${' '.repeat(44)}LM`,
  );
});

it('looks at bytes in other ways', () => {
  expect(showBytes(decoded('hex', '48 69 00'), 'text')).toBe('Hi\u0000');
  expect(showBytes(decoded('text', 'Hü'), 'hex')).toContain('48 c3 bc');
  expect(showBytes(decoded('json', '{\n  "a": 1\n}'), 'line')).toBe('{ "a": 1 }');
  expect(showBytes(decoded('json', '{\n  "a": 1\n}'), 'json')).toBe('{\n  "a": 1\n}');
  expect(formatsOf(decoded('null', ''))).toEqual([]);
  expect(oneLine(decoded('text', 'a\n\tb'))).toBe('a b');
});
