import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FlotillaError } from '../../../contract/index.ts';
import type { RunningFleet } from '../../fleet/index.ts';
import { newLife } from '../../fleet/lifecycle/life.ts';
import type { LinksClient } from '../../links/index.ts';
import type { LedgerEntry } from '../faults/ledger.ts';
import { EdgeApplier } from './edge-applier.ts';
import { InstanceApplier } from './instance-applier.ts';
import { LifecycleApplier } from './lifecycle-applier.ts';
import { Overlap } from './overlap.ts';

const entry = (id: string, kind: string, given: Partial<LedgerEntry> = {}): LedgerEntry => ({
  id,
  runId: 'run-1',
  kind,
  target: { kind: 'service', service: 'orders' },
  parameters: {},
  sinceMs: 0,
  untilMs: null,
  experiment: null,
  before: {},
  ...given,
});

/** A container whose engine is the slower the tighter a limit is: what is asked first is done last. */
function slowContainer() {
  const container = { megabytes: 512 };
  const faults = {
    limits: async () => ({ megabytes: container.megabytes }),
    limit: async (_ref: unknown, { memoryBytes }: { memoryBytes: number }) => {
      await delay(20);
      container.megabytes = memoryBytes / 1_000_000;
    },
    unlimit: async (_ref: unknown, _what: string, before: { megabytes: number }) => {
      await delay(5);
      container.megabytes = before.megabytes;
    },
  };
  const life = { ...newLife({ service: 'orders' as never, index: 1 }), startedAtMs: 1 };
  const fleet = { run: { faults }, supervisor: { lives: () => [life] }, runtime: 'docker' } as unknown as RunningFleet;
  return { container, fleet };
}

const limited = (id: string, megabytes: number): LedgerEntry =>
  entry(id, 'memory-limit', { parameters: { megabytes, copies: 0, percent: 100 } });

test('limits that are taken off at the same time leave the container as it was', async () => {
  const { container, fleet } = slowContainer();
  const ledger: LedgerEntry[] = [];
  const applier = new InstanceApplier({ fleet: () => fleet, overlap: new Overlap(() => ledger) });
  for (const fault of [limited('first', 64), limited('second', 32)]) {
    const whole = { ...fault, before: await applier.before(fault) };
    ledger.push(whole);
    await applier.apply(whole);
  }
  expect(container.megabytes).toBe(32);
  await Promise.all(ledger.map((fault) => applier.revert(fault)));
  expect(container.megabytes).toBe(512);
});

test('a limit that comes while another is taken off knows how it was before both', async () => {
  const { container, fleet } = slowContainer();
  const ledger: LedgerEntry[] = [];
  const applier = new InstanceApplier({ fleet: () => fleet, overlap: new Overlap(() => ledger) });
  const first = limited('first', 64);
  const one = { ...first, before: await applier.before(first) };
  ledger.push(one);
  await applier.apply(one);
  const reverting = applier.revert(one).then(() => void ledger.shift());
  const second = limited('second', 32);
  const two = { ...second, before: await applier.before(second) };
  ledger.push(two);
  await applier.apply(two);
  await reverting;
  expect(container.megabytes).toBe(32);
  await applier.revert(two);
  expect(container.megabytes).toBe(512);
});

test('a service that two faults keep paused is told to be kept so by the one that is still on', async () => {
  const asked: unknown[] = [];
  const supervisor = {
    lives: () => [{ ...newLife({ service: 'orders' as never, index: 1 }), state: 'running' }],
    disturb: async (...args: unknown[]) => void asked.push(args),
  };
  const fleet = { supervisor, capabilities: [] } as unknown as RunningFleet;
  const ledger = ['first', 'second'].map((id) => entry(id, 'pause', { before: { copies: [1] } }));
  const applier = new LifecycleApplier({ fleet: () => fleet, overlap: new Overlap(() => ledger) });
  for (const fault of ledger) await applier.apply(fault);
  const second = ledger[1];
  if (second !== undefined) await applier.revert(second);
  expect(asked).toEqual([
    ['orders', [1], 'pause', 'first'],
    ['orders', [1], 'pause', 'second'],
    ['orders', [], 'resume'],
    ['orders', [1], 'pause', 'first'],
  ]);
});

const ORDERS = { from: 'orders', to: 'kafka' } as const;
const edge = (id: string): LedgerEntry =>
  entry(id, 'latency', { target: { kind: 'edge', ...ORDERS }, parameters: { latencyMs: 100, percent: 100 } });

test('a fault that goes on one link and not on another leaves nothing on the one that is slow', async () => {
  const on = new Set<string>();
  const client = {
    removeToxic: async (link: string) => on.delete(link),
    addToxic: async (link: string) => {
      if (link.endsWith(':1')) throw new FlotillaError('LINKS_REFUSED', { detail: 'too many toxics' });
      await delay(20);
      on.add(link);
    },
  } as unknown as LinksClient;
  const edges = [1, 2].map((port) => ({ ...ORDERS, port }));
  const applier = new EdgeApplier({ links: () => ({ edges, client }), overlap: new Overlap(() => []) });
  await expect(applier.apply(edge('f1'))).rejects.toMatchObject({ code: 'LINKS_REFUSED' });
  await applier.revert(edge('f1'));
  await delay(40);
  expect([...on]).toEqual([]);
});

test('a program that is back without its links yet is waited for', async () => {
  const on: string[] = [];
  let isPopulated = false;
  const client = {
    removeToxic: async () => false,
    addToxic: async (link: string) => {
      if (!isPopulated) throw new FlotillaError('LINKS_REFUSED', { detail: 'proxy not found' });
      on.push(link);
    },
  } as unknown as LinksClient;
  const edges = [{ ...ORDERS, port: 1 }];
  const applier = new EdgeApplier({ links: () => ({ edges, client }), overlap: new Overlap(() => []) });
  const applying = applier.apply(edge('f1'));
  await delay(20);
  isPopulated = true;
  await applying;
  expect(on).toEqual(['orders:kafka:1']);
});
