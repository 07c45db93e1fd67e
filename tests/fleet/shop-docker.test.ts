import Dockerode from 'dockerode';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Topology, TraceSummary } from '../../main/contract/index.ts';
import { withoutContainers } from '../support/containers.ts';
import { type Flotilla, makeFlotilla } from '../support/flotilla.ts';
import { onDocker, patient, testShop, viewOf } from './shop-suite.ts';

const without = await withoutContainers(
  'node:24-bookworm-slim',
  'apache/kafka:4.1.0',
  'postgres:18',
  'redis:7',
  'rabbitmq:3-management',
);
/** The shop's own name may be in use here: what runs under it must not be touched. */
const project = `shop-test-${process.pid}`;

vi.setConfig({ testTimeout: 180_000, hookTimeout: 300_000 });

describe.skipIf(without !== null)(`the shop in containers${without === null ? '' : ` (${without})`}`, () => {
  const docker = new Dockerode();
  let shop: Flotilla;

  /** What the engine keeps of the fleet, by its name. Others may use the engine too: theirs is not ours to judge. */
  async function held(): Promise<{ containers: string[]; networks: string[]; volumes: string[] }> {
    const [containers, networks, { Volumes }] = await Promise.all([
      docker.listContainers({ all: true }),
      docker.listNetworks(),
      docker.listVolumes(),
    ]);
    const ours = (names: readonly string[]): string[] => names.filter((name) => name.includes(project)).sort();
    return {
      containers: ours(containers.flatMap((one) => one.Names)),
      networks: ours(networks.map((one) => one.Name)),
      volumes: ours((Volumes ?? []).map((one) => one.Name)),
    };
  }

  /** The volumes that its containers have, those without a name of their own included. */
  async function mounted(): Promise<string[]> {
    const { containers } = await held();
    const found = await Promise.all(containers.map((name) => docker.getContainer(name.slice(1)).inspect()));
    return found.flatMap((one) => one.Mounts.flatMap((mount) => (mount.Type === 'volume' ? (mount.Name ?? []) : [])));
  }

  beforeAll(async () => {
    shop = await makeFlotilla({ COMPOSE_PROJECT_NAME: project });
    expect(await held()).toEqual({ containers: [], networks: [], volumes: [] });
    const up = await shop.run('up', '--runtime', 'docker', '--headless', '--traffic', '4');
    expect(up.code, `${up.stdout}\n${up.stderr}`).toBe(0);
  });
  afterAll(async () => {
    await shop?.close();
    const left = await docker.listContainers({ all: true, filters: { name: [project] } });
    await Promise.all(left.map((one) => docker.getContainer(one.Id).remove({ force: true, v: true })));
  });

  testShop(() => shop, { ...onDocker, name: project });

  test('images share all layers but the last, and nobody in them is root', async () => {
    const images = await Promise.all(
      ['gateway', 'cart', 'orders'].map((service) => docker.getImage(`flotilla-shop/${service}`).inspect()),
    );
    const shared = images.map((image) => JSON.stringify(image.RootFS.Layers?.slice(0, -1)));
    expect(new Set(shared).size).toBe(1);
    expect(new Set(images.map((image) => image.RootFS.Layers?.at(-1))).size).toBe(images.length);
    expect(images.map((image) => image.Config.User)).toEqual(['1000:1000', '1000:1000', '1000:1000']);
  });

  test('two workers pack parcels, and go on when their broker comes back', async () => {
    const rabbitmq = docker.getContainer(`${project}-rabbitmq-1`);
    const packed = async (): Promise<number> => {
      const { edges } = await shop.json<Topology>('topology', '--last', '15s');
      return edges.find((one) => one.from === onDocker.jobs && one.to === 'shipping')?.count ?? 0;
    };
    await expect.poll(packed, patient).toBeGreaterThan(0);
    expect((await viewOf(shop, 'shipping')).instances).toHaveLength(2);
    await rabbitmq.restart({ t: 5 });
    await expect.poll(async () => (await viewOf(shop, 'rabbitmq')).health, patient).toBe('healthy');
    const since = new Date().toISOString();
    const shipped = async (): Promise<number> => {
      const traces = await shop.json<TraceSummary[]>('traces', '--query', 'service:shipping', '--last', '2m');
      return traces.filter((trace) => trace.startTime > since && trace.services.includes('orders')).length;
    };
    await expect.poll(shipped, patient).toBeGreaterThan(0);
    await expect.poll(async () => (await viewOf(shop, 'shipping')).health, patient).toBe('healthy');
  });

  test('down leaves no container, network or volume', async () => {
    const { containers, networks, volumes } = await held();
    expect([containers.length, networks, volumes]).toEqual([
      onDocker.services.length + 1,
      [`${project}_default`],
      [`${project}_postgres-data`],
    ]);
    const used = await mounted();
    const down = await shop.run('down');
    expect(down.code, down.stderr).toBe(0);
    expect(await held()).toEqual({ containers: [], networks: [], volumes: [] });
    const { Volumes } = await docker.listVolumes();
    expect((Volumes ?? []).map((one) => one.Name).filter((name) => used.includes(name))).toEqual([]);
    expect(await shop.json('status')).toMatchObject({ engine: null, fleet: null });
  });
});
