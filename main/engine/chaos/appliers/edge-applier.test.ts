import { expect, test } from 'vitest';
import { FlotillaError } from '../../../contract/index.ts';
import type { LinksClient } from '../../links/index.ts';
import type { LedgerEntry } from '../faults/ledger.ts';
import { EdgeApplier } from './edge-applier.ts';
import { Overlap } from './overlap.ts';

const refuse: LedgerEntry = {
  id: 'f1',
  runId: 'run-1',
  kind: 'refuse',
  target: { kind: 'edge', from: 'orders', to: 'payments' },
  parameters: {},
  sinceMs: 0,
  untilMs: null,
  experiment: null,
  before: {},
};

/** On the only link of a fleet, whose program was just started again and does not have it for the first calls. */
function applierOn(missingCalls: number, said: unknown[]): EdgeApplier {
  let calls = 0;
  const update = async (link: string, change: object): Promise<void> => {
    calls += 1;
    said.push([link, change]);
    if (calls <= missingCalls) throw new FlotillaError('LINKS_REFUSED', { detail: 'proxy not found' });
  };
  const edges = [{ from: 'orders', to: 'payments', port: 80 }] as never;
  const overlap = new Overlap(() => [refuse]);
  return new EdgeApplier({ links: () => ({ client: { update } as unknown as LinksClient, edges }), overlap });
}

test('a link that is not made yet is closed once it is', async () => {
  const said: unknown[] = [];
  await applierOn(2, said).apply(refuse);
  expect(said).toEqual(Array(3).fill(['orders:payments:80', { enabled: false }]));
});

test('a link that is not made yet needs no opening', async () => {
  const said: unknown[] = [];
  await applierOn(Number.POSITIVE_INFINITY, said).revert(refuse);
  expect(said).toEqual([['orders:payments:80', { enabled: true }]]);
});
