import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { messageOf } from '../../../lib/backoff.ts';
import { RpcError } from '../../../lib/grpc.ts';
import { createResilience } from '../../../lib/resilience.ts';

/** The bank's answer. A decline is an answer too: it is final, and no reason to ask again. */
export interface BankAnswer {
  approved: boolean;
  reason: string;
}

export interface Bank {
  /** `reference` makes it safe to repeat: the bank moves the money of a reference once. Rejects with UNAVAILABLE. */
  charge(reference: string, amountCents: number): Promise<BankAnswer>;
  refund(reference: string): Promise<BankAnswer>;
}

const ATTEMPT_MS = 400;
const RETRIES = 3;
/** A bank that hangs may hold this many of our calls, and the rest of payments goes on. */
const BULKHEAD = { concurrent: 16, queue: 64 };

const tracer = trace.getTracer('payments');

/** The bank at `baseUrl`, behind a bulkhead and retries with jitter. */
export function connectBank(baseUrl: string): Bank {
  const resilience = createResilience({ name: 'bank', timeoutMs: ATTEMPT_MS, retries: RETRIES, bulkhead: BULKHEAD });
  const ask = async (path: string, body: object): Promise<BankAnswer> => {
    try {
      return await resilience.execute((signal) => post(baseUrl, path, body, signal));
    } catch (error) {
      throw new RpcError('UNAVAILABLE', `the bank gave no answer: ${messageOf(error)}`);
    }
  };
  return {
    charge: (reference, amountCents) => ask('/charges', { reference, amountCents }),
    refund: (reference) => ask('/refunds', { reference }),
  };
}

/**
 * One attempt, as one client span. The bank is not ours: no trace context is sent to it, and `peer.service` names it, so
 * that it is a node of the topology although it sends no telemetry.
 */
async function post(baseUrl: string, path: string, body: object, signal: AbortSignal): Promise<BankAnswer> {
  const attributes = {
    'peer.service': 'bank',
    'http.request.method': 'POST',
    'url.full': `https://api.bank.example${path}`,
    'server.address': 'api.bank.example',
  };
  const span = tracer.startSpan(`POST ${path}`, { kind: SpanKind.CLIENT, attributes });
  try {
    const response = await context.with(suppressTracing(context.active()), () =>
      fetch(`${baseUrl}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-simulated': 'bank' },
        body: JSON.stringify(body),
        signal,
      }),
    );
    span.setAttribute('http.response.status_code', response.status);
    const answer = (await response.json()) as BankAnswer;
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return answer;
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    throw error;
  } finally {
    span.end();
  }
}
