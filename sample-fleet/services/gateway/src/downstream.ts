import { messageOf } from '../../../lib/backoff.ts';
import { CircuitOpenError } from '../../../lib/circuit-breaker.ts';
import { createResilience, type Resilient } from '../../../lib/resilience.ts';
import { Balancer } from './balancer.ts';

export interface DownstreamOptions {
  name: string;
  /** Base URLs of its replicas. */
  addresses: string[];
  /** For one attempt. */
  timeoutMs: number;
  circuitBreaker: boolean;
}

export interface Call {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** With the query; parts that come from outside encoded. */
  path: string;
  body?: unknown;
  /** A POST that may be sent twice, because the other side knows it by an idempotency key. */
  repeatable?: boolean;
}

/** What a downstream answered. Any status below 500 is an answer; from 500 it is one too, once trying again did not help. */
export interface Answer {
  status: number;
  body: unknown;
  /** From 500, and asking again would give the same: it is decided, or the downstream has tried again itself. */
  final?: boolean;
}

/**
 * The downstream could not be asked, or did not answer in time: 503 with its name, and Retry-After where it is known. Fastify
 * takes status and headers from the error.
 */
export class DownstreamError extends Error {
  readonly statusCode = 503;
  readonly headers: Record<string, string>;

  constructor(name: string, cause: unknown) {
    super(`${name} does not answer: ${messageOf(cause)}.`, { cause });
    this.name = 'DownstreamError';
    this.headers =
      cause instanceof CircuitOpenError ? { 'retry-after': String(Math.ceil(cause.retryAfterMs / 1_000)) } : {};
  }
}

/** An answer from 500 on its way through the policies, which take notice of errors only. */
class FailedAnswer extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`status ${answer.status}`);
    this.answer = answer;
  }
}

const RETRIES = 2;

/** One service behind the gateway: its replicas, and the policies that every call to it goes through. */
export class Downstream {
  readonly #name: string;
  readonly #balancer: Balancer;
  readonly #resilience: Resilient;

  constructor(options: DownstreamOptions) {
    this.#name = options.name;
    this.#balancer = new Balancer(options.addresses);
    this.#resilience = createResilience({
      name: options.name,
      timeoutMs: options.timeoutMs,
      retries: RETRIES,
      breaker: options.circuitBreaker,
    });
  }

  /** Rejects with a DownstreamError where there is no answer at all. */
  async call(call: Call): Promise<Answer> {
    // Sending something twice must mean no more than sending it once: true of all HTTP methods but POST (RFC 9110, 9.2.2).
    const mayRetry = call.method !== 'POST' || call.repeatable === true;
    const send = (signal: AbortSignal): Promise<Answer> => this.#send(call, signal);
    try {
      return await (mayRetry ? this.#resilience.execute(send) : this.#resilience.executeOnce(send));
    } catch (error) {
      if (error instanceof FailedAnswer) return error.answer;
      throw new DownstreamError(this.#name, error);
    }
  }

  async #send({ method, path, body }: Call, signal: AbortSignal): Promise<Answer> {
    const address = this.#balancer.next();
    try {
      const response = await fetch(address + path, {
        method,
        signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const text = await response.text();
      const final = response.status >= 500 && response.headers.get('x-should-retry') === 'false';
      const answer: Answer = { status: response.status, body: text === '' ? null : JSON.parse(text), final };
      // A final answer is no failure of this downstream: something behind it fails, and it knows how to live with that.
      if (response.status >= 500 && !final) throw new FailedAnswer(answer);
      this.#balancer.succeeded(address);
      return answer;
    } catch (error) {
      if (!(error instanceof FailedAnswer)) this.#balancer.failed(address);
      throw error instanceof FailedAnswer ? error : new Error(reasonOf(error), { cause: error });
    }
  }
}

/** fetch says "fetch failed" and keeps the reason to its cause. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}
