/** setTimeout takes no more. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Does things at their time, whoever is alive by then: one for each key. */
export class Expiry {
  readonly #timers = new Map<object, NodeJS.Timeout>();

  /** @param atMs Unix time in ms */
  at(key: object, atMs: number, act: () => void): void {
    this.cancel(key);
    const leftMs = Math.max(0, atMs - Date.now());
    const timer = setTimeout(
      () => {
        this.#timers.delete(key);
        if (leftMs > MAX_TIMER_MS) this.at(key, atMs, act);
        else act();
      },
      Math.min(leftMs, MAX_TIMER_MS),
    );
    this.#timers.set(key, timer);
  }

  cancel(key: object): void {
    const timer = this.#timers.get(key);
    if (timer) clearTimeout(timer);
    this.#timers.delete(key);
  }
}
