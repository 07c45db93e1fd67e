import { isIP } from 'node:net';
import type { IngestAnswer } from '../protocol.ts';
import type { Signal } from './otlp-proto.ts';

/** Where receivers hand bodies over. Never rejects; `body` belongs to the sink afterwards. */
export type Sink = (signal: Signal, json: boolean, body: Uint8Array) => Promise<IngestAnswer>;

/** Bytes of one request on the wire. */
export const maxBodyBytes = 16 << 20;
/** Bytes of one request after inflating. */
export const maxInflatedBytes = 64 << 20;

const localNames = new Set([
  '127.0.0.1',
  'localhost',
  '[::1]',
  // What containers call this machine, which no name of the web can pretend to be.
  'host.docker.internal',
  'host.containers.internal',
  'gateway.docker.internal',
]);

/** Whether a Host header or `:authority` names this machine, with any port: another name means DNS rebinding. */
export function isLocalHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '');
  // An address is no name: who asks for one has not been led here by a name that was bound anew.
  return localNames.has(name) || isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}
