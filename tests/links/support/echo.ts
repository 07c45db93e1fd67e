import { once } from 'node:events';
import net from 'node:net';

/** A TCP server for tests: what it does with a connection is the test's. */
export interface Upstream {
  readonly address: string;
  readonly connections: net.Socket[];
  close(): Promise<void>;
}

/** Serves on a free port; `serve` defaults to sending everything back. */
export async function startUpstream(
  serve: (socket: net.Socket) => void = (socket) => socket.pipe(socket),
): Promise<Upstream> {
  const connections: net.Socket[] = [];
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    connections.push(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    connections,
    async close() {
      server.close();
      for (const socket of connections) socket.destroy();
    },
  };
}

/** A client of a link that remembers what came and when. */
export class Victim {
  readonly socket: net.Socket;
  readonly received: { readonly atMs: number; readonly chunk: Buffer }[] = [];
  endedMs: number | null = null;
  closedMs: number | null = null;
  error: NodeJS.ErrnoException | null = null;

  #wake: () => void = () => {};

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.received.push({ atMs: performance.now(), chunk });
      this.#wake();
    });
    socket.on('end', () => {
      this.endedMs = performance.now();
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('close', () => {
      this.closedMs = performance.now();
      this.#wake();
    });
  }

  static async connect(address: string): Promise<Victim> {
    const [host, port] = address.split(':');
    const socket = net.connect({ host, port: Number(port), noDelay: true, allowHalfOpen: true });
    const victim = new Victim(socket);
    await once(socket, 'connect');
    return victim;
  }

  get bytes(): number {
    return this.received.reduce((sum, { chunk }) => sum + chunk.length, 0);
  }

  get text(): string {
    return Buffer.concat(this.received.map(({ chunk }) => chunk)).toString();
  }

  /** Sends and waits for as many bytes; gives the ms that it took. */
  async roundTrip(text = 'ping'): Promise<number> {
    const before = this.bytes;
    const began = performance.now();
    this.socket.write(text);
    while (this.bytes < before + text.length) {
      if (this.socket.destroyed) throw this.error ?? new Error('closed');
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
    return performance.now() - began;
  }

  async closed(): Promise<void> {
    if (this.closedMs === null) await once(this.socket, 'close').catch(() => {});
  }
}

/**
 * The least of several measurements, which is what the link does: the rest is what else the machine has to do. It stops
 * at the first under `enough`.
 */
export async function least(enough: number, measure: () => Promise<number>, times = 15): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < times && best >= enough; round += 1) best = Math.min(best, await measure());
  return best;
}
