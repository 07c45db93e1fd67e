import { RedisError } from './reply.ts';
import type { Value, ValueType } from './values.ts';

/** What a key takes beyond its name and value, about. */
const KEY_BYTES = 96;
const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';

interface Entry {
  value: Value;
  /** Epoch milliseconds; null: never. */
  expiresAtMs: number | null;
  /** Rises with every key made: the place where a SCAN goes on. */
  readonly serial: number;
  accountedBytes: number;
}

/** Someone who wants to know that a key changed: WATCH, or a client that waits for a list. */
type Listener = () => void;

type ValueOf<T extends ValueType> = Extract<Value, { type: T }>;

/** One numbered database: keys, expiry, memory accounting. Times are epoch milliseconds. */
export class Keyspace {
  readonly #entries = new Map<string, Entry>();
  readonly #expiring = new Set<string>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #now: () => number;
  #serial = 0;
  #sweep: Iterator<string> | null = null;
  /** About how much memory keys and values take. */
  bytes = 0;
  expiredKeys = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  get expiringSize(): number {
    return this.#expiring.size;
  }

  /** The value of a key that has not expired. */
  get(key: string): Value | null {
    return this.#live(key)?.value ?? null;
  }

  /** The value of a key that must be of one type, null when there is none. Throws WRONGTYPE. */
  typed<T extends ValueType>(key: string, type: T): ValueOf<T> | null {
    const value = this.get(key);
    if (value !== null && value.type !== type) throw new RedisError(WRONG_TYPE);
    return value as ValueOf<T> | null;
  }

  /** Sets a key. A write that keeps no expiry ends it. */
  set(key: string, value: Value, { keepExpiry = false } = {}): void {
    const old = this.#live(key);
    if (old) {
      old.value = value;
      if (!keepExpiry) this.#setExpiry(key, old, null);
    } else {
      this.#serial += 1;
      this.#entries.set(key, { value, expiresAtMs: null, serial: this.#serial, accountedBytes: 0 });
    }
    this.changed(key);
  }

  /** To be called after a value was changed in place: accounts for it, drops it when empty, tells who listens. */
  changed(key: string): void {
    const entry = this.#entries.get(key);
    if (entry) {
      const bytes = KEY_BYTES + key.length + entry.value.bytes;
      this.bytes += bytes - entry.accountedBytes;
      entry.accountedBytes = bytes;
      if (entry.value.size === 0) this.#remove(key, entry);
    }
    this.#tell(key);
  }

  delete(key: string): boolean {
    const entry = this.#live(key);
    if (!entry) return false;
    this.#remove(key, entry);
    this.#tell(key);
    return true;
  }

  /** Null: no such key, or it does not expire (see `get`). */
  expiresAtMs(key: string): number | null {
    return this.#live(key)?.expiresAtMs ?? null;
  }

  /** Sets or ends (null) the expiry of a key that exists. A time that is past deletes it. */
  expireAt(key: string, atMs: number | null): void {
    const entry = this.#live(key);
    if (!entry) return;
    if (atMs !== null && atMs <= this.#now()) {
      this.delete(key);
      return;
    }
    this.#setExpiry(key, entry, atMs);
    this.#tell(key);
  }

  /** The bytes that a key and its value take, about; null when there is none. */
  bytesOf(key: string): number | null {
    return this.#live(key)?.accountedBytes ?? null;
  }

  *keys(): Generator<string> {
    for (const key of [...this.#entries.keys()]) if (this.#live(key)) yield key;
  }

  /** At most `count` keys after a cursor, and the next cursor, 0 at the end. Keys that stay are seen exactly once. */
  scan(cursor: number, count: number): { next: number; keys: string[] } {
    const keys: string[] = [];
    let last = cursor;
    for (const [key, entry] of this.#entries) {
      if (entry.serial <= cursor) continue;
      if (keys.length >= count) return { next: last, keys };
      last = entry.serial;
      if (this.#live(key)) keys.push(key);
    }
    return { next: 0, keys };
  }

  clear(): void {
    this.#entries.clear();
    this.#expiring.clear();
    this.#sweep = null;
    this.bytes = 0;
    for (const key of [...this.#listeners.keys()]) this.#tell(key);
  }

  /** Looks at up to `most` keys that expire, going on where it left off, and deletes those that have. */
  expireSome(most: number): number {
    let expired = 0;
    for (let looked = 0; looked < most; looked += 1) {
      this.#sweep ??= this.#expiring.values();
      const { value: key, done } = this.#sweep.next();
      if (done || key === undefined) {
        this.#sweep = null;
        break;
      }
      if (this.#live(key) === null) expired += 1;
    }
    return expired;
  }

  /** Calls `listener` at every change of a key until the function that it gives is called. */
  listen(key: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
    };
  }

  #tell(key: string): void {
    for (const listener of [...(this.#listeners.get(key) ?? [])]) listener();
  }

  #live(key: string): Entry | null {
    const entry = this.#entries.get(key);
    if (!entry) return null;
    if (entry.expiresAtMs === null || entry.expiresAtMs > this.#now()) return entry;
    this.#remove(key, entry);
    this.expiredKeys += 1;
    this.#tell(key);
    return null;
  }

  #setExpiry(key: string, entry: Entry, atMs: number | null): void {
    entry.expiresAtMs = atMs;
    if (atMs === null) this.#expiring.delete(key);
    else this.#expiring.add(key);
  }

  #remove(key: string, entry: Entry): void {
    this.bytes -= entry.accountedBytes;
    this.#entries.delete(key);
    this.#expiring.delete(key);
  }
}
