import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type {
  AttachList,
  EngineState,
  FleetView,
  LogRecord,
  ServiceAction,
  ServiceView,
  Topology,
  TraceSummary,
} from '../../main/contract/index.ts';
import { EngineDoor } from '../runtimes/docker-harness.ts';
import { withoutContainers } from '../support/containers.ts';
import { type Flotilla, makeFlotilla } from '../support/flotilla.ts';
import { type ForeignProject, foreignContainers, foreignProject } from './attach-project.ts';
import { withoutCompose } from './users-project.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

/** A busy machine takes its time. */
const patient = { timeout: 30_000 };
const without = (await withoutContainers('node:24-bookworm-slim')) ?? (await withoutCompose());

describe.skipIf(without !== null)(`a project that runs already${without === null ? '' : ` (${without})`}`, () => {
  let project: ForeignProject;
  let flotilla: Flotilla;
  beforeAll(async () => {
    project = await foreignProject();
    await project.compose('up', '-d');
    flotilla = await makeFlotilla();
  });
  afterAll(async () => {
    await flotilla?.close();
    await project?.close();
  });

  const services = (): Promise<ServiceView[]> => flotilla.json<ServiceView[]>('services');
  const state = async (id: string): Promise<string | undefined> =>
    (await services()).find((one) => one.id === id)?.state;
  const act = (service: string, action: ServiceAction): Promise<ServiceView> =>
    flotilla.json<ServiceView>(action, service);
  const fleet = async (): Promise<FleetView> => {
    const { client } = await flotilla.engine();
    const found: EngineState = await client.call('engine.state', undefined);
    client.close();
    if (found.fleet === null) throw new Error('there is no fleet');
    return found.fleet;
  };
  const messages = async (service: string): Promise<string[]> =>
    (await flotilla.jsonLines<LogRecord>('logs', service)).map((line) => line.message);

  test('is offered, and named where another name is wrong', async () => {
    const { candidates } = await flotilla.json<AttachList>('attach');
    const found = candidates.find((one) => one.project === project.name);
    expect(found?.services.map(({ id, containers }) => [id, containers])).toEqual([
      ['once', 1],
      ['store', 1],
      ['web', 1],
    ]);
    const wrong = await flotilla.run('attach', 'no-such-project');
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining(project.name)]);
    expect((await flotilla.run('attach', project.name, '--container', 'web')).code).toBe(2);
  });

  test('is looked at as it is: services, past and present lines, use, a terminal, edges', async () => {
    const before = await project.containers();
    const attached = await flotilla.run('attach', project.name);
    expect(attached.code, attached.stderr).toBe(0);
    await expect
      .poll(async () => [await state('web'), await state('store'), await state('once')], patient)
      .toEqual(['running', 'running', 'exited']);
    expect(await messages('once')).toContain('done for good');
    expect(await messages('web')).toContain('web is up');
    const ticks = (await messages('web')).length;
    await expect.poll(async () => (await messages('web')).length, patient).toBeGreaterThan(ticks);
    await expect
      .poll(async () => (await services()).find((one) => one.id === 'web')?.memoryBytes ?? 0, patient)
      .toBeGreaterThan(1_000_000);
    const shell = await flotilla.run('exec', 'web', '--', 'node', '-p', 'process.env.STORE_URL');
    expect([shell.code, shell.stdout.trim()]).toEqual([0, 'http://store:9000/']);
    const { edges } = await flotilla.json<Topology>('topology');
    expect(edges.map(({ from, to }) => `${from} -> ${to}`)).toEqual(['web -> store']);
    expect(await project.containers()).toEqual(before);
  });

  test('sends its traces to where it is told to', async () => {
    const { attached, services: all } = await fleet();
    expect(attached?.environment.map(({ name }) => name)).toEqual([
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'OTEL_EXPORTER_OTLP_PROTOCOL',
    ]);
    const web = all.find((one) => one.id === 'web')?.endpoints[0]?.url ?? '';
    const answer = await fetch(`${web}/?to=${encodeURIComponent(attached?.environment[0]?.value ?? '')}`);
    expect(await answer.text()).toBe('200');
    await expect
      .poll(async () => (await flotilla.json<TraceSummary[]>('traces')).map((one) => one.traceId), patient)
      .toContain('a'.repeat(32));
  });

  test('is handled by hand, and never by itself', async () => {
    const running = async (): Promise<boolean> => (await (await project.container('web')).inspect()).State.Running;
    expect((await act('web', 'stop')).state).toBe('stopped');
    expect(await running()).toBe(false);
    await act('web', 'start');
    await expect.poll(() => state('web'), patient).toBe('running');
    expect(await running()).toBe(true);
    expect((await act('web', 'restart')).restarts).toBe(1);
    expect((await act('web', 'pause')).state).toBe('paused');
    expect((await (await project.container('web')).inspect()).State.Paused).toBe(true);
    expect((await act('web', 'resume')).state).toBe('running');
    await act('store', 'kill');
    expect(await state('store')).toBe('failed');
    await act('store', 'start');
    await expect.poll(() => state('store'), patient).toBe('running');
    await (await project.container('store')).stop();
    await expect.poll(() => state('store'), patient).toBe('stopped');
    await (await project.container('store')).start();
    await expect.poll(() => state('store'), patient).toBe('running');
  });

  test('is followed as it changes: more copies, containers made anew', async () => {
    const copies = async (): Promise<string[]> =>
      (await services()).find((one) => one.id === 'web')?.instances.map((one) => `${one.id} ${one.state}`) ?? [];
    await project.compose('up', '-d', '--no-recreate', '--scale', 'web=2', 'web');
    await expect.poll(copies, patient).toEqual(['web-1 running', 'web-2 running']);
    await project.compose('up', '-d', '--force-recreate', '--no-deps', 'web');
    await expect.poll(copies, patient).toEqual(['web-1 running']);
    const { id } = await (await project.container('web')).inspect().then(({ Id }) => ({ id: Id }));
    await expect
      .poll(async () => (await services()).find((one) => one.id === 'web')?.instances[0]?.containerId, patient)
      .toBe(id);
  });

  test('is gone on with by an engine after one that was killed', async () => {
    await act('web', 'restart');
    const { restarts } = (await services()).find((one) => one.id === 'web') ?? {};
    const before = await project.containers();
    const { endpoint, client } = await flotilla.engine();
    client.close();
    process.kill(endpoint.pid, 'SIGKILL');
    // Any command that needs an engine starts the next; this one finds that it is attached already.
    await expect.poll(async () => (await flotilla.run('attach', project.name)).code, patient).toBe(0);
    expect((await fleet()).attached?.project).toBe(project.name);
    await expect.poll(() => state('web'), patient).toBe('running');
    expect((await services()).find((one) => one.id === 'web')?.restarts).toBe(restarts);
    const lines = await messages('once');
    expect(lines.filter((line) => line === 'done for good')).toHaveLength(1);
    expect(await project.containers()).toEqual(before);
  });

  test('is no other fleet, and is left as it was', async () => {
    const other = await flotilla.run('up', '/nowhere', '--headless');
    expect(other.code).toBe(1);
    const before = await project.containers();
    const down = await flotilla.run('down');
    expect([down.code, down.stderr]).toEqual([0, expect.stringContaining('Nothing of it was stopped')]);
    expect(await project.containers()).toEqual(before);
    expect(await flotilla.processes()).toEqual([]);
  });

  test('may be one container, by its name, also when that is made anew', async () => {
    const { Name } = await (await project.container('store')).inspect();
    const name = Name.slice(1);
    const attached = await flotilla.run('attach', '--container', name);
    expect(attached.code, attached.stderr).toBe(0);
    expect((await services()).map(({ id, state: now }) => [id, now])).toEqual([['store', 'running']]);
    await project.compose('up', '-d', '--force-recreate', '--no-deps', 'store');
    const { Id } = await (await project.container('store')).inspect();
    await expect.poll(async () => (await services())[0]?.instances[0]?.containerId, patient).toBe(Id);
    expect((await flotilla.run('down')).code).toBe(0);
  });
});

describe.skipIf(without !== null)(`containers of no project${without === null ? '' : ` (${without})`}`, () => {
  test('are restarted by their own policy, kept over a restart, and gone when they go', async () => {
    const containers = await foreignContainers();
    const flotilla = await makeFlotilla();
    onTestFinished(async () => {
      await flotilla.close();
      await containers.close();
    });
    const { looping, brief } = containers;
    const attached = await flotilla.json<FleetView>('attach', '--container', looping, '--container', brief);
    // They are in the engine's own network, which is told of differently.
    expect([attached.attached?.project, attached.attached?.environment.length]).toEqual([null, 2]);
    const view = async (id: string): Promise<ServiceView | undefined> =>
      (await flotilla.json<ServiceView[]>('services')).find((one) => one.id === id);
    await expect.poll(async () => (await view(looping))?.restarts ?? 0, patient).toBeGreaterThan(2);
    await expect.poll(async () => (await view(looping))?.reason, patient).toMatch(/exited with code 3|crash loop/);
    await flotilla.json('stop', looping);
    await expect.poll(() => containers.isRunning(looping), patient).toBe(false);
    expect((await view(looping))?.state).toBe('stopped');

    await flotilla.json('restart', brief);
    expect([(await view(brief))?.state, await containers.isRunning(brief)]).toEqual(['running', true]);
    await flotilla.json('stop', brief);
    await flotilla.json('start', brief);
    await expect.poll(async () => (await view(brief))?.reason, patient).toContain('is gone');
  });

  test('are kept in mind while the container engine is away, also by an engine that starts meanwhile', async () => {
    const containers = await foreignContainers();
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-door-'));
    const door = new EngineDoor(join(folder, 'docker.sock'));
    await door.open();
    const flotilla = await makeFlotilla({ DOCKER_HOST: `unix://${door.path}` });
    onTestFinished(async () => {
      await flotilla.close();
      await door.shut();
      await containers.close();
      await rm(folder, { recursive: true, force: true });
    });
    const { brief } = containers;
    const state = async (): Promise<string> => (await flotilla.json<ServiceView[]>('services'))[0]?.state ?? 'none';
    await flotilla.json('attach', '--container', brief);
    await door.shut();
    const { endpoint, client } = await flotilla.engine();
    client.close();
    process.kill(endpoint.pid, 'SIGKILL');
    // Attaching to something else is refused by the engine that this starts: it goes on with what was.
    await expect.poll(async () => (await flotilla.run('attach', 'other')).stderr, patient).toContain(brief);
    expect(await state()).toBe('running');
    await containers.close();
    await door.open();
    await expect.poll(state, patient).toBe('stopped');
  });
});
