import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { port, serviceSpec } from '../../main/engine/fleet/model.fixture.ts';
import type { ServiceSpec } from '../../main/engine/fleet/model.ts';
import { processRuntime } from '../../main/engine/runtimes/index.ts';
import { processTable } from '../../main/engine/runtimes/process/process-table.ts';
import { Bench, eventually, processRuns, ref } from './harness.ts';
import { runtimeSuite } from './runtime-suite.ts';

const program = join(import.meta.dirname, 'programs/service.mjs');

function service(id: string, mode: string, given: Partial<ServiceSpec> = {}): ServiceSpec {
  const command = ['node', program];
  return serviceSpec(id, { process: { command, cwd: import.meta.dirname, environment: { MODE: mode } }, ...given });
}

/** The processes that carry the mark of a run. */
async function left(runId: string): Promise<string[]> {
  const table = processTable();
  const all = await table.all();
  return all.filter((one) => table.hasVariable(one.pid, `FLOTILLA_RUN=${runId}`)).map((one) => `process ${one.pid}`);
}

runtimeSuite({
  name: 'process',
  runtime: () => processRuntime(),
  service,
  broken: (id) => serviceSpec(id, { process: { command: ['no-such-command-anywhere'], cwd: '/', environment: {} } }),
  left,
});

describe('the process runtime alone', () => {
  let bench: Bench;
  let stranger: ChildProcess | null = null;
  beforeEach(async () => {
    bench = await Bench.create();
  });
  afterEach(async () => {
    stranger?.kill('SIGKILL');
    stranger = null;
    await bench.close();
  });

  it('has nothing to fetch for a service before it is started', async () => {
    const fleet = await bench.open(processRuntime(), [service('a', 'serve')]);
    // Whoever starts it would otherwise choose ports and open links anew each time, also after the run has ended.
    expect(fleet.run.prepare).toBeUndefined();
  });

  it('names the process that has a port', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port: taken } = holder.address() as { port: number };
    const asked = port('http', 7000, { env: 'PORT', hostPort: taken, published: true });
    const fleet = await bench.open(processRuntime(), [service('a', 'serve', { ports: [asked] })]);
    const refused = await fleet.run.start(ref('a')).catch((error: unknown) => error);
    holder.close();
    expect(String(refused)).toMatch(
      new RegExp(`Port ${taken} on 127\\.0\\.0\\.1 is taken by .+ \\(pid ${process.pid}\\)`),
    );
  });

  it('says which port was taken when a service ends because of it', async () => {
    const fleet = await bench.open(processRuntime(), [
      service('a', 'serve', { ports: [port('http', 7000, { env: 'PORT' })] }),
      // It takes the port of the other, whose own it leaves alone.
      service('thief', 'serve', {
        ports: [port('http', 7000)],
        environment: { PORT: { value: '0', source: 'compose' } },
      }),
    ]);
    await fleet.run.start(ref('a'));
    await fleet.answers('a');
    const target = fleet.run.reach(ref('a'), 'http');
    const second = await bench.open(processRuntime(), [
      service('b', 'serve', {
        ports: [port('http', 7000)],
        environment: { PORT: { value: String(target?.port), source: 'compose' } },
      }),
    ]);
    await second.run.start(ref('b'));
    const exit = await second.exit('b');
    expect(exit.code).not.toBe(0);
    expect(second.lines('b', 'stderr').join('\n')).toContain('EADDRINUSE');
    // It is not b's own port that is taken: nothing is claimed that is not known.
    expect(exit.portTaken).toBeNull();
  });

  it('takes another port when its own was taken before anyone was told of it', async () => {
    const fleet = await bench.open(processRuntime(), [
      service('a', 'serve', { ports: [port('http', 7000, { env: 'PORT' })] }),
    ]);
    await fleet.run.start(ref('a'));
    await fleet.answers('a');
    await fleet.run.stop(ref('a'));
    const before = fleet.run.reach(ref('a'), 'http');
    const thief = createServer();
    await new Promise<void>((resolve) => thief.listen(before?.port, '127.0.0.1', resolve));
    await fleet.run.start(ref('a'));
    await fleet.answers('a');
    expect(fleet.run.reach(ref('a'), 'http')).not.toEqual(before);
    thief.close();
  });

  it('keeps a port that others were told of, and waits for it', async () => {
    const a = service('a', 'serve', { ports: [port('http', 7000, { env: 'PORT' })] });
    const b = service('b', 'serve', {
      ports: [port('http', 7001, { env: 'PORT' })],
      environment: { A: { value: 'a:7000', source: 'compose' } },
    });
    const fleet = await bench.open(processRuntime(), [a, b]);
    await fleet.run.start(ref('b'));
    await fleet.run.start(ref('a'));
    await fleet.run.stop(ref('a'));
    const thief = createServer();
    await new Promise<void>((resolve) => thief.listen(fleet.run.reach(ref('a'), 'http')?.port, '127.0.0.1', resolve));
    await expect(fleet.run.start(ref('a'))).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    thief.close();
  });

  it('kills children in the group and children that left it, and after a crash too', async () => {
    const fleet = await bench.open(processRuntime(), [service('a', 'parent')]);
    const children = async (): Promise<number[]> =>
      (await fleet.line('a', /children (\d+) (\d+)/)).slice(1).map(Number);
    const { pid } = await fleet.run.start(ref('a'));
    const first = await children();
    expect(await Promise.all(first.map(processRuns))).toEqual([true, true]);
    // Not by the runtime: as a crash would.
    process.kill(pid ?? 0, 'SIGKILL');
    await fleet.exit('a');
    expect(await Promise.all(first.map(processRuns))).toEqual([false, false]);
  });

  it('never signals a stranger that has the number of a process of before', async () => {
    stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
    const pid = stranger.pid ?? 0;
    const runId = `stranger-${process.pid}`;
    const services = [service('a', 'serve', { ports: [port('http', 7000, { env: 'PORT' })] })];
    const before = await bench.open(processRuntime(), services, runId);
    await before.run.start(ref('a'));
    await before.answers('a');
    await before.run.stop(ref('a'));
    await before.run.close();
    const file = join(bench.home, 'runs', runId, 'processes.json');
    const state = JSON.parse(readFileSync(file, 'utf8'));
    state.instances = [{ service: 'a', index: 1, pid, identity: 'another-boot/1', startedAtMs: 1 }];
    writeFileSync(file, JSON.stringify(state));

    const after = await bench.open(processRuntime(), services, runId);
    expect(await after.run.adopt()).toEqual([]);
    await after.run.kill(ref('a'));
    await after.run.stop(ref('a'));
    await after.run.down({ keepData: false });
    expect(await processRuns(pid)).toBe(true);
  });

  it('begins anew when its state file is damaged', async () => {
    const runId = `damaged-${process.pid}`;
    const services = [service('a', 'serve', { ports: [port('http', 7000, { env: 'PORT' })] })];
    const before = await bench.open(processRuntime(), services, runId);
    await before.run.close();
    writeFileSync(join(bench.home, 'runs', runId, 'processes.json'), '{"version":1,"inst');
    const after = await bench.open(processRuntime(), services, runId);
    expect(await after.run.adopt()).toEqual([]);
    await after.run.start(ref('a'));
    await after.answers('a');
  });

  it('tells when somebody else pauses a service', async () => {
    const fleet = await bench.open(processRuntime(), [service('a', 'deaf')]);
    const { pid } = await fleet.run.start(ref('a'));
    await fleet.line('a', /running/);
    process.kill(pid ?? 0, 'SIGSTOP');
    const observed = await eventually('the pause is seen', () =>
      fleet.events.find((event) => event.kind === 'observed'),
    );
    expect(observed).toMatchObject({ running: { paused: true } });
  });

  it('refuses what has neither a program nor a stand-in, with what to do', async () => {
    const folder = join(bench.home, 'nowhere');
    const fleet = await bench.open(processRuntime(), [
      serviceSpec('a', { image: 'vendor/product:3' }),
      serviceSpec('b', { process: { command: ['node'], cwd: folder, environment: {} } }),
    ]);
    await expect(fleet.run.start(ref('a'))).rejects.toMatchObject({
      code: 'SERVICE_NOT_RUNNABLE',
      message: 'a cannot run as a local process: nothing stands in for its image vendor/product:3.',
      remedy: 'Give it a build folder that exists and a command, or x-flotilla.process: see docs/compose.md.',
    });
    await expect(fleet.run.start(ref('b'))).rejects.toMatchObject({ code: 'SERVICE_NOT_RUNNABLE' });
  });

  it('gives a service none of its own variables but what programs need', async () => {
    process.env.FLOTILLA_TEST_LEAK = 'leaked';
    const fleet = await bench.open(processRuntime(), [
      service('a', 'serve', { ports: [port('http', 7000, { env: 'PORT' })] }),
    ]);
    await fleet.run.start(ref('a'));
    delete process.env.FLOTILLA_TEST_LEAK;
    await fleet.answers('a');
    const environment = JSON.parse(await fleet.get('a', '/environment'));
    expect(environment).toMatchObject({ PATH: process.env.PATH, FLOTILLA_INSTANCE: expect.stringContaining('/a-1') });
    expect(environment.FLOTILLA_TEST_LEAK).toBeUndefined();
    expect(environment.NODE_ENV).toBeUndefined();
  });

  it('removes its files, and data only when told to', async () => {
    const runId = `files-${process.pid}`;
    const fleet = await bench.open(processRuntime(), [service('a', 'fail')], runId);
    await fleet.run.start(ref('a'));
    await fleet.exit('a');
    const data = join(bench.home, 'data', bench.fleet);
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(data, 'db-1'), { recursive: true });
    await fleet.run.down({ keepData: true });
    expect(readdirSync(bench.home)).toEqual(['data']);
    const again = await bench.open(processRuntime(), [service('a', 'fail')], runId);
    await again.run.down({ keepData: false });
    expect([existsSync(data), readdirSync(bench.home)]).toEqual([false, []]);
  });
});
