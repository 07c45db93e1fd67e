import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { withoutContainers } from '../support/containers.ts';
import { OwnDockerd, withoutDockerd } from '../support/own-dockerd.ts';
import { FaultsBench, IMAGES } from './faults-bench.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 300_000 });

const [NODE] = IMAGES;
const without = withoutDockerd() ?? (await withoutContainers(NODE));
const why = without === null ? '' : ` (skipped: ${without})`;
const patient = { timeout: 90_000, interval: 100 };

describe.skipIf(without !== null)(`the container engine dies during faults${why}`, () => {
  let dockerd: OwnDockerd;
  let bench: FaultsBench;
  beforeAll(async () => {
    dockerd = await OwnDockerd.start(NODE);
    bench = await FaultsBench.start('docker', { DOCKER_HOST: dockerd.host }, false);
  });
  afterAll(async () => {
    if (dockerd !== undefined && !dockerd.isRunning) await dockerd.start();
    await bench?.close();
    await dockerd?.close();
  });

  const service = (id: string, instance?: number) => ({
    kind: 'service' as const,
    service: id,
    ...(instance === undefined ? {} : { instance }),
  });
  const many = async (forSeconds: number | null): Promise<void> => {
    await bench.add('latency', { kind: 'edge', from: 'victim', to: 'target' }, { forSeconds });
    await bench.add('cpu-limit', service('target'), { parameters: { cpus: 0.5 }, forSeconds });
    await bench.add('disconnect', service('twins', 1), { forSeconds });
    await bench.add('pause', service('target'), { forSeconds });
    await bench.add('stop', service('twins', 2), { forSeconds });
  };
  const isWell = async (): Promise<void> => {
    await vi.waitFor(async () => expect(await bench.faults()).toEqual([]), patient);
    // One copy that is back answers for the other, which may still be on its way.
    await vi.waitFor(async () => {
      const { fleet } = await (await bench.client()).call('engine.state', undefined);
      const states = fleet?.services.flatMap((one) => one.instances.map(({ state }) => state)) ?? [];
      expect(new Set(states)).toEqual(new Set(['running']));
    }, patient);
    await vi.waitFor(async () => {
      const [web] = await bench.victim({ act: 'get', path: '/' });
      expect(web).toMatchObject({ status: 200 });
      expect(web.ms).toBeLessThan(500);
      const twins = await bench.victim({ act: 'get', to: 'twins', path: '/', times: 4 });
      expect(twins.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    }, patient);
    const name = (await dockerd.docker.listContainers()).find((one) => one.Names[0]?.includes('target'))?.Id ?? '';
    const { HostConfig } = await dockerd.docker.getContainer(name).inspect();
    expect(HostConfig.CpuQuota ?? 0).toBeLessThanOrEqual(0);
    const { entries } = JSON.parse(await readFile(`${bench.flotilla.home}/faults.json`, 'utf8'));
    expect(entries).toEqual([]);
  };

  test('their time ends while it is away: they are taken off when it is back', async () => {
    await many(4);
    await dockerd.kill();
    await vi.waitFor(async () => {
      const left = await bench.faults();
      expect(left.map(({ kind, state }) => [kind, state])).toContainEqual(['cpu-limit', 'failed']);
    }, patient);
    await dockerd.start();
    await isWell();
  });

  test('it comes back before their time: they are on what it starts again, and then off', async () => {
    await bench.add('pause', service('target'), { forSeconds: null });
    await dockerd.kill();
    await dockerd.start();
    await vi.waitFor(async () => {
      const [container] = (await dockerd.docker.listContainers()).filter((one) => one.Names[0]?.includes('target'));
      expect(container?.State).toBe('paused');
    }, patient);
    await (await bench.client()).call('fault.stop', undefined);
    await (await bench.client()).call('fault.release', undefined);
    await isWell();
  });

  test('the engine of Flotilla dies with it: the next one takes them off', async () => {
    await isWell();
    await many(null);
    const { client, endpoint } = await bench.flotilla.engine();
    client.close();
    process.kill(endpoint.pid, 'SIGKILL');
    await dockerd.kill();
    await dockerd.start();
    await bench.up();
    await isWell();
  });
});
