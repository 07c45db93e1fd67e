import type Dockerode from 'dockerode';
import { type InstanceRef, instanceId, type RunListener } from '../runtime.ts';
import { ContainerLog } from './container-log.ts';
import type { DockerRunFolder } from './run-state.ts';

export interface ContainerLogsOptions {
  readonly docker: Dockerode;
  readonly folder: DockerRunFolder;
  readonly listener: RunListener;
  /** Of the log of a container that is seen for the first time, so many of the last lines; all of it when absent. */
  readonly pastLines: number | undefined;
  /** Whether this container runs for the instance, as far as is known. */
  runs(instance: string, containerId: string): boolean;
}

/** The logs of the containers of a run: of each instance that of the container that it has now. */
export class ContainerLogs {
  readonly #options: ContainerLogsOptions;
  readonly #logs = new Map<string, ContainerLog>();

  constructor(options: ContainerLogsOptions) {
    this.#options = options;
  }

  /** The log of an instance's container, which takes the place of that of another one. */
  of(ref: InstanceRef, info: Dockerode.ContainerInspectInfo): ContainerLog {
    const id = instanceId(ref);
    const known = this.#logs.get(id);
    if (known?.containerId === info.Id) return known;
    void known?.close();
    const { docker, folder, listener, pastLines, runs } = this.#options;
    const log = new ContainerLog({
      docker,
      instance: ref,
      containerId: info.Id,
      tty: info.Config.Tty,
      positionFile: folder.positionFile(id),
      pastLines,
      runs: () => runs(id, info.Id),
      log: (chunk) => listener.log(chunk),
    });
    this.#logs.set(id, log);
    return log;
  }

  /** That of an instance, where it has had a container. */
  known(instance: string): ContainerLog | undefined {
    return this.#logs.get(instance);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#logs.values()].map((log) => log.close()));
  }
}
