import type Dockerode from 'dockerode';
import type { InstanceRef, InstanceStats } from '../runtime.ts';
import { apiUsage, STATS_PATIENCE_MS } from './api-usage.ts';
import { type CgroupPlace, cgroupPlace, cgroupUsage } from './cgroup-usage.ts';
import { type Usage, UsageRates } from './usage.ts';

/** A container that runs, to be measured. */
export interface Measured {
  readonly id: string;
  readonly ref: InstanceRef;
  readonly containerId: string;
  readonly pid: number | null;
  readonly startedAtMs: number;
}

/** So many questions are with the engine at the same time. */
const AT_ONCE = 4;

/**
 * Measures all containers of a run in one pass: from the kernel's own counters where this machine has them, which costs
 * next to nothing, else by the engine's API.
 */
export class ContainerStats {
  readonly #docker: Dockerode;
  readonly #local: boolean;
  readonly #rates = new UsageRates();
  /** By instance; the container and its start are part of what they are for. */
  readonly #places = new Map<string, { readonly life: string; readonly place: CgroupPlace | null }>();
  #memoryOfMachine: number | null = null;

  constructor(docker: Dockerode, local: boolean) {
    this.#docker = docker;
    this.#local = local;
  }

  /** Rejects when the engine does not answer; containers that have just ended are left out. */
  async pass(containers: readonly Measured[]): Promise<InstanceStats[]> {
    const stats: InstanceStats[] = [];
    const toAsk: Measured[] = [];
    for (const one of containers) {
      const place = this.#placeOf(one);
      const usage = place === null ? null : cgroupUsage(place);
      if (usage !== null) stats.push(this.#rate(one, usage));
      else if (place === null) toAsk.push(one);
    }
    for (let at = 0; at < toAsk.length; at += AT_ONCE) {
      const asked = await Promise.all(toAsk.slice(at, at + AT_ONCE).map((one) => this.#ask(one)));
      stats.push(...asked.filter((one) => one !== null));
    }
    const ids = new Set(containers.map(({ id }) => id));
    this.#rates.keep(ids);
    for (const id of this.#places.keys()) if (!ids.has(id)) this.#places.delete(id);
    return stats;
  }

  #placeOf(one: Measured): CgroupPlace | null {
    if (!this.#local || one.pid === null) return null;
    const life = lifeOf(one);
    const known = this.#places.get(one.id);
    if (known?.life === life) return known.place;
    const place = cgroupPlace(one.pid, one.containerId);
    this.#places.set(one.id, { life, place });
    return place;
  }

  async #ask(one: Measured): Promise<InstanceStats | null> {
    this.#memoryOfMachine ??= await memoryOfMachine(this.#docker);
    const usage = await apiUsage(this.#docker, one.containerId, this.#memoryOfMachine).catch(() => null);
    return usage === null ? null : this.#rate(one, usage);
  }

  #rate(one: Measured, usage: Usage): InstanceStats {
    return this.#rates.rate(one.id, one.ref, lifeOf(one), usage, performance.now());
  }
}

const lifeOf = ({ containerId, startedAtMs }: Measured): string => `${containerId}/${startedAtMs}`;

async function memoryOfMachine(docker: Dockerode): Promise<number> {
  // dockerode's types leave out that it takes options.
  const info = docker.info as unknown as (options: { abortSignal: AbortSignal }) => Promise<{ MemTotal?: number }>;
  const { MemTotal } = await info.call(docker, { abortSignal: AbortSignal.timeout(STATS_PATIENCE_MS) });
  return MemTotal ?? Number.POSITIVE_INFINITY;
}
