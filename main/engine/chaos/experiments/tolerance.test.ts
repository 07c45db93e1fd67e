import { expect, test } from 'vitest';
import type { Tolerance } from './model.ts';
import { substitute } from './substitute.ts';
import { judge } from './tolerance.ts';
import { readVariables } from './variables.ts';

const http = {
  status: 200,
  headers: {},
  body: {
    items: [
      { name: 'a', price: 3 },
      { name: 'b', price: 9 },
    ],
  },
};
const path = (given: object): Tolerance => ({
  type: 'jsonpath',
  path: '$',
  target: 'body',
  count: null,
  expect: undefined,
  ...given,
});
const regex = (pattern: string, target: string | null = null): Tolerance => ({ type: 'regex', pattern, target });
const range = (low: number, high: number, target: string | null = null): Tolerance => ({
  type: 'range',
  range: [low, high],
  target,
});

const cases: readonly (readonly [Tolerance, unknown, boolean, string])[] = [
  [200, http, true, '200 is 200'],
  [503, http, false, '200 is not 503'],
  [7, 7, true, '7 is 7'],
  [true, true, true, 'true is true'],
  [true, 'true', false, 'true is not true'],
  ['ok', 'ok', true, 'ok is ok'],
  [[200, 204], http, true, '200 is one of 200, 204'],
  [[200, 204], { status: 202 }, false, '202 is none of 200, 204'],
  [[200, 204], 202, true, '202 lies from 200 to 204'],
  ['o${last}', 'ok', true, 'ok is ok'],
  [[200, 201, 204], { status: 202 }, false, '202 is none of 200, 201, 204'],
  [['a', 'b'], 'b', true, 'b is one of a, b'],
  [range(0, 10), '7.5', true, '7.5 lies from 0 to 10'],
  [range(0, 10), 'many', false, 'many is no number from 0 to 10'],
  [range(0, 10), '', false, ' is no number from 0 to 10'],
  [range(300, 400, 'status'), http, false, '200 does not lie from 300 to 400'],
  [regex('^o${last}$'), 'ok', true, 'ok matches ^ok$'],
  [regex('price', 'body'), http, true, 'matches price'],
  [regex('nothing', 'stdout'), { status: 0, stdout: 'text' }, false, 'text does not match nothing'],
  [path({ path: '$.items[*].name', expect: ['a', 'b'] }), http, true, 'gives ["a","b"]'],
  [path({ path: '$.items[?(@.price > 5)].name', expect: 'b' }), http, true, 'gives ["b"]'],
  [path({ path: '$.items[*]', count: 3 }), http, false, 'gives 2 values, not 3'],
  [path({ path: '$.word', expect: '${last}' }), { body: { word: 'k' } }, true, 'gives ["k"]'],
  [path({ path: '$.nothing' }), http, false, 'gives 0 values, not something'],
  [path({ path: '$.a', target: 'body' }), { body: '{"a":1}' }, true, 'gives 1 value'],
];

test.each(cases)('%j on %j: %s', async (tolerance, output, met, reason) => {
  const judged = await judge(tolerance, output, new Map([['last', 'k']]), async () => false);
  expect(judged.met).toBe(met);
  expect(judged.reason).toContain(reason);
});

const endless = `${'a'.repeat(40)}!`;
test.for([
  [regex('(a+)+$'), endless, 'the pattern (a+)+$ cannot be held against it: took longer than 500 ms'],
  [regex('${last}('), 'k', 'the pattern k( cannot be held against it: Invalid regular expression'],
  [path({ path: '$[?(@.match(/(a+)+$/))]' }), { body: [endless] }, 'took longer than 500 ms'],
  [path({ path: '$[?(@.match(new RegExp("a")))]' }), { body: ['a'] }, 'cannot be held against it: jsonPath'],
] as const)('%j, which cannot be evaluated, is not met', async ([tolerance, output, reason]) => {
  const judged = await judge(tolerance, output, new Map([['last', 'k']]), async () => false);
  expect(judged).toEqual({ met: false, reason: expect.stringContaining(reason) });
});

test('a tolerance that is a probe is asked with the value', async () => {
  const activity = { name: 'even' } as never;
  const asked: unknown[] = [];
  const judged = await judge({ type: 'probe', activity }, 4, new Map(), async (_, value) => {
    asked.push(value);
    return true;
  });
  expect([asked, judged]).toEqual([[4], { met: true, reason: '4 satisfies even' }]);
});

test('variables keep their type where they stand alone and are text within text', () => {
  const variables = new Map<string, unknown>([
    ['port', 80],
    ['host', 'web'],
  ]);
  const given = { url: 'http://${host}:${port}/${unknown}', port: '${port}', deep: [{ a: '${host}' }], number: 3 };
  expect(substitute(given, variables)).toEqual({
    url: 'http://web:80/${unknown}',
    port: 80,
    deep: [{ a: 'web' }],
    number: 3,
  });
});

test('variables come from the caller, the environment, the default, in that order', () => {
  const configuration = {
    plain: 'x',
    url: { type: 'env', key: 'URL', default: 'none' },
    port: { type: 'env', key: 'PORT', env_var_type: 'int' },
    given: { type: 'env', key: 'NOT_SET' },
  };
  const secrets = { bank: { token: { type: 'env', key: 'TOKEN' } } };
  const read = readVariables({ configuration, secrets }, { PORT: '80', TOKEN: 't' }, { given: 1 });
  expect(Object.fromEntries(read)).toMatchObject({ plain: 'x', url: 'none', port: 80, given: 1, token: 't' });
  expect(() => readVariables({ configuration, secrets }, { PORT: '80', TOKEN: 't' })).toThrow('NOT_SET for given');
});
