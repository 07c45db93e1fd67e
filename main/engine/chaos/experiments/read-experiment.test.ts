import { expect, test } from 'vitest';
import { readExperiment, requireExperiment } from './read-experiment.ts';

const SLOW = `
title: Payments are slow
description: What the shop does then.
tags: [shop]
configuration:
  engine: { type: env, key: FLOTILLA_URL, default: "http://127.0.0.1:1" }
steady-state-hypothesis:
  title: Orders go through
  probes:
    - type: probe
      name: front-door
      tolerance: 200
      provider: { type: http, url: "\${engine}/health", timeout: 3 }
method:
  - type: action
    name: slow-down
    background: true
    pauses: { before: 1, after: "\${wait}" }
    provider: { type: process, path: sh, arguments: [-c, "true"] }
  - ref: front-door
rollbacks: []
runtime:
  hypothesis: { strategy: continuously, schedule: { continuous_hypothesis_frequency: 2 } }
  rollbacks: { strategy: always }
extensions:
  - name: flotilla
    stop-conditions: [{ metric: error-rate, above: 0.5 }]
`;
const problems = (text: string) =>
  readExperiment(text).problems.map(
    (one) => `${one.line}:${one.column} ${one.detail}${one.expected === null ? '' : `; expected ${one.expected}`}`,
  );

test('reads what an experiment says, with what it leaves out filled in', () => {
  const { experiment, problems: found } = readExperiment(SLOW);
  expect(found).toEqual([]);
  expect(experiment).toMatchObject({
    title: 'Payments are slow',
    hypothesis: { title: 'Orders go through', probes: [{ name: 'front-door', tolerance: 200 }] },
    method: [{ name: 'slow-down', background: true, pauses: { before: 1, after: '${wait}' } }, { ref: 'front-door' }],
    rollbacks: [],
    strategies: { hypothesis: 'continuously', rollbacks: 'always', frequency: 2, failFast: false, failFastRatio: 0 },
    stopConditions: [{ metric: 'error-rate', service: null, above: 0.5, forSeconds: 5 }],
  });
  expect(experiment?.hypothesis?.probes[0]?.provider).toMatchObject({ type: 'http', method: 'GET', timeout: 3 });
});

test('reads JSON with the same places', () => {
  const text =
    '{\n  "title": "T",\n  "method": [\n    { "type": "action", "name": "a", "provider": { "type": "http" } }\n  ]\n}';
  expect(problems(text)).toEqual(['4:50 url is missing; expected text']);
});

test.each([
  ['title: [', '1:9'],
  ['- a', '1:1 the file is a list'],
  ['method: []', '1:1 title is missing'],
  ['title: T\nmethod: 3', '2:9 method is 3; expected a list of activities'],
  [
    'title: T\nmethod:\n  - type: probe\n    name: x\n    provider: { type: ftp }',
    '5:23 type is "ftp"; expected a provider of type http or process',
  ],
  [
    'title: T\nmethod:\n  - type: query\n    name: x\n    provider: { type: http, url: u }',
    '3:11 type is "query"; expected probe or action',
  ],
  ['title: T\nmethod:\n  - ref: nobody', '3:10 no activity is called nobody'],
  [
    'title: T\nruntime: { rollbacks: { strategy: sometimes } }',
    '2:35 strategy is "sometimes"; expected default, always, never, deviated',
  ],
  [
    'title: T\nmethod:\n  - type: action\n    name: x\n    provider: { type: python, module: chaosaws }',
    '5:23 the provider is python; expected http or process',
  ],
])('%j: says where and what was expected', (text, expected) => {
  expect(problems(text).join('\n')).toContain(expected);
});

const probe = (tolerance: string): string =>
  `title: T\nsteady-state-hypothesis:\n  title: H\n  probes:\n    - type: probe\n      name: p\n      provider: { type: http, url: u }\n      ${tolerance}`;

test.each([
  ['', '5:7 the probe p has no tolerance'],
  ['tolerance: { type: regex, pattern: "(" }', '8:42 the pattern is not understood'],
  ['tolerance: { type: range, range: [1] }', '8:40 range is a list; expected two numbers'],
  ['tolerance: { type: jsonpath }', '8:18 path is missing'],
  ['tolerance: { type: guess }', '8:26 type is "guess"; expected a tolerance of type'],
  ['tolerance: []', '8:18 tolerance is a list; expected a list that is not empty'],
])('a probe with %j', (tolerance, expected) => {
  expect(problems(probe(tolerance)).join('\n')).toContain(expected);
});

test('tells all errors at once, and warnings that stop nothing', () => {
  const both = 'title: T\ncontrols: []\nextra: 1\nmethod:\n  - { type: probe }\n  - { ref: "" }';
  const { experiment, problems: found } = readExperiment(both);
  expect(experiment).toBeNull();
  expect(found.map((one) => [one.line, one.severity])).toEqual([
    [2, 'warning'],
    [3, 'warning'],
    [5, 'error'],
    [5, 'error'],
    [6, 'error'],
  ]);
  expect(readExperiment('title: T\ncontrols: []').experiment).not.toBeNull();
});

test('warns of controls wherever they are, and of values that are looked up elsewhere', () => {
  const text = [
    'title: T',
    'configuration:',
    '  found: { type: probe, name: n, provider: { type: python, module: m, func: f } }',
    '  kept: { type: round }',
    'secrets:',
    '  shop:',
    '    key: { type: vault, path: shop/key }',
    'steady-state-hypothesis: { title: H, controls: [], probes: [] }',
    'method:',
    '  - { type: action, name: a, controls: [], provider: { type: process, path: a } }',
  ];
  expect(problems(text.join('\n'))).toEqual([
    '3:18 found is of type probe, which is not looked up here',
    '7:18 key is of type vault, which is not looked up here',
    '8:48 controls are Python and are not run here',
    '10:40 controls are Python and are not run here',
  ]);
  expect(readExperiment(text.join('\n')).experiment).not.toBeNull();
});

test('is bounded: length, and aliases of aliases', () => {
  expect(problems(`title: ${'x'.repeat(1_000_001)}`)[0]).toContain('too long');
  const bomb = [
    'title: T',
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefgh'.split('').map((name, at) => `${name}: &${name} [${`*${'abcdefg'[at]},`.repeat(9)}]`),
  ];
  expect(() => readExperiment(bomb.join('\n'))).not.toThrow();
  expect(readExperiment(bomb.join('\n')).experiment).toBeNull();
});

test('running one that is broken names file, line and column', () => {
  expect(() => requireExperiment('title: 3', 'slow.yaml')).toThrow('slow.yaml:1:8: title is 3.');
});

test('refuses more activities than a run could be told of', () => {
  const method = Array.from({ length: 301 }, () => ({ ref: 'a' }));
  expect(problems(JSON.stringify({ title: 'T', method }))).toEqual([
    '1:23 method is a list; expected at most 300 activities',
  ]);
});
