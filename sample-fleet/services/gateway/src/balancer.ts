/** How long an address that failed is left out. */
const ASIDE_MS = 5_000;

/**
 * Client-side load balancing: takes the addresses of a service in turns and leaves one out for a while after it failed, so
 * that a dead replica costs one request in 5 s and not one in two.
 */
export class Balancer {
  readonly #addresses: readonly string[];
  readonly #asideUntilMs = new Map<string, number>();
  #turn = 0;

  /** One address at least. */
  constructor(addresses: readonly string[]) {
    if (addresses.length === 0) throw new Error('a balancer needs an address');
    this.#addresses = addresses;
  }

  /** The next address. When all have failed lately, they all are tried: refusing would help nobody. */
  next(nowMs = Date.now()): string {
    for (let tried = 0; tried < this.#addresses.length; tried += 1) {
      const address = this.#take();
      if ((this.#asideUntilMs.get(address) ?? 0) <= nowMs) return address;
    }
    return this.#take();
  }

  failed(address: string, nowMs = Date.now()): void {
    this.#asideUntilMs.set(address, nowMs + ASIDE_MS);
  }

  succeeded(address: string): void {
    this.#asideUntilMs.delete(address);
  }

  #take(): string {
    const address = this.#addresses[this.#turn % this.#addresses.length] ?? '';
    this.#turn = (this.#turn + 1) % this.#addresses.length;
    return address;
  }
}
