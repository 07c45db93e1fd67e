import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RunningFleet } from '../fleet/index.ts';
import type { LinksClient } from '../links/index.ts';
import { createChaos } from './create-chaos.ts';
import { Ledger } from './faults/ledger.ts';

test('a fault on an edge is not taken for one that is off while the links program is not found', async () => {
  const home = mkdtempSync(join(tmpdir(), 'flotilla-chaos-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  new Ledger(home).add({
    id: 'f1',
    runId: 'run-1',
    kind: 'latency',
    target: { kind: 'edge', from: 'orders', to: 'payments' },
    parameters: { latencyMs: 1000, percent: 100 },
    sinceMs: Date.now(),
    untilMs: null,
    experiment: null,
    before: {},
  });
  const removed: string[] = [];
  const client = { removeToxic: async (...names: string[]) => removed.push(names.join(' ')) } as unknown as LinksClient;
  let looks = 0;
  const chaos = createChaos({
    home,
    fleet: {
      running: () => ({ runId: 'run-1' }) as RunningFleet,
      isKept: () => true,
      links: () => {
        looks += 1;
        return looks <= 2 ? null : { client, edges: [{ from: 'orders', to: 'payments', port: 80 }] as never };
      },
      onLinksRestart: () => () => undefined,
      model: () => null,
      reach: () => null,
    },
    topology: () => Promise.reject(new Error('not asked')),
    onChange: () => undefined,
  });
  onTestFinished(() => chaos.close());
  await chaos.recover();
  expect([removed, chaos.faults()]).toEqual([['orders:payments:80 f1'], []]);
});
