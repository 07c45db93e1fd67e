import { expect, it } from 'vitest';
import { type Edit, indent, newLine, offsetOf } from './edit.ts';

const done = (text: string, edit: Edit | null) =>
  edit ? text.slice(0, edit.from) + edit.text + text.slice(edit.to) : text;

it('indents at the caret, and whole lines where some are selected', () => {
  expect(done('ab', indent('ab', { from: 1, to: 1 }, false))).toBe('a  b');
  expect(done('a\n  b\n\nc', indent('a\n  b\n\nc', { from: 0, to: 8 }, false))).toBe('  a\n    b\n\n  c');
  expect(done('  a\n b\nc', indent('  a\n b\nc', { from: 3, to: 8 }, true))).toBe('a\nb\nc');
  expect(indent('a', { from: 1, to: 1 }, true)).toBeNull();
});

it('begins a new line as far in as the last, further in after what opens', () => {
  expect(done('  - a', newLine('  - a', { from: 5, to: 5 }))).toBe('  - a\n  ');
  expect(done('  a:', newLine('  a:', { from: 4, to: 4 }))).toBe('  a:\n    ');
  expect(done('{', newLine('{', { from: 1, to: 1 }))).toBe('{\n  ');
});

it('finds lines and columns, and the nearest place beyond the end', () => {
  const text = 'ab\ncde\n';
  expect(offsetOf(text, 1, 1)).toBe(0);
  expect(offsetOf(text, 2, 3)).toBe(5);
  expect(offsetOf(text, 2, 99)).toBe(6);
  expect(offsetOf(text, 99, 1)).toBe(7);
});
