import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { LogRecord, ServiceView, Topology, Trace, TraceSummary } from '../../main/contract/index.ts';
import { withoutContainers } from '../support/containers.ts';
import { type UsersProject, usersProject, withoutCompose } from './users-project.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** A busy machine takes its time. */
const patient = { timeout: 60_000 };
const images = ['debian:bookworm-slim', 'node:24-bookworm-slim', 'postgres:18', 'redis:7'];
const without = await withoutContainers(...images);
const noCompose = await withoutCompose();
const why = (reason: string | null): string => (reason === null ? '' : ` (${reason})`);

/** A port of 127.0.0.1 that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function serviceOf({ flotilla }: UsersProject, id: string): Promise<ServiceView> {
  const found = (await flotilla.json<ServiceView[]>('services')).find((one) => one.id === id);
  if (!found) throw new Error(`there is no ${id}`);
  return found;
}

async function statesOf({ flotilla }: UsersProject): Promise<Record<string, string>> {
  const services = await flotilla.json<ServiceView[]>('services');
  return Object.fromEntries(services.map(({ id, state, health }) => [id, `${state} ${health}`]));
}

async function edgesOf({ flotilla }: UsersProject): Promise<string[]> {
  const { edges } = await flotilla.json<Topology>('topology');
  return edges.map(({ from, to }) => `${from} -> ${to}`);
}

async function expectUp(project: UsersProject, ...options: string[]): Promise<void> {
  const up = await project.up(...options);
  expect(up.code, `${up.stdout}\n${up.stderr}`).toBe(0);
}

async function linesOf({ flotilla }: UsersProject, service: string): Promise<string[]> {
  return (await flotilla.jsonLines<LogRecord>('logs', service)).map((line) => line.message);
}

const fetchText = async (url: string): Promise<string> => (await fetch(url)).text();

describe.skipIf(without !== null)(`a web server with its database and a job${why(without)}`, () => {
  let project: UsersProject;
  let url: string;
  beforeAll(async () => {
    const port = await freePort();
    project = await usersProject('web-and-database', { WEB_PORT: String(port) });
    url = `http://127.0.0.1:${port}/`;
    await expectUp(project);
  });
  afterAll(() => project?.close());

  test('runs: built, migrated, with its secret, at the port that it asks for', async () => {
    expect(await statesOf(project)).toEqual({
      web: 'running healthy',
      migrate: 'exited unknown',
      db: 'running healthy',
    });
    expect(JSON.parse(await fetchText(url))).toEqual({ greeting: 'Come in', visit: 1 });
    expect((await serviceOf(project, 'web')).endpoints.map((one) => new URL(one.url).port)).toEqual([
      new URL(url).port,
    ]);
    expect(await edgesOf(project)).toEqual(['web -> db']);
    await expect
      .poll(() => linesOf(project, 'web'), patient)
      .toContainEqual(expect.stringMatching(/^GET \/ 200 in \d+ ms$/));
    expect(await linesOf(project, 'migrate')).toContain('CREATE TABLE');
  });

  test.skipIf(noCompose !== null)(`docker-compose sees the same project${why(noCompose)}`, async () => {
    const ps = await project.compose('ps');
    for (const service of ['web', 'db', 'migrate']) expect(ps).toContain(`${project.name}-${service}-1`);
    expect(ps).toMatch(/db-1 .* Up \(healthy\)/);
    expect(ps).toMatch(/migrate-1 .* Exit 0/);
    expect(await project.compose('logs', '--no-color', 'web')).toContain('the guest book is open on port 3000');
    await project.compose('stop', '-t', '3', 'web');
    await expect.poll(async () => (await serviceOf(project, 'web')).reason, patient).toMatch(/stopped from outside/);
    await project.compose('start', 'web');
    await expect.poll(async () => (await serviceOf(project, 'web')).health, patient).toBe('healthy');
    expect(JSON.parse(await fetchText(url))).toMatchObject({ visit: 2 });
  });

  test('data stays when it is told to, and down leaves nothing', async () => {
    const volumes = await project.anonymousVolumes();
    const visits = JSON.parse(await fetchText(url)).visit;
    const kept = await project.flotilla.run('down', '--keep-data');
    expect(kept.code, kept.stderr).toBe(0);
    expect(await project.held()).toEqual([`volume ${project.name}_data`]);
    expect(await project.stillThere(volumes)).toEqual([]);
    await expectUp(project);
    expect(JSON.parse(await fetchText(url))).toMatchObject({ visit: visits + 1 });
    expect((await project.flotilla.run('down')).code).toBe(0);
    expect(await project.held()).toEqual([]);
  });

  test.skipIf(noCompose !== null)(`docker-compose takes it down${why(noCompose)}`, async () => {
    await expectUp(project);
    expect(await project.held()).toContain(`network ${project.name}_back`);
    await project.compose('down', '-v');
    expect(await project.held()).toEqual([]);
    await expect.poll(async () => (await serviceOf(project, 'db')).state, patient).not.toBe('running');
    expect((await project.flotilla.run('down')).code).toBe(0);
  });
});

describe.skipIf(without !== null)(`a producer and workers with a queue${why(without)}`, () => {
  let project: UsersProject;
  beforeAll(async () => {
    project = await usersProject('queue-and-workers');
    await expectUp(project, '--profile', 'report');
  });
  afterAll(() => project?.close());

  test('both workers work, and one that fails is started again', async () => {
    const names = (await serviceOf(project, 'worker')).instances.map((one) => one.id);
    expect(names).toEqual(['worker-1', 'worker-2']);
    const lines = () => project.flotilla.jsonLines<LogRecord>('logs', 'worker');
    await expect.poll(async () => (await serviceOf(project, 'worker')).restarts, patient).toBe(1);
    const damaged = (await lines()).filter((line) => line.message.startsWith('Error: picture 10 is damaged'));
    expect(damaged).toHaveLength(1);
    const working = async () => {
      const done = (await lines()).filter((line) => line.message.includes('made thumbnail'));
      return [...new Set(done.map((line) => line.instance))].sort();
    };
    await expect.poll(working, patient).toEqual(['worker-1', 'worker-2']);
    expect((await edgesOf(project)).sort()).toEqual(['producer -> queue', 'reporter -> queue', 'worker -> queue']);
  });

  test('the reporter of the profile answers at a port that was free', async () => {
    const [endpoint] = (await serviceOf(project, 'reporter')).endpoints;
    const report = async () => JSON.parse(await fetchText(`http://127.0.0.1:${new URL(endpoint?.url ?? '').port}/`));
    await expect.poll(async () => (await report()).done, patient).toBeGreaterThan(5);
  });

  test('without the profile there is no reporter; down leaves nothing', async () => {
    expect((await project.flotilla.run('down')).code).toBe(0);
    expect(await project.held()).toEqual([]);
    await expectUp(project);
    expect(Object.keys(await statesOf(project))).toEqual(['queue', 'producer', 'worker']);
    expect((await project.flotilla.run('down')).code).toBe(0);
    expect(await project.held()).toEqual([]);
  });
});

describe.skipIf(without !== null)(`services that send OTLP on their own${why(without)}`, () => {
  let project: UsersProject;
  beforeAll(async () => {
    project = await usersProject('own-telemetry');
    await expectUp(project);
  });
  afterAll(() => project?.close());

  test('their traces, logs and metrics are there without a word of them in the file', async () => {
    const { flotilla } = project;
    const found = async () => {
      const traces = await flotilla.json<TraceSummary[]>('traces');
      return traces.find((one) => one.services.length === 2 && one.spans === 3);
    };
    await expect.poll(found, patient).toMatchObject({ root: { service: 'front', name: 'GET /' } });
    const { spans } = await flotilla.json<Trace>('trace', (await found())?.traceId ?? '');
    expect(spans.map(({ service, name, kind }) => `${service} ${name} ${kind}`).sort()).toEqual([
      'front GET / server',
      'front GET client',
      'stock GET / server',
    ]);
    const { edges } = await flotilla.json<Topology>('topology');
    expect(edges.find(({ from, to }) => from === 'front' && to === 'stock')?.ratePerSecond).toBeGreaterThan(0);
    const told = await flotilla.jsonLines<LogRecord>('logs', 'stock');
    expect(told.find((line) => /boxes are left/.test(line.message))?.traceId).toMatch(/^[0-9a-f]{32}$/);
    const metrics = await flotilla.json<{ name: string }[]>('metrics');
    expect(metrics.map((one) => one.name)).toContain('shop.requests');
  });

  test('down leaves nothing', async () => {
    expect((await project.flotilla.run('down')).code).toBe(0);
    expect(await project.held()).toEqual([]);
  });
});

test.skipIf(without !== null)(`keys that are not supported: which, and where${why(without)}`, async () => {
  const project = await usersProject('unsupported-keys');
  onTestFinished(() => project.close());
  const { code, stderr } = await project.up();
  expect(code, stderr).toBe(0);
  expect(await statesOf(project)).toEqual({ app: 'running none' });
  const at = (place: string) => `${project.folder}/compose.yaml:${place}`;
  for (const warning of [
    at('10:5: services.app.cpu_count: has no effect: only Windows containers have it; use cpus'),
    at('17:7: services.app.deploy.placement: has no effect: it speaks of a swarm, and Flotilla runs on one machine'),
    at('36:5: services.app.post_start: is not run: put it into the command, or into a service of its own'),
    at('42:5: services.app.enviroment: is not a key of Compose; is environment meant?'),
    at('46:5: services.cloud.provider: nothing but containers and processes is started: the service is left out'),
  ]) {
    expect(stderr.split('\n')).toContain(warning);
  }
  expect(stderr.split('\n').filter((line) => line.startsWith(at('')))).toHaveLength(23);
});
