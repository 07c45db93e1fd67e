import { setTimeout as delay } from 'node:timers/promises';
import type { WebSocket } from 'ws';

const HIGH_WATER_BYTES = 1024 * 1024;
const CHECK_MS = 20;

/**
 * Resolves when less than 1 MiB waits to be sent on a socket, or when it is closed or the signal aborts. A stream asks
 * before each event, so that a reader who does not keep up slows its own stream and fills no memory.
 */
export async function drained(socket: WebSocket, signal: AbortSignal): Promise<void> {
  while (socket.bufferedAmount > HIGH_WATER_BYTES && socket.readyState === socket.OPEN && !signal.aborted) {
    await delay(CHECK_MS);
  }
}
