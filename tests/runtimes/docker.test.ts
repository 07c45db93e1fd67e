import { join } from 'node:path';
import Dockerode from 'dockerode';
import { afterAll, describe } from 'vitest';
import { serviceSpec } from '../../main/engine/fleet/model.fixture.ts';
import type { ServiceSpec } from '../../main/engine/fleet/model.ts';
import { dockerRuntime } from '../../main/engine/runtimes/index.ts';
import { runtimeSuite } from './runtime-suite.ts';

const IMAGE = 'node:24-bookworm-slim';
const programs = join(import.meta.dirname, 'programs');
const docker = new Dockerode();

/** Why these tests cannot run here; null when they can. */
async function missing(): Promise<string | null> {
  try {
    await docker.ping();
  } catch (error) {
    return `no Docker engine answers: ${(error as Error).message}`;
  }
  const image = await docker
    .getImage(IMAGE)
    .inspect()
    .catch(() => null);
  return image === null ? `the image ${IMAGE} is not there` : null;
}

function service(id: string, mode: string, given: Partial<ServiceSpec> = {}): ServiceSpec {
  const environment = {
    MODE: { value: mode, source: 'compose' },
    BIND: { value: '0.0.0.0', source: 'compose' },
    ...given.environment,
  } as const;
  const mount = serviceMount(programs, '/programs');
  const command = ['node', '/programs/service.mjs'];
  return serviceSpec(id, { image: IMAGE, command, mounts: [mount], ...given, environment });
}

function serviceMount(source: string, target: string): ServiceSpec['mounts'][number] {
  const options = {
    createHostPath: false,
    propagation: null,
    selinux: null,
    noCopy: false,
    subpath: null,
    sizeBytes: null,
    mode: null,
    flags: [],
  };
  return { kind: 'bind', source, target, readOnly: true, options };
}

/** What carries the mark of a run. */
async function left(runId: string): Promise<string[]> {
  const filters = { label: [`dev.flotilla.run=${runId}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  const { Volumes: volumes } = await docker.listVolumes({ filters });
  return [
    ...containers.map((one) => `container ${one.Names[0]}`),
    ...networks.map((one) => `network ${one.Name}`),
    ...(volumes ?? []).map((one) => `volume ${one.Name}`),
  ];
}

const reason = await missing();

describe.skipIf(reason !== null)(reason === null ? 'with a Docker engine' : `skipped: ${reason}`, () => {
  const before = reason === null ? left('none') : Promise.resolve([]);
  afterAll(() => before);

  runtimeSuite({
    name: 'docker',
    runtime: () => dockerRuntime(),
    service,
    broken: (id) => serviceSpec(id, { image: IMAGE, command: ['no-such-command-anywhere'] }),
    left,
  });
});
