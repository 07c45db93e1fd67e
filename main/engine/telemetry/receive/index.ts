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

/** Starts the OTLP receivers on 127.0.0.1. */
export async function startReceivers(ports: OtlpPorts, sink: Sink, pool = new BodyPool()): Promise<Receivers> {
  const http = await listen(ports.http, standardPorts.http, (port) => startOtlpHttp(port, sink, pool));
  try {
    const grpc = await listen(ports.grpc, standardPorts.grpc, (port) => startOtlpGrpc(port, sink));
    return {
      urls: { http: `http://127.0.0.1:${http.port}`, grpc: `http://127.0.0.1:${grpc.port}` },
      async close() {
        await Promise.all([http.close(), grpc.close()]);
      },
    };
  } catch (error) {
    await http.close();
    throw error;
  }
}
