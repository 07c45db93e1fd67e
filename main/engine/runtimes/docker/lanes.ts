import { type InstanceRef, instanceId } from '../runtime.ts';

/** Lets what concerns one instance happen one after the other. */
export class Lanes {
  readonly #last = new Map<string, Promise<unknown>>();

  /** @throws what `work` throws; what comes after it is done all the same */
  run<T>(ref: InstanceRef, work: () => Promise<T>): Promise<T> {
    const id = instanceId(ref);
    const done = (this.#last.get(id) ?? Promise.resolve()).then(work, work);
    const settled: Promise<void> = done.then(
      () => this.#leave(id, settled),
      () => this.#leave(id, settled),
    );
    this.#last.set(id, settled);
    return done;
  }

  #leave(id: string, settled: Promise<unknown>): void {
    if (this.#last.get(id) === settled) this.#last.delete(id);
  }
}
