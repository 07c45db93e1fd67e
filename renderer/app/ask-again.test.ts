import { expect, it } from 'vitest';
import { FlotillaError } from '../../main/contract/index.ts';
import { shouldAskAgain } from './ask-again.ts';

it('asks again when nobody answered, and not for ever', () => {
  const gone = new FlotillaError('ENGINE_UNREACHABLE', { url: 'http://127.0.0.1:1', cause: 'network changed' });
  expect([0, 1, 2].map((failures) => shouldAskAgain(failures, gone))).toEqual([true, true, false]);
});

it('takes an answer for an answer', () => {
  expect(shouldAskAgain(0, new FlotillaError('TERMINAL_UNKNOWN'))).toBe(false);
  expect(shouldAskAgain(0, new Error('a mistake of ours'))).toBe(false);
});
