import { describe, expect, it } from 'vitest';
import { FlotillaError, type RuntimeKind, ServiceId } from '../../contract/index.ts';
import type { Availability, Readiness, Runtime } from '../runtimes/index.ts';
import { chooseRuntime, listRuntimes } from './choose-runtime.ts';
import { fleetModel } from './model.fixture.ts';

const none: Availability = {
  available: false,
  reason: 'no Docker engine was found: there is no socket',
  remedy: 'Start it.',
};
const docker28: Availability = {
  available: true,
  detail: 'Docker 28.2.2 at unix:///run/docker.sock',
  version: '28.2.2',
};
const processes: Availability = { available: true, detail: 'local processes' };
const image = (name: string, present = true) => ({
  image: name,
  action: 'pull' as const,
  present,
  missing: present ? [] : [name],
});
const ready = (given: Partial<Readiness> = {}): Readiness => ({ cannotRun: [], missing: [], images: [], ...given });
const has = ready({ images: [image('redis:7')] });
const lacks = ready({ missing: ['redis:7'], images: [image('redis:7', false)] });
const cannotRun = ready({ cannotRun: [ServiceId.parse('nginx')] });

function runtime(kind: RuntimeKind, found: Availability, readiness: Readiness): Runtime {
  return {
    kind,
    capabilities: [],
    detect: async () => found,
    readiness: async () => readiness,
    open: () => Promise.reject(new Error('not asked to')),
  };
}
const both = (found: Availability, dockerReadiness = has, processReadiness = ready()) => [
  runtime('docker', found, dockerReadiness),
  runtime('process', processes, processReadiness),
];
const read = async () => fleetModel([]);
async function chosen(runtimes: readonly Runtime[], asked?: RuntimeKind): Promise<string> {
  const { runtime: one, reason } = await chooseRuntime(runtimes, asked, read);
  return `${one.kind}: ${reason}`;
}

describe('when nobody chooses', () => {
  it('takes Docker where its engine has all images', async () => {
    expect(await chosen(both(docker28))).toBe(
      'docker: It runs on Docker 28.2.2 at unix:///run/docker.sock, whose engine has all its images. ' +
        'Choose another with --runtime process.',
    );
  });

  it('takes processes where no engine answers, and says so', async () => {
    expect(await chosen(both(none))).toBe(
      'process: It runs on local processes, because no Docker engine was found: there is no socket. ' +
        'Choose another with --runtime docker.',
    );
  });

  it('takes processes where images would have to be pulled, and names them', async () => {
    const missing = ready({ missing: ['a', 'b', 'c', 'd', 'e'] });
    expect(await chosen(both(docker28, missing))).toContain('because Docker does not have a, b, c and 2 more yet.');
  });

  it('pulls for Docker what processes cannot run', async () => {
    expect(await chosen(both(docker28, lacks, cannotRun))).toContain(
      'docker: It runs on Docker 28.2.2 at unix:///run/docker.sock, because nginx cannot run on local processes; ' +
        'redis:7 will be pulled.',
    );
  });

  it('takes processes for what they can run of it where there is nothing else', async () => {
    expect(await chosen(both(none, has, cannotRun))).toContain('process: ');
  });

  it('never takes an engine on another machine by itself', async () => {
    expect(await chosen(both(docker28, { ...has, remote: true }))).toContain(
      'process: It runs on local processes, because the engine of Docker is on another machine.',
    );
  });

  it('reads the file for the runtime that it is to run on, and gives what is wrong with it', async () => {
    const asked: RuntimeKind[] = [];
    const broken = new FlotillaError('FLEET_FILE_MISSING', { file: 'x' });
    await expect(
      chooseRuntime(both(docker28), undefined, async (kind) => {
        asked.push(kind);
        throw broken;
      }),
    ).rejects.toBe(broken);
    expect(asked).toEqual(['docker', 'process']);
  });

  it('gives the remedy where nothing can be used', async () => {
    const failure = await chooseRuntime([runtime('docker', none, has)], undefined, read).catch((error) => error);
    expect(failure).toMatchObject({ code: 'RUNTIME_UNAVAILABLE', remedy: 'Start it.' });
  });
});

describe('when somebody chooses', () => {
  it('takes that, whatever it would have to pull', async () => {
    expect(await chosen(both(docker28, lacks), 'docker')).toBe(
      'docker: It runs on Docker 28.2.2 at unix:///run/docker.sock, as it was asked to.',
    );
  });

  it('says why it cannot be', async () => {
    await expect(chosen(both(none), 'docker')).rejects.toMatchObject({
      code: 'RUNTIME_UNAVAILABLE',
      message: 'The docker runtime cannot be used: no Docker engine was found: there is no socket.',
      remedy: 'Start it.',
    });
    await expect(chosen(both(none), 'kubernetes')).rejects.toMatchObject({
      remedy: 'Use --runtime docker or process.',
    });
  });
});

it('lists what there is, which is the default and why, and how the images stand', async () => {
  expect(await listRuntimes(both(docker28), read)).toMatchObject([
    {
      kind: 'docker',
      available: true,
      version: '28.2.2',
      isDefault: true,
      defaultReason: expect.stringContaining('all its images'),
      images: [{ image: 'redis:7', present: true }],
    },
    { kind: 'process', available: true, isDefault: false, defaultReason: null },
  ]);
  expect((await listRuntimes(both(none), read))[0]).toMatchObject({
    available: false,
    detail: null,
    reason: expect.stringContaining('no Docker engine'),
    remedy: 'Start it.',
    isDefault: false,
  });
});
