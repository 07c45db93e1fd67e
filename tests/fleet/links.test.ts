import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Client } from '../../main/client/index.ts';
import { type EngineState, type LinkInfo, ServiceId, type Topology } from '../../main/contract/index.ts';
import { LinksClient } from '../../main/engine/links/index.ts';
import { type Flotilla, makeFlotilla, projectRoot } from '../support/flotilla.ts';
import { stillListening } from '../support/processes.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

const programs = join(import.meta.dirname, 'programs');
const web = `require('http').createServer((q, s) => s.end('' + process.pid)).listen(process.env.PORT, '127.0.0.1')`;
const caller = (url: string, more = '') => `
    image: node:20
    command: ["node", ${JSON.stringify(join(programs, 'link-caller.cjs'))}]
    environment: { PORT: "8081", WEB_URL: "${url}" }
    x-flotilla:
      ports: [{ name: http, port: 8081, protocol: http, env: PORT }]
      health: { http: { port: http, path: / } }
${more}`;
const fleet = `
name: linked
services:
  web:
    image: node:20
    command: ["node", "-e", ${JSON.stringify(web)}]
    environment: { PORT: "8080", SELF_URL: "http://web:8080" }
    deploy: { replicas: 2 }
    x-flotilla:
      ports: [{ name: http, port: 8080, protocol: http, env: PORT }]
      health: { http: { port: http, path: / } }
  caller:${caller('http://web:8080/')}
  apart:${caller('http://web:8080/', '      links: false\n')}
  kafka:
    image: apache/kafka:4.1.0
  producer:
    image: node:20
    environment: { PORT: "8082", KAFKA_BROKERS: "kafka:9092" }
    depends_on: { kafka: { condition: service_healthy } }
    x-flotilla:
      ports: [{ name: http, port: 8082, protocol: http, env: PORT }]
      health: { http: { port: http, path: / } }
      process: { command: ["node", ${JSON.stringify(join(programs, 'link-producer.cjs'))}], cwd: ${JSON.stringify(projectRoot)} }
`;

let flotilla: Flotilla;
let file: string;
beforeAll(async () => {
  flotilla = await makeFlotilla({ DISPLAY: undefined, WAYLAND_DISPLAY: undefined });
  file = join(flotilla.home, 'compose.yaml');
  await writeFile(file, fleet);
  await up();
});
afterAll(() => flotilla.close());

async function up(...more: string[]): Promise<void> {
  const { code, stderr } = await flotilla.run('up', file, '--headless', '--runtime', 'process', ...more);
  expect(code, stderr).toBe(0);
}

const links = (): Promise<LinkInfo[]> => flotilla.json<LinkInfo[]>('links');
const state = (): Promise<EngineState> => asked((client) => client.call('engine.state', undefined));

async function asked<T>(ask: (client: Client) => Promise<T>): Promise<T> {
  const { client } = await flotilla.engine();
  return ask(client).finally(() => client.close());
}

async function environmentOf(name: string): Promise<Record<string, string>> {
  const service = ServiceId.parse(name);
  const entries = await asked((client) => client.call('service.environment', { service, reveal: false }));
  return Object.fromEntries(entries.map((entry) => [entry.name, entry.value]));
}

/** Where this machine reaches a service. It stays when the engine dies. */
async function urlOf(service: string): Promise<string> {
  const found = (await state()).fleet?.services.find((one) => one.id === service)?.endpoints[0]?.url;
  if (found === undefined) throw new Error(`${service} has no endpoint`);
  return found;
}

const get = async (url: string): Promise<string> => (await fetch(url, { signal: AbortSignal.timeout(10_000) })).text();

async function program(): Promise<{ client: LinksClient; pid: number; url: string }> {
  const url = (await state()).links?.url;
  if (url === undefined) throw new Error('there are no links');
  const client = new LinksClient(url, null);
  return { client, url, pid: (await client.info()).pid };
}

async function killEngine(): Promise<void> {
  const { client, endpoint } = await flotilla.engine();
  client.close();
  process.kill(endpoint.pid, 'SIGKILL');
}

/** Asks until nothing fails any more; gives the ms that it took. */
async function untilWhole(url: string): Promise<number> {
  const began = performance.now();
  await vi.waitFor(async () => expect(await get(`${url}/ask`)).toMatch(/^\d+$/), { timeout: 20_000, interval: 20 });
  return performance.now() - began;
}

describe('calls between services', () => {
  test('pass one link for each caller and callee, which leads to all copies', async () => {
    const before = await links();
    expect(before.map(({ name }) => name)).toEqual(['caller:web:8080', 'producer:kafka:9092']);
    const [link] = before;
    expect(link?.upstream.split(',')).toHaveLength(2);
    expect((await environmentOf('caller')).WEB_URL).toBe(`http://${link?.listen}/`);
    const url = await urlOf('caller');
    const answers = new Set<string>();
    for (let n = 0; n < 6; n += 1) answers.add(await get(`${url}/ask`));
    expect(answers.size).toBe(2);
    const after = (await links())[0];
    expect(after?.connections.total).toBe((link?.connections.total ?? 0) + 6);
    expect(after?.requests).toEqual({ total: (link?.requests?.total ?? 0) + 6, errors: 0 });
    expect(after?.bytes.upstream).toBeGreaterThan(link?.bytes.upstream ?? 0);
  });

  test('have none where the caller wants none, and a service none to itself', async () => {
    const ports = (await links()).map(({ listen }) => listen);
    const apart = (await environmentOf('apart')).WEB_URL ?? '';
    const self = (await environmentOf('web')).SELF_URL ?? '';
    for (const url of [apart, self]) expect(ports).not.toContain(new URL(url).host);
    expect(await get(`${await urlOf('apart')}/ask`)).toMatch(/^\d+$/);
  });

  test('are in the topology by what the link counted, as these services send no telemetry', async () => {
    const url = await urlOf('caller');
    await vi.waitFor(
      async () => {
        await get(`${url}/ask`);
        const { edges } = await flotilla.json<Topology>('topology', '--last', '60s');
        const edge = edges.find((one) => one.from === 'caller' && one.to === 'web');
        expect(edge).toMatchObject({ source: 'seen', protocol: 'http', errorRate: 0 });
        expect(edge?.ratePerSecond).toBeGreaterThan(0);
      },
      { timeout: 20_000, interval: 200 },
    );
  });
});

test('a client of Kafka stays on its link after it has asked who the brokers are', async () => {
  const url = await urlOf('producer');
  expect(await get(`${url}/produce`)).toBe('sent');
  const before = (await links()).find(({ from }) => from === 'producer');
  expect(await get(`${url}/produce`)).toBe('sent');
  const after = (await links()).find(({ from }) => from === 'producer');
  expect(after?.bytes.upstream).toBeGreaterThan(before?.bytes.upstream ?? 0);
  const { client } = await program();
  await client.update('producer:kafka:9092', { enabled: false });
  expect(await get(`${url}/produce`)).toMatch(/^failed/);
  // The console and tools have the broker's own port.
  expect((await flotilla.run('topics')).stdout).toContain('things');
  await client.update('producer:kafka:9092', { enabled: true });
  await vi.waitFor(async () => expect(await get(`${url}/produce`)).toBe('sent'), { timeout: 10_000 });
});

describe('whatever dies', () => {
  test('the engine: the fleet goes on, and the next engine has the same links', async () => {
    const url = await urlOf('caller');
    const { pid, client } = await program();
    const before = await links();
    await client.addToxic('caller:web:8080', { name: 'kept', type: 'latency', attributes: { latency: 1 } });
    await killEngine();
    expect(await get(`${url}/ask`)).toMatch(/^\d+$/);
    await up();
    expect(await program()).toMatchObject({ pid, url: client.url });
    expect((await links()).map(({ name, listen, upstream }) => [name, listen, upstream])).toEqual(
      before.map(({ name, listen, upstream }) => [name, listen, upstream]),
    );
    expect(await client.removeToxic('caller:web:8080', 'kept')).toBe(true);
    expect(await get(`${url}/ask`)).toMatch(/^\d+$/);
  });

  test('the links program: it is back within a second, where it was', async () => {
    const url = await urlOf('caller');
    const { pid, client } = await program();
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(async () => expect((await client.info()).pid).not.toBe(pid), { timeout: 20_000, interval: 20 });
    await untilWhole(url);
    await vi.waitFor(async () => expect(await get(`${await urlOf('producer')}/produce`)).toBe('sent'), 10_000);
    expect((await program()).url).toBe(client.url);
    let least = Number.POSITIVE_INFINITY;
    // What it takes on a machine that has nothing else to do; a busy one takes longer.
    for (let round = 0; round < 5 && least > 1000; round += 1) {
      process.kill((await client.info()).pid, 'SIGKILL');
      least = Math.min(least, await untilWhole(url));
    }
    expect(least).toBeLessThan(1000);
  });

  test('both: the next engine makes the links where services look for them', async () => {
    const url = await urlOf('caller');
    const before = await links();
    const { pid } = await program();
    await killEngine();
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(async () => expect(await get(`${url}/ask`)).toBe('failed: ECONNREFUSED'));
    await up();
    await untilWhole(url);
    expect((await links()).map(({ name, listen }) => [name, listen])).toEqual(
      before.map(({ name, listen }) => [name, listen]),
    );
    expect((await state()).problems).toEqual([]);
  });
});

test('down leaves no process, and a fleet without links has no program', async () => {
  const before = await flotilla.processes();
  expect(before.some(({ command }) => command.includes('links/main.js'))).toBe(true);
  const ports = new Set((await links()).map(({ listen }) => Number(listen.split(':')[1])));
  expect(await stillListening(ports)).toHaveLength(2);
  expect((await flotilla.run('down')).code).toBe(0);
  expect(await flotilla.processes()).toEqual([]);
  expect(await stillListening(ports)).toEqual([]);

  await up('--no-links');
  expect((await state()).links).toBeNull();
  expect(await links()).toEqual([]);
  expect((await flotilla.processes()).filter(({ command }) => command.includes('links/main.js'))).toEqual([]);
  expect(await get(`${await urlOf('caller')}/ask`)).toMatch(/^\d+$/);
  expect(await get(`${await urlOf('producer')}/produce`)).toBe('sent');
});
