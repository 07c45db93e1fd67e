import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Flotilla, makeFlotilla, processesOf } from '../support/flotilla.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let flotilla: Flotilla;
let file: string;
beforeEach(async () => {
  flotilla = await makeFlotilla({ FLEET_MODE: 'loud' });
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
    flotilla.run('up', file, '--headless', '--json'),
    flotilla.run('up', file, '--headless', '--json'),
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
  const quiet = await flotilla.run('up', file, '--headless');
  expect(quiet.code, quiet.stderr).toBe(0);
  const { client } = await flotilla.engine();
  await client.call('fleet.down', {});
  flotilla.env.FLEET_MODE = 'quiet';
  await flotilla.run('up', file, '--headless');
  const environment = await client.call('service.environment', { service: 'web' as never });
  client.close();
  expect(environment).toContainEqual(expect.objectContaining({ name: 'FLEET_MODE', value: 'quiet' }));
});

test('up returns with a reason when a service ends at once, or again and again', async () => {
  await fleetOf({
    once: { script: 'process.exit(3)' },
    loop: { script: 'process.exit(4)', restart: 'always' },
    web: { script: stays },
  });
  const { code, stderr } = await flotilla.run('up', file, '--headless');
  expect(code).toBe(1);
  expect(stderr).toContain('once exited with code 3');
  expect(stderr).toMatch(/loop is in a crash loop: it ended \d+ times in a row, last with code 4/);
  expect(stderr).toMatch(/✓ web/);
  expect(stderr).not.toMatch(/✓ (once|loop)/);
});
