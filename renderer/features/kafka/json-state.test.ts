import { expect, it } from 'vitest';
import { jsonState } from './json-state.ts';

it('tells JSON, text and a slip apart', () => {
  expect(jsonState('{"a":1}')).toEqual({ text: 'valid JSON', tone: 'tone-ok', pretty: '{\n  "a": 1\n}' });
  expect(jsonState('{"a":1')).toMatchObject({ tone: 'tone-warn', pretty: null });
  expect(jsonState('hello')).toMatchObject({ text: 'text', pretty: null });
  expect(jsonState('')).toMatchObject({ text: 'empty' });
});
