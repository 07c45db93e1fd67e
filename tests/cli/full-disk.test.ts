import { execFileSync } from 'node:child_process';
import { open, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Flotilla, makeFlotilla } from '../support/flotilla.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const fleet = `
name: small
services:
  worker: { image: node, command: [node, -e, "setInterval(() => console.log('on'), 50)"], restart: unless-stopped }
`;

let flotilla: Flotilla;
let file: string;
let mounted = false;

beforeEach(async () => {
  flotilla = await makeFlotilla({ DISPLAY: undefined, WAYLAND_DISPLAY: undefined });
  file = join(flotilla.temporary, 'compose.yaml');
  await writeFile(file, fleet);
});
afterEach(async () => {
  await flotilla.run('down');
  if (mounted) execFileSync('umount', ['-l', flotilla.home]);
  mounted = false;
  await flotilla.close();
});

/** Puts the home on a small file system of its own; gives what is in the way of one, or null. */
function mountHome(): string | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', flotilla.home], { stdio: 'pipe' });
    mounted = true;
    return null;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  }
}

async function removeStores(): Promise<void> {
  const runs = join(flotilla.home, 'runs');
  for (const run of await readdir(runs)) {
    for (const name of ['telemetry.duckdb', 'telemetry.duckdb.wal']) await rm(join(runs, run, name), { force: true });
  }
}

/** Leaves not a single byte free, whatever is still written meanwhile. */
async function fillDisk(): Promise<void> {
  const ballast = await open(join(flotilla.home, 'ballast'), 'w');
  const { bavail, bsize } = await statfs(flotilla.home);
  await ballast.write(Buffer.alloc(Math.max(0, (bavail - 64) * bsize)));
  const page = Buffer.alloc(bsize);
  for (;;) {
    const written = await ballast.write(page).catch(() => null);
    if (written === null) break;
  }
  await ballast.close();
}

test('a fleet that a dead engine left on a full disk can be stopped, and no other is started there', async (context) => {
  const why = mountHome();
  if (why !== null) {
    console.log(`skipped: a tmpfs cannot be mounted here (${why})`);
    return context.skip(`a tmpfs cannot be mounted here: ${why}`);
  }
  const started = await flotilla.run('up', file, '--headless', '--runtime', 'process');
  expect(started.code, started.stderr).toBe(0);
  const { client, endpoint } = await flotilla.engine();
  client.close();
  process.kill(endpoint.pid, 'SIGKILL');
  const pids = async (): Promise<number[]> => (await flotilla.processes()).map((one) => one.pid);
  await vi.waitFor(async () => expect(await pids()).not.toContain(endpoint.pid), 10_000);
  // What the store would give back of its own by being opened might be just enough to start.
  await removeStores();
  await fillDisk();
  expect(await flotilla.processes()).not.toEqual([]);

  const up = await flotilla.run('up', file, '--headless', '--runtime', 'process');
  expect(up.code).toBe(1);
  expect(up.stderr).toContain(`The disk that holds ${flotilla.home}`);
  expect(up.stderr).toContain('Free some space');
  expect(await flotilla.processes()).not.toEqual([]);

  const down = await flotilla.run('down');
  expect(down.code, down.stderr).toBe(0);
  expect(await flotilla.processes()).toEqual([]);
  expect((await flotilla.run('down')).stderr).toContain('Nothing is running.');
});
