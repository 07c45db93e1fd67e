import type { InstanceRef, InstanceStats } from '../runtime.ts';
import { type ProcessEntry, type ProcessTable, treeOf } from './process-table.ts';

interface Sample {
  readonly atMs: number;
  /** Processor time by process, so that one that ended in between does not count as negative. */
  readonly cpuMs: ReadonlyMap<string, number>;
}

/** Measures trees of processes: CPU as the share of the time since the last measurement, memory as it is now. */
export class StatsSampler {
  readonly #table: ProcessTable;
  readonly #last = new Map<string, Sample>();

  constructor(table: ProcessTable) {
    this.#table = table;
  }

  /** One pass over the process table for all leaders. CPU is 0 in a leader's first pass. */
  async sample(
    leaders: ReadonlyMap<string, { readonly instance: InstanceRef; readonly pid: number }>,
  ): Promise<{ stats: InstanceStats[]; trees: Map<string, ProcessEntry[]> }> {
    const all = await this.#table.all();
    const atMs = performance.now();
    const trees = new Map<string, ProcessEntry[]>();
    const stats: InstanceStats[] = [];
    for (const [id, { instance, pid }] of leaders) {
      const tree = treeOf(pid, all);
      trees.set(id, tree);
      if (tree.length === 0) continue;
      stats.push({ instance, cpuPercent: this.#cpu(id, tree, atMs), memoryBytes: this.#memory(tree) });
    }
    for (const id of this.#last.keys()) if (!leaders.has(id)) this.#last.delete(id);
    return { stats, trees };
  }

  #cpu(id: string, tree: readonly ProcessEntry[], atMs: number): number {
    const before = this.#last.get(id);
    const cpuMs = new Map(tree.map((entry) => [`${entry.pid}/${entry.identity}`, entry.cpuMs]));
    this.#last.set(id, { atMs, cpuMs });
    if (before === undefined || atMs <= before.atMs) return 0;
    let used = 0;
    for (const [key, now] of cpuMs) used += Math.max(0, now - (before.cpuMs.get(key) ?? 0));
    return Math.round((used / (atMs - before.atMs)) * 1000) / 10;
  }

  /** What processes share is counted once, by the one that shares most: the sum would count it for each of them. */
  #memory(tree: readonly ProcessEntry[]): number {
    let own = 0;
    let shared = 0;
    for (const entry of tree) {
      const ofIt = Math.min(entry.residentBytes, this.#table.sharedBytes(entry.pid));
      own += entry.residentBytes - ofIt;
      shared = Math.max(shared, ofIt);
    }
    return own + shared;
  }
}
