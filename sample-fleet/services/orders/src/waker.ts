import { setTimeout as sleep } from 'node:timers/promises';

/** A loop's sleep that can be cut short. A wake while nobody waits is kept for the next wait, so none is lost. */
export class Waker {
  #awake = false;
  #ring: AbortController | undefined;

  wake(): void {
    this.#awake = true;
    this.#ring?.abort();
  }

  /** Resolves after `ms`, or as soon as it is woken. */
  async wait(ms: number): Promise<void> {
    if (!this.#awake) {
      this.#ring = new AbortController();
      await sleep(ms, undefined, { signal: this.#ring.signal }).catch(() => undefined);
      this.#ring = undefined;
    }
    this.#awake = false;
  }
}
