import net from 'node:net';
import { Connection, type ConnectionLink } from './connection.ts';
import { detectHttp } from './http/detect.ts';
import type { HttpContext, HttpCounters, HttpSide, HttpWatch } from './http/http-watch.ts';
import { RequestFaults } from './http/request-faults.ts';
import { type Address, formatAddress, parseAddresses, resolveListen } from './listen-address.ts';
import type { Toxic } from './toxic.ts';

const BACKLOG = 1024;

/** What was counted on a link since it was made. */
export interface Counters {
  connections: number;
  /** Connections that upstream did not take. */
  refused: number;
  upstreamBytes: number;
  downstreamBytes: number;
  readonly http: HttpCounters;
}

const noCounters = (): Counters => ({
  connections: 0,
  refused: 0,
  upstreamBytes: 0,
  downstreamBytes: 0,
  http: { requests: 0, responses: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 }, grpcErrors: 0, faults: 0 },
});

/** Toxiproxy's proxy: a listener, what it leads to, and the faults between them. */
export class Link implements ConnectionLink {
  readonly name: string;
  listen: string;
  /** One address, or several with commas: each new connection begins with the next one. */
  upstream: string;
  enabled = false;
  /** When a disabled link is enabled again by itself (Unix time in ms). */
  enabledAtMs: number | null = null;
  readonly counters = noCounters();
  readonly connections = new Set<Connection>();
  readonly toxics: Toxic[] = [];
  readonly faults: RequestFaults;
  readonly #http: HttpContext;
  #countsHttp = false;
  #server: net.Server | null = null;
  #targets: readonly [Address, ...Address[]];

  /** @throws Error when `upstream` is no address */
  constructor(name: string, listen: string, upstream: string) {
    this.name = name;
    this.listen = listen;
    this.upstream = upstream;
    this.#targets = parseAddresses(upstream);
    this.faults = new RequestFaults(this.toxics);
    this.#http = {
      faults: this.faults,
      counters: this.counters.http,
      isWanted: () => this.#countsHttp || this.faults.isAny,
    };
  }

  /** Begins to listen; `listen` is the actual address afterwards. @throws Error of the operating system */
  async start(): Promise<void> {
    if (this.enabled) return;
    const address = await resolveListen(this.listen);
    const server = net.createServer({ pauseOnConnect: true, noDelay: false }, (socket) => this.#accept(socket));
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen({ host: address.host, port: address.port, backlog: BACKLOG }, done);
    });
    // A failing accept (no more file descriptors) concerns that client alone.
    server.on('error', () => {});
    const bound = server.address();
    if (bound && typeof bound === 'object') this.listen = formatAddress({ host: bound.address, port: bound.port });
    this.#server = server;
    this.enabled = true;
    this.enabledAtMs = null;
  }

  /** Stops listening and closes every connection. */
  stop(): void {
    this.enabled = false;
    this.#server?.close();
    this.#server = null;
    for (const connection of this.connections) connection.destroy();
  }

  /** Leads new connections elsewhere. @throws Error when it is no address */
  setUpstream(upstream: string): void {
    this.#targets = parseAddresses(upstream);
    this.upstream = upstream;
  }

  get countsHttp(): boolean {
    return this.#countsHttp;
  }

  set countsHttp(counts: boolean) {
    if (counts === this.#countsHttp) return;
    this.#countsHttp = counts;
    this.#httpChanged();
  }

  addToxic(toxic: Toxic): void {
    this.toxics.push(toxic);
    if (this.faults.reload()) this.#httpChanged();
    for (const connection of this.connections) connection.add(toxic);
  }

  updateToxic(toxic: Toxic, isShareChanged: boolean): void {
    if (this.faults.reload()) this.#httpChanged();
    for (const connection of this.connections) connection.update(toxic, isShareChanged);
  }

  removeToxic(toxic: Toxic): void {
    const index = this.toxics.indexOf(toxic);
    if (index < 0) return;
    this.toxics.splice(index, 1);
    if (this.faults.reload()) this.#httpChanged();
    for (const connection of this.connections) connection.remove(toxic);
  }

  watchHttp(side: HttpSide, isUnderWay: boolean): HttpWatch | null {
    return detectHttp(side, this.#http, isUnderWay);
  }

  closed(connection: Connection): void {
    this.connections.delete(connection);
  }

  #accept(socket: net.Socket): void {
    this.counters.connections += 1;
    this.connections.add(new Connection(this, socket, this.#targets));
    const [first, second, ...others] = this.#targets;
    if (second !== undefined) this.#targets = [second, ...others, first];
  }

  #httpChanged(): void {
    for (const connection of this.connections) connection.httpChanged();
  }
}
