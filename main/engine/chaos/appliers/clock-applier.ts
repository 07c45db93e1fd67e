import { FlotillaError } from '../../../contract/index.ts';
import type { RunningFleet } from '../../fleet/index.ts';
import type { InstanceClocks } from '../../runtimes/index.ts';
import type { FaultApplier } from '../faults/faults.ts';
import type { LedgerEntry } from '../faults/ledger.ts';
import { chooseCopies, chosenCopies, serviceOf } from './copies.ts';
import type { Overlap } from './overlap.ts';

export interface ClockApplierOptions {
  /** The run from inside; null when nothing of it is left. @throws FlotillaError when it cannot be reached now */
  fleet(runId: string): RunningFleet | null;
  readonly overlap: Overlap;
}

/** The clock that copies see. It is theirs from their start on, so those that have another are restarted. */
export class ClockApplier implements FaultApplier {
  readonly #options: ClockApplierOptions;

  constructor(options: ClockApplierOptions) {
    this.#options = options;
  }

  async before(fault: LedgerEntry): Promise<Record<string, unknown>> {
    const { fleet, clocks } = this.#parts(fault);
    clocks.check();
    const service = serviceOf(fault);
    const running = fleet.supervisor.lives(service).filter((life) => life.startedAtMs !== null);
    return { copies: chooseCopies(fault, service, running) };
  }

  async apply(fault: LedgerEntry): Promise<void> {
    this.#parts(fault).clocks.check();
    await this.#options.overlap.inTurn(fault, () => this.#setClocks(fault));
  }

  async revert(fault: LedgerEntry): Promise<void> {
    if (this.#options.fleet(fault.runId) === null) return;
    await this.#options.overlap.ending(fault, () => this.#setClocks(fault));
  }

  /** Sets the clocks of the copies that it is on as the faults that stand want them, the last one of several. */
  async #setClocks(fault: LedgerEntry): Promise<void> {
    const { fleet, clocks } = this.#parts(fault);
    const service = serviceOf(fault);
    const copies = chosenCopies(fault);
    for (const index of copies) clocks.set({ service, index }, this.#wanted(fault, index));
    // What is stopped as a whole is not started for that.
    if (fleet.isEnding) return;
    const wrong = copies.filter((index) => this.#isWrong(clocks, fault, index));
    if (wrong.length === 0) return;
    await fleet.supervisor.disturb(service, wrong, 'restart');
    const still = wrong.filter((index) => this.#isWrong(clocks, fault, index));
    if (still.length === 0) return;
    const detail = `the clock of ${still.map((index) => `${service}-${index}`).join(', ')} is not as it should be`;
    throw new FlotillaError('INTERNAL', { detail });
  }

  #isWrong(clocks: InstanceClocks, fault: LedgerEntry, index: number): boolean {
    const now = clocks.of({ service: serviceOf(fault), index });
    return now !== null && now !== this.#wanted(fault, index);
  }

  /** Seconds ahead. */
  #wanted(fault: LedgerEntry, copy: number): number {
    const service = serviceOf(fault);
    const last = this.#options.overlap
      .standing(fault)
      .findLast((one) => serviceOf(one) === service && chosenCopies(one).includes(copy));
    return Number(last?.parameters.offsetSeconds ?? 0);
  }

  #parts(fault: LedgerEntry): { fleet: RunningFleet; clocks: InstanceClocks } {
    const fleet = this.#options.fleet(fault.runId);
    if (fleet === null) throw new FlotillaError('FLEET_NOT_LOADED');
    const { clocks } = fleet.run;
    if (clocks !== undefined) return { fleet, clocks };
    const reason = 'It has no way to do so.';
    throw new FlotillaError('FAULT_IMPOSSIBLE', { kind: fault.kind, runtime: fleet.runtime, reason });
  }
}
