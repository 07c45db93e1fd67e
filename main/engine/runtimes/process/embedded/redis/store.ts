import { Keyspace } from './keyspace.ts';
import { PubSub } from './pubsub.ts';
import { RedisError } from './reply.ts';

const DATABASES = 16;
const SWEEP_EVERY_MS = 100;
const SWEEP_KEYS = 200;
/** A sweep that finds much to delete goes on, but never holds up the clients for longer. */
const SWEEP_MOST_MS = 5;

export interface StoreOptions {
  /** Keys and values together take at most about so much; writes beyond are refused. */
  readonly maxMemoryBytes: number;
  /** Null: no password is asked for. */
  readonly password: string | null;
}

/** All that the server's clients share. */
export class Store {
  readonly databases: readonly Keyspace[] = Array.from({ length: DATABASES }, () => new Keyspace());
  readonly pubsub = new PubSub();
  readonly startedAtMs = Date.now();
  readonly clients = new Map<number, { describe(): string }>();
  maxMemoryBytes: number;
  password: string | null;
  commandsProcessed = 0;
  connectionsReceived = 0;
  /** Clients that wait for a list to have something. */
  blockedClients = 0;
  readonly #sweeper: NodeJS.Timeout;

  constructor({ maxMemoryBytes, password }: StoreOptions) {
    this.maxMemoryBytes = maxMemoryBytes;
    this.password = password;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_EVERY_MS);
    this.#sweeper.unref();
  }

  database(index: number): Keyspace {
    const found = this.databases[index];
    if (!found) throw new RedisError('ERR DB index is out of range');
    return found;
  }

  get bytes(): number {
    return this.databases.reduce((total, database) => total + database.bytes, 0);
  }

  /** Throws Redis's own refusal when the memory limit is reached; 0 is no limit. */
  checkMemory(): void {
    if (this.maxMemoryBytes > 0 && this.bytes > this.maxMemoryBytes) {
      throw new RedisError("OOM command not allowed when used memory > 'maxmemory'.");
    }
  }

  close(): void {
    clearInterval(this.#sweeper);
  }

  #sweep(): void {
    const until = performance.now() + SWEEP_MOST_MS;
    for (const database of this.databases) {
      while (database.expireSome(SWEEP_KEYS) > SWEEP_KEYS / 4 && performance.now() < until);
    }
  }
}
