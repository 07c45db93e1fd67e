import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type EngineChange, FlotillaError } from '../../contract/index.ts';
import type { RunningFleet } from '../fleet/index.ts';
import type { LinksClient } from '../links/index.ts';
import { type Chaos, createChaos } from './create-chaos.ts';
import { Ledger } from './faults/ledger.ts';

const client = (
  removeToxic: (...names: string[]) => Promise<unknown>,
  reset: () => Promise<void> = async () => undefined,
): LinksClient => ({ removeToxic, reset }) as unknown as LinksClient;

/** With a fault of an engine before on the only edge of a fleet. */
function left(
  links: () => LinksClient | null,
  { kind = 'latency', onChange = () => {} }: { kind?: string; onChange?(change: EngineChange): void } = {},
): Chaos {
  const home = mkdtempSync(join(tmpdir(), 'flotilla-chaos-'));
  new Ledger(home).add({
    id: 'f1',
    runId: 'run-1',
    kind,
    target: { kind: 'edge', from: 'orders', to: 'payments' },
    parameters: { latencyMs: 1000, percent: 100 },
    sinceMs: Date.now(),
    untilMs: null,
    experiment: 'Slow payments',
    before: {},
  });
  const chaos = createChaos({
    home,
    fleet: {
      running: () => ({ runId: 'run-1' }) as RunningFleet,
      isKept: () => true,
      links: () => {
        const found = links();
        return found && { client: found, edges: [{ from: 'orders', to: 'payments', port: 80 }] as never };
      },
      onLinksRestart: () => () => undefined,
      model: () => null,
      reach: () => null,
    },
    topology: () => Promise.reject(new Error('not asked')),
    onChange,
  });
  onTestFinished(() => {
    chaos.close();
    rmSync(home, { recursive: true, force: true });
  });
  return chaos;
}

test('a fault on an edge is not taken for one that is off while the links program is not found', async () => {
  const removed: string[] = [];
  const there = client(async (...names) => removed.push(names.join(' ')));
  let looks = 0;
  const chaos = left(() => {
    looks += 1;
    return looks <= 2 ? null : there;
  });
  await chaos.recover();
  expect([removed, chaos.faults()]).toEqual([['orders:payments:80 f1'], []]);
});

test('whoever takes the faults of an experiment off is told when one stays', async () => {
  const chaos = left(() => client(() => Promise.reject(new Error('no way'))));
  const signal = new AbortController().signal;
  const cleared = async (experiment: string): Promise<unknown> => chaos.handlers['fault.clear']({ experiment }, signal);
  await expect(cleared('Slow payments')).rejects.toMatchObject({
    code: 'FAULT_STAYS',
    message: expect.stringContaining('no way'),
  });
  await expect(cleared('Another')).resolves.toBeUndefined();
});

test('a fleet ends though a fault does not come off', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const chaos = left(() => client(() => new Promise(() => undefined)));
  const ending = chaos.endRun('run-1');
  await vi.advanceTimersByTimeAsync(15_000);
  await ending;
  expect(chaos.faults()).toMatchObject([{ state: 'reverting' }]);
});

test('what an engine before left is told of at once, as being taken off', () => {
  const told: string[] = [];
  left(() => null, {
    onChange: (change) => void (change.kind === 'faults' && told.push(...change.faults.map((one) => one.state))),
  });
  expect(told).toEqual(['reverting']);
});

test('of a fault that this version does not know its toxic is taken off, and the timeline says that it was given up', async () => {
  const removed: string[] = [];
  const marks: string[] = [];
  const there = client(async (...names) => removed.push(names.join(' ')));
  const chaos = left(() => there, {
    kind: 'of-tomorrow',
    onChange: (change) => void (change.kind === 'mark' && marks.push(change.mark.text)),
  });
  await chaos.recover();
  expect([removed, chaos.faults()]).toEqual([['orders:payments:80 f1'], []]);
  expect(marks).toEqual(['of-tomorrow on orders → payments: given up, as this version does not know it']);
});

test('stop takes off what others put on links, too, once its own faults are off', async () => {
  const done: string[] = [];
  const there = client(
    async (_link, id) => done.push(`off ${id}`),
    async () => void done.push('reset'),
  );
  const chaos = left(() => there);
  await chaos.handlers['fault.stop'](undefined, new AbortController().signal);
  expect([done, chaos.faults()]).toEqual([['off f1', 'reset'], []]);
});

test('stop says when links cannot be told, and has nothing to tell without any', async () => {
  const refusal = new FlotillaError('LINKS_REFUSED', { detail: 'no way' });
  const signal = new AbortController().signal;
  const chaos = left(() =>
    client(
      async () => true,
      () => Promise.reject(refusal),
    ),
  );
  await expect(async () => chaos.handlers['fault.stop'](undefined, signal)).rejects.toBe(refusal);
  let looks = 0;
  const without = left(() => {
    looks += 1;
    return looks > 1 ? null : client(async () => true);
  });
  await without.handlers['fault.stop'](undefined, signal);
  expect(without.faults()).toEqual([]);
});

test('whoever takes off a fault that is not on learns where to see which are', async () => {
  const chaos = left(() => null);
  const removing = async (): Promise<unknown> =>
    chaos.handlers['fault.remove']({ id: 'nope' }, new AbortController().signal);
  await expect(removing).rejects.toMatchObject({
    code: 'FAULT_GONE',
    message: expect.stringContaining('nope'),
    remedy: expect.stringContaining('flotilla fault list'),
  });
});
