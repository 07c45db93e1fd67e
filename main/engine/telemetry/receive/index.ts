import { createServer, isIP } from 'node:net';
import { BodyPool } from './body-pool.ts';
import { startOtlpGrpc } from './otlp-grpc.ts';
import { type Receiver, startOtlpHttp } from './otlp-http.ts';
import type { Sink } from './sink.ts';

export { BodyPool } from './body-pool.ts';
export type { Sink } from './sink.ts';

/** Ports to listen on if they are free; 0 is any. Otherwise OTLP's own, or the next of the same ending that is free. */
export interface OtlpPorts {
  readonly http?: number;
  readonly grpc?: number;
}

export interface Receivers {
  /** Base addresses as exporters want them. */
  readonly urls: { readonly http: string; readonly grpc: string };
  /**
   * Listens at another address of this machine too, such as that of the bridge to a network of containers, at the same
   * ports where they are free; gives the addresses there, null when this machine does not have that address.
   */
  listenAt(host: string): Promise<{ readonly http: string; readonly grpc: string } | null>;
  close(): Promise<void>;
}

const standardPorts = { http: 4318, grpc: 4317 } as const;
const step = 10;
const attempts = 20;

/** Tries ports by listening on them: what another holds is passed over, and after some tries any will do. */
async function listen(
  wish: number | undefined,
  standard: number,
  start: (port: number) => Promise<Receiver>,
): Promise<Receiver> {
  const candidates = Array.from({ length: attempts }, (_, i) => standard + i * step);
  for (const port of wish === undefined ? candidates : [wish, ...candidates]) {
    try {
      return await start(port);
    } catch (error) {
      if (!/EADDRINUSE|EACCES|address already in use|No address added/i.test(String(error))) throw error;
    }
  }
  return start(0);
}

interface Pair {
  readonly http: Receiver;
  readonly grpc: Receiver;
}

async function startPair(ports: OtlpPorts, sink: Sink, pool: BodyPool, host: string): Promise<Pair> {
  const http = await listen(ports.http, standardPorts.http, (port) => startOtlpHttp(port, sink, pool, host));
  try {
    const grpc = await listen(ports.grpc, standardPorts.grpc, (port) => startOtlpGrpc(port, sink, host));
    return { http, grpc };
  } catch (error) {
    await http.close();
    throw error;
  }
}

const urlsOf = (host: string, { http, grpc }: Pair) => ({
  http: `http://${host}:${http.port}`,
  grpc: `http://${host}:${grpc.port}`,
});

/** Whether this machine has the address: whoever listens on a foreign one is refused. */
function isOurs(host: string): Promise<boolean> {
  if (isIP(host) !== 4 || host === '0.0.0.0') return Promise.resolve(false);
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port: 0, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Starts the OTLP receivers on 127.0.0.1. */
export async function startReceivers(ports: OtlpPorts, sink: Sink, pool = new BodyPool()): Promise<Receivers> {
  const first = await startPair(ports, sink, pool, '127.0.0.1');
  const same = { http: first.http.port, grpc: first.grpc.port };
  const others = new Map<string, Promise<Pair | null>>();
  const startOther = async (host: string): Promise<Pair | null> => {
    if (!(await isOurs(host))) return null;
    return startPair(same, sink, pool, host).catch(() => null);
  };
  return {
    urls: urlsOf('127.0.0.1', first),
    async listenAt(host) {
      const other = others.get(host) ?? startOther(host);
      others.set(host, other);
      const pair = await other;
      // The network that has it may be made later.
      if (pair === null) others.delete(host);
      return pair === null ? null : urlsOf(host, pair);
    },
    async close() {
      const pairs = [first, ...(await Promise.all(others.values()))];
      await Promise.all(pairs.flatMap((pair) => (pair === null ? [] : [pair.http.close(), pair.grpc.close()])));
    },
  };
}
