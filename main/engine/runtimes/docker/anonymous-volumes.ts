import type Dockerode from 'dockerode';

/** An anonymous volume of a container, and where it is mounted. */
export interface AnonymousVolume {
  readonly name: string;
  readonly target: string;
}

/** On a container that goes on with anonymous volumes of the one before it: their names, for when the fleet goes. */
export const INHERITED_LABEL = 'dev.flotilla.inherited-volumes';

/** As engines name a volume that nobody named. */
const ANONYMOUS = /^[0-9a-f]{64}$/;

/** The anonymous volumes of a container. */
export function anonymousVolumes(mounts: Dockerode.ContainerInspectInfo['Mounts']): AnonymousVolume[] {
  return mounts.flatMap(({ Type, Name, Destination }) =>
    Type === 'volume' && Name !== undefined && ANONYMOUS.test(Name) ? [{ name: Name, target: Destination }] : [],
  );
}

/** What is gone already, or somebody else's container has, is left. */
export async function removeVolumes(docker: Dockerode, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await docker
      .getVolume(name)
      .remove()
      .catch(() => undefined);
  }
}

/** What a container is made from, with these volumes where it would have had new ones. */
export function withInherited(
  options: Dockerode.ContainerCreateOptions,
  volumes: readonly AnonymousVolume[],
): Dockerode.ContainerCreateOptions {
  if (volumes.length === 0) return options;
  const binds = volumes.map(({ name, target }) => `${name}:${target}`);
  return {
    ...options,
    Labels: { ...options.Labels, [INHERITED_LABEL]: volumes.map(({ name }) => name).join(',') },
    HostConfig: { ...options.HostConfig, Binds: [...(options.HostConfig?.Binds ?? []), ...binds] },
  };
}

/** The names in a container's label, which its engine does not take for anonymous any more. */
export function inheritedVolumes(labels: Readonly<Record<string, string>>): string[] {
  return (labels[INHERITED_LABEL] ?? '').split(',').filter((name) => ANONYMOUS.test(name));
}
