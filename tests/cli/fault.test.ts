import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { FaultKind, FaultPreview, FaultView } from '../../main/contract/index.ts';
import { type Flotilla, makeFlotilla } from '../support/flotilla.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

const program = `require('http').createServer((q, s) => s.end('here')).listen(process.env.PORT, '127.0.0.1')`;
const service = (port: number, more = ''): string => `
    image: node:20
    command: ["node", "-e", ${JSON.stringify(program)}]
    environment: { PORT: "${port}", ${more} }
    x-flotilla:
      ports: [{ name: http, port: ${port}, protocol: http, env: PORT }]
      health: { http: { port: http, path: / } }
`;
const fleet = `
name: breakable
services:
  orders:${service(7105, 'PAYMENTS_URL: "http://payments:7106"')}    deploy: { replicas: 2 }
  payments:${service(7106)}`;

let flotilla: Flotilla;
beforeAll(async () => {
  flotilla = await makeFlotilla();
  const file = join(flotilla.home, 'compose.yaml');
  await writeFile(file, fleet);
  const { code, stderr } = await flotilla.run('up', file, '--headless', '--runtime', 'process');
  expect(code, stderr).toBe(0);
});
afterAll(() => flotilla?.close());

test('a fault is looked at before, put on, listed and taken off', async () => {
  const latency = ['latency', 'orders->payments', '--param', 'latencyMs=50', '--param', 'percent=50'];
  const preview = await flotilla.json<FaultPreview>('fault', 'add', ...latency, '--for', '20s', '--preview');
  expect(preview).toMatchObject({ share: 0.5, services: [], edges: [{ from: 'orders', to: 'payments' }] });
  expect(await flotilla.json('fault', 'list')).toEqual([]);

  const fault = await flotilla.json<FaultView>('fault', 'add', ...latency, '--for', '20s');
  expect(Date.parse(fault.until ?? '') - Date.parse(fault.since)).toBe(20_000);
  expect(await flotilla.json('fault', 'list')).toMatchObject([
    { id: fault.id, kind: 'latency', state: 'active', parameters: { latencyMs: 50, percent: 50, jitterMs: 0 } },
  ]);
  expect((await flotilla.run('fault', 'list')).stdout).toMatch(/latency +orders->payments +active +\d+ s/);
  expect(await flotilla.run('fault', 'remove', fault.id)).toMatchObject({ code: 0 });
  expect((await flotilla.run('fault')).stdout).toContain('No fault is on.');
  const again = await flotilla.run('fault', 'remove', fault.id);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('flotilla fault list') });
});

test('links are told by the names that Toxiproxy’s clients need, and stop takes off what those put on', async () => {
  const { links } = await flotilla.json<{ links: { url: string } }>('status');
  const { stdout } = await flotilla.run('links');
  expect(stdout).toMatch(/^orders:payments:7106 +http +127\.0\.0\.1:\d+/m);
  expect(stdout).toContain(links.url);
  const toxics = `${links.url}/proxies/orders:payments:7106/toxics`;
  const body = JSON.stringify({ type: 'latency', attributes: { latency: 1000 } });
  expect((await fetch(toxics, { method: 'POST', body })).status).toBe(200);
  expect(await flotilla.json('fault', 'list')).toEqual([]);
  expect(await flotilla.run('fault', 'stop')).toMatchObject({ code: 0 });
  expect(await (await fetch(toxics)).json()).toEqual([]);
  expect(await flotilla.run('fault', 'release')).toMatchObject({ code: 0 });
});

test('stop takes all off and lets none on until release', async () => {
  const paused = await flotilla.json<FaultView>('fault', 'add', 'pause', 'orders-2', '--until-removed');
  expect(paused).toMatchObject({ target: { service: 'orders', instance: 2 }, until: null });
  expect((await flotilla.run('status')).stdout).toMatch(/^faults +1 on$/m);
  expect(await flotilla.run('fault', 'stop')).toMatchObject({ code: 0 });
  expect((await flotilla.run('fault', 'list')).stdout).toContain('Faults are stopped.');
  expect((await flotilla.run('status')).stdout).toMatch(
    /^faults +stopped, no new ones until: flotilla fault release$/m,
  );
  expect(await flotilla.json('status')).toMatchObject({ faults: { on: 0, isBlocked: true } });
  const refused = await flotilla.run('fault', 'add', 'pause', 'orders-2');
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('flotilla fault release') });
  expect(await flotilla.run('fault', 'release')).toMatchObject({ code: 0 });
  expect((await flotilla.run('fault', 'list')).stdout.trim()).toBe('No fault is on.');
});

test('kinds tells bounds, what cannot be done here, and what to expect', async () => {
  const kinds = await flotilla.json<FaultKind[]>('fault', 'kinds');
  expect(kinds.length).toBeGreaterThan(20);
  const { stdout } = await flotilla.run('fault', 'kinds', 'cpu-limit');
  for (const words of ['cpus  0.01 to 64, default 0.1', 'Not here: Only a container', 'Expect: ']) {
    expect(stdout).toContain(words);
  }
});

test('a command that there is not is answered with those that there are', async () => {
  const unknown = await flotilla.run('fault', 'frobnicate');
  expect(unknown).toMatchObject({ code: 2, stdout: '' });
  expect(unknown.stderr).toContain(
    "unknown command 'frobnicate'. It is one of: list, kinds, add, remove, stop, release.",
  );
  const excess = await flotilla.run('fault', 'list', 'more');
  expect(excess).toMatchObject({ code: 2, stderr: expect.stringContaining('list takes no argument') });
});

test.each([
  [['nonsense', 'orders'], 1, 'There are: latency, bandwidth'],
  [['latency', 'orders->nobody'], 1, 'It can be put on: orders->payments'],
  [['latency', 'orders:payments:1'], 1, 'It can be put on: orders->payments:7106'],
  [['latency', 'orders:payments', '--param', 'latencyMs=-3'], 1, 'Expected a whole number from 0 to 3600000 ms.'],
  [['latency', 'orders:payments', '--param', 'speed=1'], 1, 'Expected latencyMs, jitterMs, percent, stream.'],
  [['cpu-limit', 'orders'], 1, 'Start the fleet with --runtime docker.'],
  [['pause', 'orders-7'], 1, 'It can be put on: orders-1, orders-2'],
  [['pause', '::'], 1, 'Write an edge as orders->payments'],
  [['pause', 'orders', '--for', '1x'], 2, 'Give a duration such as 90s'],
  [['latency', 'orders:payments', '--for', '999d'], 2, 'Give a duration of at most 24h'],
  [['pause', 'orders', '--param', 'copies'], 2, 'Give name=value'],
  [['pause', 'orders', '--for', '5s', '--until-removed'], 2, 'cannot be used with'],
  [['pause'], 2, 'missing required argument'],
])('%j exits with %d and says what is possible', async (args, code, words) => {
  const result = await flotilla.run('fault', 'add', ...args);
  expect(result).toMatchObject({ code, stderr: expect.stringContaining(words) });
  expect(await flotilla.json('fault', 'list')).toEqual([]);
});
