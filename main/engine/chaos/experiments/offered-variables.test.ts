import { expect, test } from 'vitest';
import { maskOf } from './mask.ts';
import { offeredVariables, shownVariables } from './offered-variables.ts';

const configuration = {
  flotilla_url: { type: 'env', key: 'FLOTILLA_URL' },
  flotilla_token: { type: 'env', key: 'FLOTILLA_TOKEN' },
  wait_ms: 1000,
  is_strict: false,
  hosts: ['a', 'b'],
  name: { type: 'env', key: 'SHOP', default: 'shop' },
  port: { type: 'env', key: 'PORT', default: '80', env_var_type: 'int' },
  region: { type: 'env', key: 'REGION' },
  password: 'x',
  api_key: { type: 'env', key: 'API_KEY' },
  counted: { type: 'probe', name: 'count' },
};
const secrets = { bank: { password: 'hunter2', key: { type: 'env', key: 'API_KEY' } } };

test('offers what a person may set, each with its type, default and where it is from', () => {
  expect(offeredVariables({ configuration, secrets })).toEqual([
    { name: 'wait_ms', type: 'number', default: '1000', environment: null },
    { name: 'is_strict', type: 'boolean', default: 'false', environment: null },
    { name: 'hosts', type: 'json', default: '["a","b"]', environment: null },
    { name: 'name', type: 'text', default: 'shop', environment: 'SHOP' },
    { name: 'port', type: 'integer', default: '80', environment: 'PORT' },
    { name: 'region', type: 'text', default: null, environment: 'REGION' },
  ]);
});

test('keeps nothing that is secret of what was given', () => {
  const given = { wait_ms: '20', name: 'of hunter2', password: 'abc', flotilla_token: 't', api_key: 'k' };
  expect(shownVariables({ configuration, secrets }, given, maskOf(['hunter2']))).toEqual({
    wait_ms: '20',
    name: null,
    password: null,
    flotilla_token: null,
    api_key: null,
  });
});
