import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Dockerode from 'dockerode';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ServiceView } from '../../main/contract/index.ts';
import { LinksClient, type LinkView } from '../../main/engine/links/index.ts';
import { withoutContainers } from '../support/containers.ts';
import { type Flotilla, makeFlotilla, projectRoot } from '../support/flotilla.ts';
import { withoutCompose } from './users-project.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

const NODE = 'node:24-bookworm-slim';
const without = await withoutContainers(NODE, 'apache/kafka:4.1.0', 'postgres:18', 'redis:7');
const noCompose = await withoutCompose();
const why = (reason: string | null): string => (reason === null ? '' : ` (${reason})`);
const docker = new Dockerode();
const project = `links-test-${process.pid}`;
/** A busy machine takes its time. */
const patient = { timeout: 60_000 };

const serviceOf = (port: number, environment: Record<string, string>, given: object = {}) => ({
  image: NODE,
  command: ['node', '/app/service.mjs'],
  environment: { PORT: String(port), ...environment },
  volumes: [
    `${join(import.meta.dirname, 'links-fleet/service.mjs')}:/app/service.mjs:ro`,
    `${join(projectRoot, 'node_modules')}:/app/node_modules:ro`,
  ],
  stop_grace_period: '1s',
  'x-flotilla': {
    ports: [{ name: 'http', port, protocol: 'http' }],
    health: { http: { port: 'http', path: '/' } },
    ...given,
  },
});

const addresses = {
  BACK_URL: 'http://back:7001',
  DATABASE_URL: 'postgres://postgres:secret@db:5432/postgres',
  CACHE_URL: 'redis://cache:6379',
  KAFKA_BROKERS: 'kafka:9092',
};
const dependsOn = Object.fromEntries(
  ['back', 'db', 'cache', 'kafka'].map((one) => [one, { condition: 'service_healthy' }]),
);

const fleet = {
  services: {
    front: { ...serviceOf(7000, addresses), depends_on: dependsOn },
    other: { ...serviceOf(7002, addresses), depends_on: dependsOn },
    plain: serviceOf(7003, { BACK_URL: 'http://back:7001' }, { links: false }),
    back: { ...serviceOf(7001, {}), deploy: { replicas: 2 } },
    db: {
      image: 'postgres:18',
      environment: { POSTGRES_PASSWORD: 'secret' },
      healthcheck: { test: ['CMD', 'pg_isready', '-h', '127.0.0.1'], interval: '2s', retries: 30 },
      'x-flotilla': { ports: [{ name: 'postgres', port: 5432, protocol: 'postgres' }] },
    },
    cache: {
      image: 'redis:7',
      healthcheck: { test: ['CMD', 'redis-cli', 'ping'], interval: '2s', retries: 30 },
      'x-flotilla': { ports: [{ name: 'redis', port: 6379, protocol: 'redis' }] },
    },
    kafka: {
      image: 'apache/kafka:4.1.0',
      environment: { KAFKA_HEAP_OPTS: '-Xms128m -Xmx384m -XX:TieredStopAtLevel=1' },
      'x-flotilla': {
        ports: [{ name: 'kafka', port: 9092, protocol: 'kafka' }],
        health: { tcp: { port: 'kafka' } },
      },
    },
  },
};

const linked = ['front', 'other'].flatMap((from) =>
  ['back:7001', 'db:5432', 'cache:6379', 'kafka:9092'].map((to) => `${from}:${to}`),
);

describe.skipIf(without !== null)(`calls between containers${why(without)}`, () => {
  let flotilla: Flotilla;
  let links: LinksClient;

  beforeAll(async () => {
    flotilla = await makeFlotilla({ COMPOSE_PROJECT_NAME: project });
    const folder = join(flotilla.home, 'project');
    await mkdir(folder);
    await writeFile(join(folder, 'compose.yaml'), JSON.stringify(fleet));
    const up = await flotilla.run('up', folder, '--runtime', 'docker', '--headless');
    expect(up.code, `${up.stdout}\n${up.stderr}`).toBe(0);
    const { url } = JSON.parse(await readFile(join(flotilla.home, 'links.json'), 'utf8'));
    links = new LinksClient(url, null);
  });
  afterAll(async () => {
    await flotilla?.close();
    const label = [`com.docker.compose.project=${project}`];
    const left = await docker.listContainers({ all: true, filters: { label } });
    await Promise.all(left.map((one) => docker.getContainer(one.Id).remove({ force: true, v: true })));
    for (const { Id } of await docker.listNetworks({ filters: { label } })) await docker.getNetwork(Id).remove();
  });
  // After the last there are none.
  afterEach(() => links?.reset().catch(() => undefined));

  /** Of the program that runs; null while none answers. */
  const linksPid = async (): Promise<number | null> => (await links.info().catch(() => null))?.pid ?? null;
  const views = async (): Promise<Record<string, LinkView>> =>
    Object.fromEntries((await links.links()).map((link) => [link.name, link]));
  const serviceView = async (id: string): Promise<ServiceView> => {
    const found = (await flotilla.json<ServiceView[]>('services')).find((one) => one.id === id);
    if (!found) throw new Error(`there is no ${id}`);
    return found;
  };
  const ports = new Map<string, string>();
  const call = async (from: string, what: string): Promise<{ said?: string; failed?: string }> => {
    const known = ports.get(from) ?? new URL((await serviceView(from)).endpoints[0]?.url ?? '').port;
    ports.set(from, known);
    const response = await fetch(`http://127.0.0.1:${known}/?call=${encodeURIComponent(what)}`);
    return response.json();
  };
  /** The test's own client tries again: what is under test is whether the way is whole, not how soon. */
  const answers = (from: string, what: string, within = patient) =>
    expect
      .poll(() => call(from, what).catch((error: unknown) => ({ failed: String(error) })), within)
      .toHaveProperty('said');
  const connectionsOf = async (name: string): Promise<number> => (await links.stats())[name]?.connections.total ?? 0;

  test('there is a link for every edge but those of who wants none', async () => {
    expect(Object.keys(await views()).sort()).toEqual([...linked].sort());
  });

  test.each(['back', 'db', 'cache', 'kafka'])('what calls %s passes the link', async (to) => {
    const name = linked.find((one) => one.startsWith(`front:${to}:`)) ?? '';
    const [before, others] = [await connectionsOf(name), await connectionsOf(name.replace('front', 'other'))];
    await answers('front', to);
    expect(await connectionsOf(name)).toBeGreaterThan(before);
    expect(await connectionsOf(name.replace('front', 'other'))).toBe(others);
  });

  test.each(['back', 'db', 'cache', 'kafka'])('a link to %s that is disabled refuses its caller alone', async (to) => {
    const name = linked.find((one) => one.startsWith(`front:${to}:`)) ?? '';
    await answers('front', to);
    await answers('other', to);
    await links.update(name, { enabled: false });
    // A client of Kafka with a connection open would go on if it had one past its link.
    const failed = (await call('front', to)).failed ?? '';
    expect(failed).toMatch(to === 'kafka' ? /./ : /^ECONNREFUSED$/);
    expect(await call('other', to)).toHaveProperty('said');
    await links.update(name, { enabled: true });
    await answers('front', to);
  });

  test('a broker sends each client back to its own link', async () => {
    const { Config } = await docker.getContainer(`${project}-kafka-1`).inspect();
    const advertised = Config.Env.find((one) => one.startsWith('KAFKA_ADVERTISED_LISTENERS=')) ?? '';
    for (const from of ['front', 'other']) {
      expect(advertised).toContain(`://${(await views())[`${from}:kafka:9092`]?.listen}`);
    }
    // One connection to begin with and one to the broker that it was told of.
    expect(await connectionsOf('front:kafka:9092')).toBeGreaterThanOrEqual(2);
  });

  test('copies are called in turn', async () => {
    const names = new Set<string | undefined>();
    for (let n = 0; n < 4; n += 1) names.add((await call('front', 'back')).said);
    expect(names.size).toBe(2);
  });

  test('names go on meaning containers, and who wants no links has none', async () => {
    const before = await connectionsOf('front:back:7001');
    expect(await call('front', 'back by name')).toHaveProperty('said');
    expect(await connectionsOf('front:back:7001')).toBe(before);
    const { Config } = await docker.getContainer(`${project}-plain-1`).inspect();
    expect(Config.Env).toContain('BACK_URL=http://back:7001');
    expect(await call('plain', 'back')).toHaveProperty('said');
  });

  test.skipIf(noCompose !== null)(`docker-compose sees the same project${why(noCompose)}`, async () => {
    const cwd = join(flotilla.home, 'project');
    const { stdout } = await promisify(execFile)('docker-compose', ['ps'], { cwd, env: flotilla.env });
    for (const name of ['front-1', 'back-1', 'back-2', 'db-1', 'kafka-1'])
      expect(stdout).toContain(`${project}-${name}`);
  });

  test('a callee that is made anew is reached again', async () => {
    for (const n of [1, 2]) await docker.getContainer(`${project}-back-${n}`).remove({ force: true });
    await expect.poll(async () => (await serviceView('back')).state, patient).toBe('stopped');
    expect(await call('front', 'back')).toHaveProperty('failed');
    expect((await flotilla.run('start', 'back')).code).toBe(0);
    await answers('front', 'back');
  });

  test('with the links program killed, calls pass again in a moment, at the same addresses', async () => {
    const before = await views();
    const pid = await linksPid();
    process.kill(pid ?? Number.NaN, 'SIGKILL');
    const isAnother = async () => ![pid, null].includes(await linksPid());
    await expect.poll(isAnother, patient).toBe(true);
    for (const to of ['back', 'db', 'cache', 'kafka']) await answers('front', to);
    const listens = (all: Record<string, LinkView>) =>
      Object.fromEntries(Object.entries(all).map(([name, { listen }]) => [name, listen]));
    expect(listens(await views())).toEqual(listens(before));
  });

  test('with the engine killed calls go on, and the next engine has the same links with their faults', async () => {
    const before = await views();
    const pid = await linksPid();
    await links.addToxic('other:cache:6379', {
      name: 'slow',
      type: 'latency',
      attributes: { latency: 1 },
      ttlMs: 60_000,
    });
    const engine = await flotilla.engine();
    engine.client.close();
    const [found] = (await flotilla.processes()).filter((one) => one.command.includes('engine/main.js'));
    process.kill(found?.pid ?? 0, 'SIGKILL');
    expect(await call('front', 'back')).toHaveProperty('said');
    const up = await flotilla.run('up', join(flotilla.home, 'project'), '--runtime', 'docker', '--headless');
    expect(up.code, up.stderr).toBe(0);
    expect(await linksPid()).toBe(pid);
    const after = await views();
    expect(after['other:cache:6379']?.toxics).toHaveLength(1);
    expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
    // What it is to be made from is the same, so that it is the same container.
    const idOf = async () => (await docker.getContainer(`${project}-front-1`).inspect()).Id;
    const id = await idOf();
    expect((await flotilla.run('restart', 'front')).code).toBe(0);
    await expect.poll(async () => (await serviceView('front')).health, patient).toBe('healthy');
    expect(await idOf()).toBe(id);
    for (const to of ['back', 'db', 'cache', 'kafka']) await answers('front', to);
  });

  test('down ends the links and leaves nothing', async () => {
    const down = await flotilla.run('down');
    expect(down.code, down.stderr).toBe(0);
    expect(await linksPid()).toBeNull();
    const label = [`com.docker.compose.project=${project}`];
    expect(await docker.listContainers({ all: true, filters: { label } })).toEqual([]);
    expect(await docker.listNetworks({ filters: { label } })).toEqual([]);
  });
});
