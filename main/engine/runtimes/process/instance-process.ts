import type { ChildProcess } from 'node:child_process';
import type { InstanceRef, RunningInstance } from '../runtime.ts';
import { processKey, sendSignal } from './leftovers.ts';
import { type ProcessEntry, ProcessForest, type ProcessTable } from './process-table.ts';

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

const WATCH_MS = 500;

/**
 * A process that runs for an instance: one that we started and are told about, or one that an engine before us started
 * (`child` is null), which can only be watched and whose exit code nobody is told.
 */
export class InstanceProcess {
  readonly ref: InstanceRef;
  readonly pid: number;
  readonly identity: string;
  readonly startedAtMs: number;
  /** Resolves when the process has ended. */
  readonly ended: Promise<ProcessEnd>;
  paused = false;
  /** When it was last paused or resumed, so that a look at the system from before that is not believed. */
  pausedChangedMs = 0;
  /** It and all that descends from it, as last seen. */
  tree: readonly ProcessEntry[] = [];
  readonly #table: ProcessTable;
  readonly #child: ChildProcess | null;
  #watch: NodeJS.Timeout | null = null;

  constructor(
    table: ProcessTable,
    known: { ref: InstanceRef; pid: number; identity: string; startedAtMs: number },
    child: ChildProcess | null,
  ) {
    this.#table = table;
    this.#child = child;
    this.ref = known.ref;
    this.pid = known.pid;
    this.identity = known.identity;
    this.startedAtMs = known.startedAtMs;
    this.ended = child === null ? this.#watched() : told(child);
  }

  running(): RunningInstance {
    const { ref, pid, startedAtMs, paused } = this;
    return { instance: ref, pid, containerId: null, startedAtMs, paused };
  }

  /** Signals the process, or its whole group, if it is still the one that we know; false when it is not. */
  async signal(signal: NodeJS.Signals, whom: 'process' | 'group'): Promise<boolean> {
    if (!(await this.#isAlive())) return false;
    return sendSignal(whom === 'group' ? -this.pid : this.pid, signal);
  }

  /** Ends it and all that descends from it, those that left its group too. */
  async kill(): Promise<void> {
    this.tree = new ProcessForest(await this.#table.all()).treeOf(this.pid);
    await this.signal('SIGKILL', 'group');
  }

  get descendants(): ReadonlySet<string> {
    return new Set(this.tree.filter((entry) => entry.pid !== this.pid).map(processKey));
  }

  /** Stops watching; the process goes on. */
  release(): void {
    if (this.#watch !== null) clearInterval(this.#watch);
    this.#child?.removeAllListeners();
    this.#child?.unref();
  }

  async #isAlive(): Promise<boolean> {
    // A child of ours keeps its number until we have been told of its end.
    if (this.#child !== null) return this.#child.exitCode === null && this.#child.signalCode === null;
    return (await this.#table.one(this.pid))?.identity === this.identity;
  }

  #watched(): Promise<ProcessEnd> {
    return new Promise((resolve) => {
      const look = async (): Promise<void> => {
        if (await this.#isAlive()) return;
        if (this.#watch !== null) clearInterval(this.#watch);
        resolve({ code: null, signal: null });
      };
      this.#watch = setInterval(() => void look(), WATCH_MS);
      this.#watch.unref();
    });
  }
}

function told(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    if (child.exitCode !== null || child.signalCode !== null)
      resolve({ code: child.exitCode, signal: child.signalCode });
  });
}
