import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fleetModel, port } from '../../main/engine/fleet/model.fixture.ts';
import type { FleetModel, GrantedFile, ServiceSpec } from '../../main/engine/fleet/model.ts';
import { dockerRuntime, type FleetRun } from '../../main/engine/runtimes/index.ts';
import { containerService, docker, left, missing, mount, scriptService } from './docker-harness.ts';
import { Bench, RecordedRun, ref } from './harness.ts';

const reason = await missing();
const IDLE = 'setInterval(() => {}, 1000)';

describe.skipIf(reason !== null)(reason === null ? 'making containers' : `skipped: ${reason}`, () => {
  let bench: Bench;
  let name = '';
  let count = 0;
  const plain = scriptService('a', IDLE).container;
  const container = (service: string) => docker.getContainer(`${bench.fleet}-${service}-1`);

  function granted(given: Partial<GrantedFile>): GrantedFile {
    const source = { content: 'one' };
    return { kind: 'config', name: 'app', source, target: '/app.conf', uid: null, gid: null, mode: null, ...given };
  }

  async function run(services: readonly ServiceSpec[], given: Partial<FleetModel> = {}): Promise<RecordedRun> {
    const model = fleetModel(services, { name: bench.fleet, directory: bench.home, ...given });
    return RecordedRun.open(dockerRuntime(), model, bench.home, name);
  }

  async function output(fleet: FleetRun, service: string, ...words: string[]): Promise<string> {
    return (await fleet.exec(ref(service), { words, shell: false, timeoutMs: 5000 })).output;
  }

  beforeEach(async () => {
    bench = await Bench.create();
    count += 1;
    name = `making-${process.pid}-${count}`;
  });
  afterEach(async () => {
    const filters = { label: [`dev.flotilla.run=${name}`] };
    for (const { Id } of await docker.listContainers({ all: true, filters })) {
      await docker.getContainer(Id).remove({ force: true, v: true });
    }
    const still = await run([]);
    await still.run.down({ keepData: false });
    expect(await left(name)).toEqual([]);
    await bench.close();
  });

  it('leaves no half-made container behind that would be started the next time', async () => {
    const files = [granted({ target: '/etc/passwd/app.conf', mode: 0o440 })];
    const fleet = await run([scriptService('a', IDLE, { files })]);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(fleet.run.start(ref('a'))).rejects.toMatchObject({ code: 'CONTAINER_REFUSED' });
    }
    await expect(container('a').inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  it('starts a container whose network was removed and made anew', async () => {
    const fleet = await run([scriptService('a', IDLE)]);
    await fleet.run.start(ref('a'));
    await fleet.run.kill(ref('a'));
    await docker.getNetwork(`${bench.fleet}_default`).remove();
    await fleet.run.start(ref('a'));
    const { NetworkSettings } = await container('a').inspect();
    expect(Object.keys(NetworkSettings.Networks)).toEqual([`${bench.fleet}_default`]);
  });

  it('starts what shares with a service whose container was made anew', async () => {
    const service = ref('a').service;
    const networkMode = { kind: 'service', service } as const;
    const volumesFrom = [{ from: networkMode, readOnly: false }];
    for (const label of ['first', 'second']) {
      const fleet = await run([
        scriptService('a', IDLE, { labels: { label } }),
        scriptService('b', IDLE, { container: { ...plain, networkMode, pid: networkMode, volumesFrom } }),
      ]);
      await fleet.run.adopt();
      for (const one of ['a', 'b']) await fleet.run.start(ref(one));
      expect((await container('a').inspect()).Config.Labels).toMatchObject({ label });
      for (const one of ['b', 'a']) await fleet.run.kill(ref(one));
      await fleet.run.close();
    }
  });

  it('takes no container for its own whose id begins with the name', async () => {
    const services = (other: string) => [
      scriptService('a', IDLE),
      scriptService('b', IDLE, { container: { ...plain, name: other } }),
    ];
    const first = await run(services('unused'));
    await first.run.start(ref('a'));
    const { Id } = await container('a').inspect();
    await first.run.close();
    const fleet = await run(services(Id.slice(0, 8)));
    await fleet.run.adopt();
    await expect(fleet.run.inspect(ref('b'), false)).rejects.toMatchObject({ code: 'SERVICE_NOT_RUNNING' });
    await fleet.run.start(ref('b'));
    expect((await container('a').inspect()).Id).toBe(Id);
  });

  it('keeps what is in anonymous volumes when a container is made anew, and removes it with the fleet', async () => {
    const names = new Set<string>();
    const note = async () => {
      for (const { Type, Name } of (await container('a').inspect()).Mounts)
        if (Type === 'volume' && Name) names.add(Name);
    };
    const still = async () => ((await docker.listVolumes()).Volumes ?? []).filter((one) => names.has(one.Name));
    const mounts = [mount({ kind: 'volume', target: '/data' })];
    const opened = async (label: string) => {
      const fleet = await run([scriptService('a', IDLE, { mounts, labels: { label } })]);
      await fleet.run.adopt();
      await fleet.run.start(ref('a'));
      return fleet;
    };
    for (const label of ['first', 'second', 'third']) {
      const fleet = await opened(label);
      if (label === 'first') await output(fleet.run, 'a', 'touch', '/data/kept');
      expect(await output(fleet.run, 'a', 'ls', '/data')).toBe('kept');
      expect((await container('a').inspect()).Config.Labels).toMatchObject({ label });
      await note();
      await fleet.run.kill(ref('a'));
      if (label === 'third') await fleet.run.down({ keepData: true });
      else await fleet.run.close();
    }
    expect([names.size, await still()]).toEqual([1, []]);
    // One that the service has no more is of no use to anybody.
    const fourth = await opened('fourth');
    await note();
    await fourth.run.kill(ref('a'));
    await fourth.run.close();
    expect([names.size, (await still()).length]).toEqual([2, 1]);
    const without = await run([scriptService('a', IDLE)]);
    await without.run.start(ref('a'));
    expect(await still()).toEqual([]);
  });

  it('reaches what is in the network of another service, and in the default one', async () => {
    const web = (number: number) => ({ ports: [port('http', number, { env: 'PORT' })] });
    const at = (networkMode: ServiceSpec['container']['networkMode']) => ({ container: { ...plain, networkMode } });
    const fleet = await run([
      containerService('a', 'serve', web(7000)),
      containerService('b', 'serve', { ...web(7001), ...at({ kind: 'service', service: ref('a').service }) }),
      containerService('c', 'serve', { ...web(7000), ...at({ kind: 'other', mode: 'bridge' }) }),
    ]);
    for (const service of ['a', 'b', 'c']) {
      await fleet.run.start(ref(service));
      await fleet.answers(service);
    }
  });

  it('gives a service the other names that links say', async () => {
    const links = [{ service: ref('a').service, alias: 'database' }];
    const fleet = await run([scriptService('a', IDLE), scriptService('b', IDLE, { container: { ...plain, links } })]);
    await fleet.run.start(ref('a'));
    await fleet.run.start(ref('b'));
    expect(await output(fleet.run, 'b', 'getent', 'hosts', 'database')).toMatch(/database/);
  });

  it('puts a file with a mode into the container as it is now', async () => {
    const file = join(bench.home, 'app.conf');
    const fleet = await run([
      scriptService('a', IDLE, { files: [granted({ source: { file }, mode: 0o440 })] }),
      scriptService('b', IDLE, { files: [granted({})] }),
    ]);
    for (const text of ['one', 'two']) {
      await writeFile(file, text);
      await fleet.run.start(ref('a'));
      expect(await output(fleet.run, 'a', 'cat', '/app.conf')).toBe(text);
      await fleet.run.kill(ref('a'));
    }
    await rm(file);
    await expect(fleet.run.start(ref('a'))).rejects.toMatchObject({
      code: 'CONTAINER_REFUSED',
      message: expect.stringContaining(`the config app of a: its file ${file} cannot be read (ENOENT)`),
    });
  });

  it('says why a read-only container is given no such file', async () => {
    const files = [granted({ kind: 'secret', name: 'token' })];
    const fleet = await run([scriptService('a', IDLE, { files, container: { ...plain, readOnly: true } })]);
    await expect(fleet.run.start(ref('a'))).rejects.toMatchObject({
      code: 'CONTAINER_REFUSED',
      message: expect.stringContaining('the secret token of a: nothing can be put into a container with read_only'),
    });
  });
});
