import type Dockerode from 'dockerode';
import { type AttachTarget, FlotillaError } from '../../../../contract/index.ts';
import { engineError, isMissing } from '../docker-errors.ts';
import { COMPOSE } from '../names.ts';
import { attachCandidates, isAttachable } from './candidates.ts';

const INSPECT_AT_ONCE = 8;

/** Of which containers the engine's events are told. */
export function eventFilters(target: AttachTarget): Record<string, string[]> {
  if ('project' in target) return { label: [`${COMPOSE.project}=${target.project}`] };
  return { container: target.containers };
}

/** What an attached fleet is called. */
export function targetName(target: AttachTarget): string {
  if ('project' in target) return target.project;
  const [first = '', ...more] = target.containers;
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}

/** The containers that there are of it, which may be none. @throws what the engine throws */
export async function membersOf(docker: Dockerode, target: AttachTarget): Promise<Dockerode.ContainerInfo[]> {
  const all = (await docker.listContainers({ all: true })).filter(isAttachable);
  if ('project' in target) return all.filter((one) => one.Labels[COMPOSE.project] === target.project);
  const names = new Set(target.containers);
  return all.filter((one) => one.Names.some((name) => names.has(name.slice(1))));
}

/** All that the engine knows of them; those that have just been removed are left out. @throws what the engine throws */
export async function inspectAll(docker: Dockerode, ids: readonly string[]): Promise<Dockerode.ContainerInspectInfo[]> {
  const found: Dockerode.ContainerInspectInfo[] = [];
  for (let at = 0; at < ids.length; at += INSPECT_AT_ONCE) {
    const asked = ids.slice(at, at + INSPECT_AT_ONCE).map((id) => inspectOne(docker, id));
    found.push(...(await Promise.all(asked)).filter((one) => one !== null));
  }
  return found;
}

async function inspectOne(docker: Dockerode, id: string): Promise<Dockerode.ContainerInspectInfo | null> {
  try {
    return await docker.getContainer(id).inspect();
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/**
 * What was asked for, with containers by their names: those stay when a container is made anew.
 * @throws FlotillaError ATTACH_UNKNOWN, RUNTIME_UNAVAILABLE
 */
export async function resolveTarget(docker: Dockerode, asked: AttachTarget): Promise<AttachTarget> {
  const all = await docker.listContainers({ all: true }).catch((error: unknown) => {
    throw engineError(error, 'the list of containers');
  });
  const candidates = attachCandidates(all);
  if ('project' in asked) {
    const projects = candidates.flatMap(({ project }) => project ?? []);
    if (projects.includes(asked.project)) return asked;
    throw unknown('project', asked.project, projects);
  }
  const attachable = all.filter(isAttachable);
  const names = asked.containers.map((wanted) => {
    const found = attachable.find(
      ({ Id, Names }) => Names.includes(`/${wanted}`) || (wanted.length >= 12 && Id.startsWith(wanted)),
    );
    const name = found?.Names[0]?.slice(1);
    if (name !== undefined) return name;
    throw unknown(
      'container',
      wanted,
      attachable.flatMap(({ Names }) => Names[0]?.slice(1) ?? []),
    );
  });
  return { containers: [...new Set(names)] };
}

function unknown(what: string, name: string, known: readonly string[]): FlotillaError {
  const named = known.length === 0 ? `no ${what}` : known.slice(0, 10).join(', ');
  return new FlotillaError('ATTACH_UNKNOWN', { what, name, known: named });
}
