import type { FaultTarget } from '../../../contract/index.ts';

/** Does things one after the other for each key. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const result = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const settled = result
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(key) === settled) this.#last.delete(key);
      });
    this.#last.set(key, settled);
    return result;
  }
}

/** The same for faults that may get in each other's way: of a kind, on copies of a service or ports of an edge. */
export function placeOf({ kind, target }: { readonly kind: string; readonly target: FaultTarget }): string {
  return JSON.stringify(target.kind === 'edge' ? [kind, target.from, target.to] : [kind, target.service]);
}
