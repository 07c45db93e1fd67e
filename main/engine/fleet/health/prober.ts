import type { FleetRun, InstanceRef } from '../../runtimes/index.ts';
import type { Healthcheck } from '../model.ts';
import { type ProbeResult, probe } from './probe.ts';

const FIRST_MS = 100;
/** One that is not healthy is asked at least this often, to see it recover soon. */
const UNWELL_MS = 1000;

/** How it stands, which says when to ask next; null ends the asking. */
export type Standing = 'starting' | 'healthy' | 'unhealthy' | null;

/** Asks one instance again and again how it is, never twice at the same time. */
export class Prober {
  readonly #ask: () => Promise<ProbeResult>;
  readonly #check: Healthcheck;
  readonly #told: (result: ProbeResult) => Standing;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  /** `told` is given each answer and says how the instance stands now. */
  constructor(run: FleetRun, instance: InstanceRef, check: Healthcheck, told: (result: ProbeResult) => Standing) {
    this.#ask = () => probe(run, instance, check);
    this.#check = check;
    this.#told = told;
    this.#schedule(FIRST_MS);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #schedule(ms: number): void {
    // Spread by a tenth, so that a fleet that started together is not asked together for ever.
    this.#timer = setTimeout(() => void this.#once(), ms * (0.9 + Math.random() * 0.2));
    this.#timer.unref();
  }

  async #once(): Promise<void> {
    const result = await this.#ask();
    if (this.#stopped) return;
    const standing = this.#told(result);
    if (standing === null || this.#stopped) return;
    const { startIntervalMs, intervalMs } = this.#check;
    if (standing === 'starting') this.#schedule(startIntervalMs);
    else this.#schedule(standing === 'healthy' ? intervalMs : Math.min(intervalMs, UNWELL_MS));
  }
}
