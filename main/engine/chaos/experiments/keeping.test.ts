import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ExperimentName, type ExperimentResult } from '../../../contract/index.ts';
import { createExperiments } from './create-experiments.ts';
import { ExperimentFiles } from './experiment-files.ts';
import { givenVariables } from './given-variables.ts';
import { interruptedResult } from './interrupted-result.ts';
import { checkExperiment } from './outline.ts';
import { RunStore } from './run-store.ts';
import { watchStopConditions } from './stop-watch.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-runs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const idOf = (n: number): string => `run${String(n).padStart(6, '0')}-x`;
function result(n: number, journal: Record<string, unknown> = {}): ExperimentResult {
  return {
    run: {
      id: idOf(n),
      title: `T${n}`,
      name: null,
      fleet: 'f',
      runtime: 'process',
      dry: false,
      startedAt: '2026-11-22T20:00:00.000Z',
      endedAt: null,
      status: 'running',
      deviated: false,
      unsteady: false,
      stoppedBy: null,
      variables: {},
      stage: 'method',
      paused: true,
      steps: [
        {
          stage: 'method',
          name: 'a',
          type: 'action',
          state: 'succeeded',
          startedAt: '2026-11-22T20:00:05.000Z',
          durationMs: 1000,
          toleranceMet: null,
          detail: null,
        },
        {
          stage: 'method',
          name: 'b',
          type: 'action',
          state: 'running',
          startedAt: null,
          durationMs: null,
          toleranceMet: null,
          detail: null,
        },
      ],
    },
    journal,
    deviations: [],
    faults: [],
    charts: [],
    worst: null,
    traces: [],
  };
}

test('keeps the newest 200 runs, for the next engine, too', () => {
  const store = new RunStore(folder);
  for (let n = 0; n < 203; n += 1) store.write(result(n));
  for (const one of [store, new RunStore(folder)]) {
    expect(one.list()).toHaveLength(200);
    expect(one.list()[0]?.title).toBe('T202');
    expect(() => one.read(idOf(0))).toThrow('There is no run of an experiment');
  }
  store.forget(idOf(202));
  expect(new RunStore(folder).list()[0]?.title).toBe('T201');
  expect(readdirSync(join(folder, 'experiments')).filter((name) => name.startsWith('run0'))).toHaveLength(199);
});

test('finds runs again when the list of them was damaged', () => {
  new RunStore(folder).write(result(1));
  writeFileSync(join(folder, 'experiments/runs.json'), '[{"id":');
  writeFileSync(join(folder, 'experiments/broken.json'), '{');
  expect(new RunStore(folder).list().map((one) => one.id)).toEqual([idOf(1)]);
});

test('leaves out outputs that are too much to keep', () => {
  const store = new RunStore(folder);
  const activity = { name: 'a', output: 'as the file has it' };
  store.write(result(1, { run: [{ activity, output: 'x'.repeat(17_000_000) }], experiment: { output: 'kept' } }));
  expect(store.read(idOf(1)).journal).toEqual({
    run: [{ activity, output: 'left out: the journal is too long' }],
    experiment: { output: 'kept' },
  });
});

test('a run that was left is aborted as far as it had come', () => {
  expect(interruptedResult(result(1, { status: null }))).toMatchObject({
    run: {
      status: 'aborted',
      endedAt: '2026-11-22T20:00:06.000Z',
      paused: false,
      steps: [{ state: 'succeeded' }, { state: 'skipped' }],
    },
    journal: { status: 'aborted', end: '2026-11-22T20:00:06.000Z' },
    deviations: ['It was ended early: the engine ended while it ran.'],
  });
});

test('an engine starts though the file of a run that was left is damaged, and tells of it as aborted', () => {
  new RunStore(folder).write(result(1));
  writeFileSync(join(folder, 'experiments', `${idOf(1)}.json`), '{"run":');
  const experiments = createExperiments({
    home: folder,
    onChange: () => undefined,
    onProblems: () => undefined,
  } as never);
  experiments.recover();
  expect(new RunStore(folder).read(idOf(1)).run).toMatchObject({
    title: 'T1',
    status: 'aborted',
    endedAt: '2026-11-22T20:00:00.000Z',
  });
});

test('experiments are files beside the fleet’s', async () => {
  const files = new ExperimentFiles(() => join(folder, 'experiments'));
  expect(await files.list()).toEqual([]);
  await files.save('b.yaml', 'title: B\nmethod: []\n', true);
  await files.save('a.json', '{"title": "A", "tags": ["t"], "method": [{}]}', false);
  mkdirSync(join(folder, 'experiments/folder.yaml'));
  writeFileSync(join(folder, 'experiments/notes.txt'), 'no experiment');
  expect(await files.list()).toMatchObject([
    { name: 'a.json', title: 'a.json', problem: { line: 1, severity: 'error' } },
    { name: 'b.yaml', title: 'B', problem: null },
  ]);
  await expect(files.save('b.yaml', '', true)).rejects.toMatchObject({ code: 'EXPERIMENT_EXISTS' });
  expect(await files.read('b.yaml')).toMatchObject({ text: 'title: B\nmethod: []\n' });
  await files.delete('b.yaml');
  for (const gone of [files.read('b.yaml'), files.delete('b.yaml')])
    await expect(gone).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(() => new ExperimentFiles(() => null).path('a.yaml')).toThrow('No fleet is started');
});

test.each(['../x.yaml', 'a/b.yaml', '.hidden.yaml', 'x.txt', '', `${'a'.repeat(120)}.yaml`])(
  '%j is no name of an experiment',
  (name) => {
    expect(ExperimentName.safeParse(name).success).toBe(false);
  },
);

test('variables that are given are of the type that the file has', () => {
  const configuration = {
    n: 1,
    yes: true,
    word: 'x',
    port: { type: 'env', key: 'P', env_var_type: 'int' },
    host: { type: 'env', key: 'H' },
    list: [1],
  };
  const given = { n: '2.5', yes: 'false', word: '7', port: '80', host: '9', list: '[2]' };
  expect(givenVariables({ configuration }, given)).toEqual({
    n: 2.5,
    yes: false,
    word: '7',
    port: 80,
    host: '9',
    list: [2],
  });
  expect(() => givenVariables({ configuration }, { n: 'x' })).toThrow('the variable n is a number in the file, not x');
  expect(() => givenVariables({ configuration }, { m: '1' })).toThrow('it has: n, yes, word, port, host, list');
});

test('runs of before variables were kept are read', () => {
  const store = new RunStore(folder);
  const { variables: _, ...run } = result(1).run;
  store.write({ ...result(1), run } as ExperimentResult);
  expect(new RunStore(folder).read(idOf(1)).run.variables).toEqual({});
  expect(new RunStore(folder).list()[0]?.variables).toEqual({});
});

test('an outline says what an experiment would do', () => {
  const fault = { kind: 'latency', target: { kind: 'edge', from: 'a', to: 'b' } };
  const { problems, outline } = checkExperiment(
    JSON.stringify({
      title: 'T',
      configuration: { url: { type: 'env', key: 'U', default: 'x' }, n: 3 },
      method: [
        {
          type: 'action',
          name: 'slow',
          provider: { type: 'http', url: '${url}/api/fault.add', method: 'post', arguments: fault },
        },
        {
          type: 'probe',
          name: 'look',
          background: true,
          provider: { type: 'process', path: 'curl', arguments: { '-s': '${url}' } },
        },
      ],
      rollbacks: [{ ref: 'look' }],
      extensions: [{ name: 'flotilla', 'stop-conditions': [{ metric: 'error-rate', above: 0.5, for: 10 }] }],
    }),
  );
  expect(problems).toEqual([]);
  expect(outline).toMatchObject({
    configuration: { url: '$U, else "x"', n: '3' },
    variables: [
      { name: 'url', type: 'text', default: 'x', environment: 'U' },
      { name: 'n', type: 'number', default: '3', environment: null },
    ],
    steps: [
      { section: 'method', what: 'POST ${url}/api/fault.add', fault: 'latency a:b', background: false },
      { section: 'method', what: 'curl -s ${url}', fault: null, background: true },
      { section: 'rollbacks', name: 'look' },
    ],
    stopConditions: ['the error rate of the fleet is above 50 % for 10 s'],
  });
});

test('a stop condition counts once it has held for as long as it says', async () => {
  const condition = { metric: 'p95' as const, service: null, above: 100, forSeconds: 0 };
  const values = [50, null, 200];
  const ask = async () => ({ value: values.shift() ?? null, met: true, summary: '' });
  expect(await watchStopConditions([condition], ask, new AbortController().signal)).toBe(
    'stop condition: the p95 of the fleet is above 100 ms',
  );
  expect(values).toEqual([]);
  expect(await watchStopConditions([condition], ask, AbortSignal.abort())).toBeNull();
});
