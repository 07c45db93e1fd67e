import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FaultKind, FaultRequest, type FaultView } from '../../../contract/index.ts';
import { catalogue } from '../catalogue/index.ts';
import { type FaultApplier, Faults } from './faults.ts';
import { Ledger, type LedgerEntry } from './ledger.ts';

let home: string;
let on: Map<string, LedgerEntry>;
let told: string[];
let failing: { apply: boolean; revert: boolean; wait?: Promise<void>; before?: Promise<void> };
let opened: Faults[];
let runId: string;
let asked: string[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'flotilla-faults-'));
  on = new Map();
  told = [];
  failing = { apply: false, revert: false };
  opened = [];
  runId = 'run-1';
  asked = [];
});
afterEach(() => {
  vi.useRealTimers();
  for (const one of opened) one.close();
  rmSync(home, { recursive: true, force: true });
});

const onDisk = (): string[] => {
  if (!existsSync(join(home, 'faults.json'))) return [];
  const { entries } = JSON.parse(readFileSync(join(home, 'faults.json'), 'utf8')) as { entries: { kind: string }[] };
  return entries.map((one) => one.kind);
};
const applier: FaultApplier = {
  before: async () => {
    asked.push(onDisk().join(', '));
    await failing.before;
    return { was: 1 };
  },
  apply: async (fault) => {
    // What is put on is on disk by then.
    expect(onDisk()).toContain(fault.kind);
    await failing.wait;
    if (failing.apply) throw new Error('it does not go on');
    on.set(fault.id, fault);
  },
  revert: async (fault) => {
    if (failing.revert) throw new Error('it does not come off');
    on.delete(fault.id);
  },
};

function open(): Faults {
  const faults = new Faults({
    catalogue,
    ledger: new Ledger(home),
    ground: () => ({
      runId,
      runtime: 'process',
      edges: [
        { from: 'orders', to: 'payments', port: 7106, protocol: 'grpc' },
        { from: 'orders', to: 'postgres', port: 5432, protocol: 'postgres' },
      ],
      services: [
        { id: 'orders', copies: [1, 2], store: null },
        { id: 'postgres', copies: [1], store: 'postgres' },
      ],
    }),
    applierFor: () => applier,
    takeOffUnknown: async (entry) => {
      if (failing.revert) throw new Error('it does not come off');
      on.delete(entry.id);
    },
    onGivenUp: (fault) => told.push(`${fault.kind} given up`),
    onChange: (views: readonly FaultView[]) => told.push(views.map((one) => `${one.kind} ${one.state}`).join(', ')),
  });
  opened.push(faults);
  return faults;
}

const edge = { kind: 'edge', from: 'orders', to: 'payments' } as const;
const latency = (given: object = {}) => FaultRequest.parse({ kind: 'latency', target: edge, ...given });

test('puts a fault on, tells of it, and takes it off by its time to live', async () => {
  vi.useFakeTimers();
  const faults = open();
  const view = await faults.add(latency({ parameters: { latencyMs: 2000 }, forSeconds: 30 }));
  expect(view).toMatchObject({
    kind: 'latency',
    state: 'active',
    parameters: { latencyMs: 2000, jitterMs: 0, percent: 100, stream: 'downstream' },
  });
  expect(Date.parse(view.until ?? '') - Date.parse(view.since)).toBe(30_000);
  expect([...on.values()][0]?.before).toEqual({ was: 1 });
  await vi.advanceTimersByTimeAsync(29_999);
  expect(on.size).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect([on.size, onDisk(), told]).toEqual([0, [], ['latency applying', 'latency active', 'latency reverting', '']]);
});

test('ends in its time though the clock of the day is set back meanwhile', async () => {
  vi.useFakeTimers();
  await open().add(latency({ forSeconds: 30 }));
  await vi.advanceTimersByTimeAsync(10_000);
  vi.setSystemTime(Date.now() - 3_600_000);
  await vi.advanceTimersByTimeAsync(20_000);
  expect([on.size, onDisk()]).toEqual([0, []]);
});

test('its time runs while it is being put on, which may take long', async () => {
  vi.useFakeTimers();
  const faults = open();
  let letGo: () => void = () => undefined;
  failing.wait = new Promise((done) => {
    letGo = done;
  });
  const adding = faults.add(latency({ forSeconds: 30 }));
  await vi.advanceTimersByTimeAsync(30_000);
  expect(faults.views()).toMatchObject([{ state: 'reverting' }]);
  letGo();
  await adding;
  await vi.advanceTimersByTimeAsync(0);
  expect([on.size, onDisk(), faults.views()]).toEqual([0, [], []]);
});

test('what cannot be written down is not put on', async () => {
  const faults = open();
  rmSync(home, { recursive: true });
  writeFileSync(home, 'no folder');
  await expect(faults.add(latency())).rejects.toThrow();
  expect([on.size, faults.views()]).toEqual([0, []]);
});

test('lives a minute unless it says otherwise, and for ever only on purpose', async () => {
  const faults = open();
  const usual = await faults.add(latency());
  expect(Date.parse(usual.until ?? '') - Date.parse(usual.since)).toBe(60_000);
  expect((await faults.add(latency({ forSeconds: null }))).until).toBeNull();
});

test('an engine that starts takes off what a dead one left on', async () => {
  await open().add(latency());
  expect(on.size).toBe(1);
  const next = open();
  await next.recover();
  expect([on.size, onDisk(), next.views()]).toEqual([0, [], []]);
});

test('what could not be put on is not on, and leaves nothing in the ledger', async () => {
  failing.apply = true;
  const faults = open();
  await expect(faults.add(latency())).rejects.toThrow('it does not go on');
  expect([faults.views(), onDisk()]).toEqual([[], []]);
});

test('what cannot be taken off stays in the ledger and is tried again', async () => {
  vi.useFakeTimers();
  const faults = open();
  const { id } = await faults.add(latency());
  failing.revert = true;
  await faults.remove(id);
  expect(faults.views()).toMatchObject([{ state: 'failed', problem: expect.stringContaining('it does not come off') }]);
  expect(onDisk()).toEqual(['latency']);
  failing.revert = false;
  await vi.advanceTimersByTimeAsync(2000);
  expect([faults.views(), onDisk(), on.size]).toEqual([[], [], 0]);
});

test('several at once are taken off each alone', async () => {
  const faults = open();
  const first = await faults.add(latency());
  const second = await faults.add(latency({ kind: 'hang' }));
  await faults.remove(first.id);
  expect([...on.keys()]).toEqual([second.id]);
  await expect(faults.remove(first.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('stop-all takes everything off and lets nothing on until it is released, also after a restart', async () => {
  const faults = open();
  await faults.add(latency());
  await faults.add(latency({ kind: 'refuse' }));
  await faults.stopAll();
  expect(on.size).toBe(0);
  await expect(faults.add(latency())).rejects.toMatchObject({ code: 'FAULTS_BLOCKED' });
  const next = open();
  await expect(next.add(latency())).rejects.toMatchObject({ code: 'FAULTS_BLOCKED' });
  next.release();
  await next.add(latency());
});

test('a target that started anew gets its fault again', async () => {
  const faults = open();
  const { id } = await faults.add(latency());
  on.clear();
  await faults.reapply((entry) => entry.target.kind === 'edge' && entry.target.to === 'payments');
  expect([...on.keys()]).toEqual([id]);
});

test('what cannot be put on again is tried until it can, and says so meanwhile', async () => {
  vi.useFakeTimers();
  const faults = open();
  const { id } = await faults.add(latency());
  on.clear();
  failing.apply = true;
  await faults.reapply(() => true);
  expect(faults.views()).toMatchObject([{ state: 'failed', problem: expect.stringContaining('it does not go on') }]);
  failing.apply = false;
  await vi.advanceTimersByTimeAsync(2000);
  expect([[...on.keys()], faults.views()[0]?.state]).toEqual([[id], 'active']);
  await faults.remove(id);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([on.size, onDisk()]).toEqual([0, []]);
});

test('what is taken off while it is being put on is off afterwards', async () => {
  const faults = open();
  let letGo: () => void = () => undefined;
  failing.wait = new Promise((done) => {
    letGo = done;
  });
  const adding = faults.add(latency());
  await vi.waitFor(() => expect(faults.views()).toHaveLength(1));
  const stopping = faults.stopAll();
  letGo();
  await Promise.all([adding, stopping]);
  expect([on.size, onDisk(), faults.views()]).toEqual([0, [], []]);
});

test('what is asked for of a fleet that ends meanwhile is not put on', async () => {
  const faults = open();
  let letGo: () => void = () => undefined;
  failing.before = new Promise((done) => {
    letGo = done;
  });
  const adding = faults.add(latency({ forSeconds: null }));
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  runId = 'run-2';
  letGo();
  await expect(adding).rejects.toMatchObject({ code: 'FLEET_NOT_LOADED' });
  expect([on.size, faults.views()]).toEqual([0, []]);
});

test('of two alike that are asked for at once, the second asks how it was when the first is written down', async () => {
  const faults = open();
  await Promise.all([faults.add(latency()), faults.add(latency())]);
  expect(asked).toEqual(['', 'latency']);
});

test('of a ledger that is damaged the rest is taken off, and what cannot be read is kept', async () => {
  await open().add(latency());
  const file = join(home, 'faults.json');
  const written = JSON.parse(readFileSync(file, 'utf8')) as { entries: unknown[] };
  writeFileSync(file, JSON.stringify({ ...written, entries: [...written.entries, { id: 'x', kind: 'of-tomorrow' }] }));
  const next = open();
  await next.recover();
  expect([on.size, onDisk()]).toEqual([0, []]);
  expect(readFileSync(`${file}.unread`, 'utf8')).toContain('of-tomorrow');
  writeFileSync(file, '{"version":1,"entr');
  expect(open().views()).toEqual([]);
  expect(readFileSync(`${file}.unread`, 'utf8')).toBe('{"version":1,"entr');
});

test('a fault of another version is taken off as far as can be, given up, and kept beside the ledger', async () => {
  const fault = await open().add(latency());
  const file = join(home, 'faults.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"latency"', '"of-tomorrow"'));
  failing.revert = true;
  const next = open();
  await next.recover();
  expect(next.views()).toMatchObject([
    { kind: 'of-tomorrow', state: 'failed', problem: expect.stringContaining('it does not come off') },
  ]);
  failing.revert = false;
  await next.remove(fault.id);
  expect([on.size, next.views(), onDisk()]).toEqual([0, [], []]);
  expect(told).toContain('of-tomorrow given up');
  expect(readFileSync(`${file}.unread`, 'utf8')).toContain('of-tomorrow');
});

test('what happens once is over at once', async () => {
  const faults = open();
  await faults.add(latency({ kind: 'kill', target: { kind: 'service', service: 'orders' } }));
  expect([faults.views(), onDisk()]).toEqual([[], []]);
});

test.each([
  [{ kind: 'nonsense' }, 'FAULT_UNKNOWN', 'latency, bandwidth'],
  [{ target: { kind: 'edge', from: 'a', to: 'b' } }, 'FAULT_TARGET', 'orders->payments, orders->postgres'],
  [{ target: { ...edge, port: 1 } }, 'FAULT_TARGET', 'orders->payments:7106'],
  [{ target: { kind: 'service', service: 'orders' } }, 'FAULT_TARGET', 'orders is no edge'],
  [{ kind: 'kill' }, 'FAULT_TARGET', 'is no service'],
  [
    { kind: 'pause', target: { kind: 'service', service: 'orders', instance: 3 } },
    'FAULT_TARGET',
    'orders-1, orders-2',
  ],
  [{ kind: 'postgres-lock', target: { kind: 'service', service: 'orders' } }, 'FAULT_TARGET', 'postgres'],
  [{ kind: 'cpu-limit', target: { kind: 'service', service: 'orders' } }, 'FAULT_IMPOSSIBLE', '--runtime docker'],
  [{ parameters: { latencyMs: -1 } }, 'FAULT_PARAMETER', 'a whole number from 0 to 3600000 ms'],
  [{ parameters: { latencyMs: 1.5 } }, 'FAULT_PARAMETER', 'latencyMs is 1.5'],
  [{ parameters: { latencyMs: '' } }, 'FAULT_PARAMETER', 'latencyMs is '],
  [{ parameters: { speed: 1 } }, 'FAULT_PARAMETER', 'latencyMs, jitterMs, percent, stream'],
  [{ parameters: { stream: 'sideways' } }, 'FAULT_PARAMETER', 'downstream or upstream'],
  [{ parameters: { percent: 0 } }, 'FAULT_PARAMETER', 'a number from 0.1 to 100 %'],
  [{ kind: 'http-drop', parameters: { percent: 0 } }, 'FAULT_PARAMETER', 'a number from 0.1 to 100 %'],
  [
    { kind: 'pause', target: { kind: 'service', service: 'orders' }, parameters: { copies: 3 } },
    'FAULT_PARAMETER',
    'copies is 3, and orders has 2. Expected a whole number from 0 to 2',
  ],
  [
    { kind: 'kill', target: { kind: 'service', service: 'orders', instance: 2 }, parameters: { copies: 2 } },
    'FAULT_PARAMETER',
    'copies is 2, and orders-2 is one. Expected 0 or 1',
  ],
  [{ kind: 'http-header' }, 'FAULT_PARAMETER', 'name is missing'],
])('refuses %j with %s and says what is possible', async (given, code, words) => {
  const refused = open().add(latency(given));
  await expect(refused).rejects.toMatchObject({ code });
  await expect(refused).rejects.toSatisfy((error: Error & { remedy: string }) =>
    `${error.message} ${error.remedy}`.includes(words),
  );
  expect(on.size).toBe(0);
});

test('every fault of the catalogue is whole: named once, with defaults within its bounds', () => {
  expect(new Set(catalogue.map((one) => one.kind)).size).toBe(catalogue.length);
  for (const kind of catalogue) {
    FaultKind.parse(kind);
    for (const { default: initial, min, max, choices, type } of kind.parameters) {
      if (typeof initial === 'number') expect([initial >= (min ?? 0), initial <= (max ?? 0)]).toEqual([true, true]);
      if (type === 'choice') expect(choices).toContain(initial);
    }
  }
});

test('what starts anew while a fault is being put on gets it, too', async () => {
  const faults = open();
  let letGo = (): void => {};
  failing.wait = new Promise((done) => {
    letGo = done;
  });
  const adding = faults.add(latency());
  await vi.waitFor(() => expect(onDisk()).toEqual(['latency']));
  const again = faults.reapply(() => true);
  letGo();
  await adding;
  on.clear();
  await again;
  expect(on.size).toBe(1);
});

test('a text that has to be given is not blank', async () => {
  const faults = open();
  const target = { kind: 'edge', from: 'orders', to: 'payments' };
  const header = FaultRequest.parse({ kind: 'http-header', target, parameters: { name: ' ' } });
  await expect(faults.add(header)).rejects.toMatchObject({
    code: 'FAULT_PARAMETER',
    details: { detail: 'name is empty' },
  });
  await faults.add(FaultRequest.parse({ kind: 'http-body', target }));
});

test('a fault on requests is not put where something else than HTTP is spoken', async () => {
  const target = { kind: 'edge', from: 'orders', to: 'postgres' };
  const abort = FaultRequest.parse({ kind: 'http-abort', target });
  await expect(open().add(abort)).rejects.toMatchObject({
    code: 'FAULT_TARGET',
    message: 'The fault http-abort cannot be put there: the calls orders->postgres speak postgres, not HTTP.',
    remedy: 'It can be put on: orders->payments',
  });
  await open().add(FaultRequest.parse({ kind: 'latency', target }));
});
