import { join } from 'node:path';
import Dockerode from 'dockerode';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fleetModel, healthcheck, port } from '../../main/engine/fleet/model.fixture.ts';
import type { ServiceSpec } from '../../main/engine/fleet/model.ts';
import { DockerStanding } from '../../main/engine/runtimes/docker/standing.ts';
import { dockerRuntime, type InstanceEvent } from '../../main/engine/runtimes/index.ts';
import {
  containerService,
  docker,
  EngineDoor,
  left,
  missing,
  mount,
  NODE_IMAGE,
  scriptService,
} from './docker-harness.ts';
import { Bench, eventually, RecordedRun, ref } from './harness.ts';

const reason = await missing();
const web = { ports: [port('http', 7000, { env: 'PORT' })] };

/** How an event reads: `exited a-1 killed`. */
function words(event: InstanceEvent): string {
  if (event.kind === 'exited') return `exited ${event.exit.outside ?? ''}`.trim();
  if (event.kind === 'health') return `health ${event.health.status}`;
  if (event.kind === 'ended') return 'ended';
  return event.running.paused ? 'paused' : 'running';
}

describe.skipIf(reason !== null)(reason === null ? 'containers' : `skipped: ${reason}`, () => {
  let bench: Bench;
  let name = '';
  let door: EngineDoor | null = null;
  let count = 0;
  const open = (services: readonly ServiceSpec[], runId?: string): Promise<RecordedRun> =>
    bench.open(dockerRuntime(), services, runId);
  const container = (service: string): Dockerode.Container => docker.getContainer(`${bench.fleet}-${service}-1`);

  /** What runs in a container. */
  async function commands(service: string): Promise<string[]> {
    const { Processes } = (await container(service).top()) as { Processes: string[][] };
    return Processes.map((columns) => columns.at(-1) ?? '');
  }

  /** The engine behind a door of its own, which can be shut. */
  async function behindDoor() {
    door = new EngineDoor(join(bench.home, 'docker.sock'));
    await door.open();
    return {
      docker: new Dockerode({ socketPath: door.path }),
      source: 'a test',
      address: `unix://${door.path}`,
      name: 'Docker' as const,
      version: '0',
      apiVersion: '1.41',
      operatingSystem: '',
      local: true,
      remote: false,
    };
  }

  beforeEach(async () => {
    bench = await Bench.create();
    count += 1;
    name = `facts-${process.pid}-${count}`;
  });
  afterEach(async () => {
    await bench.close();
    await door?.shut();
    door = null;
    expect(await left(name)).toEqual([]);
  });

  it('tells within a second what someone does in a terminal', async () => {
    const fleet = await open([containerService('a', 'serve', { ...web, stopGracePeriodMs: 1000 })], name);
    await fleet.run.start(ref('a'));
    await fleet.answers('a');
    const told = async (expected: string, action: () => Promise<unknown>): Promise<number> => {
      const before = fleet.events.length;
      await action();
      const began = performance.now();
      await eventually(expected, () => fleet.events.slice(before).some((event) => words(event) === expected));
      return performance.now() - began;
    };
    const took = [
      await told('paused', () => container('a').pause()),
      await told('running', () => container('a').unpause()),
      await told('exited stopped', () => container('a').stop({ t: 1 })),
      await told('running', () => container('a').start()),
      await told('exited killed', () => container('a').kill()),
      await told('running', () => container('a').start()),
      await told('exited removed', () => container('a').remove({ force: true })),
    ];
    expect(Math.max(...took)).toBeLessThan(1000);
    await fleet.run.start(ref('a'));
    await fleet.answers('a');
  });

  it('says that memory ran out', async () => {
    const script = 'const all = []; setInterval(() => all.push(Buffer.alloc(8e6, 1)), 5)';
    const limits = { cpus: null, memoryBytes: 64 * 1024 * 1024 };
    const fleet = await open([scriptService('a', script, { limits })], name);
    await fleet.run.start(ref('a'));
    const exit = await fleet.exit('a');
    expect(exit).toMatchObject({ oomKilled: true });
    expect(exit.outside).toBeUndefined();
  });

  it("follows the engine's own health check", async () => {
    const script = `const fs = require('fs'); setInterval(() => {}, 1000)`;
    const check = healthcheck({
      test: { words: ['test -e /tmp/well'], shell: true },
      intervalMs: 500,
      timeoutMs: 5000,
      retries: 2,
    });
    const fleet = await open([scriptService('a', script, { healthcheck: check })], name);
    expect(await fleet.run.start(ref('a'))).toMatchObject({ health: { status: 'starting' } });
    const health = (status: string) =>
      eventually(status, () => fleet.events.some((one) => words(one) === `health ${status}`));
    await fleet.run.exec(ref('a'), { words: ['touch', '/tmp/well'], shell: false, timeoutMs: 3000 });
    await health('healthy');
    await fleet.run.exec(ref('a'), { words: ['rm', '/tmp/well'], shell: false, timeoutMs: 3000 });
    await health('unhealthy');
    const last = fleet.events.at(-1);
    expect(last?.kind === 'health' && last.health.detail).toContain('"test -e /tmp/well" exited with code 1');
  });

  it('reads lines of 1 MB, binary, and what a terminal writes', async () => {
    const script = `
      process.stdout.write('x'.repeat(1_000_000) + '\\n');
      process.stdout.write(Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a]));
      console.log('end \\u00e9');`;
    const fleet = await open([scriptService('plain', script), scriptService('tty', script, { tty: true })], name);
    for (const service of ['plain', 'tty']) {
      await fleet.run.start(ref(service));
      await fleet.line(service, /^end é$/);
      const lines = fleet.lines(service);
      expect([lines.length, lines[0]?.length]).toEqual([3, 1_000_000]);
      expect(lines[1]).toContain('\ufffd');
    }
    expect(fleet.chunks.every((chunk) => chunk.timesMs?.length === chunk.lines.length)).toBe(true);
  });

  it('lists and reads files, of what runs and of what has ended', async () => {
    const script = `
      const fs = require('fs');
      fs.mkdirSync('/data/sub', { recursive: true });
      fs.writeFileSync('/data/a b é.txt', 'hello '.repeat(1000));
      fs.writeFileSync('/data/raw', Buffer.from([1, 0, 255]));
      fs.symlinkSync('raw', '/data/link');
      console.log('written');
      setInterval(() => {}, 1000);`;
    const fleet = await open([scriptService('a', script)], name);
    await fleet.run.start(ref('a'));
    await fleet.line('a', /written/);
    const look = async () => {
      const { entries, cut } = await fleet.run.listFolder(ref('a'), '/data/');
      expect(cut).toBe(false);
      return entries.map(({ name: entry, kind, sizeBytes, target }) => [
        entry,
        kind,
        kind === 'file' ? sizeBytes : 0,
        target,
      ]);
    };
    const expected = [
      ['sub', 'folder', 0, null],
      ['a b é.txt', 'file', 6000, null],
      ['link', 'link', 0, 'raw'],
      ['raw', 'file', 3, null],
    ];
    expect(await look()).toEqual(expected);
    const text = await fleet.run.readFile(ref('a'), '/data/a b é.txt', 100);
    expect(text).toMatchObject({
      encoding: 'utf8',
      sizeBytes: 6000,
      cut: true,
      content: 'hello '.repeat(17).slice(0, 100),
    });
    const raw = await fleet.run.readFile(ref('a'), '/data/link', 100);
    expect(raw).toMatchObject({ path: '/data/raw', encoding: 'base64', content: 'AQD/', cut: false });
    await expect(fleet.run.readFile(ref('a'), '/nowhere', 100)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(fleet.run.listFolder(ref('a'), '/data/raw')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await fleet.run.kill(ref('a'));
    expect(await look()).toEqual(expected);
  });

  it('lists and reads what engines do not hand out, while the container runs', async () => {
    const script = `
      const fs = require('fs');
      fs.mkdirSync('/scratch/in ner');
      fs.writeFileSync('/scratch/in ner/a $(b).txt', 'héllo '.repeat(1000));
      console.log('written');
      setInterval(() => {}, 1000);`;
    const fleet = await open(
      [scriptService('a', script, { mounts: [mount({ kind: 'tmpfs', target: '/scratch' })] })],
      name,
    );
    await fleet.run.start(ref('a'));
    await fleet.line('a', /written/);
    const { entries } = await fleet.run.listFolder(ref('a'), '/scratch/in ner/');
    expect(entries.map((one) => [one.name, one.kind, one.sizeBytes])).toEqual([['a $(b).txt', 'file', 7000]]);
    const read = (maxBytes: number) => fleet.run.readFile(ref('a'), '/scratch/in ner/a $(b).txt', maxBytes);
    expect(await read(9)).toMatchObject({ sizeBytes: 7000, encoding: 'utf8', content: 'héllo h', cut: true });
    expect(await read(10_000)).toMatchObject({ content: 'héllo '.repeat(1000), cut: false });
    for (const path of ['/scratch/none', '/scratch/in ner/none', '/scratch/in ner']) {
      await expect(fleet.run.readFile(ref('a'), path, 100)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    await expect(fleet.run.listFolder(ref('a'), '/scratch/none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await fleet.run.kill(ref('a'));
    await expect(read(9)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('inspects, and masks secrets', async () => {
    const environment = { API_TOKEN: { value: 'very secret', source: 'compose' } } as const;
    const fleet = await open([containerService('a', 'serve', { ...web, environment })], name);
    await fleet.run.start(ref('a'));
    const masked = JSON.stringify(await fleet.run.inspect(ref('a'), false));
    expect(masked).toContain('API_TOKEN=');
    expect(masked).not.toContain('very secret');
    expect(await fleet.run.inspect(ref('a'), true)).toMatchObject({
      Config: { Env: expect.arrayContaining(['API_TOKEN=very secret']) },
    });
  });

  it('gives configs and secrets, volumes and limits as the file says', async () => {
    const script = `
      const fs = require('fs');
      const { mode, uid } = fs.statSync('/etc/app.conf');
      console.log(JSON.stringify([fs.readFileSync('/etc/app.conf', 'utf8'), (mode & 0o777).toString(8), uid, process.env.HOSTNAME]));
      fs.writeFileSync('/kept/file', 'x');
      fs.writeFileSync('/lost/file', 'x');
      setInterval(() => {}, 1000);`;
    const files = [
      {
        kind: 'config',
        name: 'app',
        source: { content: 'a=1' },
        target: '/etc/app.conf',
        uid: '1000',
        gid: null,
        mode: 0o440,
      },
    ] as const;
    const mounts = [
      mount({ kind: 'volume', source: 'kept', target: '/kept' }),
      mount({ kind: 'volume', target: '/lost' }),
      mount({ kind: 'tmpfs', target: '/scratch' }),
    ];
    const before = await allVolumes();
    const fleet = await open(
      [scriptService('a', script, { files, mounts, limits: { cpus: 0.5, memoryBytes: 128e6 } })],
      name,
    );
    await fleet.run.start(ref('a'));
    const [content, mode, uid] = JSON.parse((await fleet.line('a', /^\[.*/))[0]);
    expect([content, mode, uid]).toEqual(['a=1', '440', 1000]);
    const measured = await eventually('it is measured', () => fleet.stats.find((one) => one.network !== null));
    expect(measured).toMatchObject({ memoryLimitBytes: expect.closeTo(128e6, -5) });
    expect(await allVolumes()).toHaveLength(before.length + 2);
    await fleet.run.down({ keepData: true });
    expect((await allVolumes()).filter((one) => !before.includes(one))).toEqual([`${bench.fleet}_kept`]);
    const again = await open([scriptService('a', script, { files, mounts })], name);
    await again.run.down({ keepData: false });
    expect(await allVolumes()).toEqual(before);
  });

  it('takes over what runs while the engine is away', async () => {
    const engine = await behindDoor();
    const services = [
      containerService('a', 'count'),
      containerService('b', 'serve', web),
      containerService('c', 'deaf'),
    ];
    const there = dockerRuntime(new DockerStanding(async () => ({ found: true, engine })));
    const before = await bench.open(there, services, name);
    for (const service of ['a', 'b', 'c']) await before.run.start(ref(service));
    await before.line('a', /^line 100$/);
    await before.run.close();
    await door?.shut();
    const away = dockerRuntime(
      new DockerStanding(async () => ({ found: false, reason: 'away', remedy: '', tried: [] })),
    );
    // One that has seen nothing but that the engine is away, and is ended again.
    const between = await bench.open(away, services, name);
    await between.run.adopt();
    await between.run.close();
    const after = await bench.open(away, services, name);
    expect((await after.run.adopt()).map(({ instance }) => instance.service)).toEqual(['a', 'b', 'c']);
    expect(after.run.reach(ref('b'), 'http')).toEqual(before.run.reach(ref('b'), 'http'));
    await container('b').kill();
    await container('c').remove({ force: true });
    await door?.open();
    expect(await after.exit('b')).toMatchObject({ signal: 'SIGKILL' });
    expect(await after.exit('c')).toMatchObject({ outside: 'removed' });
    await after.line('a', new RegExp(`^line ${before.lines('a').length + 100}$`));
    const counted = [...before.lines('a'), ...after.lines('a')];
    expect(counted).toEqual(counted.map((_, n) => `line ${n}`));
  });

  it('loses the engine and finds it again', async () => {
    const engine = await behindDoor();
    const runtime = dockerRuntime(new DockerStanding(async () => ({ found: true, engine })));
    const services = [containerService('a', 'count'), containerService('b', 'serve', web)];
    const fleet = await bench.open(runtime, services, name);
    for (const service of ['a', 'b']) await fleet.run.start(ref(service));
    await fleet.line('a', /^line 100$/);
    await door?.shut();
    const problem = await eventually('it is told', () => fleet.problems.at(-1));
    expect(problem).toMatchObject({ code: 'RUNTIME_UNAVAILABLE' });
    await container('b').kill();
    await door?.open();
    await eventually('it is well again', () => fleet.problems.at(-1) === null);
    // What happened in between is told, and the log goes on where it stopped.
    expect(await fleet.exit('b')).toMatchObject({ signal: 'SIGKILL' });
    await fleet.line('a', new RegExp(`^line ${fleet.lines('a').length + 200}$`));
    await fleet.run.kill(ref('a'));
    await fleet.exit('a');
    expect(fleet.lines('a')).toEqual(fleet.lines('a').map((_, n) => `line ${n}`));
    await fleet.run.down({ keepData: false });
  });

  it("measures by the engine's API what this machine's kernel does not run", async () => {
    const engine = { ...(await behindDoor()), local: false };
    const runtime = dockerRuntime(new DockerStanding(async () => ({ found: true, engine })));
    const limits = { cpus: null, memoryBytes: 128 * 1024 * 1024 };
    const fleet = await bench.open(runtime, [containerService('a', 'count', { limits })], name);
    await fleet.run.start(ref('a'));
    const measured = await eventually('it is measured', () => fleet.stats.find((one) => one.cpuSeconds > 0));
    expect(measured).toMatchObject({ memoryLimitBytes: limits.memoryBytes, network: { inBytes: expect.any(Number) } });
    await fleet.run.down({ keepData: false });
  });

  it('goes on with a log whose connection broke by itself', async () => {
    const engine = await behindDoor();
    const runtime = dockerRuntime(new DockerStanding(async () => ({ found: true, engine })));
    const fleet = await bench.open(runtime, [containerService('a', 'count')], name);
    await fleet.run.start(ref('a'));
    await fleet.line('a', /^line 100$/);
    expect(door?.cut(/\/containers\/\w+\/logs\?/)).toBe(1);
    await fleet.line('a', new RegExp(`^line ${fleet.lines('a').length + 300}$`));
    expect(fleet.lines('a')).toEqual(fleet.lines('a').map((_, n) => `line ${n}`));
    expect(fleet.problems.filter((one) => one !== null)).toEqual([]);
    await fleet.run.down({ keepData: false });
  });

  it('names the container that has a port', async () => {
    const asked = (taken: number) => ({
      ports: [
        port('http', 7000, {
          env: 'PORT',
          hostPort: taken,
          published: true,
          publications: [{ hostIp: null, hostPorts: { from: taken, to: taken } }],
        }),
      ],
    });
    const first = await open([containerService('a', 'serve', web), containerService('b', 'serve')], name);
    await first.run.start(ref('a'));
    const taken = first.run.reach(ref('a'), 'http')?.port ?? 0;
    const other = fleetModel([containerService('b', 'serve', asked(taken))], {
      name: `${bench.fleet}-other`,
      directory: bench.home,
    });
    const second = await RecordedRun.open(dockerRuntime(), other, bench.home, `${name}-other`);
    const refused = await second.run.start(ref('b')).catch((error: unknown) => error);
    await second.run.down({ keepData: false });
    expect(refused).toMatchObject({
      code: 'PORT_TAKEN',
      details: { port: taken, holder: ` by the container ${bench.fleet}-a-1` },
    });
  });

  it('leaves alone what another run has started', async () => {
    const first = await open([containerService('a', 'serve', web)], name);
    await first.run.start(ref('a'));
    await expect(open([containerService('a', 'serve', web)], `${name}-again`)).rejects.toMatchObject({
      code: 'PROJECT_TAKEN',
      details: { project: bench.fleet, containers: `${bench.fleet}-a-1` },
    });
    await first.answers('a');
  });

  it('takes names with spaces and letters of any script', async () => {
    const model = fleetModel([containerService('größe 1', 'serve', web)], {
      name: 'Mein Läden!',
      directory: bench.home,
    });
    const fleet = await RecordedRun.open(dockerRuntime(), model, bench.home, name);
    try {
      await fleet.run.start(ref('größe 1'));
      await fleet.answers('größe 1');
      const [found] = await docker.listContainers({ filters: { label: [`dev.flotilla.run=${name}`] } });
      expect(found?.Names[0]).toMatch(/^\/mein-l-den-[0-9a-f]{6}-gr__e_1-1$/);
    } finally {
      await fleet.run.down({ keepData: false });
    }
  });

  it('ends a command that takes too long, with all that it started', async () => {
    const fleet = await open([scriptService('a', 'setInterval(() => {}, 1000)')], name);
    await fleet.run.start(ref('a'));
    const words = ['(sleep 4711; true) & setsid sleep 4712; wait'];
    const told = await fleet.run.exec(ref('a'), { words, shell: true, timeoutMs: 700 });
    expect(told).toEqual({ exitCode: null, output: 'no answer within 700 ms' });
    await eventually('all of it is gone', async () => !(await commands('a')).some((one) => /sleep|wait/.test(one)));
    expect(await commands('a')).toEqual([expect.stringContaining('node -e setInterval')]);
  });

  it('hangs up on what runs in a terminal that is closed', async () => {
    const fleet = await open([scriptService('a', 'setInterval(() => {}, 1000)')], name);
    await fleet.run.start(ref('a'));
    const terminal = await fleet.run.openTerminal(ref('a'), { cols: 80, rows: 24 });
    const exits: number[] = [];
    terminal.onExit((code) => exits.push(code));
    // Deaf to Ctrl+C, and reads nothing.
    terminal.write('node -e "process.on(\'SIGINT\', () => {}); setInterval(() => {}, 4711)"\r');
    await eventually('it runs', async () => (await commands('a')).some((one) => one.includes('4711')));
    terminal.close();
    await eventually('it is gone', async () => (await commands('a')).length === 1);
    await eventually('its end is told', () => exits.length === 1);
  });

  it('says what to do to get a terminal in what is paused', async () => {
    const fleet = await open([scriptService('a', 'setInterval(() => {}, 1000)')], name);
    await fleet.run.start(ref('a'));
    await fleet.run.pause(ref('a'));
    for (const command of [undefined, ['ls']]) {
      await expect(fleet.run.openTerminal(ref('a'), { cols: 80, rows: 24 }, command)).rejects.toMatchObject({
        code: 'RUNTIME_CANNOT',
        remedy: 'Resume it first.',
      });
    }
  });

  it('says when an image has no shell', async () => {
    const fleet = await open([containerService('a', 'serve', web)], name);
    await fleet.run.start(ref('a'));
    await fleet.run.exec(ref('a'), {
      words: ['node', '-e', 'fs.rmSync("/bin/sh");fs.rmSync("/usr/bin/dash")'],
      shell: false,
      timeoutMs: 5000,
    });
    await expect(fleet.run.openTerminal(ref('a'), { cols: 80, rows: 24 })).rejects.toMatchObject({
      code: 'RUNTIME_CANNOT',
      message: expect.stringContaining(`the image ${NODE_IMAGE} of a has no shell`),
    });
  });
});

async function allVolumes(): Promise<string[]> {
  const { Volumes } = await docker.listVolumes();
  return (Volumes ?? []).map((one) => one.Name).toSorted();
}
