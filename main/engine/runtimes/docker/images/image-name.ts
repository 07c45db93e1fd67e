import { createHash } from 'node:crypto';
import type { FleetModel, ServiceSpec } from '../../../fleet/index.ts';
import { projectName } from '../names.ts';

/** Docker Hub as registries are named in images; its credentials are kept under an address of its own. */
export const DOCKER_HUB = 'docker.io';

/** An image's name with the tag that is meant where it says none. */
export function withTag(image: string): string {
  const [name = ''] = image.split('@');
  if (image.includes('@')) return image;
  const last = name.slice(name.lastIndexOf('/') + 1);
  return last.includes(':') ? image : `${image}:latest`;
}

/** The registry that an image comes from: its first part where that looks like a host, else Docker Hub. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost');
  if (!isHost || first === 'index.docker.io' || first === 'registry-1.docker.io') return DOCKER_HUB;
  return first;
}

/** The image that a service's containers are made of: the file's name for it, or Compose's name for what is built. */
export function imageOf(model: Pick<FleetModel, 'name'>, service: Pick<ServiceSpec, 'id' | 'image'>): string {
  return withTag(service.image ?? `${projectName(model)}-${imageWord(service.id)}`);
}

/** A service's name as an image's may be: lower-case letters, digits, and separators between them. */
function imageWord(service: string): string {
  if (/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(service)) return service;
  const word = service.toLowerCase().match(/[a-z0-9]+/g);
  // Two names that differ in what cannot be kept must not become one image.
  const hash = createHash('sha256').update(service).digest('hex').slice(0, 6);
  return [...(word ?? ['service']), hash].join('-');
}
