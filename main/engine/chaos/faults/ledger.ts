import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FaultParameters, FaultTarget } from '../../../contract/index.ts';

/** A fault as it is written down before it is put on: enough to take it off again, whoever does it. */
export const LedgerEntry = z.object({
  id: z.string(),
  /** The fleet's run that it is for. */
  runId: z.string(),
  kind: z.string(),
  target: FaultTarget,
  parameters: FaultParameters,
  sinceMs: z.number(),
  untilMs: z.number().nullable(),
  experiment: z.string().nullable(),
  /** What it was before, for what has to be put back: limits, networks. */
  before: z.record(z.string(), z.unknown()),
});
export type LedgerEntry = z.infer<typeof LedgerEntry>;

const File = z.object({ isBlocked: z.boolean().catch(false), entries: z.array(z.unknown()) });

/**
 * The faults that are on, on disk: written and flushed before a fault is put on and after it is taken off, so that nothing
 * stays broken that nobody knows of. The file is replaced as a whole.
 */
export class Ledger {
  readonly #home: string;
  readonly #entries = new Map<string, LedgerEntry>();
  #isBlocked = false;

  constructor(home: string) {
    this.#home = home;
    const before = this.#read();
    for (const entry of before.entries) this.#entries.set(entry.id, entry);
    this.#isBlocked = before.isBlocked;
  }

  get entries(): readonly LedgerEntry[] {
    return [...this.#entries.values()];
  }

  /** New faults are refused until somebody releases them. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** @throws an error of the file system; then nothing is noted, and nothing may be put on */
  add(entry: LedgerEntry): void {
    this.#entries.set(entry.id, entry);
    try {
      this.#write();
    } catch (error) {
      this.#entries.delete(entry.id);
      throw error;
    }
  }

  /** What cannot be struck out on disk is taken off twice by an engine after this one, which does no harm. */
  remove(id: string): void {
    if (!this.#entries.delete(id)) return;
    this.#tryWrite();
  }

  /** Strikes out what cannot be taken off by this version, and keeps it beside the ledger, as what cannot be read. */
  giveUp(id: string): void {
    this.#keepUnread();
    this.remove(id);
  }

  setBlocked(isBlocked: boolean): void {
    this.#isBlocked = isBlocked;
    this.#tryWrite();
  }

  #tryWrite(): void {
    try {
      this.#write();
    } catch {
      // The disk is full; the next change writes all of it.
    }
  }

  #write(): void {
    mkdirSync(this.#home, { recursive: true, mode: 0o700 });
    const next = `${this.#path}.next`;
    const file = openSync(next, 'w', 0o600);
    try {
      writeSync(file, JSON.stringify({ version: 1, isBlocked: this.#isBlocked, entries: this.entries }));
      // On disk before the fault is on: a machine that loses its power must not forget it either.
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(next, this.#path);
    syncFolder(this.#home);
  }

  /** What cannot be read of it is kept beside it, as it may be a fault that is on, and the rest is taken. */
  #read(): { readonly isBlocked: boolean; readonly entries: readonly LedgerEntry[] } {
    if (!existsSync(this.#path)) return { isBlocked: false, entries: [] };
    try {
      const { isBlocked, entries } = File.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
      const read = entries.map((one) => LedgerEntry.safeParse(one));
      if (read.some((one) => !one.success)) this.#keepUnread();
      return { isBlocked, entries: read.flatMap((one) => (one.success ? [one.data] : [])) };
    } catch {
      this.#keepUnread();
      return { isBlocked: false, entries: [] };
    }
  }

  #keepUnread(): void {
    try {
      copyFileSync(this.#path, `${this.#path}.unread`);
    } catch {
      // The disk is full; an engine that does not start for that takes nothing off.
    }
  }

  get #path(): string {
    return join(this.#home, 'faults.json');
  }
}

/** So that the new name of a file outlives a loss of power as well (fsync(2)). */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // Windows opens no folders.
  }
}
