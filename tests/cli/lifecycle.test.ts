import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cli, type Flotilla, makeFlotilla } from '../support/flotilla.ts';
import { portsOf, stillListening } from '../support/processes.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** One program, and middleware that keeps files and has processes of its own. */
const fleet = `
name: small
services:
  web:
    image: node:20
    command: ["node", "-e", "require('http').createServer((q, s) => s.end('ok')).listen(process.env.PORT)"]
    environment: { PORT: "8080" }
    depends_on: { db: { condition: service_healthy }, cache: { condition: service_started } }
    x-flotilla:
      ports: [{ name: http, port: 8080, protocol: http, env: PORT }]
      health: { http: { port: http, path: / } }
  db:
    image: postgres:18
    environment: { POSTGRES_PASSWORD: secret }
    healthcheck: { test: ["CMD-SHELL", "pg_isready -U postgres"], interval: 1s, retries: 60 }
    x-flotilla: { ports: [{ name: postgres, port: 5432, protocol: postgres }] }
  cache:
    image: redis:7
    x-flotilla: { ports: [{ name: redis, port: 6379, protocol: redis }] }
`;

let flotilla: Flotilla;
let file: string;
let segments: string[];
beforeEach(async () => {
  segments = await sharedMemory();
  flotilla = await makeFlotilla({ DISPLAY: undefined, WAYLAND_DISPLAY: undefined });
  file = join(flotilla.home, 'compose.yaml');
  await writeFile(file, fleet);
});
afterEach(() => flotilla.close());

/** Shared memory of the system that PostgreSQL servers have, or left. */
async function sharedMemory(): Promise<string[]> {
  const names = await readdir('/dev/shm').catch((): string[] => []);
  return names.filter((name) => name.startsWith('PostgreSQL.'));
}

/** Everything that runs and listens now; the returned check expects all of it to be gone. */
async function watchLeftovers(): Promise<() => Promise<void>> {
  const before = await flotilla.processes();
  expect(before.length).toBeGreaterThan(4);
  const ports = await portsOf(before);
  expect(ports.size).toBeGreaterThan(4);
  return async () => {
    expect(await flotilla.processes()).toEqual([]);
    expect(await stillListening(ports)).toEqual([]);
    expect(await readdir(flotilla.temporary)).toEqual([]);
    expect((await sharedMemory()).filter((one) => !segments.includes(one))).toEqual([]);
    expect(await readdir(flotilla.home)).not.toContain('engine.json');
    expect(await readdir(flotilla.home)).not.toContain('data');
  };
}

/** `flotilla up` as a terminal has it, up to the words that tell that all is up. */
async function upInForeground() {
  const child = spawn(process.execPath, [cli, 'up', file, '--runtime', 'process'], {
    env: flotilla.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const ended = once(child, 'exit');
  return { child, ended, said: () => said };
}

const patient = { timeout: 60_000, interval: 250 };

test('down finds and stops what a killed engine has left', async () => {
  const up = await flotilla.run('up', file, '--headless', '--runtime', 'process');
  expect(up.code, up.stderr).toBe(0);
  const expectNothingLeft = await watchLeftovers();
  // A server that was killed has no chance to clean up after itself; the next one starts in its place.
  const killed = await flotilla.run('kill', 'db');
  expect(killed.code, killed.stderr).toBe(0);
  const { endpoint, client } = await flotilla.engine();
  client.close();
  process.kill(endpoint.pid, 'SIGKILL');
  const down = await flotilla.run('down');
  expect(down.code, down.stderr).toBe(0);
  await expectNothingLeft();
});

test('Ctrl+C stops everything, an engine that came back in between included', async () => {
  const { child, ended, said } = await upInForeground();
  await expect.poll(said, patient).toContain('Press Ctrl+C');
  const before = await flotilla.engine();
  before.client.close();
  process.kill(before.endpoint.pid, 'SIGKILL');
  await expect.poll(said, patient).toContain('The engine is back');
  const expectNothingLeft = await watchLeftovers();
  child.kill('SIGINT');
  const [code] = await ended;
  expect(code, said()).toBe(0);
  await expectNothingLeft();
});

test('Ctrl+C while the fleet starts stops what has started', async () => {
  const { child, ended, said } = await upInForeground();
  await expect.poll(said, patient).toMatch(/✓ (cache|db)/);
  child.kill('SIGINT');
  const [code] = await ended;
  expect(code, said()).toBe(0);
  expect(await flotilla.processes()).toEqual([]);
  expect(await readdir(flotilla.temporary)).toEqual([]);
});
