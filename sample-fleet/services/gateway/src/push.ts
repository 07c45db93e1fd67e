import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import { messageOf } from '../../../lib/backoff.ts';
import {
  ensureTopics,
  type IncomingMessage,
  type Kafka,
  type MessageConsumer,
  startConsumer,
} from '../../../lib/kafka.ts';
import { log } from '../../../lib/log.ts';
import { type CustomerMessage, readMessage, TOPICS } from '../../../lib/messages.ts';
import { counter, gauge } from '../../../lib/metrics.ts';
import type { TokenChecker } from './tokens.ts';

const MAX_SOCKETS = 1_000;
/** How long a new socket may take to say who it is. */
const HELLO_LIMIT_MS = 5_000;
/** What a timer can hold; beyond it, it would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** A browser that reads too slowly misses messages rather than filling the gateway's memory. */
const MAX_BUFFERED_BYTES = 256 * 1_024;

const pushed = counter('gateway.pushes', 'Messages pushed to browsers');
const missed = counter('gateway.pushes_missed', 'Messages that a slow browser missed');

/**
 * Pushes `customer-messages` to browsers. A browser opens /ws and sends `{"token": "..."}` (in the first message and not in
 * the address, which ends up in logs); from then on, until the token expires, it gets its customer's messages, a trusted
 * client everybody's.
 */
export class Pusher {
  readonly #tokens: TokenChecker;
  /** Whose messages a socket gets; null for all. */
  readonly #customers = new Map<WebSocket, string | null>();
  #consumer: MessageConsumer | undefined;
  #open = 0;

  constructor(tokens: TokenChecker) {
    this.#tokens = tokens;
    gauge('gateway.sockets', 'Browsers that are connected', () => [{ value: this.#open }]);
  }

  register(app: FastifyInstance): void {
    app.register(websocket, { options: { maxPayload: 16 * 1_024 } });
    app.register(async (scope) => {
      scope.get('/ws', { websocket: true }, (socket) => this.#accept(socket));
    });
  }

  /** Every gateway has a group of its own: each must see all messages, as it cannot know which browsers the others have. */
  async start(kafka: Kafka, groupId: string): Promise<void> {
    await ensureTopics(kafka, [TOPICS.customerMessages]);
    this.#consumer = await startConsumer<CustomerMessage>({
      kafka,
      groupId,
      topics: [TOPICS.customerMessages],
      from: 'latest',
      handle: async (message) => this.#push(message),
    });
  }

  async stop(): Promise<void> {
    await this.#consumer?.stop();
  }

  #accept(socket: WebSocket): void {
    if (this.#open >= MAX_SOCKETS) {
      socket.close(1013, 'too many browsers, try again later');
      return;
    }
    this.#open += 1;
    const hurry = setTimeout(() => socket.close(4401, 'no token in time'), HELLO_LIMIT_MS);
    socket.once('message', (data) => {
      clearTimeout(hurry);
      this.#greet(socket, String(data)).catch((error: unknown) => socket.close(4401, messageOf(error).slice(0, 100)));
    });
    socket.on('error', (error) => log.debug({ reason: error.message }, 'socket failed'));
    socket.once('close', () => {
      clearTimeout(hurry);
      this.#open -= 1;
      this.#customers.delete(socket);
    });
  }

  async #greet(socket: WebSocket, hello: string): Promise<void> {
    const { token } = JSON.parse(hello) as { token?: string };
    const caller = await this.#tokens.check(token);
    const customerId = caller.scopes.has('customers:any') ? null : caller.subject;
    if (socket.readyState !== socket.OPEN) return;
    this.#customers.set(socket, customerId);
    // Checked once, at the door: without this a browser would hear on for ever with a token long expired.
    const lifeMs = Math.min(caller.expiresAtMs - Date.now(), LONGEST_TIMER_MS);
    const expiry = setTimeout(() => socket.close(4401, 'the token has expired'), lifeMs);
    socket.once('close', () => clearTimeout(expiry));
    socket.send(JSON.stringify({ type: 'welcome', customerId }));
  }

  #push({ value }: IncomingMessage<CustomerMessage>): void {
    const { message } = readMessage<CustomerMessage>(value, ['customerId', 'text']);
    if (message === undefined) return;
    const frame = JSON.stringify({ type: 'message', ...message });
    for (const [socket, customerId] of this.#customers) {
      if (customerId !== null && customerId !== message.customerId) continue;
      if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
        missed.add(1);
        continue;
      }
      socket.send(frame);
      pushed.add(1);
    }
  }
}
