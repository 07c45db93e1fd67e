import type { ProcessEntry, ProcessTable } from './process-table.ts';

const PASSES = 5;

/** What tells that a process came from one of ours, when the one that we started is gone. */
export interface Provenance {
  /** `NAME=value` that everything we started for it has in its environment. */
  readonly assignment: string;
  /** The process that was started, and led its own session; null when it is not about one. */
  readonly leader: number | null;
  /** What descended from it when it was last looked at, as `processKey`s. */
  readonly descendants: ReadonlySet<string>;
}

export const processKey = (entry: Pick<ProcessEntry, 'pid' | 'identity'>): string => `${entry.pid}/${entry.identity}`;

/**
 * Ends what a process left behind when it ended: children in its group, and those that left the group. Each is proved to
 * be of it first (see Provenance); nothing is signalled by its number alone.
 */
export async function endLeftovers(table: ProcessTable, provenance: Provenance): Promise<void> {
  for (let pass = 0; pass < PASSES; pass += 1) {
    const left = (await table.all()).filter((entry) => entry.pid !== process.pid);
    // With the leader gone a process of its number is a stranger, and then so are that stranger's session and group.
    const reused = left.some((entry) => entry.pid === provenance.leader);
    const mine = left.filter(
      (entry) =>
        provenance.descendants.has(processKey(entry)) ||
        (!reused && entry.session === provenance.leader) ||
        table.hasVariable(entry.pid, provenance.assignment),
    );
    if (mine.length === 0) return;
    for (const entry of mine) sendSignal(entry.pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Sends a signal; false when there is no such process (any more). */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
