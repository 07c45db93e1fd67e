import net from 'node:net';
import {
  apiVersions,
  type ClientApi,
  decodeResponseBody,
  encodeRequestFrame,
  FrameSplitter,
  Reader,
} from '../../kafka-protocol/index.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The broker cannot be reached, or went away while it was asked. */
export class BrokerUnreachableError extends Error {
  override readonly name = 'BrokerUnreachableError';
}

/** How long a broker may take to accept a connection, and to answer a request. */
export const ANSWER_WITHIN_MS = 2000;
const CLIENT_ID = 'flotilla-console';

interface Pending {
  readonly answered: (reader: Reader) => void;
  readonly failed: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** One connection to one broker. Requests may overlap; each has a time limit, after which the connection is given up. */
export class BrokerConnection {
  private readonly socket: net.Socket;
  private readonly splitter = new FrameSplitter();
  private readonly pending = new Map<number, Pending>();
  private versions = new Map<number, { readonly min: number; readonly max: number }>();
  private nextCorrelationId = 1;
  private failure: Error | null = null;

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    // What nobody waits for must not keep a program alive.
    socket.unref();
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', (error) => this.fail(error.message));
    socket.on('close', () => this.fail('it closed the connection'));
  }

  /** Connects and asks which versions are spoken. @throws BrokerUnreachableError */
  static async connect({ host, port }: Endpoint): Promise<BrokerConnection> {
    const socket = await new Promise<net.Socket>((resolve, reject) => {
      const opening = net.connect({ host, port });
      const failed = (cause: string) => {
        opening.destroy();
        reject(new BrokerUnreachableError(cause));
      };
      const timer = setTimeout(() => failed(`no connection within ${ANSWER_WITHIN_MS / 1000} s`), ANSWER_WITHIN_MS);
      opening.once('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        failed(error.code === 'ECONNREFUSED' ? 'connection refused' : error.message);
      });
      opening.once('connect', () => {
        clearTimeout(timer);
        opening.removeAllListeners('error');
        resolve(opening);
      });
    });
    const connection = new BrokerConnection(socket);
    // Version 0 of this call is what every broker understands.
    const known = await connection.send(apiVersions, {}, 0);
    connection.versions = new Map(
      known.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, { min: minVersion, max: maxVersion }]),
    );
    return connection;
  }

  get closed(): boolean {
    return this.failure !== null;
  }

  supports(api: ClientApi<never, unknown>): boolean {
    return this.versionFor(api, api.maxVersion) !== null;
  }

  private versionFor(api: ClientApi<never, unknown>, newest: number): number | null {
    const known = this.versions.get(api.key);
    if (known === undefined) return null;
    const version = Math.min(newest, api.maxVersion, known.max);
    return version >= Math.max(api.minVersion, known.min) ? version : null;
  }

  /**
   * Asks in the newest version that both sides speak, `newest` at most.
   * @throws BrokerUnreachableError, or Error when there is no such version.
   */
  request<Q, R>(api: ClientApi<Q, R>, body: Q, newest = api.maxVersion): Promise<R> {
    const version = this.versionFor(api, newest);
    if (version === null)
      return Promise.reject(new Error(`the broker does not offer ${api.name} in a version known here`));
    return this.send(api, body, version);
  }

  private send<Q, R>(api: ClientApi<Q, R>, body: Q, apiVersion: number): Promise<R> {
    if (this.failure !== null) return Promise.reject(this.failure);
    const correlationId = this.nextCorrelationId;
    this.nextCorrelationId = (correlationId + 1) % 0x7fffffff;
    const frame = encodeRequestFrame(api, { apiVersion, correlationId, clientId: CLIENT_ID }, body);
    return new Promise((resolve, reject) => {
      const late = () => this.fail(`no answer to ${api.name} within ${ANSWER_WITHIN_MS / 1000} s`);
      this.pending.set(correlationId, {
        answered: (reader) => resolve(decodeResponseBody(api, apiVersion, reader)),
        failed: reject,
        timer: setTimeout(late, ANSWER_WITHIN_MS),
      });
      this.socket.cork();
      for (const chunk of frame) this.socket.write(chunk);
      this.socket.uncork();
    });
  }

  private receive(chunk: Buffer): void {
    try {
      for (const frame of this.splitter.push(chunk)) {
        const reader = new Reader(frame);
        const correlationId = reader.int32();
        const waiting = this.pending.get(correlationId);
        if (waiting === undefined) continue;
        this.pending.delete(correlationId);
        clearTimeout(waiting.timer);
        try {
          waiting.answered(reader);
        } catch (error) {
          waiting.failed(error instanceof Error ? error : new Error(String(error)));
          throw error;
        }
      }
    } catch (error) {
      this.fail(`its answer is not understood: ${error instanceof Error ? error.message : error}`);
    }
  }

  private fail(cause: string): void {
    if (this.failure !== null) return;
    const failure = new BrokerUnreachableError(cause);
    this.failure = failure;
    this.socket.destroy();
    for (const { failed, timer } of this.pending.values()) {
      clearTimeout(timer);
      failed(failure);
    }
    this.pending.clear();
  }

  close(): void {
    this.fail('the connection was closed here');
  }
}
