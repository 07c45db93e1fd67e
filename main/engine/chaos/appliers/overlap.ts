import type { LedgerEntry } from '../faults/ledger.ts';
import { placeOf, Turns } from '../faults/turns.ts';

/** Faults of one kind that may be on the same thing at once, which is well again only when the last of them has ended. */
export class Overlap {
  readonly #entries: () => readonly LedgerEntry[];
  /** Being taken off, or off and not struck out yet: they do not count any more. */
  readonly #ending = new Set<string>();
  readonly #turns = new Turns();

  constructor(entries: () => readonly LedgerEntry[]) {
    this.#entries = entries;
  }

  /** Those of a kind in a run that are to stay on. */
  standing({ kind, runId }: Pick<LedgerEntry, 'kind' | 'runId'>): LedgerEntry[] {
    return this.#entries().filter((one) => one.kind === kind && one.runId === runId && !this.#ending.has(one.id));
  }

  /** Those of a kind in a run that something may be left of: being taken off, they are not off yet. */
  left({ kind, runId }: Pick<LedgerEntry, 'kind' | 'runId'>): LedgerEntry[] {
    return this.#entries().filter((one) => one.kind === kind && one.runId === runId);
  }

  /** One after the other for faults that may meet: what is found of the others holds until the work is done. */
  inTurn(fault: LedgerEntry, work: () => Promise<void>): Promise<void> {
    return this.#turns.take(`${fault.runId} ${placeOf(fault)}`, work);
  }

  /** Does in turn what takes a fault off; it counts again where that fails. */
  async ending(fault: LedgerEntry, work: () => Promise<void>): Promise<void> {
    const known = new Set(this.#entries().map((one) => one.id));
    for (const id of this.#ending) if (!known.has(id)) this.#ending.delete(id);
    this.#ending.add(fault.id);
    try {
      await this.inTurn(fault, work);
    } catch (error) {
      this.#ending.delete(fault.id);
      throw error;
    }
  }
}
