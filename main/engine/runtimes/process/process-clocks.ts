import { rmSync } from 'node:fs';
import { FlotillaError } from '../../../contract/index.ts';
import { type InstanceClocks, type InstanceRef, instanceId } from '../runtime.ts';
import { findFaketime } from './find-faketime.ts';

const INSTALL =
  'Install libfaketime (apt install faketime, dnf install libfaketime, pacman -S libfaketime), or name its library in FLOTILLA_LIBFAKETIME.';
const ONLY_LINUX = 'It needs libfaketime on Linux: macOS loads no library of ours into its own programs.';

/**
 * The clock of the day of processes, moved by libfaketime (https://github.com/wolfcw/libfaketime), which the dynamic linker loads
 * into a program when it starts. Clocks that count from the start are left alone, so that timers fire as ever.
 */
export class ProcessClocks implements InstanceClocks {
  readonly #library: () => string | null;
  readonly #platform: NodeJS.Platform;
  readonly #wanted = new Map<string, number>();
  readonly #running = new Map<string, number>();

  constructor(library: () => string | null = findFaketime, platform: NodeJS.Platform = process.platform) {
    this.#library = library;
    this.#platform = platform;
  }

  check(): void {
    const reason = this.#platform !== 'linux' ? ONLY_LINUX : this.#library() === null ? INSTALL : null;
    if (reason !== null)
      throw new FlotillaError('FAULT_IMPOSSIBLE', { kind: 'clock-offset', runtime: 'process', reason });
  }

  set(ref: InstanceRef, offsetSeconds: number): void {
    if (offsetSeconds === 0) this.#wanted.delete(instanceId(ref));
    else this.#wanted.set(instanceId(ref), offsetSeconds);
  }

  of(ref: InstanceRef): number | null {
    return this.#running.get(instanceId(ref)) ?? null;
  }

  /** The environment that it is started with, which has to be done at once: from now on it counts as running so. */
  launch(ref: InstanceRef, environment: Readonly<Record<string, string>>): Record<string, string> {
    const id = instanceId(ref);
    const offset = this.#wanted.get(id) ?? 0;
    const library = offset === 0 ? null : this.#library();
    this.#running.set(id, library === null ? 0 : offset);
    return library === null ? { ...environment } : { ...environment, ...variables(environment, library, offset) };
  }

  /** An engine before this one has started it so. */
  adopt(ref: InstanceRef, offsetSeconds: number): void {
    this.#running.set(instanceId(ref), offsetSeconds);
  }

  /** @param pids of it and of what descended from it */
  ended(ref: InstanceRef, pids: readonly number[]): void {
    const offset = this.of(ref);
    this.#running.delete(instanceId(ref));
    if (offset !== null && offset !== 0) for (const pid of pids) sweep(pid);
  }
}

function variables(environment: Readonly<Record<string, string>>, library: string, offset: number) {
  return {
    LD_PRELOAD: [library, environment.LD_PRELOAD].filter(Boolean).join(':'),
    FAKETIME: `${offset < 0 ? '-' : '+'}${Math.abs(offset)}s`,
    // One name or the other, by its version.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
}

/** libfaketime shares memory with the children of a process, and leaves it behind where that is killed. */
function sweep(pid: number): void {
  for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`]) {
    try {
      rmSync(`/dev/shm/${name}`, { force: true });
    } catch {
      // It is of another user, as the process was.
    }
  }
}
