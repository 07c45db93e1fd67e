import { expect, test } from 'vitest';
import { ExperimentRunSummary, FaultView } from '../../../contract/index.ts';
import { ExperimentSession } from './experiment-session.ts';
import { maskOf } from './mask.ts';
import { requireExperiment } from './read-experiment.ts';
import { readVariables, secretsIn } from './variables.ts';

test('takes secrets out of text however deep, the longer first, and leaves what is too short to know', () => {
  const mask = maskOf(['hunter22', 'hunter22-long', 'abc', undefined, 5]);
  expect(mask({ a: ['x hunter22-long y', 'hunter22hunter22', 'abc'], b: 5, c: null })).toEqual({
    a: ['x *** y', '******', 'abc'],
    b: 5,
    c: null,
  });
});

test('knows numbers and what lies in JSON, and not what only refers to a secret', () => {
  const mask = maskOf([271828, { user: 'root-user', keys: ['key-one'] }, { type: 'vault', path: 'team/shop' }]);
  expect(mask(['pin 271828', 'root-user:key-one', 'team/shop'])).toEqual(['pin ***', '***:***', 'team/shop']);
});

test('what is told and kept of a run has neither the secrets of the file nor the token', async () => {
  const says = (words: string): object => ({
    type: 'action',
    name: 'says',
    provider: { type: 'process', path: 'sh', arguments: ['-c', words] },
  });
  const text = JSON.stringify({
    title: 'T',
    secrets: { password: 'literal-pass', shop: { key: { type: 'env', key: 'SHOP_KEY' } } },
    method: [
      says('echo $FLOTILLA_TOKEN $SHOP_KEY literal-pass'),
      { type: 'action', name: 'calls', provider: { type: 'http', url: 'http://127.0.0.1:1/?key=${key}' } },
    ],
  });
  const experiment = requireExperiment(text, 'x.json');
  const secrets = { FLOTILLA_TOKEN: 'token-of-engine', SHOP_KEY: 'key-of-shop' };
  const variables = readVariables(experiment, secrets);
  const told: unknown[] = [];
  const session = new ExperimentSession({
    experiment,
    summary: ExperimentRunSummary.parse({
      id: 'r1',
      title: 'T',
      name: null,
      fleet: 'f',
      runtime: 'process',
      dry: false,
      startedAt: new Date().toISOString(),
      endedAt: null,
      status: 'running',
      deviated: false,
      unsteady: false,
      stoppedBy: null,
      variables: {},
    }),
    variables,
    folder: '/',
    dry: 'none',
    environment: secrets,
    fleet: { services: [] } as never,
    faults: [
      FaultView.parse({
        id: 'f1',
        kind: 'http-abort',
        target: { kind: 'edge', from: 'a', to: 'b' },
        parameters: { header: 'authorization: Bearer literal-pass' },
        since: new Date().toISOString(),
        until: null,
        state: 'active',
        problem: null,
        experiment: 'T',
      }),
    ],
    sources: {} as never,
    measure: () => Promise.reject(new Error('not asked')),
    mask: maskOf([secrets.FLOTILLA_TOKEN, ...secretsIn(experiment, variables)]),
    clearFaults: async () => undefined,
    onChange: (change) => told.push(change),
    keep: (result) => told.push(result),
  });
  await session.ended;
  told.push(session.result());
  const all = JSON.stringify(told);
  expect(all).toContain('*** *** ***');
  expect(all).toContain('/?key=***');
  for (const one of ['token-of-engine', 'key-of-shop', 'literal-pass']) expect(all).not.toContain(one);
  await session.close('the test is over');
});
