import { expect, test } from 'vitest';
import { readVariables } from './variables.ts';

test.each([
  ['int', '80', 80],
  ['int', '80 s', 'the environment variable V is to be a whole number and is not'],
  ['int', '', 'a whole number'],
  ['float', '0.5', 0.5],
  ['float', 'half', 'a number'],
  ['json', '{"a":1}', { a: 1 }],
  ['json', '{a:1}', 'JSON'],
  ['bytes', '007', '007'],
] as const)('a variable of type %s that is %j: %j', (type, text, expected) => {
  const configuration = { key: { type: 'env', key: 'V', env_var_type: type } };
  const read = (): unknown => readVariables({ configuration, secrets: {} }, { V: text }).get('key');
  if (typeof expected !== 'string' || expected === text) expect(read()).toEqual(expected);
  else
    expect(read).toThrow(expect.objectContaining({ code: 'BAD_REQUEST', message: expect.stringContaining(expected) }));
});
