import Dockerode from 'dockerode';

const docker = new Dockerode();
const LABEL = 'dev.flotilla.test';

/** Why containers cannot be used here, for a test that is skipped; null when they can. */
export async function withoutContainers(...images: readonly string[]): Promise<string | null> {
  try {
    await docker.ping();
  } catch (error) {
    return `no container engine answers (${error instanceof Error ? error.message : String(error)})`;
  }
  for (const image of images) {
    const found = await docker
      .getImage(image)
      .inspect()
      .catch(() => null);
    if (found === null) return `the image ${image} is not here`;
  }
  return null;
}

export interface TestContainer {
  readonly id: string;
  /** On 127.0.0.1. */
  readonly port: number;
  remove(): Promise<void>;
}

/** Starts a container with one port published on 127.0.0.1. The caller removes it. */
export async function startContainer(
  image: string,
  { port, environment = {}, command }: { port: number; environment?: Record<string, string>; command?: string[] },
): Promise<TestContainer> {
  const key = `${port}/tcp`;
  const container = await docker.createContainer({
    Image: image,
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    ...(command === undefined ? {} : { Cmd: command }),
    Labels: { [LABEL]: 'container' },
    ExposedPorts: { [key]: {} },
    HostConfig: { PortBindings: { [key]: [{ HostIp: '127.0.0.1', HostPort: '' }] } },
  });
  const remove = (): Promise<void> => container.remove({ force: true, v: true });
  try {
    await container.start();
    const { NetworkSettings } = await container.inspect();
    return { id: container.id, port: Number(NetworkSettings.Ports[key]?.[0]?.HostPort), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
