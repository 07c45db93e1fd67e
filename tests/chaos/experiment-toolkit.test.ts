import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Flotilla, makeFlotilla } from '../support/flotilla.ts';
import { findChaosToolkit } from './support/chaos-toolkit.ts';
import { type Journal, type Outline, outlineOf } from './support/journals.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 400_000 });

const execute = promisify(execFile);

let flotilla: Flotilla;
let toolkit: Awaited<ReturnType<typeof findChaosToolkit>>;
/** Answers the statuses that were asked for, one after another, and then 200. */
let server: Server;
let answers: number[] = [];

beforeAll(async () => {
  toolkit = await findChaosToolkit();
  server = createServer((_, response) => {
    response.writeHead(answers.shift() ?? 200, { 'Content-Type': 'application/json' }).end('{"word": "yes"}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  flotilla = await makeFlotilla();
  const fleet = join(import.meta.dirname, 'experiment-fleet/compose.yaml');
  const up = await flotilla.run('up', fleet, '--runtime', 'process', '--headless');
  expect(up.code, up.stderr).toBe(0);
});
afterAll(async () => {
  server.close();
  await flotilla?.close();
});

const asked = { type: 'http', url: '${url}', timeout: 5 };
const unasked = { type: 'http', url: 'http://127.0.0.1:1/' };
const probe = (tolerance: unknown, more: object = {}): object => ({
  type: 'probe',
  name: 'front door',
  tolerance,
  provider: asked,
  ...more,
});
const say = (word: string, more: object = {}): object => ({
  type: 'action',
  name: word,
  provider: { type: 'process', path: 'echo', arguments: [word] },
  ...more,
});
const closed = probe(200, { name: 'closed', provider: unasked });
const holds = (...probes: object[]): object => ({ 'steady-state-hypothesis': { title: 'H', probes } });
const rolledBack = (strategy: string): object => ({ runtime: { rollbacks: { strategy } }, rollbacks: [say('undo')] });

const cases: readonly (readonly [
  what: string,
  answers: readonly number[],
  experiment: object,
  ours: Partial<Outline>,
])[] = [
  [
    'holds',
    [],
    { ...holds(probe(200)), method: [say('a'), { ref: 'front door' }], rollbacks: [say('undo')] },
    { deviated: false },
  ],
  ['deviates', [200, 500], { ...holds(probe(200)), method: [say('a')], rollbacks: [say('undo')] }, { deviated: true }],
  ['does not hold before', [500], { ...holds(probe(200)), method: [say('a')], rollbacks: [say('undo')] }, { run: [] }],
  [
    'has a probe without an answer',
    [],
    { ...holds(closed), method: [say('a')], rollbacks: [say('undo')] },
    { status: 'failed', rollbacks: [] },
  ],
  [
    'has an action that fails',
    [],
    { method: [{ ...closed, type: 'action', tolerance: undefined }, say('b')] },
    { status: 'completed' },
  ],
  [
    'stops at the first probe that is not met',
    [],
    { ...holds(probe([500, 501]), probe(200, { name: 'second' })), method: [] },
    { after: null },
  ],
  ['is one of several statuses', [201], { ...holds(probe([200, 201])), method: [say('a')] }, { deviated: false }],
  ['is no range of statuses', [203], { ...holds(probe([200, 204])), method: [say('a')] }, { run: [] }],
  [
    'matches what a program writes',
    [],
    {
      ...holds(
        probe(
          { type: 'regex', pattern: '^${word}', target: 'stdout' },
          { provider: { type: 'process', path: 'echo', arguments: ['${word}!'] } },
        ),
      ),
      method: [],
    },
    { deviated: false },
  ],
  [
    'lies in a range',
    [],
    {
      ...holds(
        probe(
          { type: 'range', range: [6, 8], target: 'stdout' },
          { provider: { type: 'process', path: 'printf', arguments: ['7.5'] } },
        ),
      ),
      method: [],
    },
    { deviated: false },
  ],
  [
    'rolls back where it deviated',
    [200, 500],
    { ...holds(probe(200)), method: [], ...rolledBack('deviated') },
    { deviated: true },
  ],
  [
    'does not roll back where it did not',
    [],
    { ...holds(probe(200)), method: [], ...rolledBack('deviated') },
    { rollbacks: [] },
  ],
  ['rolls back in any case', [], { ...holds(closed), method: [], ...rolledBack('always') }, { status: 'failed' }],
  ['never rolls back', [200, 500], { ...holds(probe(200)), method: [], ...rolledBack('never') }, { rollbacks: [] }],
  [
    'looks only after',
    [500],
    { ...holds(probe(200)), method: [say('a')], runtime: { hypothesis: { strategy: 'after-method-only' } } },
    { before: null, deviated: true },
  ],
  [
    'looks only before',
    [200, 500],
    { ...holds(probe(200)), method: [say('a')], runtime: { hypothesis: { strategy: 'before-method-only' } } },
    { after: null, deviated: false },
  ],
  [
    'fails fast',
    [200, 500, 500],
    {
      ...holds(probe(200)),
      method: [say('a', { pauses: { after: 2 } }), say('b')],
      rollbacks: [say('undo')],
      runtime: { hypothesis: { strategy: 'continuously', schedule: { fail_fast: true } } },
    },
    { status: 'completed', deviated: true },
  ],
  [
    'does not look at all',
    [500],
    { ...holds(probe(200)), method: [say('a')], runtime: { hypothesis: { strategy: 'skip' } } },
    { before: null, after: null },
  ],
  [
    'is judged by another probe',
    [],
    { ...holds(probe({ type: 'probe', name: 'judge', provider: { ...asked, arguments: {} } })), method: [say('a')] },
    { deviated: false },
  ],
  [
    'is judged by one that does not answer',
    [],
    { ...holds(probe({ ...closed, tolerance: undefined, provider: { ...unasked, arguments: {} } })), method: [] },
    { run: [], status: 'completed' },
  ],
  [
    'has an answer in which something is found',
    [],
    { ...holds(probe({ type: 'jsonpath', path: '$.word', target: 'body', expect: ['${word}'] })), method: [] },
    { deviated: false },
  ],
  [
    'runs in the background',
    [],
    { method: [say('slow', { background: true, pauses: { before: 1 } }), say('quick')] },
    { deviated: false },
  ],
];

test.for(cases)('an experiment that %s gives the same journal', async ([, given, content, ours], context) => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const file = join(flotilla.temporary, 'experiment.json');
  const configuration = { url, word: 'yes' };
  await writeFile(file, JSON.stringify({ title: 'T', description: 'D', configuration, ...content }));
  const journal = async (name: string): Promise<Outline> => {
    const read: Journal = JSON.parse(await readFile(join(flotilla.temporary, name), 'utf8'));
    return outlineOf(read);
  };

  answers = [...given];
  await flotilla.run('experiment', 'run', file, '--journal', join(flotilla.temporary, 'ours.json'));
  const outline = await journal('ours.json');
  expect(outline).toMatchObject(ours);
  if ('reason' in toolkit) return context.skip(toolkit.reason);

  answers = [...given];
  const path = join(flotilla.temporary, 'theirs.json');
  await rm(path, { force: true });
  // It reads of a schedule only what its command line says.
  const schedule = JSON.stringify(content).includes('fail_fast') ? ['--fail-fast'] : [];
  const run = ['--no-version-check', 'run', '--journal-path', path, ...schedule, file];
  // It exits with 1 where the fleet deviated.
  await execute(toolkit.chaos, run, { cwd: flotilla.temporary }).catch((error: { code?: unknown }) => {
    if (typeof error.code !== 'number') throw error;
  });
  expect(await journal('theirs.json')).toEqual(outline);
});
