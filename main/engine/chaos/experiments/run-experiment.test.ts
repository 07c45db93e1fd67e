import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { requireExperiment } from './read-experiment.ts';
import { ExperimentRun, type ExperimentRunOptions, type Progress } from './run-experiment.ts';

let folder: string;
let server: Server;
let port: number;
/** What the server answers: the number is a status, and `hang` never comes. */
let answers: (number | 'hang')[];
let requests: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-experiment-'));
  answers = [];
  requests = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      requests.push(`${request.method} ${request.url} ${body}`.trim());
      const answer = answers.shift() ?? 200;
      if (answer === 'hang') return;
      response.writeHead(answer, { 'content-type': 'application/json' }).end(JSON.stringify({ answer }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const note = (word: string, more: object = {}): object => ({
  type: 'action',
  name: word,
  provider: { type: 'process', path: 'sh', arguments: ['-c', `echo ${word} >> notes`] },
  ...more,
});
const probe = (more: object = {}): object => ({
  type: 'probe',
  name: 'front door',
  tolerance: 200,
  provider: { type: 'http', url: 'http://127.0.0.1:${port}/', ...more },
});
const notes = (): string[] => {
  try {
    return readFileSync(join(folder, 'notes'), 'utf8').trim().split('\n');
  } catch {
    return [];
  }
};

/** An ended process that nobody has asked after yet is still listed, as a zombie. */
function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function experiment(given: object, options: Partial<ExperimentRunOptions> = {}): ExperimentRun {
  const read = requireExperiment(JSON.stringify({ title: 'T', ...given }), 'x.json');
  return new ExperimentRun(read, { variables: new Map([['port', port]]), folder, ...options });
}
const hypothesis = (more: object = {}): object => ({
  'steady-state-hypothesis': { title: 'H', probes: [probe(more)] },
});

test('looks before and after, runs the method, and rolls back', async () => {
  const journal = await experiment({
    ...hypothesis(),
    method: [note('a'), note('b')],
    rollbacks: [note('undo')],
  }).run();
  expect(journal).toMatchObject({
    status: 'completed',
    deviated: false,
    steady_states: { before: { steady_state_met: true }, after: { steady_state_met: true }, during: [] },
    run: [{ status: 'succeeded', output: { status: 0, stdout: '' } }, { status: 'succeeded' }],
    rollbacks: [{ status: 'succeeded' }],
  });
  expect(journal.steady_states.before?.probes[0]).toMatchObject({
    tolerance_met: true,
    tolerance_reason: '200 is 200',
    output: { status: 200, body: { answer: 200 } },
    activity: { name: 'front door', provider: { url: 'http://127.0.0.1:${port}/' } },
  });
  expect(notes()).toEqual(['a', 'b', 'undo']);
});

test('a hypothesis that is not met before ends it before the method', async () => {
  answers = [503];
  const journal = await experiment({ ...hypothesis(), method: [note('a')] }).run();
  expect(journal).toMatchObject({ status: 'completed', deviated: false, run: [], steady_states: { after: null } });
  expect(journal.steady_states.before).toMatchObject({ steady_state_met: false });
  expect(notes()).toEqual([]);
});

test('one that is not met after has deviated', async () => {
  answers = [200, 500];
  const journal = await experiment({ ...hypothesis(), method: [note('a')], rollbacks: [note('undo')] }).run();
  expect(journal).toMatchObject({ status: 'completed', deviated: true });
  expect(notes()).toEqual(['a', 'undo']);
});

test('a probe that hangs fails in its time, and says so', async () => {
  answers = ['hang'];
  const journal = await experiment({ ...hypothesis({ timeout: 0.05 }), method: [note('a')] }).run();
  expect(journal.status).toBe('failed');
  expect(journal.steady_states.before?.probes[0]?.exception?.[0]).toContain('did not answer within 0.05 s');
});

test.each([
  ['default', [200, 500], ['undo']],
  ['always', ['hang'], ['undo']],
  ['never', [200, 200], []],
  ['deviated', [200, 200], []],
  ['deviated', [200, 500], ['undo']],
  ['default', ['hang'], []],
] as const)('rollbacks: %s, with the answers %j', async (strategy, given, expected) => {
  answers = [...given];
  const runtime = { rollbacks: { strategy } };
  await experiment({ ...hypothesis({ timeout: 0.05 }), runtime, rollbacks: [note('undo')] }).run();
  expect(notes()).toEqual(expected);
});

test.each([
  [[200, 200, 500, 500, 500], 'completed', false],
  [[200, 200, 500, 500, 200], 'failed', true],
] as const)('looked at continuously, a deviation ends the method alone: %j', async (given, status, met) => {
  answers = [...given];
  const schedule = { continuous_hypothesis_frequency: 0.01, fail_fast: true, fail_fast_ratio: 60 };
  const method = [note('a', { pauses: { after: 30 } }), note('b')];
  const runtime = { hypothesis: { strategy: 'continuously', schedule } };
  const journal = await experiment({ ...hypothesis(), runtime, method, rollbacks: [note('undo')] }).run();
  expect(journal).toMatchObject({ status, deviated: true, steady_states: { after: { steady_state_met: met } } });
  expect(journal.steady_states.during.map((one) => one.steady_state_met)).toEqual([true, false, false]);
  expect(journal.flotilla.stopped_by).toBe('the hypothesis was not met during the method');
  expect(notes()).toEqual(['a', 'undo']);
});

test('what runs in the background runs beside what follows, and is waited for', async () => {
  const slow = note('slow', { background: true, pauses: { before: 0.2 } });
  const journal = await experiment({ method: [slow, note('quick')] }).run();
  expect(notes()).toEqual(['quick', 'slow']);
  expect(journal.run.map((one) => one.activity.name)).toEqual(['quick', 'slow']);
});

test('tells of a pause when it begins', async () => {
  const told: unknown[] = [];
  const pauses = { before: 0.01, after: '${wait}' };
  const variables = new Map([['wait', 0.02]]);
  const onProgress = ({ pause }: Progress): void => void (pause && told.push(pause));
  await experiment({ method: [note('a'), note('b', { pauses })] }, { variables, onProgress }).run();
  expect(told).toEqual([
    { part: 'method', index: 1, pause: { when: 'before', seconds: 0.01 } },
    { part: 'method', index: 1, pause: { when: 'after', seconds: 0.02 } },
  ]);
});

test('is paused before the next activity, and goes on', async () => {
  const run = experiment({ method: [note('a', { pauses: { after: 0.05 } }), note('b')] });
  run.pause();
  const ending = run.run();
  await vi.waitFor(() => expect([run.stage, run.paused]).toEqual(['method', true]));
  expect(notes()).toEqual([]);
  run.resume();
  await ending;
  expect(notes()).toEqual(['a', 'b']);
});

test('is paused between two rollbacks, and goes on when it is ended', async () => {
  const rollbacks = [note('undo', { pauses: { after: 0.2 } }), note('more')];
  const run = experiment({ method: [note('a')], rollbacks });
  const ending = run.run();
  await vi.waitFor(() => expect(notes()).toEqual(['a', 'undo']));
  run.pause();
  expect(run.paused).toBe(true);
  const first = await Promise.race([ending, delay(500, 'still held')]);
  expect([first, notes()]).toEqual(['still held', ['a', 'undo']]);
  run.abort('everything was stopped');
  await ending;
  expect([run.paused, notes()]).toEqual([false, ['a', 'undo', 'more']]);
});

test('broken off, it ends the program under way and what that started, and rolls back', async () => {
  const stuck = {
    type: 'action',
    name: 'stuck',
    provider: { type: 'process', path: 'sh', arguments: ['-c', 'sleep 600 & echo $! > child; wait'] },
  };
  const run = experiment({ method: [stuck, note('b')], rollbacks: [note('undo')] });
  const ending = run.run();
  const child = await vi.waitFor(
    () => Number(readFileSync(join(folder, 'child'), 'utf8').trim() || Number.NaN) || expect.fail(),
  );
  run.abort('a person asked');
  const journal = await ending;
  expect(journal).toMatchObject({ status: 'interrupted', flotilla: { stopped_by: 'a person asked' } });
  expect(notes()).toEqual(['undo']);
  await vi.waitFor(() => expect(runs(child)).toBe(false));
});

test('dry, it does nothing and says what it would have done', async () => {
  const given = { ...hypothesis(), method: [note('a', { pauses: { before: 60 } })], rollbacks: [note('undo')] };
  const journal = await experiment(given, { dry: 'activities' }).run();
  expect(journal).toMatchObject({ status: 'completed', run: [{ status: 'succeeded', output: null }] });
  expect([notes(), requests]).toEqual([[], []]);
});

test('sends arguments where they belong', async () => {
  const send = (method: string, headers: object = {}): object => ({
    type: 'action',
    name: method,
    provider: {
      type: 'http',
      url: 'http://127.0.0.1:${port}/x',
      method,
      headers,
      arguments: { a: '${port}', b: 'c d' },
    },
  });
  await experiment({ method: [send('GET'), send('POST'), send('PUT', { 'Content-Type': 'application/json' })] }).run();
  expect(requests).toEqual([`GET /x?a=${port}&b=c+d`, `POST /x a=${port}&b=c+d`, `PUT /x {"a":${port},"b":"c d"}`]);
});

test('goes where it is sent to, as a GET, without what was meant for the first host', async () => {
  const elsewhere = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.authorization ?? 'nobody'}`);
    response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', 'X-Two': ['a', 'b'] }).end('{"a": 1}');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  const { port: there } = elsewhere.address() as AddressInfo;
  const sends = createServer((request, response) => {
    const to = request.url === '/loop' ? '/loop' : request.url === '/' ? '/next' : `http://127.0.0.1:${there}/end`;
    requests.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.writeHead(302, { location: to }).end();
  });
  await new Promise<void>((resolve) => sends.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const one of [elsewhere, sends]) one.close();
  });
  const url = `http://127.0.0.1:${(sends.address() as AddressInfo).port}`;
  const post = (path: string): object => ({
    type: 'action',
    name: path,
    provider: {
      type: 'http',
      url: `${url}${path}`,
      method: 'POST',
      headers: { Authorization: 'me' },
      arguments: { a: 1 },
    },
  });
  const journal = await experiment({ method: [post('/')] }).run();
  expect(requests).toEqual(['POST / me', 'GET /next me', 'GET /end nobody']);
  // Text, as its type says more than application/json; names as they were sent.
  expect(journal.run[0]?.output).toMatchObject({ status: 200, body: '{"a": 1}', headers: { 'X-Two': 'a, b' } });
  const looped = await experiment({ method: [post('/loop')] }).run();
  expect(looped.run[0]?.exception?.[0]).toContain('redirects more than 30 times');
});

test('a program that leaves something behind which holds its output is ended in its time all the same', async () => {
  const words = ['-c', "setsid sh -c 'echo $$ > child; exec sleep 60' & exit 0"];
  const leaves = {
    type: 'action',
    name: 'leaves',
    provider: { type: 'process', path: 'sh', arguments: words, timeout: 0.5 },
  };
  const journal = await experiment({ method: [leaves] }).run();
  process.kill(Number(readFileSync(join(folder, 'child'), 'utf8')), 'SIGKILL');
  expect(journal.run[0]?.exception?.[0]).toContain('did not end within 0.5 s');
});

test('a program that a signal ended has its number, as Python tells it', async () => {
  const ends = {
    type: 'action',
    name: 'ends',
    provider: { type: 'process', path: 'sh', arguments: ['-c', 'kill $$'] },
  };
  const journal = await experiment({ method: [ends] }).run();
  expect(journal.run[0]?.output).toMatchObject({ status: -15 });
});

test('a tolerance that is a probe gets the value, and one that fails is not met', async () => {
  const ask = (url: string): object => ({
    'steady-state-hypothesis': {
      title: 'H',
      probes: [
        {
          ...note('said'),
          type: 'probe',
          tolerance: { type: 'probe', name: 'judge', provider: { type: 'http', url, arguments: { a: 1 } } },
        },
      ],
    },
  });
  const met = await experiment(ask('http://127.0.0.1:${port}/judge')).run();
  expect([met.deviated, requests[0]]).toEqual([false, 'GET /judge?a=1&value=%5Bobject+Object%5D']);
  const failed = await experiment(ask('http://127.0.0.1:1/')).run();
  expect(failed).toMatchObject({ status: 'completed', steady_states: { before: { steady_state_met: false } } });
  expect(failed.steady_states.before?.probes[0]?.tolerance_reason).toContain('judge failed: there is no answer');
});

test('an activity that fails is written down, and the next one runs', async () => {
  const missing = { type: 'action', name: 'gone', provider: { type: 'process', path: 'flotilla-no-such-program' } };
  const closed = { type: 'action', name: 'closed', provider: { type: 'http', url: 'http://127.0.0.1:1/' } };
  const journal = await experiment({ method: [missing, closed, { ref: 'gone' }, note('a')] }).run();
  expect(journal.run.map((one) => one.status)).toEqual(['failed', 'failed', 'failed', 'succeeded']);
  expect(journal.run[0]?.exception?.[0]).toContain('flotilla-no-such-program cannot be started');
  expect(journal.run[1]?.exception?.[0]).toContain('there is no answer from http://127.0.0.1:1/');
  expect(journal.status).toBe('completed');
});

test('of an output that is too much the journal keeps the status, and judges it whole', async () => {
  const shout = (name: string): object => ({
    type: 'probe',
    name,
    tolerance: { type: 'regex', pattern: 'end$', target: 'stdout' },
    provider: { type: 'process', path: 'sh', arguments: ['-c', 'head -c 400000 /dev/zero | tr "\\0" x; printf end'] },
  });
  const given = { 'steady-state-hypothesis': { title: 'H', probes: [shout('loud')] }, method: [shout('louder')] };
  const journal = await experiment(given).run();
  const kept = { status: 0, note: expect.stringMatching(/^left out: 4000\d\d characters/) };
  expect(journal.steady_states.before).toMatchObject({ steady_state_met: true, probes: [{ output: kept }] });
  expect(journal.run).toMatchObject([{ status: 'succeeded', output: kept }]);
});
