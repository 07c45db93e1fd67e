import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BankAnswer } from './bank.ts';

export interface BankSimulatorOptions {
  /** The share of requests that fail: most with 503, every fifth of them by never answering. */
  errorRate: number;
  /** The share of cards that are declined. */
  declineRate: number;
  latencyMs: { min: number; max: number };
  random?: () => number;
}

/** How many references it remembers; the oldest are forgotten. */
const MEMORY = 20_000;

/**
 * The world outside: an HTTP API on a port of its own that is slow, now and then fails, and declines some cards. It stands
 * in for a bank; nothing else of payments knows that it runs in the same process.
 */
export class BankSimulator {
  readonly #options: BankSimulatorOptions;
  readonly #random: () => number;
  readonly #server: Server;
  readonly #charges = new Map<string, BankAnswer>();

  constructor(options: BankSimulatorOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /** Listens on a free port; resolves to its base URL. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the bank simulator has no port');
    return `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { reference } = await readJson(request);
    const { min, max } = this.#options.latencyMs;
    await sleep(min + this.#random() * (max - min));
    const fails = this.#random() < this.#options.errorRate;
    // The nastiest kind: the money has moved, and no answer ever says so.
    if (fails && this.#random() < 0.2) return void this.#move(request.url ?? '', reference);
    if (fails) return send(response, 503, { approved: false, reason: 'try again later' });
    send(response, 200, this.#move(request.url ?? '', reference));
  }

  #move(path: string, reference: string): BankAnswer {
    if (path === '/refunds') {
      this.#charges.delete(reference);
      return { approved: true, reason: '' };
    }
    const earlier = this.#charges.get(reference);
    if (earlier !== undefined) return earlier;
    const approved = this.#random() >= this.#options.declineRate;
    const answer = { approved, reason: approved ? '' : 'card declined' };
    this.#charges.set(reference, answer);
    const oldest = this.#charges.keys().next();
    if (this.#charges.size > MEMORY && oldest.done !== true) this.#charges.delete(oldest.value);
    return answer;
  }
}

async function readJson(request: IncomingMessage): Promise<{ reference: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as { reference: string };
}

function send(response: ServerResponse, status: number, body: BankAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
