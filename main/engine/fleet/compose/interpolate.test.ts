import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InterpolationError, interpolate } from './interpolate.ts';

const variables: Record<string, string> = { NAME: 'shop', EMPTY: '', N_1: 'one' };
const lookup = (name: string) => variables[name];
const fill = (text: string) => interpolate(text, lookup).text;

test.each([
  ['plain', 'plain'],
  ['$NAME-x', 'shop-x'],
  ['${NAME}x', 'shopx'],
  ['$N_1', 'one'],
  ['a$$b $${NAME}', 'a$b ${NAME}'],
  ['${NONE:-y}', 'y'],
  ['${EMPTY:-y}', 'y'],
  ['${EMPTY-y}', ''],
  ['${NONE-y}', 'y'],
  ['${NONE:-}', ''],
  ['${NAME:+yes}', 'yes'],
  ['${EMPTY:+yes}', ''],
  ['${EMPTY+yes}', 'yes'],
  ['${NONE+yes}', ''],
  ['${NONE:-${NAME}-${NONE:-in}}', 'shop-in'],
  ['${NAME:?must be set}', 'shop'],
  ['${NONE:-http://host:4318}', 'http://host:4318'],
  ['${NONE:-a$$b}', 'a$b'],
])('%j becomes %j', (text, result) => expect(fill(text)).toBe(result));

test('a variable that is not set is empty, and named', () => {
  expect(interpolate('a${NONE}b$OTHER', lookup)).toEqual({
    text: 'ab',
    unset: [
      { name: 'NONE', at: 1 },
      { name: 'OTHER', at: 9 },
    ],
  });
});

test('a default that is not taken is not looked at', () => {
  expect(interpolate('${NAME:-${NONE}}', lookup).unset).toEqual([]);
  expect(fill('${NAME:-${NONE:?gone}}')).toBe('shop');
});

describe('refused', () => {
  test.each([
    ['x ${NONE:?say which}', 2, 'NONE', 'is not set: say which'],
    ['${EMPTY:?}', 0, 'EMPTY', 'is empty'],
    ['ab${NAME', 2, null, 'the variable NAME is written wrongly'],
    ['${NONE:-x', 0, null, 'the brace after ${NONE is not closed'],
    ['a $ b', 2, null, 'a dollar sign without a variable'],
    ['${1}', 0, null, 'a dollar sign without a variable'],
    ['${NAME!x}', 0, null, 'the variable NAME is written wrongly'],
  ])('%j', (text, at, variable, message) => {
    try {
      fill(text);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InterpolationError);
      expect(error).toMatchObject({ at, variable, message });
    }
  });
});

test('any text with its dollars doubled comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(fill(text.replaceAll('$', '$$$$'))).toBe(text);
    }),
  );
});

test('any text ends in a result or an InterpolationError, never anything else', () => {
  const piece = fc.constantFrom('$', '{', '}', 'NAME', 'NONE', ':', '-', '?', '+', ' ', 'x');
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      try {
        expect(typeof fill(pieces.join(''))).toBe('string');
      } catch (error) {
        expect(error).toBeInstanceOf(InterpolationError);
      }
    }),
  );
});
