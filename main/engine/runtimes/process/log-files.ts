import { openSync } from 'node:fs';
import { type InstanceRef, instanceId, type RunListener } from '../runtime.ts';
import { LogTail } from './log-tail.ts';
import type { RunFolder } from './run-folder.ts';

/** Each look wakes the engine, also when nobody writes anything. */
const READ_MS = 200;
const STREAMS = ['stdout', 'stderr'] as const;

/** The log files of a run: services append to them, this reads what they append. */
export class LogFiles {
  readonly #folder: RunFolder;
  readonly #listener: RunListener;
  readonly #tails = new Map<string, LogTail[]>();
  readonly #timer: NodeJS.Timeout;
  #again: NodeJS.Immediate | null = null;

  constructor(folder: RunFolder, listener: RunListener) {
    this.#folder = folder;
    this.#listener = listener;
    this.#timer = setInterval(() => this.#readAll(), READ_MS);
    this.#timer.unref();
  }

  /** Descriptors for a process to write to; whoever starts it closes them afterwards. */
  openForWriting(instance: InstanceRef): { stdout: number; stderr: number } {
    const open = (stream: 'stdout' | 'stderr'): number =>
      openSync(this.#folder.logFile(instanceId(instance), stream), 'a', 0o600);
    return { stdout: open('stdout'), stderr: open('stderr') };
  }

  /** Reads from where reading stopped, now and from now on. */
  follow(instance: InstanceRef): void {
    const id = instanceId(instance);
    if (this.#tails.has(id)) return;
    const tails = STREAMS.map(
      (stream) =>
        new LogTail(this.#folder.logFile(id, stream), (lines) =>
          this.#listener.log({ instance, stream, lines, timeMs: Date.now() }),
        ),
    );
    this.#tails.set(id, tails);
  }

  /** The same for what runs already: on a full disk it goes on unread, as it cannot be undone. */
  followIfPossible(instance: InstanceRef): void {
    try {
      this.follow(instance);
    } catch {
      // The next engine that takes it over tries again, and finds all that it wrote.
    }
  }

  /** Reads the rest: whoever wrote it has ended. */
  async drain(instance: InstanceRef): Promise<void> {
    for (const tail of this.#tails.get(instanceId(instance)) ?? []) await tail.drain();
  }

  close(): void {
    clearInterval(this.#timer);
    if (this.#again !== null) clearImmediate(this.#again);
    for (const tail of [...this.#tails.values()].flat()) tail.close();
    this.#tails.clear();
  }

  #readAll(): void {
    let more = false;
    for (const tails of this.#tails.values()) for (const tail of tails) more = tail.read() || more;
    if (!more || this.#again !== null) return;
    this.#again = setImmediate(() => {
      this.#again = null;
      this.#readAll();
    });
  }
}
