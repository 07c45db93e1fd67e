import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Client } from '../../main/client/index.ts';
import type { ExperimentResult, ExperimentRunSummary } from '../../main/contract/index.ts';
import { cli, type Flotilla, makeFlotilla } from '../support/flotilla.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

let flotilla: Flotilla;
let client: Client;
/** Accepts requests and never answers. */
let hanging: Server;
let hangingUrl: string;

const fleetFile = join(import.meta.dirname, 'experiment-fleet/compose.yaml');
const up = (): ReturnType<Flotilla['run']> => flotilla.run('up', fleetFile, '--runtime', 'process', '--headless');

beforeAll(async () => {
  hanging = createServer(() => {});
  await new Promise<void>((done) => hanging.listen(0, '127.0.0.1', done));
  hangingUrl = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}/`;
  flotilla = await makeFlotilla();
  const started = await up();
  expect(started.code, started.stderr).toBe(0);
});
beforeEach(async () => {
  client = (await flotilla.engine()).client;
});
afterEach(() => client?.close());
afterAll(async () => {
  hanging.closeAllConnections();
  hanging.close();
  await flotilla?.close();
});

const note = (word: string, more: object = {}): object => ({
  type: 'action',
  name: word,
  provider: { type: 'process', path: 'sh', arguments: ['-c', `echo ${word} >> notes`] },
  ...more,
});
const call = (name: string, args: object, more: object = {}): object => ({
  type: 'action',
  name,
  provider: {
    type: 'http',
    url: `\${url}/api/${name}`,
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: 'Bearer ${token}' },
    arguments: args,
  },
  ...more,
});
const configuration = { url: { type: 'env', key: 'FLOTILLA_URL' }, token: { type: 'env', key: 'FLOTILLA_TOKEN' } };
const stopWeb = (more: object = {}): object =>
  call('fault.add', { kind: 'stop', target: { kind: 'service', service: 'web' }, forSeconds: 80 }, more);

/** Writes an experiment beside nothing else; gives its path. */
async function file(content: object | string, name = 'experiment.json'): Promise<string> {
  const path = join(flotilla.temporary, name);
  await writeFile(
    path,
    typeof content === 'string' ? content : JSON.stringify({ title: 'T', configuration, ...content }),
  );
  return path;
}
const notes = async (): Promise<string[]> =>
  (await readFile(join(flotilla.temporary, 'notes'), 'utf8').catch(() => '')).split('\n').filter(Boolean);
const state = async () => (await client.call('engine.state', undefined)).chaos;
const web = async () => (await client.call('engine.state', undefined)).fleet?.services.find((one) => one.id === 'web');
const isWebUp = (): Promise<void> => vi.waitFor(async () => expect((await web())?.health).toBe('healthy'), 20_000);
const newest = async (): Promise<ExperimentRunSummary | undefined> =>
  (await client.call('experiment.runs', undefined))[0];

const hypothesis = (probe: object): object => ({
  'steady-state-hypothesis': { title: 'H', probes: [{ type: 'probe', name: 'front door', tolerance: 200, ...probe }] },
});

/** A file that is wrong, the place that is named, and what was expected. */
const wrong: readonly (readonly [what: string, text: string, place: string, expected: string])[] = [
  ['a syntax error', 'title: T\nmethod: [\n  {type: action,\n', '4:1', 'valid YAML or JSON'],
  [
    'an unknown provider',
    'title: T\nmethod:\n  - type: action\n    name: a\n    provider:\n      type: ruby\n',
    '6:13',
    'a provider of type http or process',
  ],
  [
    'Python',
    'title: T\nmethod:\n  - type: action\n    name: a\n    provider:\n      type: python\n      module: os\n      func: getcwd\n',
    '6:13',
    'Flotilla runs no Python',
  ],
  [
    'a tolerance of the wrong type',
    'title: T\nsteady-state-hypothesis:\n  title: H\n  probes:\n    - type: probe\n      name: p\n      tolerance: {type: range, range: [1]}\n      provider: {type: http, url: "http://a"}\nmethod: []\n',
    '7:39',
    'two numbers, the lower first',
  ],
];

test.each(wrong)(
  '%s is told with line and column, by the command line and the API',
  async (_, text, place, expected) => {
    const path = await file(text, 'wrong.yaml');
    for (const command of ['check', 'run']) {
      const told = await flotilla.run('experiment', command, path);
      expect(told.code).toBe(2);
      expect(told.stderr).toContain(`${path}:${place}: `);
      expect(told.stderr).toContain(expected);
    }
    const { problems, outline } = await client.call('experiment.check', { text });
    expect(outline).toBeNull();
    expect(problems.map((one) => `${one.line}:${one.column}`)).toContain(place);
    await expect(client.call('experiment.start', { source: { text, file: path } })).rejects.toMatchObject({
      code: 'EXPERIMENT_INVALID',
      message: expect.stringContaining(`${path}:${place}: `),
    });
  },
);

test('a probe that hangs ends in its time, and what it was to judge is not tried', async () => {
  const probe = { provider: { type: 'http', url: hangingUrl, timeout: 0.5 } };
  const ran = await flotilla.run('experiment', 'run', await file({ ...hypothesis(probe), method: [note('never')] }));
  expect(ran.code).toBe(1);
  expect(ran.stdout).toContain('did not answer within 0.5 s');
  expect(await newest()).toMatchObject({ status: 'failed', deviated: false });
  expect(await notes()).not.toContain('never');
});

test('programs find the engine in their environment, and variables have the type that the file gives them', async () => {
  const provider = {
    type: 'process',
    path: 'sh',
    arguments: ['-c', 'test -n "$FLOTILLA_TOKEN" && echo "$FLOTILLA_EXPERIMENT ${n}"'],
  };
  const experiment = { configuration: { n: 1 }, method: [{ type: 'probe', name: 'environment', provider }] };
  const path = await file(experiment);
  const journal = join(flotilla.temporary, 'journal.json');
  const ran = await flotilla.run('experiment', 'run', path, '--var', 'n=2', '--journal', journal);
  expect(ran.code, ran.stderr).toBe(0);
  expect(JSON.parse(await readFile(journal, 'utf8')).run[0].output).toMatchObject({ status: 0, stdout: 'T 2\n' });
  const unknown = await flotilla.run('experiment', 'run', path, '--var', 'm=2');
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('has no variable m; it has: n')]);
  const mistyped = await flotilla.run('experiment', 'run', path, '--var', 'n=two');
  expect(mistyped.stderr).toContain('the variable n is a number in the file, not two');
});

test('dry, nothing is done', async () => {
  const ran = await flotilla.run('experiment', 'run', '--dry', await file({ method: [note('dry'), stopWeb()] }));
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toContain('it proves nothing');
  expect((await flotilla.run('experiment', 'runs')).stdout).toMatch(/proves nothing +T \(dry\)/);
  expect(await notes()).not.toContain('dry');
  expect(await newest()).toMatchObject({ dry: true, status: 'completed' });
});

test('a fault that is refused ends it: nothing was done to the fleet, so nothing is proven', async () => {
  const target = { kind: 'edge', from: 'web', to: 'nobody' };
  const method = [call('fault.add', { kind: 'latency', target }), note('as if slow')];
  const ran = await flotilla.run('experiment', 'run', await file({ method, rollbacks: [note('refused')] }));
  expect(ran.code).toBe(1);
  expect(ran.stdout).toMatch(/the fault of “fault.add” was not put on: .*there is no edge web->nobody/);
  expect(await newest()).toMatchObject({ status: 'aborted', deviated: false });
  expect(await notes()).toContain('refused');
  expect(await notes()).not.toContain('as if slow');
});

test('a stop condition ends it, rolls back and takes its faults off', async () => {
  const extensions = [{ name: 'flotilla', 'stop-conditions': [{ metric: 'unhealthy-services', above: 0, for: 0 }] }];
  const experiment = {
    extensions,
    method: [stopWeb({ pauses: { after: 80 } }), note('too far')],
    rollbacks: [note('stopped')],
  };
  const ran = await flotilla.run('experiment', 'run', await file(experiment));
  expect(ran.code).toBe(1);
  expect(ran.stdout).toContain('stop condition: more than 0 services are unhealthy');
  expect(await newest()).toMatchObject({ status: 'interrupted' });
  expect(await notes()).toContain('stopped');
  expect(await notes()).not.toContain('too far');
  expect((await state()).faults).toEqual([]);
  await isWebUp();
});

test('Ctrl+C ends it, rolls back and takes its faults off', async () => {
  const path = await file({
    title: 'Long',
    method: [stopWeb({ pauses: { after: 80 } })],
    rollbacks: [note('interrupted')],
  });
  const running = spawn(process.execPath, [cli, 'experiment', 'run', path], { env: flotilla.env });
  const ended = new Promise<number | null>((done) => running.on('close', done));
  await vi.waitFor(
    async () => expect((await state()).faults).toMatchObject([{ state: 'active', experiment: 'Long' }]),
    20_000,
  );
  running.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(await notes()).toContain('interrupted');
  expect((await state()).faults).toEqual([]);
  expect(await newest()).toMatchObject({ title: 'Long', status: 'interrupted', stoppedBy: 'a person ended it' });
  await isWebUp();
});

test('one runs at a time; it is paused, goes on, and stopping all ends it', async () => {
  const text = JSON.stringify({
    title: 'Held',
    method: [note('first', { pauses: { after: 1 } }), note('second', { pauses: { after: 80 } })],
  });
  const source = { text, file: join(flotilla.temporary, 'held.json') };
  await client.call('experiment.start', { source });
  await client.call('experiment.pause', undefined);
  await expect(client.call('experiment.start', { source })).rejects.toMatchObject({ code: 'EXPERIMENT_RUNNING' });
  await vi.waitFor(async () => expect((await state()).experiment).toMatchObject({ paused: true, title: 'Held' }));
  await client.call('experiment.resume', undefined);
  await vi.waitFor(async () => expect(await notes()).toContain('second'), 10_000);
  await client.call('fault.stop', undefined);
  expect((await state()).experiment).toMatchObject({
    status: 'interrupted',
    stoppedBy: 'everything was stopped',
    endedAt: expect.any(String),
  });
  await expect(client.call('experiment.start', { source })).rejects.toMatchObject({ code: 'FAULTS_BLOCKED' });
  await client.call('fault.release', undefined);
  await expect(client.call('experiment.abort', undefined)).rejects.toMatchObject({ code: 'EXPERIMENT_NONE' });
});

test('a run of an engine that was killed is told as aborted by the next one, and its faults are off', async () => {
  const text = JSON.stringify({ title: 'Orphan', configuration, method: [stopWeb({ pauses: { after: 80 } })] });
  const { id } = await client.call('experiment.start', { source: { text, file: join(flotilla.temporary, 'x.json') } });
  await vi.waitFor(async () => expect((await state()).faults).toMatchObject([{ state: 'active' }]), 20_000);
  const { endpoint } = await flotilla.engine();
  process.kill(endpoint.pid, 'SIGKILL');
  client.close();
  await up();
  client = (await flotilla.engine()).client;
  const result: ExperimentResult = await client.call('experiment.result', { id });
  expect(result.run).toMatchObject({ status: 'aborted', stoppedBy: 'the engine ended while it ran', stage: 'ended' });
  expect(result.journal.status).toBe('aborted');
  await vi.waitFor(async () => expect((await state()).faults).toEqual([]), 20_000);
  await isWebUp();
});

test('runs are forgotten one by one, and what is not there is said', async () => {
  const before = await client.call('experiment.runs', undefined);
  const gone = before[0]?.id ?? '';
  await client.call('experiment.forget', { id: gone });
  expect((await client.call('experiment.runs', undefined)).map((one) => one.id)).toEqual(
    before.slice(1).map((one) => one.id),
  );
  await expect(client.call('experiment.result', { id: gone })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(client.call('experiment.result', { id: '../../fleet' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
