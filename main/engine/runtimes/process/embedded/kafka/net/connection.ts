import type { Socket } from 'node:net';
import {
  API_VERSIONS_KEY,
  apiVersions,
  ErrorCode,
  encodeResponseFrame,
  FrameSplitter,
  MalformedError,
  Reader,
  readRequestHeader,
} from '../../../../../kafka-protocol/index.ts';
import type { Endpoint, RequestContext, Route } from './route.ts';

/** With this many requests waiting, or bytes unsent, the socket is not read. */
const MAX_WAITING_REQUESTS = 64;
const MAX_UNSENT_BYTES = 16 * 1024 * 1024;

export interface ConnectionOptions {
  readonly routes: ReadonlyMap<number, Route>;
  /** Asked for each request: the address may change while the connection lives. */
  advertised(): Endpoint;
  log(line: string): void;
}

/**
 * One client. Its requests are answered one after the other, in their order, as Kafka does; a fetch that waits for data
 * holds up what comes behind it on the same connection.
 */
export class Connection {
  private readonly socket: Socket;
  private readonly options: ConnectionOptions;
  private readonly splitter = new FrameSplitter();
  private readonly waiting: Buffer[] = [];
  private readonly closers = new Set<() => void>();
  private readonly peer: string;
  private readonly clientHost: string;
  private busy = false;
  private closed = false;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.socket = socket;
    this.options = options;
    this.clientHost = `/${(socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '')}`;
    this.peer = `${socket.remoteAddress}:${socket.remotePort}`;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('drain', () => this.pump());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.end());
  }

  private receive(chunk: Buffer): void {
    try {
      this.waiting.push(...this.splitter.push(chunk));
    } catch (error) {
      this.refuse(error, 'a frame');
      return;
    }
    this.pump();
  }

  private end(): void {
    this.closed = true;
    this.waiting.length = 0;
    for (const callback of [...this.closers]) callback();
    this.closers.clear();
  }

  private refuse(error: unknown, what: string): void {
    const reason = error instanceof Error ? error.message : String(error);
    const kind = error instanceof MalformedError ? 'not understood' : 'failed';
    this.options.log(`connection of ${this.peer} closed: ${what} ${kind}: ${reason}`);
    this.socket.destroy();
  }

  private pump(): void {
    while (!this.busy && !this.closed && this.socket.writableLength < MAX_UNSENT_BYTES) {
      const frame = this.waiting.shift();
      if (frame === undefined) break;
      this.answer(frame);
    }
    if (this.closed) return;
    if (this.waiting.length >= MAX_WAITING_REQUESTS) this.socket.pause();
    else if (this.socket.isPaused()) this.socket.resume();
  }

  private answer(frame: Buffer): void {
    let what = 'a request';
    try {
      const reader = new Reader(frame);
      const header = readRequestHeader(reader);
      const route = this.options.routes.get(header.apiKey);
      what = `request ${route?.api.name ?? header.apiKey} v${header.apiVersion} of client ${header.clientId}`;
      if (header.apiKey === API_VERSIONS_KEY && header.apiVersion > apiVersions.maxVersion) {
        this.send(answerUnknownApiVersions(header.correlationId));
        return;
      }
      if (route === undefined || header.apiVersion < route.api.minVersion || header.apiVersion > route.api.maxVersion) {
        throw new MalformedError('this broker does not announce that API or version');
      }
      if (header.apiVersion >= route.api.flexibleSince) reader.skipTaggedFields();
      const answer = route.run(reader, header, this.contextOf(header.apiVersion, header.clientId));
      if (!(answer instanceof Promise)) {
        this.send(answer);
        return;
      }
      this.busy = true;
      answer.then(
        (chunks) => {
          this.busy = false;
          this.send(chunks);
          this.pump();
        },
        (error: unknown) => this.refuse(error, what),
      );
    } catch (error) {
      this.refuse(error, what);
    }
  }

  private contextOf(version: number, clientId: string | null): RequestContext {
    return {
      version,
      clientId: clientId ?? '',
      clientHost: this.clientHost,
      advertised: this.options.advertised(),
      whenClosed: (callback) => {
        this.closers.add(callback);
        return () => this.closers.delete(callback);
      },
    };
  }

  private send(chunks: Buffer[] | null): void {
    if (chunks === null || this.closed) return;
    if (chunks.length === 1 && chunks[0] !== undefined) {
      this.socket.write(chunks[0]);
      return;
    }
    // Corked, the pieces leave in one writev.
    this.socket.cork();
    for (const chunk of chunks) this.socket.write(chunk);
    this.socket.uncork();
  }
}

/** KIP-511: a version that the broker does not know is answered in version 0, with the versions that it does know. */
function answerUnknownApiVersions(correlationId: number): Buffer[] {
  const { key, minVersion, maxVersion } = apiVersions;
  return encodeResponseFrame(apiVersions, 0, correlationId, {
    errorCode: ErrorCode.UNSUPPORTED_VERSION,
    apiKeys: [{ apiKey: key, minVersion, maxVersion }],
  });
}
