import { FlotillaError } from '../../../contract/index.ts';
import type { RunningFleet } from '../../fleet/index.ts';
import type { FaultApplier } from '../faults/faults.ts';
import type { LedgerEntry } from '../faults/ledger.ts';
import { chooseCopies, chosenCopies, isAwake, serviceOf } from './copies.ts';
import type { Overlap } from './overlap.ts';

export interface LifecycleOptions {
  /** The run from inside; null when nothing of it is left. @throws FlotillaError when it cannot be reached now */
  fleet(runId: string): RunningFleet | null;
  readonly overlap: Overlap;
}

const ACTS = { kill: 'kill', restart: 'restart', stop: 'hold', pause: 'pause' } as const;
const UNDO = { hold: 'release', pause: 'resume' } as const;

const actOf = (kind: string): (typeof ACTS)[keyof typeof ACTS] | null =>
  Object.hasOwn(ACTS, kind) ? ACTS[kind as keyof typeof ACTS] : null;

/** Kill, restart, stop and pause, through the fleet's own lifecycle, which knows them from a person's wishes and from failures. */
export class LifecycleApplier implements FaultApplier {
  readonly #options: LifecycleOptions;

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  async before(fault: LedgerEntry): Promise<Record<string, unknown>> {
    const fleet = this.#options.fleet(fault.runId);
    if (fleet === null) throw new FlotillaError('FLEET_NOT_LOADED');
    const pause = fleet.capabilities.find((one) => one.name === 'pause');
    if (fault.kind === 'pause' && pause?.available === false) {
      const reason = pause.reason ?? 'It has no way to do so.';
      throw new FlotillaError('FAULT_IMPOSSIBLE', { kind: fault.kind, runtime: fleet.runtime, reason });
    }
    const service = serviceOf(fault);
    const others = copiesOf(fault, this.#options.overlap.left(fault));
    // What a fault like this keeps still already is hit by this one too: it ends with the last of them.
    const lives = fleet.supervisor.lives(service).filter((life) => isAwake(life) || others.has(life.ref.index));
    return { copies: chooseCopies(fault, service, lives) };
  }

  async apply(fault: LedgerEntry): Promise<void> {
    const act = actOf(fault.kind);
    const fleet = this.#options.fleet(fault.runId);
    if (fleet === null || act === null) throw new FlotillaError('FLEET_NOT_LOADED');
    const disturb = (): Promise<void> => fleet.supervisor.disturb(serviceOf(fault), chosenCopies(fault), act, fault.id);
    await (act === 'hold' || act === 'pause' ? this.#options.overlap.inTurn(fault, disturb) : disturb());
  }

  async revert(fault: LedgerEntry): Promise<void> {
    const act = actOf(fault.kind);
    const fleet = this.#options.fleet(fault.runId);
    if (fleet === null || (act !== 'hold' && act !== 'pause')) return;
    // What is stopped as a whole is not started for that.
    if (act === 'hold' && fleet.isEnding) return;
    await this.#options.overlap.ending(fault, async () => {
      const standing = this.#options.overlap.standing(fault);
      const others = copiesOf(fault, standing);
      const free = chosenCopies(fault).filter((copy) => !others.has(copy));
      await fleet.supervisor.disturb(serviceOf(fault), free, UNDO[act]);
      // Who wants to know what keeps the rest paused is to be told of a fault that is still on.
      for (const other of act === 'pause' ? standing.filter((one) => isOnSame(one, fault)) : []) {
        await fleet.supervisor.disturb(serviceOf(fault), chosenCopies(other), act, other.id);
      }
    });
  }
}

const isOnSame = ({ id, target }: LedgerEntry, fault: LedgerEntry): boolean =>
  id !== fault.id && target.kind === 'service' && target.service === serviceOf(fault);

/** The copies of its service that these are on, the fault itself left out. */
function copiesOf(fault: LedgerEntry, entries: readonly LedgerEntry[]): ReadonlySet<number> {
  const others = entries.filter((one) => isOnSame(one, fault));
  return new Set(others.flatMap((one) => [...chosenCopies(one)]));
}
