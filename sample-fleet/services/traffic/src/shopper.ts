import { SpanStatusCode, trace } from '@opentelemetry/api';
import { messageOf } from '../../../lib/backoff.ts';
import type { AccessToken } from './access-token.ts';

/** The shop said no, or nothing: the shopper leaves. */
export class ActionFailed extends Error {
  readonly status: number;
  /** Whether the same request could have another end. */
  readonly worthRetrying: boolean;

  constructor(action: string, status: number, reason: string, worthRetrying = false) {
    super(`${action}: ${reason}`);
    this.name = 'ActionFailed';
    this.status = status;
    this.worthRetrying = worthRetrying;
  }
}

export interface Request {
  method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

const TIMEOUT_MS = 10_000;
const CUSTOMERS = 500;

const tracer = trace.getTracer('flotilla-shop/traffic');

/** A person with a browser: everything that they do goes through the gateway, as one trace for each action. */
export class Shopper {
  readonly customerId: string;
  readonly #address: string;
  readonly #gatewayUrl: string;
  readonly #token: AccessToken;

  constructor(gatewayUrl: string, token: AccessToken, random: () => number) {
    const number = Math.floor(random() * CUSTOMERS) + 1;
    this.customerId = `customer-${String(number).padStart(3, '0')}`;
    // Each from a home of their own, or they would share one rate limit.
    this.#address = `10.0.${Math.floor(number / 250)}.${number % 250}`;
    this.#gatewayUrl = gatewayUrl;
    this.#token = token;
  }

  /** Gets the token that `authorized` actions show. Rejects with ActionFailed. */
  async signIn(): Promise<void> {
    await this.#trace('sign in', () => this.#token.get());
  }

  /**
   * Does one thing, as the root of a trace named after it. `authorized` shows a token and says for whom. Gives the answer's
   * body; rejects with ActionFailed for a status from 400 and where there is no answer.
   */
  act<T>(action: string, request: Request, options: { authorized?: boolean } = {}): Promise<T> {
    return this.#trace(action, async () => {
      const token = options.authorized === true ? await this.#token.get() : undefined;
      return this.#send<T>(action, request, token);
    });
  }

  #trace<T>(action: string, run: () => Promise<T>): Promise<T> {
    return tracer.startActiveSpan(
      action,
      { root: true, attributes: { 'customer.id': this.customerId } },
      async (span) => {
        try {
          return await run();
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
          throw error instanceof ActionFailed ? error : new ActionFailed(action, 0, messageOf(error), true);
        } finally {
          span.end();
        }
      },
    );
  }

  async #send<T>(action: string, { method, path, body, headers }: Request, token: string | undefined): Promise<T> {
    const response = await fetch(this.#gatewayUrl + path, {
      method: method ?? 'GET',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        'x-forwarded-for': this.#address,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}`, 'x-customer-id': this.customerId }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = text === '' ? null : (JSON.parse(text) as { message?: string });
    if (response.status < 400) return answer as T;
    const worthRetrying = response.status >= 500 && response.headers.get('x-should-retry') !== 'false';
    throw new ActionFailed(action, response.status, answer?.message ?? `status ${response.status}`, worthRetrying);
  }
}
