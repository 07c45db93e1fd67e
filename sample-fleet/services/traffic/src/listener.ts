import { WebSocket } from 'ws';
import { backoffMs, messageOf } from '../../../lib/backoff.ts';
import { log } from '../../../lib/log.ts';
import { counter } from '../../../lib/metrics.ts';
import type { AccessToken } from './access-token.ts';

const heard = counter('traffic.pushes_heard', 'Messages that arrived over the WebSocket');

/** Keeps one WebSocket to the gateway open and counts what is pushed; connects again, with backoff, when it breaks. */
export class Listener {
  readonly #url: string;
  readonly #token: AccessToken;
  #socket: WebSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #attempt = 0;
  #stopped = false;

  constructor(gatewayUrl: string, token: AccessToken) {
    this.#url = `${gatewayUrl.replace(/^http/, 'ws')}/ws`;
    this.#token = token;
  }

  start(): void {
    this.#connect().catch((error: unknown) => this.#again(messageOf(error)));
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#socket?.terminate();
  }

  async #connect(): Promise<void> {
    const token = await this.#token.get();
    if (this.#stopped) return;
    const socket = new WebSocket(this.#url, { handshakeTimeout: 5_000 });
    this.#socket = socket;
    socket.on('open', () => socket.send(JSON.stringify({ token })));
    socket.on('message', (data) => {
      this.#attempt = 0;
      heard.add(1);
      log.debug({ push: String(data) }, 'push heard');
    });
    socket.on('error', (error) => log.debug({ reason: error.message }, 'socket failed'));
    socket.on('close', (code, reason) => this.#again(`closed with ${code} ${reason}`));
  }

  #again(reason: string): void {
    if (this.#stopped) return;
    this.#attempt += 1;
    const waitMs = backoffMs(this.#attempt, { baseMs: 500, maxMs: 10_000 });
    log.warn({ reason, waitMs }, 'the gateway pushes nothing, connecting again');
    this.#timer = setTimeout(() => this.start(), waitMs);
  }
}
