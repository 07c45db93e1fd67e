import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Trace, TraceSummary } from '../../main/contract/index.ts';
import { type Flotilla, makeFlotilla } from '../support/flotilla.ts';
import { portsOf, stillListening } from '../support/processes.ts';
import { onProcesses, testShop } from './shop-suite.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

describe('the shop on local processes', () => {
  let shop: Flotilla;

  beforeAll(async () => {
    shop = await makeFlotilla();
    const up = await shop.run('up', '--runtime', 'process', '--headless', '--traffic', '8');
    expect(up.code, up.stderr).toBe(0);
  });
  afterAll(() => shop?.close());

  testShop(() => shop, onProcesses);

  test('a killed engine leaves the fleet running, and the next one finds it with its past', async () => {
    const before = await shop.engine();
    const known = await shop.json<TraceSummary[]>('traces', '--limit', '1');
    before.client.close();
    process.kill(before.endpoint.pid, 'SIGKILL');
    const ofServices = async (): Promise<number[]> =>
      (await shop.processes()).filter((one) => one.marked && one.pid !== before.endpoint.pid).map((one) => one.pid);
    const pids = await ofServices();
    expect(pids.length).toBeGreaterThanOrEqual(onProcesses.services.length);

    const up = await shop.run('up', '--runtime', 'process', '--headless');
    expect(up.code, up.stderr).toBe(0);
    const after = await shop.engine();
    after.client.close();
    expect(after.endpoint.pid).not.toBe(before.endpoint.pid);
    expect(after.endpoint.url).toBe(before.endpoint.url);
    expect(after.endpoint.token).toBe(before.endpoint.token);
    const still = new Set(await ofServices());
    expect(pids.filter((pid) => !still.has(pid))).toEqual([]);
    const trace = await shop.json<Trace>('trace', known[0]?.traceId ?? '');
    expect(trace.traceId).toBe(known[0]?.traceId);
  });

  test('down leaves no process, no port, no endpoint and no temporary file', async () => {
    const ports = await portsOf(await shop.processes());
    // Each service has one or two, the engine three.
    expect(ports.size).toBeGreaterThan(onProcesses.services.length);
    const down = await shop.run('down');
    expect(down.code, down.stderr).toBe(0);
    expect(await shop.processes()).toEqual([]);
    expect(await stillListening(ports)).toEqual([]);
    expect(await readdir(shop.temporary)).toEqual([]);
    const left = await readdir(shop.home);
    expect(left).not.toContain('engine.json');
    expect(left).not.toContain('data');
    expect(await shop.json('status')).toMatchObject({ engine: null, fleet: null });
  });
});
