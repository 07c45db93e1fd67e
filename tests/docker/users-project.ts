import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Dockerode from 'dockerode';
import { type Flotilla, makeFlotilla, projectRoot, type Result } from '../support/flotilla.ts';

const docker = new Dockerode();
const execute = promisify(execFile);

/** Why the real docker-compose cannot be asked; null when it can. */
export async function withoutCompose(): Promise<string | null> {
  const found = await execute('docker-compose', ['version', '--short']).catch(() => null);
  return found === null ? 'docker-compose is not installed' : null;
}

/** One of tests/compose-files on Docker, under a project name of its own. */
export interface UsersProject {
  readonly flotilla: Flotilla;
  readonly name: string;
  readonly folder: string;
  up(...options: string[]): Promise<Result>;
  /** What the real docker-compose prints about this project. */
  compose(...args: string[]): Promise<string>;
  /** What the container engine holds of it: containers, networks, volumes. */
  held(): Promise<string[]>;
  /** Volumes without a name that its containers have. */
  anonymousVolumes(): Promise<string[]>;
  stillThere(volumes: readonly string[]): Promise<string[]>;
  /** Takes it down whatever became of the test, its images too. */
  close(): Promise<void>;
}

async function heldBy(project: string): Promise<string[]> {
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    docker.listContainers({ all: true }),
    docker.listNetworks(),
    docker.listVolumes(),
  ]);
  const all = [
    ...containers.flatMap((one) => one.Names.map((name) => `container ${name.slice(1)}`)),
    ...networks.map((one) => `network ${one.Name}`),
    ...(volumes ?? []).map((one) => `volume ${one.Name}`),
  ];
  // Others may use the engine, too.
  return all.filter((one) => one.includes(` ${project}`)).sort();
}

async function anonymousVolumesOf(project: string): Promise<string[]> {
  const filters = { label: [`com.docker.compose.project=${project}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const names = containers.flatMap((one) => one.Mounts.map((mount) => mount.Name ?? ''));
  return names.filter((name) => /^[0-9a-f]{64}$/.test(name));
}

async function stillThere(volumes: readonly string[]): Promise<string[]> {
  const all = (await docker.listVolumes()).Volumes ?? [];
  return all.map((one) => one.Name).filter((name) => volumes.includes(name));
}

async function removeAll(project: string): Promise<void> {
  const filters = { label: [`com.docker.compose.project=${project}`] };
  for (const { Id } of await docker.listContainers({ all: true, filters })) {
    await docker.getContainer(Id).remove({ force: true, v: true });
  }
  for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove();
  for (const { Name } of (await docker.listVolumes({ filters })).Volumes ?? []) await docker.getVolume(Name).remove();
  for (const { RepoTags } of await docker.listImages()) {
    for (const tag of RepoTags ?? []) if (tag.startsWith(project)) await docker.getImage(tag).remove({ force: true });
  }
}

export async function usersProject(kind: string, variables: NodeJS.ProcessEnv = {}): Promise<UsersProject> {
  const name = `users-${kind}-${process.pid}`;
  const folder = join(projectRoot, 'tests/compose-files', kind);
  const flotilla = await makeFlotilla({ COMPOSE_PROJECT_NAME: name, ...variables });
  return {
    flotilla,
    name,
    folder,
    up: (...options) => flotilla.run('up', folder, '--runtime', 'docker', '--headless', ...options),
    async compose(...args) {
      const options = { cwd: folder, env: { ...process.env, ...variables, COMPOSE_PROJECT_NAME: name } };
      const { stdout, stderr } = await execute('docker-compose', args, options);
      return `${stdout}\n${stderr}`;
    },
    held: () => heldBy(name),
    anonymousVolumes: () => anonymousVolumesOf(name),
    stillThere,
    async close() {
      await flotilla.close();
      await removeAll(name);
    },
  };
}
