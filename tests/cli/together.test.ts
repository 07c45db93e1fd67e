import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cli, type Flotilla, makeFlotilla, processesOf } from '../support/flotilla.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let flotilla: Flotilla;
let file: string;
beforeEach(async () => {
  flotilla = await makeFlotilla({ FLEET_MODE: 'loud', DISPLAY: undefined, WAYLAND_DISPLAY: undefined });
  const folder = join(flotilla.home, 'a project, ünïcode');
  await mkdir(folder);
  file = join(folder, 'compose.yaml');
});
afterEach(() => flotilla.close());

/** Services that run a line of JavaScript each. */
async function fleetOf(services: Record<string, { script: string; restart?: string }>): Promise<void> {
  const entries = Object.entries(services).map(([id, { script, restart = 'no' }]) => {
    const command = ['node', '-e', script];
    return [id, { restart, environment: ['FLEET_MODE'], 'x-flotilla': { process: { command } } }];
  });
  await writeFile(file, JSON.stringify({ name: 'small', services: Object.fromEntries(entries) }));
}

const stays = 'setInterval(() => {}, 1000)';

test('two that start the same fleet at once share one engine, and down leaves nothing', async () => {
  await fleetOf({ web: { script: stays } });
  const both = await Promise.all([
    flotilla.run('up', file, '--runtime', 'process', '--headless', '--json'),
    flotilla.run('up', file, '--runtime', 'process', '--headless', '--json'),
  ]);
  expect(both.map(({ code, stderr }) => (code === 0 ? 'ok' : stderr))).toEqual(['ok', 'ok']);
  const [first, second] = both.map(({ stdout }) => JSON.parse(stdout));
  expect(first).toEqual(second);
  expect(first).toMatchObject({ fleet: { name: 'small', state: 'healthy' } });
  await flotilla.run('down');
  await expect.poll(() => processesOf(flotilla.home)).toEqual([]);
});

test('the file is filled from the environment of up, also where the engine was started from another', async () => {
  await fleetOf({ web: { script: stays } });
  const quiet = await flotilla.run('up', file, '--runtime', 'process', '--headless');
  expect(quiet.code, quiet.stderr).toBe(0);
  const { client } = await flotilla.engine();
  await client.call('fleet.down', {});
  flotilla.env.FLEET_MODE = 'quiet';
  await flotilla.run('up', file, '--runtime', 'process', '--headless');
  const environment = await client.call('service.environment', { service: 'web' as never });
  client.close();
  expect(environment).toContainEqual(expect.objectContaining({ name: 'FLEET_MODE', value: 'quiet' }));
});

/** A command that goes on in the background, and what it has said so far. */
function background(...args: string[]) {
  const child = spawn(process.execPath, [cli, ...args], { env: flotilla.env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  return { said: () => said, ended: once(child, 'exit') };
}
const patient = { timeout: 60_000, interval: 50 };

test('up ends when the fleet is taken down from elsewhere, and does not bring the engine back', async () => {
  await fleetOf({ web: { script: stays } });
  const up = background('up', file, '--runtime', 'process');
  await expect.poll(up.said, patient).toContain('Press Ctrl+C');
  expect(await flotilla.run('down')).toMatchObject({ code: 0 });
  expect((await up.ended)[0], up.said()).toBe(0);
  expect(up.said()).toContain('stopped from elsewhere');
  await expect.poll(() => processesOf(flotilla.home)).toEqual([]);
});

test('down goes on when the engine is killed while it stops the fleet', async () => {
  await fleetOf({ web: { script: `process.on('SIGTERM', () => {}); ${stays}` } });
  expect(await flotilla.run('up', file, '--runtime', 'process', '--headless')).toMatchObject({ code: 0 });
  const { endpoint, client } = await flotilla.engine();
  const down = background('down');
  const state = async () => (await client.call('engine.state', undefined)).fleet?.state;
  await expect.poll(state, patient).toBe('stopping');
  client.close();
  process.kill(endpoint.pid, 'SIGKILL');
  expect((await down.ended)[0], down.said()).toBe(0);
  expect(await processesOf(flotilla.home)).toEqual([]);
});

test('up returns with a reason when a service ends at once, or again and again', async () => {
  await fleetOf({
    once: { script: 'process.exit(3)' },
    loop: { script: 'process.exit(4)', restart: 'always' },
    web: { script: stays },
  });
  const { code, stderr } = await flotilla.run('up', file, '--runtime', 'process', '--headless');
  expect(code).toBe(1);
  expect(stderr).toContain('once exited with code 3');
  expect(stderr).toMatch(/loop is in a crash loop: it ended \d+ times in a row, last with code 4/);
  expect(stderr).toMatch(/✓ web/);
  expect(stderr).not.toMatch(/✓ (once|loop)/);
});
