import type { Socket } from 'node:net';
import { Flow } from './flow.ts';
import type { HttpSide, HttpWatch } from './http/http-watch.ts';
import type { Address } from './listen-address.ts';
import type { StageHost } from './stage.ts';
import { type EndListener, TcpEnd } from './tcp-end.ts';
import type { Direction, Toxic } from './toxic.ts';

/** What a connection has to know of the link that it belongs to. */
export interface ConnectionLink {
  readonly counters: { upstreamBytes: number; downstreamBytes: number; refused: number };
  readonly toxics: readonly Toxic[];
  /** Looks for HTTP on a connection, which may be under way. */
  watchHttp(side: HttpSide, isUnderWay: boolean): HttpWatch | null;
  closed(connection: Connection): void;
}

/** The client's end or upstream's, as its connection sees it. */
class Side implements EndListener {
  readonly #connection: Connection;
  readonly #isClient: boolean;

  constructor(connection: Connection, isClient: boolean) {
    this.#connection = connection;
    this.#isClient = isClient;
  }

  received(chunk: Buffer): boolean {
    return this.#isClient ? this.#connection.clientSent(chunk) : this.#connection.upstreamSent(chunk);
  }

  ended(): void {
    this.#connection.sideEnded(this.#isClient);
  }

  failed(): void {
    this.#connection.sideFailed(this.#isClient);
  }

  drained(): void {
    this.#connection.relieved();
  }

  closed(): void {
    this.#connection.sideClosed();
  }
}

/**
 * A client's connection to the link and the one to upstream that it leads to. There may be thousands, so it is itself
 * what its flows and its HTTP watch talk to.
 */
export class Connection implements StageHost, HttpSide {
  readonly #link: ConnectionLink;
  readonly #client: TcpEnd;
  readonly #upstream: TcpEnd;
  readonly #up: Flow;
  readonly #down: Flow;
  #http: HttpWatch | null;
  #isConnected = false;
  #closedEnds = 0;

  /** @param upstreams where it leads; those after the first are for when nobody answers there */
  constructor(link: ConnectionLink, accepted: Socket, upstreams: readonly [Address, ...Address[]]) {
    this.#link = link;
    this.#client = TcpEnd.accepted(accepted);
    this.#upstream = TcpEnd.connecting(upstreams, () => {
      this.#isConnected = true;
      this.#client.resume();
    });
    this.#up = new Flow(this.#upstream, this);
    this.#down = new Flow(this.#client, this);
    this.#http = link.watchHttp(this, false);
    this.#client.listen(new Side(this, true));
    this.#upstream.listen(new Side(this, false));
    for (const toxic of link.toxics) this.add(toxic);
  }

  add(toxic: Toxic): void {
    this.#flow(toxic.stream).add(toxic);
  }

  update(toxic: Toxic, isShareChanged: boolean): void {
    this.#flow(toxic.stream).update(toxic, isShareChanged);
  }

  remove(toxic: Toxic): void {
    this.#flow(toxic.stream).remove(toxic);
  }

  /** The link's HTTP faults are others, or it counts requests now, or no more. */
  httpChanged(): void {
    if (this.#http) this.#http.changed();
    else this.#http = this.#link.watchHttp(this, true);
    if (this.#http?.isOpaque) this.#http = null;
  }

  destroy(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }

  // What an end tells.

  clientSent(chunk: Buffer): boolean {
    this.#link.counters.upstreamBytes += chunk.length;
    if (this.#http) {
      this.#http.fromClient(chunk);
      if (this.#http.isOpaque) this.#http = null;
    } else this.#up.receive(chunk);
    return !this.#isUpBlocked;
  }

  upstreamSent(chunk: Buffer): boolean {
    this.#link.counters.downstreamBytes += chunk.length;
    if (this.#http) {
      this.#http.fromUpstream(chunk);
      if (this.#http.isOpaque) this.#http = null;
    } else this.#down.receive(chunk);
    return !this.#isDownBlocked;
  }

  sideEnded(isClient: boolean): void {
    if (isClient) this.#http ? this.#http.clientEnded() : this.#up.end();
    else this.#http ? this.#http.upstreamEnded() : this.#down.end();
  }

  sideFailed(isClient: boolean): void {
    if (isClient) this.#up.end(true);
    else if (this.#isConnected) this.#down.end(true);
    else {
      // Nobody answers there: the client's connection is closed as it was opened, which a client sees as Toxiproxy's.
      this.#link.counters.refused += 1;
      this.#client.destroy();
    }
  }

  sideClosed(): void {
    this.#closedEnds += 1;
    if (this.#closedEnds < 2) return;
    this.#up.dispose();
    this.#down.dispose();
    this.#http?.dispose();
    this.#link.closed(this);
  }

  // What stages and the HTTP watch ask for.

  relieved(): void {
    if (!this.#isConnected) return;
    if (!this.#isUpBlocked) this.#client.resume();
    if (!this.#isDownBlocked) this.#upstream.resume();
  }

  /** Closes both ends after what was written to them. */
  close(): void {
    this.#client.close();
    if (this.#isConnected) this.#upstream.close();
    else this.#upstream.destroy();
  }

  reset(): void {
    this.#client.reset();
    this.#upstream.reset();
  }

  toUpstream(chunk: Buffer): void {
    this.#up.receive(chunk);
  }

  toClient(chunk: Buffer): void {
    this.#down.receive(chunk);
  }

  endUpstream(): void {
    this.#up.end();
  }

  endClient(): void {
    this.#down.end();
  }

  get #isUpBlocked(): boolean {
    return this.#up.isBlocked || this.#http?.isUpstreamBlocked === true;
  }

  get #isDownBlocked(): boolean {
    return this.#down.isBlocked || this.#http?.isDownstreamBlocked === true;
  }

  #flow(direction: Direction): Flow {
    return direction === 'upstream' ? this.#up : this.#down;
  }
}
