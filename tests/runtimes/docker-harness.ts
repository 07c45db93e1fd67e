import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import Dockerode from 'dockerode';
import { serviceSpec } from '../../main/engine/fleet/model.fixture.ts';
import type { Mount, ServiceSpec } from '../../main/engine/fleet/model.ts';

/** The image of the services that tests run in containers. */
export const NODE_IMAGE = 'node:24-bookworm-slim';
const programs = join(import.meta.dirname, 'programs');

export const docker = new Dockerode();

/** Why tests with containers cannot run here; null when they can. */
export async function missing(images: readonly string[] = [NODE_IMAGE]): Promise<string | null> {
  try {
    await docker.ping();
  } catch (error) {
    return `no Docker engine answers: ${(error as Error).message}`;
  }
  for (const name of images) {
    const image = await docker
      .getImage(name)
      .inspect()
      .catch(() => null);
    if (image === null) return `the image ${name} is not there`;
  }
  return null;
}

export function mount(given: Partial<Mount> & Pick<Mount, 'kind' | 'target'>): Mount {
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
  return { source: null, readOnly: false, options, ...given };
}

/** A service that runs programs/service.mjs in a mode. */
export function containerService(id: string, mode: string, given: Partial<ServiceSpec> = {}): ServiceSpec {
  const environment = {
    MODE: { value: mode, source: 'compose' },
    BIND: { value: '0.0.0.0', source: 'compose' },
    ...given.environment,
  } as const;
  const program = mount({ kind: 'bind', source: programs, target: '/programs', readOnly: true });
  const command = ['node', '/programs/service.mjs'];
  return serviceSpec(id, {
    image: NODE_IMAGE,
    command,
    ...given,
    mounts: [program, ...(given.mounts ?? [])],
    environment,
  });
}

/** A service that runs a script in Node. */
export function scriptService(id: string, script: string, given: Partial<ServiceSpec> = {}): ServiceSpec {
  return serviceSpec(id, { image: NODE_IMAGE, command: ['node', '-e', script], ...given });
}

/** What carries the mark of a run. */
export async function left(runId: string): Promise<string[]> {
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

/** A door to the engine that can be shut and opened again, as when the engine is stopped and started. */
export class EngineDoor {
  readonly path: string;
  readonly #sockets = new Set<Socket>();
  /** What was asked for last by each. */
  readonly #asked = new Map<Socket, string>();
  #server: ReturnType<typeof createServer> | null = null;

  constructor(path: string) {
    this.path = path;
  }

  open(): Promise<void> {
    const server = createServer((inside) => {
      const outside = connect('/var/run/docker.sock');
      for (const socket of [inside, outside]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
      }
      inside.on('data', (data: Buffer) => {
        const request = /^(?:GET|POST) \S+/.exec(data.toString('latin1', 0, 500))?.[0];
        if (request !== undefined) this.#asked.set(inside, request);
      });
      inside.on('close', () => this.#asked.delete(inside));
      inside.on('close', () => outside.destroy());
      outside.on('close', () => inside.destroy());
      inside.pipe(outside).pipe(inside);
    });
    this.#server = server;
    return new Promise((resolve) => void server.listen(this.path, resolve));
  }

  /** Breaks the connections by which this was asked for, and no others; gives how many these were. */
  cut(pattern: RegExp): number {
    const found = [...this.#asked].filter(([, request]) => pattern.test(request));
    for (const [socket] of found) socket.destroy();
    return found.length;
  }

  async shut(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== null) await new Promise((resolve) => server.close(resolve));
  }
}
