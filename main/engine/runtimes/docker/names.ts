import { createHash } from 'node:crypto';
import type { FleetModel, NetworkSpec, ServiceSpec, VolumeSpec } from '../../fleet/index.ts';
import type { InstanceRef } from '../runtime.ts';

/** Which run of Flotilla made it: what carries another's is left alone. */
export const RUN_LABEL = 'dev.flotilla.run';

/** Compose's own labels (docker/compose, pkg/api/labels.go), so that its commands see the same project. */
export const COMPOSE = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  number: 'com.docker.compose.container-number',
  oneoff: 'com.docker.compose.oneoff',
  files: 'com.docker.compose.project.config_files',
  directory: 'com.docker.compose.project.working_dir',
  version: 'com.docker.compose.version',
  hash: 'com.docker.compose.config-hash',
  dependsOn: 'com.docker.compose.depends_on',
  image: 'com.docker.compose.image',
  network: 'com.docker.compose.network',
  volume: 'com.docker.compose.volume',
} as const;

/** The version of Compose whose labels these are; its commands read it of what they find. */
export const COMPOSE_VERSION = '2.40.0';

/** A project's name as container engines take it in names; the fleet's own name where that already is one. */
export function projectName(model: Pick<FleetModel, 'name'>): string {
  const name = model.name
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[-_]+|[-_]+$/g, '');
  if (name === model.name) return name;
  // Two names that differ in what cannot be kept must not become one project.
  const hash = createHash('sha256').update(model.name).digest('hex').slice(0, 6);
  return name === '' ? `fleet-${hash}` : `${name}-${hash}`;
}

/** `shop-orders-1`, or the name that the file gives it. */
export function containerName(model: FleetModel, spec: ServiceSpec, index: number): string {
  if (spec.container.name !== null && spec.replicas === 1) return spec.container.name;
  return `${projectName(model)}-${spec.id.replace(/[^a-zA-Z0-9_.-]/g, '_')}-${index}`;
}

/** The engine's name of a network or volume of the file. */
export function resourceName(
  model: FleetModel,
  key: string,
  spec: Pick<NetworkSpec | VolumeSpec, 'name' | 'external'>,
) {
  return spec.name ?? (spec.external ? key : `${projectName(model)}_${key}`);
}

/** Labels of everything of a project. */
export function projectLabels(model: FleetModel, runId: string): Record<string, string> {
  return {
    [COMPOSE.project]: projectName(model),
    [COMPOSE.version]: COMPOSE_VERSION,
    [RUN_LABEL]: runId,
  };
}

/** Labels of a container, without the hash of what it is made from. */
export function containerLabels(
  model: FleetModel,
  spec: ServiceSpec,
  ref: InstanceRef,
  runId: string,
  imageId: string,
): Record<string, string> {
  const depends = spec.dependsOn.map((one) => `${one.service}:${one.condition}:${one.restart}`);
  return {
    ...spec.labels,
    ...projectLabels(model, runId),
    [COMPOSE.service]: spec.id,
    [COMPOSE.number]: String(ref.index),
    [COMPOSE.oneoff]: 'False',
    [COMPOSE.files]: model.files.join(','),
    [COMPOSE.directory]: model.directory,
    [COMPOSE.dependsOn]: depends.join(','),
    [COMPOSE.image]: imageId,
  };
}
