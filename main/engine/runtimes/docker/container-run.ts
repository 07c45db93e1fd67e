import type Dockerode from 'dockerode';
import type { ServiceId } from '../../../contract/index.ts';
import type { ServiceSpec } from '../../fleet/index.ts';
import {
  type ExecCommand,
  type ExecResult,
  type InstanceFaults,
  type InstanceRef,
  instanceId,
  type TerminalProcess,
  type TerminalSize,
} from '../runtime.ts';
import { execIn, openContainerShell } from './container-exec.ts';
import { ContainerFaults } from './container-faults.ts';
import { listFolder, readFile } from './container-files.ts';
import type { Containers, RunEngine } from './containers.ts';
import { engineError, engineWords } from './docker-errors.ts';
import { maskedInspect } from './inspect.ts';

const FREEZE_TRIES = 5;

/** What can be done with a container, and seen of it, whoever made it. */
export abstract class ContainerRun {
  protected readonly engine: RunEngine;
  protected abstract readonly containers: Containers;

  #faults: ContainerFaults | null = null;

  constructor(engine: RunEngine) {
    this.engine = engine;
  }

  get faults(): InstanceFaults {
    this.#faults ??= new ContainerFaults(this.engine.docker, this.containers);
    return this.#faults;
  }

  /** @throws FlotillaError SERVICE_UNKNOWN */
  protected abstract spec(service: ServiceId): ServiceSpec;
  /** The image that a service's containers are of. */
  protected abstract imageOf(service: ServiceId): string;

  async kill(ref: InstanceRef): Promise<void> {
    const running = this.containers.running.get(instanceId(ref));
    if (running === undefined) return;
    await this.containers.signal(running, 'SIGKILL');
    await this.containers.ending(ref);
  }

  async pause(ref: InstanceRef): Promise<void> {
    const running = this.containers.found(ref);
    running.paused = true;
    await freeze(this.containers.container(running)).catch((error: unknown) => {
      running.paused = false;
      throw engineError(error, `to pause ${running.name}`);
    });
  }

  async resume(ref: InstanceRef): Promise<void> {
    const running = this.containers.found(ref);
    await this.containers
      .container(running)
      .unpause()
      .catch((error: unknown) => {
        throw engineError(error, `to resume ${running.name}`);
      });
    running.paused = false;
  }

  address(_from: ServiceId, to: ServiceId, containerPort: number): string | null {
    const known = this.spec(to).ports.some((port) => port.containerPort === containerPort);
    return known ? `${to}:${containerPort}` : null;
  }

  addresses(): ReadonlyMap<string, { readonly service: ServiceId }> {
    const found = new Map<string, { service: ServiceId }>();
    for (const { ref, name, containerId, addresses } of this.containers.running.values()) {
      for (const { containerPort } of this.spec(ref.service).ports) {
        for (const host of [...addresses, name, containerId.slice(0, 12)]) {
          if (host !== '') found.set(`${host}:${containerPort}`, { service: ref.service });
        }
      }
    }
    return found;
  }

  async exec(ref: InstanceRef, command: ExecCommand): Promise<ExecResult> {
    const running = this.containers.running.get(instanceId(ref));
    if (running === undefined) return { exitCode: null, output: `${instanceId(ref)} is not running` };
    return execIn(this.engine.docker, running.containerId, command);
  }

  async openTerminal(ref: InstanceRef, size: TerminalSize, command?: readonly string[]): Promise<TerminalProcess> {
    const { containerId: id } = this.containers.found(ref);
    const container = { id, service: ref.service, image: this.imageOf(ref.service) };
    return openContainerShell(this.engine.docker, container, size, command);
  }

  async inspect(ref: InstanceRef, reveal: boolean): Promise<Record<string, unknown>> {
    return maskedInspect(await this.containers.inspectNamed(ref), reveal);
  }

  async listFolder(ref: InstanceRef, path: string) {
    const { Id, State } = await this.containers.inspectNamed(ref);
    return listFolder(this.engine.docker, { id: Id, isRunning: State.Running && !State.Paused }, path);
  }

  async readFile(ref: InstanceRef, path: string, maxBytes: number) {
    const { Id } = await this.containers.inspectNamed(ref);
    return readFile(this.engine.docker, Id, path, maxBytes);
  }
}

/** With cgroup v1 the kernel does not always get hold of all processes of a busy container at the first try; runc gives up then. */
async function freeze(container: Dockerode.Container): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await container.pause();
      return;
    } catch (error) {
      if (tries >= FREEZE_TRIES || !/unable to freeze/i.test(engineWords(error))) throw error;
    }
  }
}
