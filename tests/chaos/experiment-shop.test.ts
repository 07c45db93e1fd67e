import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ExperimentResult, ExperimentSummary } from '../../main/contract/index.ts';
import { type Flotilla, makeFlotilla, projectRoot } from '../support/flotilla.ts';
import { findChaosToolkit } from './support/chaos-toolkit.ts';
import { type Journal, outlineOf } from './support/journals.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 400_000 });

const execute = promisify(execFile);

/** Each with values that make it short and mean the same, in an order in which none finds what another has left. */
const shipped: readonly (readonly [name: string, variables: Readonly<Record<string, number>>])[] = [
  ['lossy-database-link', { lossy_seconds: 8 }],
  ['kafka-gone-for-a-minute', { outage_seconds: 10 }],
  ['thundering-herd-after-restart', { gone_seconds: 5 }],
  ['dead-inventory', { dead_seconds: 5 }],
  ['slow-payments', { settle_seconds: 15, slow_seconds: 27 }],
];
const fileOf = (name: string): string => join(projectRoot, 'sample-fleet/experiments', `${name}.yaml`);

/** Waits until the shop answers orders as it does when it has run for a while: at first everything is slow. */
async function warm(shop: Flotilla): Promise<void> {
  const { client } = await shop.engine();
  const orders = { metric: 'p50', service: 'gateway', operation: 'POST /api/orders' } as const;
  const measured = await client.call('probe.measure', { ...orders, seconds: 8, atMost: 500, withinSeconds: 120 });
  client.close();
  expect(measured.met, measured.summary).toBe(true);
}

describe('the shop', () => {
  let shop: Flotilla;
  let folder: string;
  let toolkit: Awaited<ReturnType<typeof findChaosToolkit>>;

  beforeAll(async () => {
    toolkit = await findChaosToolkit();
    folder = await mkdtemp(join(tmpdir(), 'flotilla-experiments-'));
    shop = await makeFlotilla();
    const up = await shop.run('up', '--runtime', 'process', '--headless', '--traffic', '5');
    expect(up.code, up.stderr).toBe(0);
    await warm(shop);
  });
  afterAll(async () => {
    await shop?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs an experiment by Chaos Toolkit itself, reached as `flotilla experiment env` says. */
  async function runByToolkit(
    chaos: string,
    name: string,
    variables: Readonly<Record<string, number>>,
  ): Promise<Journal> {
    const { stdout } = await shop.run('experiment', 'env');
    const exported = Object.fromEntries(
      [...stdout.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, key, value]) => [key, value]),
    );
    const options = { cwd: folder, env: { ...process.env, ...exported } };
    const journal = join(folder, `${name}.toolkit.json`);
    const given = Object.entries(variables).flatMap(([key, value]) => ['--var', `${key}:int=${value}`]);
    await execute(chaos, ['--no-version-check', 'validate', fileOf(name)], options);
    // It exits with 1 where the fleet deviated: its journal says so, too.
    await execute(
      chaos,
      ['--no-version-check', 'run', '--journal-path', journal, ...given, fileOf(name)],
      options,
    ).catch((error: { code?: unknown; stderr?: string }) => {
      if (typeof error.code !== 'number') throw error;
    });
    return JSON.parse(await readFile(journal, 'utf8'));
  }

  test('ships five experiments, which can be run', async () => {
    const found = await shop.json<ExperimentSummary[]>('experiment', 'list');
    expect(found.map((one) => one.name).sort()).toEqual(shipped.map(([name]) => `${name}.yaml`).sort());
    expect(found.filter((one) => one.problem !== null || one.description === '')).toEqual([]);
  });

  test.for(shipped)('%s: it holds, and Chaos Toolkit finds the same', async ([name, variables], context) => {
    const journal = join(folder, `${name}.json`);
    const given = Object.entries(variables).flatMap(([key, value]) => ['--var', `${key}=${value}`]);
    const ours = await shop.run('experiment', 'run', name, ...given, '--journal', journal);
    expect(ours.code, ours.stderr).toBe(0);
    expect(ours.stdout).toContain('The fleet held its steady state.');
    const outline = outlineOf(JSON.parse(await readFile(journal, 'utf8')));
    expect(outline).toMatchObject({
      status: 'completed',
      deviated: false,
      before: { met: true },
      after: { met: true },
    });
    if ('reason' in toolkit) return context.skip(toolkit.reason);
    const theirs = await runByToolkit(toolkit.chaos, name, variables);
    expect(outlineOf(theirs)).toEqual(outline);
  });

  test('what faults did is in the result and in the reports, and none is left', async () => {
    const [newest] = await shop.json<{ id: string; title: string }[]>('experiment', 'runs');
    expect(newest?.title).toBe('Slow payments');
    const report = async (format: string): Promise<string> =>
      (await shop.run('experiment', 'report', 'last', '--format', format)).stdout;
    const result: ExperimentResult = JSON.parse(await report('json'));
    expect(result.faults).toMatchObject([
      { fault: { kind: 'latency', experiment: 'Slow payments', target: { from: 'orders', to: 'payments' } } },
    ]);
    expect(result.faults[0]?.toMs).toBeGreaterThan(result.faults[0]?.fromMs ?? Number.POSITIVE_INFINITY);
    const gateway = result.charts.find((one) => one.service === 'gateway');
    expect(gateway?.points.some((one) => one.rate > 1)).toBe(true);
    // Once payments are quick again the circuit stays open for a while: the worst moment may be then.
    const { fromMs = 0, toMs = null } = result.faults[0] ?? {};
    const worst = result.worst;
    const isOn = worst !== null && worst.atMs >= fromMs && worst.atMs <= (toMs ?? worst.atMs);
    expect(worst?.edges.find((one) => one.from === 'orders' && one.to === 'payments')?.faults).toEqual(
      isOn ? ['latency'] : [],
    );
    expect(result.traces.length).toBeGreaterThan(0);
    const html = await report('html');
    expect(html).toContain('The fleet held its steady state.');
    expect(html).not.toMatch(/<script|<link|<img|\b(?:src|href)=|url\((?!#)|@import/i);
    const junit = await report('junit');
    expect(junit.match(/<testcase /g)).toHaveLength(result.run.steps.length + 1);
    if (!('reason' in toolkit)) {
      const parse =
        'import sys, xml.dom.minidom as m; print(m.parse(sys.stdin).documentElement.getAttribute("failures"))';
      const parsing = execute(toolkit.python, ['-c', parse]);
      parsing.child.stdin?.end(junit);
      expect((await parsing).stdout.trim()).toBe('0');
    }
    const { client } = await shop.engine();
    expect((await client.call('engine.state', undefined)).chaos.faults).toEqual([]);
    client.close();
  });

  test('a shop that refuses all orders is not well before, however quick it is', async () => {
    const refused = ['http-abort', 'gateway:orders', '--param', 'method=POST', '--until-removed'];
    expect((await shop.run('fault', 'add', ...refused)).code).toBe(0);
    const ran = await shop.run('experiment', 'run', 'slow-payments', '--var', 'recovery_seconds=8');
    expect(ran.code, ran.stderr).toBe(1);
    expect(ran.stdout).toMatch(/Error rate of gateway POST \/api\/orders over 8 s is \d+ %, at most 20 % is asked/);
    expect((await shop.run('fault', 'stop')).code).toBe(0);
    expect((await shop.run('fault', 'release')).code).toBe(0);
  });
});

describe('the shop without circuit breakers', () => {
  let shop: Flotilla;

  beforeAll(async () => {
    shop = await makeFlotilla({ CIRCUIT_BREAKER: 'off' });
    const up = await shop.run('up', '--runtime', 'process', '--headless', '--traffic', '5');
    expect(up.code, up.stderr).toBe(0);
    await warm(shop);
  });
  afterAll(() => shop?.close());

  test('slow payments make those wait who buy: it deviates', async () => {
    const ran = await shop.run(
      'experiment',
      'run',
      'slow-payments',
      '--var',
      'settle_seconds=15',
      '--var',
      'slow_seconds=27',
    );
    expect(ran.code, ran.stderr).toBe(1);
    expect(ran.stdout).toContain('The fleet deviated from its steady state.');
    expect(ran.stdout).toMatch(/p50 of gateway POST \/api\/orders over 12 s is 1\d{3} ms, at most 1000 ms is asked/);
  });
});
