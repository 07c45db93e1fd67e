import type { Socket } from 'node:net';
import { Flow } from './flow.ts';
import type { HttpSide, HttpWatch } from './http/http-watch.ts';
import type { StageHost } from './stage.ts';
import { type EndListener, TcpEnd } from './tcp-end.ts';
import type { Direction, Toxic } from './toxic.ts';

/** What a connection has to know of the link that it belongs to. */
export interface ConnectionLink {
  readonly counters: { upstreamBytes: number; downstreamBytes: number; refused: number };
  readonly toxics: readonly Toxic[];
  /** Looks for HTTP on a new connection, if anything wants it. */
  watchHttp(side: HttpSide): HttpWatch | null;
  closed(connection: Connection): void;
}

/** A client's connection to the link and the one to upstream that it leads to. */
export class Connection {
  readonly #link: ConnectionLink;
  readonly #client: TcpEnd;
  readonly #upstream: TcpEnd;
  readonly #up: Flow;
  readonly #down: Flow;
  #http: HttpWatch | null;
  #isConnected = false;
  #closedEnds = 0;

  constructor(link: ConnectionLink, accepted: Socket, upstream: { host: string; port: number }) {
    this.#link = link;
    this.#client = TcpEnd.accepted(accepted);
    this.#upstream = TcpEnd.connecting(upstream, () => this.#connected());
    this.#up = new Flow(
      this.#upstream,
      this.#hostOf(() => this.#readClient()),
    );
    this.#down = new Flow(
      this.#client,
      this.#hostOf(() => this.#readUpstream()),
    );
    this.#http = link.watchHttp(this.#httpSide());
    this.#client.listen(this.#clientListener());
    this.#upstream.listen(this.#upstreamListener());
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
    else this.#http = this.#link.watchHttp(this.#httpSide(true));
    if (this.#http?.isOpaque) this.#http = null;
  }

  destroy(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }

  /** Closes both ends after what was written to them. */
  close(): void {
    this.#client.close();
    this.#upstream.close();
  }

  reset(): void {
    this.#client.reset();
    this.#upstream.reset();
  }

  #flow(direction: Direction): Flow {
    return direction === 'upstream' ? this.#up : this.#down;
  }

  #connected(): void {
    this.#isConnected = true;
    this.#client.resume();
  }

  #hostOf(relieved: () => void): StageHost {
    return { relieved, close: () => this.close(), reset: () => this.reset() };
  }

  #readClient(): void {
    if (this.#isConnected && !this.#up.isBlocked && !this.#http?.isUpstreamBlocked) this.#client.resume();
  }

  #readUpstream(): void {
    if (this.#isConnected && !this.#down.isBlocked && !this.#http?.isDownstreamBlocked) this.#upstream.resume();
  }

  #httpSide(isUnderWay = false): HttpSide {
    return {
      isUnderWay,
      toUpstream: (chunk) => this.#up.receive(chunk),
      toClient: (chunk) => this.#down.receive(chunk),
      endUpstream: () => this.#up.end(),
      endClient: () => this.#down.end(),
      relieved: () => {
        this.#readClient();
        this.#readUpstream();
      },
      close: () => this.close(),
      reset: () => this.reset(),
    };
  }

  #clientListener(): EndListener {
    return {
      received: (chunk) => {
        this.#link.counters.upstreamBytes += chunk.length;
        if (!this.#http) {
          this.#up.receive(chunk);
          return !this.#up.isBlocked;
        }
        this.#http.fromClient(chunk);
        if (this.#http.isOpaque) this.#http = null;
        return !this.#up.isBlocked && !this.#http?.isUpstreamBlocked;
      },
      ended: () => (this.#http ? this.#http.clientEnded() : this.#up.end()),
      failed: () => this.#up.end(true),
      drained: () => this.#readUpstream(),
      closed: () => this.#endClosed(),
    };
  }

  #upstreamListener(): EndListener {
    return {
      received: (chunk) => {
        this.#link.counters.downstreamBytes += chunk.length;
        if (!this.#http) {
          this.#down.receive(chunk);
          return !this.#down.isBlocked;
        }
        this.#http.fromUpstream(chunk);
        if (this.#http.isOpaque) this.#http = null;
        return !this.#down.isBlocked && !this.#http?.isDownstreamBlocked;
      },
      ended: () => (this.#http ? this.#http.upstreamEnded() : this.#down.end()),
      failed: () => this.#upstreamFailed(),
      drained: () => this.#readClient(),
      closed: () => this.#endClosed(),
    };
  }

  #upstreamFailed(): void {
    if (this.#isConnected) {
      this.#down.end(true);
      return;
    }
    // Nobody answers there: the client's connection is closed as it was opened, which a client sees as Toxiproxy's.
    this.#link.counters.refused += 1;
    this.#client.destroy();
  }

  #endClosed(): void {
    this.#closedEnds += 1;
    if (this.#closedEnds < 2) return;
    this.#up.dispose();
    this.#down.dispose();
    this.#http?.dispose();
    this.#link.closed(this);
  }
}
