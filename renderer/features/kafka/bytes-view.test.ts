import { expect, it } from 'vitest';
import { formatsOf, oneLine, showBytes } from './bytes-view.ts';

const decoded = (format: 'json' | 'text' | 'hex' | 'null', text: string) => ({
  format,
  text,
  bytes: 1,
  truncated: false,
});

it('looks at bytes in other ways', () => {
  expect(showBytes(decoded('hex', '48 69 00'), 'text')).toBe('Hi\u0000');
  expect(showBytes(decoded('text', 'Hü'), 'hex')).toContain('48 c3 bc');
  expect(showBytes(decoded('json', '{\n  "a": 1\n}'), 'line')).toBe('{ "a": 1 }');
  expect(showBytes(decoded('json', '{\n  "a": 1\n}'), 'json')).toBe('{\n  "a": 1\n}');
  expect(formatsOf(decoded('null', ''))).toEqual([]);
  expect(oneLine(decoded('text', 'a\n\tb'))).toBe('a b');
});
