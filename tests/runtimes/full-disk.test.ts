import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EngineProblem, ServiceId } from '../../main/contract/index.ts';
import { createFleet, type Fleet } from '../../main/engine/fleet/index.ts';
import { eventually, processRuns } from './harness.ts';

const COMPOSE = JSON.stringify({
  name: 'full',
  services: {
    web: {
      restart: 'always',
      'x-flotilla': { process: { command: ['node', '-e', 'setInterval(() => console.log("on"), 50)'] } },
    },
  },
});
const signal = new AbortController().signal;
const web = ServiceId.parse('web');

// A write to /dev/full answers as a full disk does; other systems have none.
describe.skipIf(!existsSync('/dev/full'))('a full disk under a fleet', () => {
  let folder: string;
  let home: string;
  let fleet: Fleet;
  let problems: EngineProblem[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flotilla-full-'));
    home = join(folder, 'home');
    problems = [];
    await writeFile(join(folder, 'compose.yaml'), COMPOSE);
    fleet = createFleet({
      home,
      otlp: { http: 'http://127.0.0.1:4318', grpc: 'http://127.0.0.1:4317' },
      onChange: () => {},
      onLogs: () => {},
      onProblems: (found) => {
        problems = found;
      },
    });
  });
  afterEach(async () => {
    await fleet.close({ stopFleet: true });
    await rm(folder, { recursive: true, force: true });
  });

  const pid = () => fleet.view()?.services[0]?.instances[0]?.pid ?? null;
  const isRunning = () => fleet.view()?.services[0]?.state === 'running';

  it('is told, ends nothing, and is made up for once there is room', async () => {
    await fleet.up({ file: join(folder, 'compose.yaml'), runtime: 'process' });
    await eventually('it runs', isRunning);
    const run = join(home, 'runs', readdirSync(join(home, 'runs'))[0] ?? '');
    const written = [join(home, 'fleet.json.next'), join(run, 'processes.json.next')];
    for (const file of written) symlinkSync('/dev/full', file);

    await fleet.handlers['service.act']({ service: web, action: 'kill' }, signal);
    await eventually('it is started again', isRunning);
    await eventually('the problem is told', () => problems.some((one) => one.code === 'DISK_FULL'));

    for (const file of written) rmSync(file);
    await eventually('the problem is over', () => problems.length === 0);
    const saved = () => readFileSync(join(run, 'processes.json'), 'utf8');
    await eventually('what runs is written down', () => saved().includes(`"pid":${pid()}`));
  });

  it('leaves nothing running that was being opened when the engine was stopped', async () => {
    const opening = fleet.up({ file: join(folder, 'compose.yaml'), runtime: 'process' });
    await fleet.close({ stopFleet: true });
    await opening.catch(() => undefined);
    const started = pid();
    expect(started === null || !(await processRuns(started))).toBe(true);
    expect(fleet.view()).toBe(null);
    expect(existsSync(home) ? readdirSync(home) : []).toEqual([]);
    await expect(fleet.up({ file: join(folder, 'compose.yaml'), runtime: 'process' })).rejects.toMatchObject({
      code: 'FLEET_BUSY',
    });
  });
});
