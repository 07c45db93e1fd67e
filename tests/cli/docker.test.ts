import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Dockerode from 'dockerode';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FleetView, RuntimeView } from '../../main/contract/index.ts';
import { withoutContainers } from '../support/containers.ts';
import { type Flotilla, makeFlotilla } from '../support/flotilla.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const BASE = 'debian:bookworm-slim';
const missing = await withoutContainers(BASE);
const docker = new Dockerode();
const project = `flotilla-test-cli-${process.pid}`;
/** It would not hear another signal, and be waited for. */
const stays = { command: ['sleep', '1000'], stop_signal: 'SIGKILL' };

let flotilla: Flotilla;
let file: string;
beforeEach(async () => {
  flotilla = await makeFlotilla();
  file = join(flotilla.home, 'project', 'compose.yaml');
  await mkdir(join(flotilla.home, 'project'));
});
afterEach(() => flotilla.close());
afterAll(async () => {
  if (missing !== null) return;
  const label = [`com.docker.compose.project=${project}`];
  for (const { Id } of await docker.listImages({ filters: { label } }))
    await docker.getImage(Id).remove({ force: true });
});

async function fleetOf(services: Record<string, object>, dockerfile = ''): Promise<void> {
  await writeFile(file, JSON.stringify({ name: project, services }));
  await writeFile(join(flotilla.home, 'project', 'Dockerfile'), dockerfile);
}
const containers = () =>
  docker.listContainers({ all: true, filters: { label: [`com.docker.compose.project=${project}`] } });

describe.skipIf(missing !== null)('up on Docker', () => {
  test('builds what is not there, says so, and nothing the next time but with --build', async () => {
    await fleetOf({ web: { build: '.', ...stays } }, `FROM ${BASE}\nRUN echo hello\n`);
    const first = await flotilla.run('up', file, '--runtime', 'docker', '--headless', '--json');
    expect(first.code, first.stderr).toBe(0);
    expect(JSON.parse(first.stdout).fleet).toEqual({ name: project, state: 'healthy' });
    expect(first.stderr).toContain(`${project}-web:latest is being built`);
    expect(first.stderr).toMatch(/✓ \S+-web:latest built/);
    const other = await flotilla.run('up', file, '--runtime', 'process', '--headless');
    expect(other).toMatchObject({ code: 1 });
    expect(other.stderr).toContain(`The fleet ${project} is already running, on Docker.`);
    expect(await flotilla.run('down')).toMatchObject({ code: 0 });
    expect(await containers()).toEqual([]);

    const again = await flotilla.run('up', file, '--runtime', 'docker', '--headless');
    expect(again.stderr).not.toContain('built');
    expect(await flotilla.run('down')).toMatchObject({ code: 0 });
    const rebuilt = await flotilla.run('up', file, '--runtime', 'docker', '--headless', '--build');
    expect(rebuilt.code, rebuilt.stderr).toBe(0);
    expect(rebuilt.stderr).toMatch(/✓ \S+-web:latest built/);
  });

  test('a build that fails says where and why, keeps what it wrote, and lets the others run', async () => {
    await fleetOf(
      { web: { build: '.', ...stays }, other: { image: BASE, ...stays } },
      `FROM ${BASE}\nRUN echo looking for it && exit 9\n`,
    );
    const up = await flotilla.run('up', file, '--runtime', 'docker', '--headless');
    expect(up.code).toBe(1);
    expect(up.stderr).toMatch(/web: The image \S+-web:latest could not be built at step 2 of \d+ \(RUN echo looking/);
    expect(up.stderr).toContain('returned a non-zero code: 9');
    expect(up.stderr).toMatch(/✓ other/);
    await expect.poll(async () => (await flotilla.run('logs', 'web')).stdout).toContain('build: looking for it');
    const { client } = await flotilla.engine();
    const { fleet } = await client.call('engine.state', undefined);
    client.close();
    expect(fleet?.images).toMatchObject([{ action: 'build', state: 'failed', error: { code: 'IMAGE_BUILD_FAILED' } }]);

    await fleetOf({ web: { build: '.', ...stays } }, `FROM ${BASE}\nRUN echo found\n`);
    await flotilla.run('start', 'web');
    const state = async (): Promise<string | undefined> =>
      (await flotilla.json<FleetView['services']>('services')).find((one) => one.id === 'web')?.state;
    await expect.poll(state, { timeout: 60_000 }).toBe('running');
  });

  test('down gives up a build that is under way', async () => {
    await fleetOf({ web: { build: '.', ...stays } }, `FROM ${BASE}\nRUN echo begun && sleep 600\n`);
    const up = flotilla.run('up', file, '--runtime', 'docker', '--headless');
    const building = async (): Promise<boolean> =>
      (await docker.listContainers()).some(({ Command }) => Command.includes('echo begun && sleep 600'));
    await expect.poll(building, { timeout: 60_000 }).toBe(true);
    expect(await flotilla.run('down')).toMatchObject({ code: 0 });
    expect((await up).code).toBe(1);
    await expect.poll(building).toBe(false);
    expect(await containers()).toEqual([]);
  });

  test('where nobody chooses it runs on Docker when the images are there, and says why', async () => {
    await fleetOf({ web: { image: BASE, ...stays } });
    const up = await flotilla.run('up', file, '--headless');
    expect(up.stderr).toMatch(/It runs on Docker \S+ at \S+.*, whose engine has all its images\. Choose another with/);
    const { client } = await flotilla.engine();
    const listed: RuntimeView[] = await client.call('runtimes.list', { file });
    client.close();
    expect(listed).toMatchObject([
      { kind: 'docker', isDefault: true, images: [{ image: BASE, present: true }] },
      { kind: 'process', isDefault: false },
    ]);
  });
});

test('without an engine it says why it runs on processes, and why not on Docker', async () => {
  await flotilla.close();
  flotilla = await makeFlotilla({ DOCKER_HOST: 'unix:///nowhere/docker.sock' });
  await mkdir(join(flotilla.home, 'project'));
  file = join(flotilla.home, 'project', 'compose.yaml');
  await fleetOf({ web: { image: 'none/of-it:1', 'x-flotilla': { process: { command: stays.command } } } });
  const refused = await flotilla.run('up', file, '--runtime', 'docker', '--headless');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('The docker runtime cannot be used: no Docker engine was found');
  const up = await flotilla.run('up', file, '--headless');
  expect(up.code, up.stderr).toBe(0);
  expect(up.stderr).toMatch(
    /It runs on local processes.*, because no Docker engine was found: .*\/nowhere\/docker\.sock/,
  );
  const { stdout } = await flotilla.run('doctor', '--json');
  const findings: { name: string; status: string; remedy: string | null }[] = JSON.parse(stdout);
  expect(findings.find((one) => one.name === 'Docker')).toMatchObject({ status: 'note', remedy: expect.anything() });
});
