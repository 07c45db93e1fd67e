import type { Socket } from 'node:net';
import { runCommand } from './dispatch.ts';
import type { Keyspace } from './keyspace.ts';
import { encodeReply, type ProtocolVersion, type PushReply, RedisError, type Reply } from './reply.ts';
import { ProtocolError, RequestParser } from './request-parser.ts';
import type { Store } from './store.ts';

/** A client that does not read is cut off here, and is not read from beyond half of it. */
const MOST_UNSENT_BYTES = 64 * 1024 * 1024;
const PAUSE_AT_BYTES = 4 * 1024 * 1024;
/** Requests that wait behind a blocking one. */
const MOST_WAITING = 100_000;

/** A MULTI that is open: what it will run, and whether a refused command spoiled it. */
export interface Transaction {
  readonly commands: string[][];
  bytes: number;
  spoiled: boolean;
}

/** One connection: its requests in order, its replies, and what it has selected, watched and subscribed to. */
export class Client {
  readonly id: number;
  readonly store: Store;
  readonly connectedAtMs = Date.now();
  protocol: ProtocolVersion = 2;
  name = '';
  database = 0;
  authenticated: boolean;
  transaction: Transaction | null = null;
  /** A watched key has changed: EXEC gives nil. */
  dirty = false;
  readonly channels = new Set<string>();
  readonly patterns = new Set<string>();
  /** Ends what the client waits for, when it leaves. */
  readonly gone = new AbortController();
  readonly #socket: Socket;
  readonly #parser = new RequestParser();
  readonly #waiting: string[][] = [];
  readonly #unwatch: (() => void)[] = [];
  #isBusy = false;
  #isEnding = false;
  #out: string[] = [];

  constructor(id: number, socket: Socket, store: Store) {
    this.id = id;
    this.store = store;
    this.authenticated = store.password === null;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => this.#pauseOrResume());
    // A reset by the peer is the end of this client and nothing else; 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#leave());
  }

  get db(): Keyspace {
    return this.store.database(this.database);
  }

  get subscriptions(): number {
    return this.channels.size + this.patterns.size;
  }

  /** A message that answers no request. */
  send(message: PushReply): void {
    this.#write(message);
    if (!this.#isBusy) this.#flush();
  }

  watch(key: string): void {
    const listening = this.db.listen(key, () => {
      this.dirty = true;
    });
    this.#unwatch.push(listening);
  }

  unwatchAll(): void {
    for (const stop of this.#unwatch.splice(0)) stop();
    this.dirty = false;
  }

  unsubscribeAll(): void {
    for (const channel of this.channels) this.store.pubsub.unsubscribe(channel, this);
    for (const pattern of this.patterns) this.store.pubsub.unsubscribePattern(pattern, this);
    this.channels.clear();
    this.patterns.clear();
  }

  /** Ends the connection after the replies so far. */
  end(): void {
    this.#isEnding = true;
  }

  describe(): string {
    const seconds = Math.floor((Date.now() - this.connectedAtMs) / 1000);
    const address = `${this.#socket.remoteAddress}:${this.#socket.remotePort}`;
    return `id=${this.id} addr=${address} name=${this.name} age=${seconds} db=${this.database} sub=${this.channels.size} psub=${this.patterns.size} resp=${this.protocol}`;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    if (this.#isEnding) return;
    try {
      this.#parser.push(chunk, (words) => this.#waiting.push(words));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#write(new RedisError(error.message));
      this.#isEnding = true;
    }
    this.#work();
  }

  /** Runs what waits, in order; a command that answers later stops it until then. */
  #work(): void {
    if (this.#isBusy) {
      this.#pauseOrResume();
      return;
    }
    this.#isBusy = true;
    let done = 0;
    while (done < this.#waiting.length) {
      const words = this.#waiting[done] ?? [];
      done += 1;
      const reply = runCommand(words, this);
      if (reply instanceof Promise) {
        this.#waiting.splice(0, done);
        this.#flush();
        reply.then((value) => {
          this.#write(value);
          this.#isBusy = false;
          this.#work();
        });
        return;
      }
      this.#write(reply);
    }
    this.#waiting.length = 0;
    this.#isBusy = false;
    this.#flush();
  }

  #write(reply: Reply): void {
    this.#out.push(encodeReply(reply, this.protocol));
  }

  #flush(): void {
    if (this.#out.length > 0 && this.#socket.writable) {
      const text = this.#out.join('');
      if (text !== '') this.#socket.write(text, 'latin1');
    }
    this.#out = [];
    if (this.#isEnding) this.#socket.end();
    else if (this.#socket.writableLength > MOST_UNSENT_BYTES) this.#socket.destroy();
    this.#pauseOrResume();
  }

  #pauseOrResume(): void {
    const isFull = this.#socket.writableLength > PAUSE_AT_BYTES || this.#waiting.length > MOST_WAITING;
    if (isFull && !this.#socket.isPaused()) this.#socket.pause();
    else if (!isFull && this.#socket.isPaused()) this.#socket.resume();
  }

  #leave(): void {
    this.gone.abort();
    this.unwatchAll();
    this.unsubscribeAll();
    this.store.clients.delete(this.id);
  }
}
