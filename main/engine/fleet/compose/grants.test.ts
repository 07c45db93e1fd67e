import path from 'node:path';
import { expect, test } from 'vitest';
import { complaintOf, readText, warningsOf } from './read-fleet.fixture.ts';

const top = `
configs:
  web: {file: ./web.conf}
  inline: {content: "port=\${PORT:-1}"}
secrets:
  key: {file: ~/key}
  token: {environment: TOKEN}
`;
const one = (lines: string) => `services:\n  app:\n    image: app\n    ${lines}\n${top}`;
const beside = { 'web.conf': 'x' };

test('short and long form, each kind of source', async () => {
  const fleet = await readText(
    one(
      'configs: [web, {source: inline, target: etc/app.conf, uid: "103", gid: "104", mode: 0440}]\n    secrets: [token, {source: token, target: other}, {source: token, target: /etc/t}]',
    ),
    { beside, environment: { TOKEN: 't' } },
  );
  const plain = { uid: null, gid: null, mode: null };
  expect(fleet.services[0]?.files).toEqual([
    { kind: 'config', name: 'web', source: { file: path.join(fleet.directory, 'web.conf') }, target: '/web', ...plain },
    {
      kind: 'config',
      name: 'inline',
      source: { content: 'port=1' },
      target: '/etc/app.conf',
      uid: '103',
      gid: '104',
      mode: 0o440,
    },
    { kind: 'secret', name: 'token', source: { content: 't' }, target: '/run/secrets/token', ...plain },
    { kind: 'secret', name: 'token', source: { content: 't' }, target: '/run/secrets/other', ...plain },
    { kind: 'secret', name: 'token', source: { content: 't' }, target: '/etc/t', ...plain },
  ]);
});

test.each([
  ['0440', 0o440],
  ['"440"', 0o440],
  ['288', 0o440],
  ['0o440', 0o440],
])('permissions: %s', async (mode, expected) => {
  const fleet = await readText(one(`configs: [{source: inline, mode: ${mode}}]`), { beside });
  expect(fleet.services[0]?.files[0]?.mode).toBe(expected);
});

test('processes are given no files, which is said', async () => {
  const text = one('secrets: [token]');
  expect(await warningsOf(text, { runtime: 'process' })).toEqual([
    'compose.yaml:4:5 services.app.secrets is not carried over by processes: no file is put in their way; give its value by environment',
  ]);
});

test.each([
  ['configs: [none]', 'compose.yaml:4:15 there is no config none | web or inline'],
  [
    'secrets: [{target: x}]',
    'compose.yaml:4:15 this secret has no source | the name of a secret, or {source, target, uid, gid, mode}',
  ],
  ['secrets: [token]', 'compose.yaml:11:24 the variable TOKEN of the secret token is not set | a variable that is set'],
  ['configs: [web]', /^compose.yaml:7:15 the file .*web.conf of the config web does not exist \| a file that exists$/],
  ['configs: [{source: inline, mode: 99999}]', 'compose.yaml:4:38 mode is the number 99999 | permissions such as 0440'],
])('refused: %s', async (lines, expected) => expect(await complaintOf(one(lines))).toMatch(expected));

test('refused: no source, two, one of a swarm', async () => {
  const text = (secret: string) => `services: {a: {image: a, secrets: [s]}}\nsecrets:\n  s: ${secret}`;
  expect(await complaintOf(text(''))).toBe(
    'compose.yaml:3:3 the secret s has no source | one of file, environment or external',
  );
  expect(await complaintOf(text('{file: a, environment: B}'))).toMatch(/the secret s has file and environment/);
  expect(await complaintOf(text('{external: true}'))).toBe(
    'compose.yaml:3:17 the secret s is external, and only a swarm keeps such a one | one of file or environment',
  );
  // What is not used is of no concern.
  const unused = await readText('services: {a: {image: a}}\nsecrets: {s: {external: true}, t: {file: none}}');
  expect(unused.warnings).toEqual([]);
});
