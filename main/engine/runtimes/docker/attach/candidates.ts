import type { ContainerInfo } from 'dockerode';
import type { AttachCandidate } from '../../../../contract/index.ts';
import { COMPOSE, RUN_LABEL } from '../names.ts';

/**
 * What can be attached to: each Compose project with a container that exists, and each container that belongs to none.
 * What Flotilla started itself is left out. Projects first, by name.
 */
export function attachCandidates(containers: readonly ContainerInfo[]): AttachCandidate[] {
  const projects = new Map<string, ContainerInfo[]>();
  const singles: ContainerInfo[] = [];
  for (const container of containers) {
    const project = container.Labels[COMPOSE.project];
    if (!isAttachable(container)) continue;
    if (project === undefined) singles.push(container);
    else projects.set(project, [...(projects.get(project) ?? []), container]);
  }
  return [
    ...[...projects].sort(([a], [b]) => a.localeCompare(b)).map(([project, all]) => candidate(project, project, all)),
    ...singles.map((one) => candidate(null, nameOf(one), [one])).sort((a, b) => a.name.localeCompare(b.name)),
  ];
}

/** Neither ours, nor made by `docker compose run` for one command. */
export function isAttachable({ Labels }: ContainerInfo): boolean {
  return Labels[RUN_LABEL] === undefined && Labels[COMPOSE.oneoff] !== 'True';
}

function nameOf(container: ContainerInfo): string {
  return (container.Names[0] ?? container.Id.slice(0, 12)).replace(/^\//, '');
}

function candidate(project: string | null, name: string, containers: readonly ContainerInfo[]): AttachCandidate {
  const services = new Map<string, AttachCandidate['services'][number]>();
  for (const container of containers) {
    const id = container.Labels[COMPOSE.service] ?? nameOf(container);
    const before = services.get(id) ?? { id, image: container.Image, containers: 0, running: 0 };
    const running = before.running + (container.State === 'running' || container.State === 'paused' ? 1 : 0);
    services.set(id, { ...before, containers: before.containers + 1, running });
  }
  const files = containers[0]?.Labels[COMPOSE.files] ?? '';
  return {
    project,
    name,
    files: files.split(',').filter((file) => file !== ''),
    services: [...services.values()].sort((a, b) => a.id.localeCompare(b.id)),
    containerIds: containers.map((one) => one.Id),
  };
}
