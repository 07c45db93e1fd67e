import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import Dockerode from 'dockerode';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FlotillaError, type ImageProgress, ServiceId } from '../../main/contract/index.ts';
import { PLAIN_CONTAINER } from '../../main/engine/fleet/container-options.ts';
import { dependency, fleetModel, serviceSpec } from '../../main/engine/fleet/model.fixture.ts';
import type { BuildSpec, ServiceSpec } from '../../main/engine/fleet/model.ts';
import { thisMachine } from '../../main/engine/runtimes/docker/connection/index.ts';
import { FleetImages, imageStandings } from '../../main/engine/runtimes/docker/images/index.ts';
import { withoutContainers } from '../support/containers.ts';
import { type Registry, startRegistry } from '../support/registry.ts';

const BASE = 'debian:bookworm-slim';
const missing = await withoutContainers(BASE);
const docker = new Dockerode();
const project = `flotilla-test-images-${process.pid}`;
const id = (service: string): ServiceId => ServiceId.parse(service);

const opened: FleetImages[] = [];
const registries: Registry[] = [];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-images-'));
});
afterEach(async () => {
  for (const images of opened.splice(0)) await images.close();
  for (const registry of registries.splice(0)) await registry.close();
  rmSync(folder, { recursive: true });
});
afterAll(async () => {
  if (missing !== null) return;
  const all = await docker.listImages();
  const ours = all.flatMap(({ RepoTags }) => RepoTags ?? []).filter((one) => one.includes('flotilla-test'));
  for (const name of ours) await docker.getImage(name).remove({ force: true });
});

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const buildSpec = (given: Partial<BuildSpec> = {}): BuildSpec => ({
  context: folder,
  dockerfile: null,
  dockerfileInline: null,
  target: null,
  args: {},
  labels: {},
  tags: [],
  cacheFrom: [],
  extraHosts: [],
  network: null,
  shmSizeBytes: null,
  noCache: false,
  pull: false,
  platform: null,
  ...given,
});
const built = (service: string, given: Partial<BuildSpec> = {}, more: Partial<ServiceSpec> = {}): ServiceSpec =>
  serviceSpec(service, { image: null, build: buildSpec(given), ...more });
const pulled = (service: string, image: string, policy: ServiceSpec['container']['pullPolicy'] = 'missing') =>
  serviceSpec(service, { image, container: { ...PLAIN_CONTAINER, pullPolicy: policy } });

function open(services: readonly ServiceSpec[], { rebuild = false, environment = {} } = {}) {
  const seen: ImageProgress[] = [];
  const machine = thisMachine({ ...process.env, DOCKER_CONFIG: join(folder, 'docker'), ...environment });
  const model = fleetModel(services, { name: project });
  const images = new FleetImages({ docker, model, machine, rebuild, onProgress: (one) => seen.push(one) });
  opened.push(images);
  return { images, seen, model };
}
const failure = async (images: FleetImages, service: string): Promise<FlotillaError> => {
  const error = await images.ready(id(service)).catch((thrown: unknown) => thrown);
  if (error instanceof FlotillaError) return error;
  throw new Error(`did not fail as it should: ${error}`);
};
async function registry(
  options: Parameters<typeof startRegistry>[0] = {},
): Promise<{ server: Registry; image: string }> {
  const server = await startRegistry(options);
  registries.push(server);
  return { server, image: `${server.host}/flotilla-test/app:1` };
}
const inspect = (image: string) => docker.getImage(image).inspect();

describe.skipIf(missing !== null)('pulling', () => {
  it('pulls what is not there, with progress per layer, once for all services', async () => {
    const { server, image } = await registry();
    const release = server.holdHalves();
    const { images, seen } = open([pulled('a', image), pulled('b', image)]);
    const ready = Promise.all([images.ready(id('a')), images.ready(id('b'))]);
    await vi.waitFor(() => {
      const loading = seen.flatMap((one) => one.layers).filter((one) => one.state === 'downloading');
      expect(loading.some((one) => (one.currentBytes ?? 0) > 0 && (one.totalBytes ?? 0) > 1024 * 1024)).toBe(true);
    }, 10_000);
    release();
    await ready;
    await inspect(image);
    expect(seen[0]).toMatchObject({ image, services: ['a', 'b'], action: 'pull', state: 'waiting' });
    expect(seen.at(-1)).toMatchObject({ state: 'done', error: null });
    expect(seen.at(-1)?.layers.map((one) => one.state)).toEqual(['done', 'done', 'done']);
  });

  it('asks nobody for what is there', async () => {
    const { images, seen } = open([pulled('a', BASE)]);
    await images.ready(id('a'));
    expect(seen).toEqual([]);
  });

  it('asks for what is there where pull_policy is always, and never where it is never', async () => {
    const { server, image } = await registry();
    await open([pulled('a', image)]).images.ready(id('a'));
    const before = server.asked.length;
    await open([pulled('a', image, 'always')]).images.ready(id('a'));
    expect(server.asked.length).toBeGreaterThan(before);
    const gone = `${server.host}/flotilla-test/app:2`;
    expect(await failure(open([pulled('a', gone, 'never')]).images, 'a')).toMatchObject({ code: 'IMAGE_MISSING' });
  });

  it('says in the words of the engine that there is no such image', async () => {
    const { server } = await registry();
    const image = `${server.host}/flotilla-test/app:nine`;
    const { images, seen } = open([pulled('a', image)]);
    const error = await failure(images, 'a');
    expect(error.code).toBe('IMAGE_PULL_FAILED');
    expect(error.message).toContain(`The image ${image} could not be pulled: manifest`);
    expect(error.remedy).toBe('Check its name and its tag.');
    expect(seen.at(-1)).toMatchObject({ state: 'failed', error: { code: 'IMAGE_PULL_FAILED' } });
  });

  it('says that a registry cannot be reached, and tries again when it is asked again', async () => {
    const { server, image } = await registry();
    await server.close();
    const { images, seen } = open([pulled('a', image)]);
    const error = await failure(images, 'a');
    expect(error.message).toContain('connection refused');
    expect(error.remedy).toContain(`See that this machine reaches ${server.host}`);
    await failure(images, 'a');
    expect(seen.filter((one) => one.state === 'failed')).toHaveLength(2);
  });

  it('signs in with what docker login has kept', async () => {
    const login = 'mia:s3cret:word';
    const { server, image } = await registry({ login });
    expect((await failure(open([pulled('a', image)]).images, 'a')).remedy).toContain(`docker login ${server.host}`);
    const auths = { [server.host]: { auth: Buffer.from(login).toString('base64') } };
    put('docker/config.json', JSON.stringify({ auths }));
    await open([pulled('a', image)]).images.ready(id('a'));
    await inspect(image);
  });

  it('signs in with what a credential helper gives', async () => {
    const { server, image } = await registry({ login: 'mia:s3cret' });
    put('docker/config.json', JSON.stringify({ credHelpers: { [server.host]: 'test' } }));
    put(
      'bin/docker-credential-test',
      '#!/bin/sh\nread host\necho "{\\"ServerURL\\":\\"$host\\",\\"Username\\":\\"mia\\",\\"Secret\\":\\"s3cret\\"}"',
    );
    const { chmodSync } = await import('node:fs');
    chmodSync(join(folder, 'bin/docker-credential-test'), 0o755);
    const environment = { PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}` };
    await open([pulled('a', image)], { environment }).images.ready(id('a'));
    await inspect(image);
  });

  it('gives up a pull when the fleet is taken down', async () => {
    const { server, image } = await registry();
    const held = server.hold();
    const { images } = open([pulled('a', image)]);
    const ended = images.ready(id('a')).catch((error: unknown) => error);
    await held;
    await images.close();
    expect(await ended).toBeInstanceOf(Error);
    await expect(inspect(image)).rejects.toThrow(/no such image/i);
  });
});

describe.skipIf(missing !== null)('building', () => {
  const dockerfile = `FROM ${BASE}\nARG WORD=none\nCOPY . /work\nRUN ls /work && echo "the word is $WORD"\n`;

  it('builds as Compose names and labels it, with steps, and not again when nothing changed', async () => {
    put('Dockerfile', dockerfile);
    put('kept.txt', 'x');
    const { images, seen } = open([built('web', { args: { WORD: 'salt' } })]);
    await images.ready(id('web'));
    expect(images.imageOf(id('web'))).toBe(`${project}-web:latest`);
    const { Config } = await inspect(`${project}-web`);
    expect(Config.Labels).toMatchObject({
      'com.docker.compose.project': project,
      'com.docker.compose.service': 'web',
      'dev.flotilla.context': expect.stringMatching(/^[0-9a-f]{40}-[0-9a-f]{16}$/),
    });
    const steps = seen.flatMap((one) => (one.step ? [one.step.text] : []));
    expect(steps).toContain('RUN ls /work && echo "the word is $WORD"');
    expect(seen.at(-1)).toMatchObject({ action: 'build', state: 'done' });
    expect(seen.at(-1)?.output).toContain('the word is salt');

    const again = open([built('web', { args: { WORD: 'salt' } })]);
    const began = performance.now();
    await again.images.ready(id('web'));
    expect(performance.now() - began).toBeLessThan(1000);
    expect(again.seen).toEqual([]);
  });

  it('builds again when a source or an argument changed, and always when it is asked to', async () => {
    put('Dockerfile', dockerfile);
    put('source.txt', 'one');
    const build = async (word: string, rebuild = false): Promise<boolean> => {
      const { images, seen } = open([built('again', { args: { WORD: word } })], { rebuild });
      await images.ready(id('again'));
      return seen.length > 0;
    };
    expect(await build('a')).toBe(true);
    expect(await build('a')).toBe(false);
    put('source.txt', 'two');
    expect(await build('a')).toBe(true);
    expect(await build('b')).toBe(true);
    expect(await build('b')).toBe(false);
    expect(await build('b', true)).toBe(true);
    // What was replaced is gone.
    const ours = await docker.listImages({ filters: { label: [`com.docker.compose.project=${project}`] } });
    expect(ours.filter(({ RepoTags }) => !RepoTags?.length || RepoTags.includes('<none>:<none>'))).toEqual([]);
  });

  it('leaves an image alone that somebody else has built', async () => {
    await docker.getImage(BASE).tag({ repo: `${project}-theirs`, tag: 'latest' });
    put('Dockerfile', dockerfile);
    const { images, seen } = open([built('theirs')]);
    await images.ready(id('theirs'));
    expect(seen).toEqual([]);
  });

  it('leaves out what .dockerignore names, and takes in what it excepts', async () => {
    put('Dockerfile', `FROM ${BASE}\nCOPY . /work\nRUN cd /work && find . -type f -o -type l | sort\n`);
    put('.dockerignore', '*\n!src\nsrc/**/*.map\n!docs/keep.md\n');
    for (const path of ['secret.env', 'src/a.js', 'src/deep/a.js.map', 'docs/keep.md', 'docs/drop.md']) put(path, 'x');
    const { images, seen } = open([built('ignoring')]);
    await images.ready(id('ignoring'));
    const files = seen.at(-1)?.output.filter((line) => line.startsWith('./'));
    expect(files).toEqual(['./docs/keep.md', './src/a.js']);
  });

  it('takes a Dockerfile from outside the folder, from the file itself, and a stage of it', async () => {
    put('context/file.txt', 'x');
    put('other/My.Dockerfile', `FROM ${BASE} AS one\nRUN echo stage one\nFROM one AS two\nRUN echo stage two\n`);
    const context = join(folder, 'context');
    const outside = open([built('outside', { context, dockerfile: '../other/My.Dockerfile', target: 'one' })]);
    await outside.images.ready(id('outside'));
    expect(outside.seen.at(-1)?.output).toContain('stage one');
    expect(outside.seen.at(-1)?.output).not.toContain('stage two');
    const inline = open([
      built('inline', { context, dockerfileInline: `FROM ${BASE}\nCOPY . /work\nRUN echo inline && ls -A /work\n` }),
    ]);
    await inline.images.ready(id('inline'));
    expect(inline.seen.at(-1)?.output).toEqual(expect.arrayContaining(['inline', 'file.txt']));
    expect(inline.seen.at(-1)?.output.filter((line) => line.startsWith('.'))).toEqual([]);
  });

  it('builds once what several services build alike, under the names of all', async () => {
    put('Dockerfile', dockerfile);
    const { images, seen } = open([built('one'), built('two')]);
    await Promise.all([images.ready(id('one')), images.ready(id('two'))]);
    expect((await inspect(`${project}-one`)).Id).toBe((await inspect(`${project}-two`)).Id);
    expect(seen.filter((one) => one.state === 'done').map((one) => one.services)).toEqual([['one', 'two']]);
  });

  it('says at which step a build failed, in the words of the engine, and others go on', async () => {
    put('Dockerfile', `FROM ${BASE}\nRUN echo going wrong >&2 && exit 3\n`);
    const { images, seen } = open([built('bad'), pulled('good', BASE)]);
    await images.ready(id('good'));
    const error = await failure(images, 'bad');
    expect(error.code).toBe('IMAGE_BUILD_FAILED');
    expect(error.message).toContain('at step 2 of ');
    expect(error.message).toContain('(RUN echo going wrong >&2 && exit 3)');
    expect(error.message).toContain('returned a non-zero code: 3');
    expect(seen.at(-1)?.output).toContain('going wrong');
    put('Dockerfile', `FROM ${BASE}\nRUN echo well\n`);
    await images.ready(id('bad'));
  });

  it('gives the words of a build whose disk is full', async () => {
    put('Dockerfile', `FROM ${BASE}\nRUN dd if=/dev/zero of=/dev/shm/all bs=64k\n`);
    const { images, seen } = open([built('full', { shmSizeBytes: 1024 * 1024 })]);
    const error = await failure(images, 'full');
    expect(error.message).toContain('returned a non-zero code');
    expect(seen.at(-1)?.output.join('\n')).toMatch(/No space left on device/);
    expect(error.remedy).toContain('docker image prune');
  });

  it('says that the folder or the Dockerfile is not there', async () => {
    const folderless = open([built('a', { context: join(folder, 'gone') })]);
    expect(await failure(folderless.images, 'a')).toMatchObject({
      code: 'BUILD_FOLDER_MISSING',
      message: `The folder ${join(folder, 'gone')} that a is to be built from does not exist.`,
    });
    expect(await failure(open([built('a')]).images, 'a')).toMatchObject({
      code: 'DOCKERFILE_MISSING',
      message: `There is no ${join(folder, 'Dockerfile')} to build a with.`,
    });
  });

  it('gives up a build when the fleet is taken down', async () => {
    put('Dockerfile', `FROM ${BASE}\nRUN echo begun && sleep 600\n`);
    let begun: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (begun = resolve));
    const images = new FleetImages({
      docker,
      model: fleetModel([built('slow')], { name: project }),
      machine: thisMachine(),
      rebuild: false,
      onProgress: ({ output }) => output.includes('begun') && begun(),
    });
    const ended = images.ready(id('slow')).catch((error: unknown) => error);
    await running;
    await images.close();
    expect(await ended).toBeInstanceOf(Error);
    const sleeping = async (): Promise<boolean> =>
      (await docker.listContainers()).some(({ Command }) => Command.includes('echo begun'));
    await expect.poll(sleeping).toBe(false);
  });

  it('pulls what a build starts from as a part of it', async () => {
    const { server, image } = await registry();
    const release = server.holdHalves();
    put('Dockerfile', `ARG FROM=none\nFROM $FROM\nLABEL x=y\n`);
    const { images, seen, model } = open([built('upon', { args: { FROM: image } })]);
    expect(await imageStandings(docker, model)).toEqual([
      { image: `${project}-upon:latest`, action: 'build', present: false, missing: [image] },
    ]);
    const ready = images.ready(id('upon'));
    await vi.waitFor(() => expect(seen.some((one) => one.layers.length === 3)).toBe(true), 10_000);
    release();
    await ready;
    expect(await imageStandings(docker, model)).toMatchObject([{ present: true, missing: [] }]);
  });

  it('builds what others wait for first', async () => {
    put('Dockerfile', dockerfile);
    const args = (word: string) => ({ args: { WORD: word } });
    const services = [built('last', args('3'), { dependsOn: [dependency('first')] }), built('first', args('1'))];
    const { images, seen } = open(services);
    await Promise.all(services.map((service) => images.ready(service.id)));
    expect(seen.filter((one) => one.state === 'done').map((one) => one.services[0])).toEqual(['first', 'last']);
  });
});
