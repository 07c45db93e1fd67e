import type { NewLogRecord } from '../../contract/index.ts';
import { type InstanceRef, instanceId, type LogChunk } from '../runtimes/index.ts';
import { type LogEntry, logEntries } from './log-line.ts';

/** How long a text is waited for to go on: a stack trace is written at once, but may be read in pieces. */
const PATIENCE_MS = 150;

type Deliver = (records: NewLogRecord[]) => Promise<void> | void;

interface Held {
  readonly entry: LogEntry;
  readonly timer: NodeJS.Timeout;
  /** Called when it is kept. */
  readonly told: (() => void)[];
}

/**
 * Makes records of the lines that instances write, for every runtime. The last text of each stream is held for a moment,
 * as the lines of a stack trace join the record before them however they were cut into chunks.
 */
export class LogLines {
  readonly #deliver: Deliver;
  readonly #held = new Map<string, Held>();

  constructor(deliver: Deliver) {
    this.#deliver = deliver;
  }

  /** Resolves when the chunk's lines are kept by whoever they are delivered to. */
  async take(chunk: LogChunk): Promise<void> {
    const key = `${instanceId(chunk.instance)}/${chunk.stream}`;
    const before = this.#held.get(key);
    if (before !== undefined) clearTimeout(before.timer);
    this.#held.delete(key);
    const entries = logEntries(chunk, before?.entry ?? null);
    const last = entries.at(-1);
    const ready = last?.plain ? entries.slice(0, -1) : entries;
    const kept = ready.length === 0 ? undefined : this.#deliver(ready.map((entry) => entry.record));
    const heldOn = last?.plain ? this.#hold(key, last, last === before?.entry ? before.told : []) : undefined;
    await kept;
    if (last !== before?.entry) for (const told of before?.told ?? []) told();
    await heldOn;
  }

  /** Delivers what an instance has said last: it has ended. */
  end(instance: InstanceRef): void {
    for (const stream of ['stdout', 'stderr']) this.#flush(`${instanceId(instance)}/${stream}`);
  }

  close(): void {
    for (const key of [...this.#held.keys()]) this.#flush(key);
  }

  #hold(key: string, entry: LogEntry, told: (() => void)[]): Promise<void> {
    const timer = setTimeout(() => this.#flush(key), PATIENCE_MS);
    return new Promise((resolve) => this.#held.set(key, { entry, timer, told: [...told, resolve] }));
  }

  #flush(key: string): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    clearTimeout(held.timer);
    this.#held.delete(key);
    const kept = Promise.resolve(this.#deliver([held.entry.record]));
    void kept.then(() => {
      for (const told of held.told) told();
    });
  }
}
