import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NewLogRecord, ServiceView } from '../../main/contract/index.ts';
import { createFleet, type Fleet } from '../../main/engine/fleet/index.ts';
import { dockerRuntime } from '../../main/engine/runtimes/index.ts';
import { docker, missing, NODE_IMAGE } from './docker-harness.ts';
import { eventually } from './harness.ts';

const reason = await missing();

describe.skipIf(reason !== null)(reason === null ? 'a fleet of containers' : `skipped: ${reason}`, () => {
  const project = `test-lives-${process.pid}`;
  let home = '';
  let fleet: Fleet;
  let lines: NewLogRecord[] = [];

  const up = async (services: string): Promise<void> => {
    const file = join(home, 'compose.yaml');
    await writeFile(file, `name: ${project}\nservices:\n${services}`);
    await fleet.up({ file, runtime: 'docker', environment: {} });
  };
  const service = (id: string): ServiceView | undefined => fleet.view()?.services.find((one) => one.id === id);
  const told = (id: string, pattern: RegExp) =>
    eventually(`${id} says ${pattern}`, () => (pattern.test(service(id)?.reason ?? '') ? service(id) : null), 30_000);

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'flotilla-docker-'));
    lines = [];
    fleet = createFleet({
      home,
      otlp: { http: 'http://127.0.0.1:4318', grpc: 'http://127.0.0.1:4317' },
      runtimes: [dockerRuntime()],
      onChange: () => undefined,
      onLogs: (records) => void lines.push(...records),
    });
  });
  afterEach(async () => {
    await fleet.close({ stopFleet: true });
    await rm(home, { recursive: true, force: true });
    const filters = { label: [`com.docker.compose.project=${project}`] };
    expect(await docker.listContainers({ all: true, filters })).toEqual([]);
  });

  it('calls a container that ends again and again a crash loop, and keeps its stack traces whole', async () => {
    await up(`  a:
    image: ${NODE_IMAGE}
    command: ["node", "-e", "throw new Error('no good')"]
    restart: always\n`);
    const view = await told('a', /crash loop: it ended \d+ times in a row, last with code 1/);
    expect(view.restarts).toBeGreaterThanOrEqual(2);
    const trace = lines.find((line) => line.message.startsWith('Error: no good'));
    expect(trace?.message.split('\n').length).toBeGreaterThan(3);
    expect(trace?.timeMs).toBeGreaterThan(Date.now() - 60_000);
  });

  it('says what someone has done to a container, and starts it when it is asked to', async () => {
    await up(`  a:
    image: ${NODE_IMAGE}
    command: ["node", "-e", "setInterval(() => {}, 1000)"]
    restart: always
    stop_grace_period: 1s
    healthcheck: { test: ["CMD", "true"], interval: 30s }\n`);
    // Long before the engine itself would ask for the first time.
    await eventually('it is healthy', () => service('a')?.health === 'healthy', 15_000);
    await docker.getContainer(`${project}-a-1`).remove({ force: true });
    const view = await told('a', /The container of a was removed from outside Flotilla/);
    expect(view).toMatchObject({ state: 'stopped', remedy: 'Start it with: flotilla start a' });
    await fleet.handlers['service.act']({ service: view.id, action: 'start' }, AbortSignal.timeout(10_000));
    await eventually('it is healthy again', () => service('a')?.health === 'healthy', 15_000);
  });

  it('says that memory ran out', async () => {
    await up(`  a:
    image: ${NODE_IMAGE}
    command: ["node", "-e", "const all = []; setInterval(() => all.push(Buffer.alloc(8e6, 1)), 5)"]
    mem_limit: 64m\n`);
    const view = await told('a', /exited with code 137 \(ended by the system: out of memory\)/);
    expect(view).toMatchObject({ state: 'failed', exitCode: 137 });
  });
});
