import type { LedgerEntry } from '../faults/ledger.ts';

/** Faults of one kind that may be on the same thing at once, which is well again only when the last of them has ended. */
export class Overlap {
  readonly #entries: () => readonly LedgerEntry[];
  /** Being taken off: they do not count any more. */
  readonly #ending = new Set<string>();

  constructor(entries: () => readonly LedgerEntry[]) {
    this.#entries = entries;
  }

  /** Those of a kind in a run that are to stay on. */
  standing({ kind, runId }: Pick<LedgerEntry, 'kind' | 'runId'>): LedgerEntry[] {
    return this.#entries().filter((one) => one.kind === kind && one.runId === runId && !this.#ending.has(one.id));
  }

  /** Does what takes a fault off, while it does not count any more. */
  async ending(fault: LedgerEntry, work: () => Promise<void>): Promise<void> {
    this.#ending.add(fault.id);
    try {
      await work();
    } finally {
      this.#ending.delete(fault.id);
    }
  }
}
