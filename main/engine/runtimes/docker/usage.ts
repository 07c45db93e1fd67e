import type { InstanceRef, InstanceStats, Traffic } from '../runtime.ts';

/** What a container has used since it was started, and what it holds now. */
export interface Usage {
  readonly cpuNs: number;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number | null;
  readonly network: { readonly inBytes: number; readonly outBytes: number } | null;
  readonly disk: { readonly inBytes: number; readonly outBytes: number } | null;
}

interface Sample {
  /** Which start of the container this is: counters begin anew with each. */
  readonly life: string;
  readonly atMs: number;
  readonly usage: Usage;
}

/** Makes rates of counters: what was used since the measurement before. */
export class UsageRates {
  readonly #last = new Map<string, Sample>();

  /** @param atMs of a clock that only goes forward */
  rate(id: string, instance: InstanceRef, life: string, usage: Usage, atMs: number): InstanceStats {
    const known = this.#last.get(id);
    const before = known?.life === life ? known : undefined;
    this.#last.set(id, { life, atMs, usage });
    const seconds = before === undefined ? 0 : (atMs - before.atMs) / 1000;
    const perSecond = (now: number, then: number | undefined): number =>
      seconds <= 0 || then === undefined ? 0 : Math.max(0, now - then) / seconds;
    const traffic = (what: 'network' | 'disk'): Traffic | null => {
      const now = usage[what];
      if (now === null) return null;
      const then = before?.usage[what] ?? undefined;
      return {
        ...now,
        inBytesPerSecond: Math.round(perSecond(now.inBytes, then?.inBytes)),
        outBytesPerSecond: Math.round(perSecond(now.outBytes, then?.outBytes)),
      };
    };
    return {
      instance,
      cpuPercent: Math.round(perSecond(usage.cpuNs, before?.usage.cpuNs) / 1e6) / 10,
      cpuSeconds: usage.cpuNs / 1e9,
      memoryBytes: usage.memoryBytes,
      memoryLimitBytes: usage.memoryLimitBytes,
      network: traffic('network'),
      disk: traffic('disk'),
    };
  }

  /** Forgets all but these. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#last.keys()) if (!ids.has(id)) this.#last.delete(id);
  }
}
