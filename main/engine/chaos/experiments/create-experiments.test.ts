import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type EngineChange, ExperimentStart } from '../../../contract/index.ts';
import { createExperiments } from './create-experiments.ts';

/** Runs one; tells whether what carries its title was taken off. */
async function run(dry: ExperimentStart['dry'], isBlocked = false, extensions: object[] = []): Promise<boolean> {
  const method = [{ type: 'action', name: 'a', provider: { type: 'process', path: 'true' } }];
  const text = JSON.stringify({ title: 'T', method, extensions });
  const { experiments, cleared, told } = start(isBlocked);
  const asked = ExperimentStart.parse({ source: { text, file: 'x.json' }, dry });
  await experiments.handlers['experiment.start'](asked, new AbortController().signal);
  await vi.waitFor(() => expect(told).toContainEqual(expect.objectContaining({ experiment: ended })));
  await experiments.close();
  return cleared.length > 0;
}
const ended = expect.objectContaining({ endedAt: expect.any(String) });

/** Experiments of a made-up fleet: what they tell, and whose faults they take off. */
function start(isBlocked = false) {
  const home = mkdtempSync(join(tmpdir(), 'flotilla-dry-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const cleared: string[] = [];
  const told: EngineChange[] = [];
  const experiments = createExperiments({
    home,
    endpoint: () => ({ url: 'http://127.0.0.1:1', token: 'token' }),
    fleet: () => ({ name: 'shop', runtime: 'process', services: [{ id: 'orders' }] }) as never,
    ground: () => null,
    sources: {} as never,
    faults: () => ({ faults: [], isBlocked }),
    clearFaults: async (title) => void cleared.push(title),
    onChange: (change) => told.push(change),
    onProblems: () => undefined,
  });
  return { experiments, cleared, told };
}

test.each([
  ['none', true],
  ['probes', true],
  ['pause', true],
  ['actions', false],
  ['activities', false],
] as const)('dry: %s; its faults are taken off: %s', async (dry, isCleared) => {
  expect(await run(dry)).toBe(isCleared);
});

test.each(['none', 'probes', 'pause'] as const)('while faults are stopped, dry: %s is refused', async (dry) => {
  await expect(run(dry, true)).rejects.toMatchObject({ code: 'FAULTS_BLOCKED' });
});

test('a run tells of the values that it was given, without secrets', async () => {
  const secrets = { bank: { password: 'hunter2' } };
  const text = JSON.stringify({ title: 'T', configuration: { n: 1, greeting: 'hi', url: 'u' }, secrets, method: [] });
  const { experiments, told } = start();
  const asked = { source: { text, file: 'x.json' }, variables: { n: '2', greeting: 'hunter2 ahoy' } };
  await experiments.handlers['experiment.start'](ExperimentStart.parse(asked), new AbortController().signal);
  await vi.waitFor(() => expect(told).toContainEqual(expect.objectContaining({ experiment: ended })));
  await experiments.close();
  const [run] = await experiments.handlers['experiment.runs'](undefined, new AbortController().signal);
  expect(run?.variables).toEqual({ n: '2', greeting: null });
  expect(JSON.stringify(told)).not.toContain('hunter2');
});

test('a stop condition on a service that is not there is refused, with those that are', async () => {
  const extension = { name: 'flotilla', 'stop-conditions': [{ metric: 'p95', service: 'oders', above: 1 }] };
  await expect(run('none', false, [extension])).rejects.toMatchObject({
    code: 'SERVICE_UNKNOWN',
    message: expect.stringContaining('oders'),
    remedy: expect.stringContaining('orders'),
  });
});
