import type Dockerode from 'dockerode';
import type { InstanceStats } from '../runtime.ts';
import type { Contained } from './container-state.ts';
import { ContainerStats } from './container-stats.ts';

const STATS_MS = 2000;

/** Measures the containers that run, every two seconds, one pass at a time. */
export class UsageSampler {
  readonly #stats: ContainerStats;
  readonly #running: () => ReadonlyMap<string, Contained>;
  readonly #measured: (stats: readonly InstanceStats[]) => void;
  readonly #timer: NodeJS.Timeout;
  #sampling = false;
  #closed = false;

  constructor(
    { docker, local }: { readonly docker: Dockerode; readonly local: boolean },
    running: () => ReadonlyMap<string, Contained>,
    measured: (stats: readonly InstanceStats[]) => void,
  ) {
    this.#stats = new ContainerStats(docker, local);
    this.#running = running;
    this.#measured = measured;
    this.#timer = setInterval(() => void this.#sample(), STATS_MS);
    this.#timer.unref();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
  }

  async #sample(): Promise<void> {
    const running = this.#running();
    if (this.#sampling || running.size === 0) return;
    this.#sampling = true;
    try {
      const containers = [...running].map(([id, one]) => ({ id, ...one }));
      const stats = await this.#stats.pass(containers);
      if (stats.length > 0 && !this.#closed) this.#measured(stats);
    } catch {
      // The engine is gone, which its events tell.
    } finally {
      this.#sampling = false;
    }
  }
}
