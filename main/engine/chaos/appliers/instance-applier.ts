import { z } from 'zod';
import { FlotillaError } from '../../../contract/index.ts';
import { allSettled } from '../../all-settled.ts';
import type { RunningFleet } from '../../fleet/index.ts';
import type { InstanceFaults, InstanceRef, Pressure } from '../../runtimes/index.ts';
import type { FaultApplier } from '../faults/faults.ts';
import type { LedgerEntry } from '../faults/ledger.ts';
import { chooseCopies, chosenCopies, serviceOf } from './copies.ts';
import type { Overlap } from './overlap.ts';

const MEGABYTE = 1_000_000;

/** How each copy was before, by its number. */
const Was = z.object({ was: z.record(z.string(), z.record(z.string(), z.unknown())) });

/** What a fault of this kind does to one copy. */
interface InstanceAct {
  /** What has to be put back; refuses what cannot be done. */
  before(faults: InstanceFaults, ref: InstanceRef, fault: LedgerEntry): Promise<Record<string, unknown>>;
  apply(faults: InstanceFaults, ref: InstanceRef, fault: LedgerEntry): Promise<void>;
  revert(faults: InstanceFaults, ref: InstanceRef, fault: LedgerEntry, was: Record<string, unknown>): Promise<void>;
  /** Of several on one copy only the last that was put on acts. */
  readonly isExclusive: boolean;
}

const pressureOf = ({ id, kind, untilMs, parameters }: LedgerEntry): Pressure => ({
  faultId: id,
  untilMs,
  what:
    kind === 'cpu-pressure'
      ? { kind: 'cpu', workers: Number(parameters.workers), loadPercent: Number(parameters.loadPercent) }
      : { kind: 'memory', bytes: Number(parameters.megabytes) * MEGABYTE },
});

const pressure: InstanceAct = {
  async before(faults, ref, fault) {
    await faults.checkPressure(ref, pressureOf(fault));
    return {};
  },
  apply: (faults, ref, fault) => faults.press(ref, pressureOf(fault)),
  revert: (faults, ref, { id }) => faults.relieve(ref, id),
  isExclusive: false,
};

const limit = (what: 'cpus' | 'memory'): InstanceAct => ({
  before: async (faults, ref) => (await faults.limits?.(ref)) ?? {},
  apply: async (faults, ref, { parameters }) =>
    faults.limit?.(
      ref,
      what === 'cpus' ? { cpus: Number(parameters.cpus) } : { memoryBytes: Number(parameters.megabytes) * MEGABYTE },
    ),
  revert: async (faults, ref, _fault, was) => faults.unlimit?.(ref, what, was),
  isExclusive: true,
});

const disconnect: InstanceAct = {
  before: async (faults, ref) => (await faults.networks?.(ref)) ?? {},
  apply: async (faults, ref) => faults.disconnect?.(ref),
  revert: async (faults, ref, _fault, was) => faults.reconnect?.(ref, was),
  isExclusive: true,
};

const ACTS: Readonly<Record<string, InstanceAct>> = {
  'cpu-pressure': pressure,
  'memory-pressure': pressure,
  'cpu-limit': limit('cpus'),
  'memory-limit': limit('memory'),
  disconnect,
};

export interface InstanceApplierOptions {
  /** The run from inside; null when nothing of it is left. @throws FlotillaError when it cannot be reached now */
  fleet(runId: string): RunningFleet | null;
  readonly overlap: Overlap;
}

/** Faults on single copies through what runs them: pressure, limits, networks. */
export class InstanceApplier implements FaultApplier {
  readonly #options: InstanceApplierOptions;

  constructor(options: InstanceApplierOptions) {
    this.#options = options;
  }

  async before(fault: LedgerEntry): Promise<Record<string, unknown>> {
    const { fleet, faults, act } = this.#parts(fault);
    const service = serviceOf(fault);
    const running = fleet.supervisor.lives(service).filter((life) => life.startedAtMs !== null);
    const copies = chooseCopies(fault, service, running);
    const was: Record<string, unknown> = {};
    for (const copy of copies) {
      // What another fault of this kind has made of it is not how it was.
      const earlier = act.isExclusive ? this.#on(copy, fault, this.#options.overlap.left(fault)).at(0) : undefined;
      was[copy] = earlier === undefined ? await act.before(faults, refOf(fault, copy), fault) : wasOf(earlier, copy);
    }
    return { copies, was };
  }

  async apply(fault: LedgerEntry): Promise<void> {
    const { faults, act } = this.#parts(fault);
    const apply = (): Promise<void> =>
      allSettled(chosenCopies(fault).map((copy) => act.apply(faults, refOf(fault, copy), fault)));
    await (act.isExclusive ? this.#options.overlap.inTurn(fault, apply) : apply());
  }

  async revert(fault: LedgerEntry): Promise<void> {
    const fleet = this.#options.fleet(fault.runId);
    if (fleet === null) return;
    const { faults, act } = this.#parts(fault);
    const { overlap } = this.#options;
    const revert = (): Promise<void> =>
      allSettled(
        chosenCopies(fault).map((copy) => {
          const ref = refOf(fault, copy);
          const other = act.isExclusive ? this.#on(copy, fault, overlap.standing(fault)).at(-1) : undefined;
          return other === undefined
            ? act.revert(faults, ref, fault, wasOf(fault, copy))
            : act.apply(faults, ref, other);
        }),
      );
    await (act.isExclusive ? overlap.ending(fault, revert) : revert());
  }

  /** Which of these, beside the fault, are on the same copy; those that came first first. */
  #on(copy: number, fault: LedgerEntry, entries: readonly LedgerEntry[]): LedgerEntry[] {
    const service = serviceOf(fault);
    return entries.filter(
      (one) => one.id !== fault.id && serviceOf(one) === service && chosenCopies(one).includes(copy),
    );
  }

  #parts(fault: LedgerEntry): { fleet: RunningFleet; faults: InstanceFaults; act: InstanceAct } {
    const fleet = this.#options.fleet(fault.runId);
    if (fleet === null) throw new FlotillaError('FLEET_NOT_LOADED');
    const { faults } = fleet.run;
    const act = ACTS[fault.kind];
    if (faults !== undefined && act !== undefined) return { fleet, faults, act };
    const reason = 'It has no way to do so.';
    throw new FlotillaError('FAULT_IMPOSSIBLE', { kind: fault.kind, runtime: fleet.runtime, reason });
  }
}

const refOf = (fault: LedgerEntry, index: number): InstanceRef => ({ service: serviceOf(fault), index });

const wasOf = ({ before }: LedgerEntry, copy: number): Record<string, unknown> =>
  Was.safeParse(before).data?.was[String(copy)] ?? {};
