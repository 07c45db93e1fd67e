import type Dockerode from 'dockerode';
import type { ServiceSpec } from '../../fleet/index.ts';
import { type InstanceRef, instanceId, type ReportedHealth } from '../runtime.ts';
import { execIn } from './container-exec.ts';
import type { Contained } from './container-state.ts';

const LEAST_MS = 500;
const NANOSECONDS = 1e6;

/**
 * Carries out the engine's own health check while a container starts. Engines ask for the first time after a whole
 * interval, often half a minute, and most know no shorter one for the start; a fleet whose services wait for each other
 * would take minutes. The first success counts; after that the engine's word alone does.
 */
export class FirstHealth {
  readonly #docker: Dockerode;
  readonly #told: (ref: InstanceRef, containerId: string, health: ReportedHealth) => void;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(docker: Dockerode, told: (ref: InstanceRef, containerId: string, health: ReportedHealth) => void) {
    this.#docker = docker;
    this.#told = told;
  }

  /** Asks until it is healthy, or `stop`. */
  watch({ ref, containerId }: Contained, info: Dockerode.ContainerInspectInfo, spec: ServiceSpec): void {
    const check = info.Config.Healthcheck;
    const [form, ...words] = check?.Test ?? [];
    if ((form !== 'CMD' && form !== 'CMD-SHELL') || words.length === 0) return;
    const timeoutMs = (check?.Timeout ?? 0) / NANOSECONDS || 30_000;
    const pauseMs = Math.max(LEAST_MS, Math.min(spec.healthcheck?.startIntervalMs ?? 1000, 1000));
    const id = instanceId(ref);
    this.stop(id);
    const again = (): void => {
      this.#timers.set(
        id,
        setTimeout(() => void once(), pauseMs),
      );
    };
    const once = async (): Promise<void> => {
      const timer = this.#timers.get(id);
      const { exitCode } = await execIn(this.#docker, containerId, { words, shell: form === 'CMD-SHELL', timeoutMs });
      if (this.#timers.get(id) !== timer || timer === undefined) return;
      if (exitCode !== 0) return again();
      this.#timers.delete(id);
      this.#told(ref, containerId, { status: 'healthy', detail: '' });
    };
    again();
  }

  stop(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  close(): void {
    for (const id of [...this.#timers.keys()]) this.stop(id);
  }
}
