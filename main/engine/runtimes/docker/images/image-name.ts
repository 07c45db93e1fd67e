import type { ServiceSpec } from '../../../fleet/index.ts';

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
export function imageOf(project: string, service: Pick<ServiceSpec, 'id' | 'image'>): string {
  return withTag(service.image ?? `${project}-${service.id}`);
}
