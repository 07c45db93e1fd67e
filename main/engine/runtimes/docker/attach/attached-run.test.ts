import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type Dockerode from 'dockerode';
import { expect, test, vi } from 'vitest';
import { fleetModel } from '../../../fleet/model.fixture.ts';
import type { RunContext } from '../../runtime.ts';
import { AttachedRun } from './attached-run.ts';

test('looks once at what comes all at once, and once more', async () => {
  const home = await mkdtemp(join(tmpdir(), 'flotilla-attached-'));
  const events = new PassThrough();
  let looks = 0;
  const docker = {
    getEvents: async () => events,
    ping: async () => undefined,
    listContainers: async () => {
      looks += 1;
      return [];
    },
  } as unknown as Dockerode;
  const context = {
    runId: 'run',
    home,
    otlp: { http: 'http://127.0.0.1:1', grpc: 'http://127.0.0.1:2' },
    listener: { event: () => undefined, log: () => undefined, stats: () => undefined },
  } as unknown as RunContext;
  const engine = { docker, address: 'unix:///nowhere', local: false };
  const run = new AttachedRun(engine, { project: 'p' }, fleetModel([]), context);
  try {
    await run.adopt();
    looks = 0;
    const started = (n: number) => ({ Action: 'start', Actor: { ID: `c${n}`, Attributes: {} }, timeNano: 1 });
    events.write(Array.from({ length: 500 }, (_, n) => `${JSON.stringify(started(n))}\n`).join(''));
    await vi.waitFor(() => expect(looks).toBeGreaterThan(0));
    // What comes after all that is looked at, too, so that by then the rest has been.
    events.write(`${JSON.stringify(started(500))}\n`);
    const before = looks;
    await vi.waitFor(() => expect(looks).toBeGreaterThan(before));
    expect(looks).toBeLessThan(5);
  } finally {
    await run.close();
    await rm(home, { recursive: true, force: true });
  }
});
