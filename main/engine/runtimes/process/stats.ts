import type { InstanceRef, InstanceStats } from '../runtime.ts';
import { processKey } from './leftovers.ts';
import { type ProcessEntry, ProcessForest, type ProcessTable } from './process-table.ts';

/** Looking at every process of the machine costs milliseconds: in between, those are measured that are known. */
const PASSES_PER_LOOK = 5;

interface Sample {
  readonly atMs: number;
  /** Processor time by process, so that one that ended in between does not count as negative. */
  readonly cpuMs: ReadonlyMap<string, number>;
  /** Of all its processes since it was first measured, those that have ended included. */
  readonly usedMs: number;
}

/** Measures trees of processes: CPU as the share of the time since the last measurement, memory as it is now. */
export class StatsSampler {
  readonly #table: ProcessTable;
  readonly #last = new Map<string, Sample>();
  /** The processes of each leader when everyone was last looked at: pid and identity, as a pid alone may pass to a stranger. */
  #known = new Map<string, ReadonlyMap<number, string>>();
  #passes = 0;

  constructor(table: ProcessTable) {
    this.#table = table;
  }

  /** One pass over all leaders. CPU is 0 in a leader's first pass; new children are found within five passes. */
  async sample(
    leaders: ReadonlyMap<string, { readonly instance: InstanceRef; readonly pid: number }>,
  ): Promise<{ stats: InstanceStats[]; trees: Map<string, ProcessEntry[]> }> {
    const trees = await this.#look(new Map([...leaders].map(([id, { pid }]) => [id, pid] as const)));
    const atMs = performance.now();
    const stats: InstanceStats[] = [];
    for (const [id, { instance }] of leaders) {
      const tree = trees.get(id) ?? [];
      if (tree.length === 0) continue;
      const { cpuPercent, cpuSeconds } = this.#cpu(id, tree, atMs);
      const memory = { memoryBytes: this.#memory(tree), memoryLimitBytes: null };
      stats.push({ instance, cpuPercent, cpuSeconds, ...memory, network: null, disk: null });
    }
    for (const id of this.#last.keys()) if (!leaders.has(id)) this.#last.delete(id);
    return { stats, trees };
  }

  async #look(leaders: ReadonlyMap<string, number>): Promise<Map<string, ProcessEntry[]>> {
    const everyone =
      this.#passes % PASSES_PER_LOOK === 0 || [...leaders].some(([id, pid]) => !this.#known.get(id)?.has(pid));
    this.#passes += 1;
    if (everyone) {
      const forest = new ProcessForest(await this.#table.all());
      const trees = new Map([...leaders].map(([id, pid]) => [id, forest.treeOf(pid)] as const));
      this.#known = new Map(
        [...trees].map(([id, tree]) => [id, new Map(tree.map((one) => [one.pid, one.identity] as const))] as const),
      );
      return trees;
    }
    const pids = [...leaders.keys()].flatMap((id) => [...(this.#known.get(id)?.keys() ?? [])]);
    const entries = new Map((await this.#table.some(pids)).map((entry) => [entry.pid, entry] as const));
    const membersOf = (id: string): ProcessEntry[] =>
      [...(this.#known.get(id) ?? [])].flatMap(([pid, identity]) => {
        const entry = entries.get(pid);
        return entry?.identity === identity ? entry : [];
      });
    return new Map([...leaders.keys()].map((id) => [id, membersOf(id)] as const));
  }

  #cpu(id: string, tree: readonly ProcessEntry[], atMs: number): { cpuPercent: number; cpuSeconds: number } {
    const before = this.#last.get(id);
    const cpuMs = new Map(tree.map((entry) => [processKey(entry), entry.cpuMs]));
    let used = 0;
    for (const [key, now] of cpuMs) used += Math.max(0, now - (before?.cpuMs.get(key) ?? 0));
    const usedMs = (before?.usedMs ?? 0) + used;
    this.#last.set(id, { atMs, cpuMs, usedMs });
    const cpuSeconds = usedMs / 1000;
    if (before === undefined || atMs <= before.atMs) return { cpuPercent: 0, cpuSeconds };
    return { cpuPercent: Math.round((used / (atMs - before.atMs)) * 1000) / 10, cpuSeconds };
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
