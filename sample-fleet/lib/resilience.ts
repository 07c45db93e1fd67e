/**
 * The stability patterns, put together from cockatiel's policies around any call to something remote:
 * bulkhead -> retry with backoff and jitter -> circuit breaker -> timeout -> the call.
 */
import { context } from '@opentelemetry/api';
import {
  bulkhead,
  type CircuitBreakerPolicy,
  CircuitState,
  circuitBreaker,
  decorrelatedJitterGenerator,
  ExponentialBackoff,
  handleWhen,
  type IDefaultPolicyContext,
  type IPolicy,
  isBrokenCircuitError,
  isBulkheadRejectedError,
  retry,
  SamplingBreaker,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import { messageOf } from './backoff.ts';
import { log } from './log.ts';
import { counter, gauge } from './metrics.ts';

export interface ResilienceOptions {
  /** Whom the calls go to; the label of the metrics, as in `catalog`. */
  name: string;
  /** For one attempt. */
  timeoutMs: number;
  /** Further attempts after the first; 0 (the default) for calls that are not idempotent. */
  retries?: number;
  /** Opens when half of the calls of the last 10 s failed (and there were at least 5); tries again after 5 s. */
  breaker?: boolean;
  /** How many calls may run at once, and wait for a place; unlimited where it is not given. */
  bulkhead?: { concurrent: number; queue: number };
  /** Which errors count as the other side's failure. Answers such as 404 are not; they neither open nor retry. */
  isFailure?: (error: Error) => boolean;
}

export interface Resilient {
  /** Runs `call` under the policies. `call` must honour `signal`: it is aborted when the attempt's time is up. */
  execute<T>(call: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** The same without retries: for a call that is not idempotent. */
  executeOnce<T>(call: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** `closed`, `half-open`, `open`; `closed` where there is no breaker. */
  circuitState(): CircuitName;
}

export type CircuitName = 'closed' | 'half-open' | 'open';

const BREAKER = { threshold: 0.5, duration: 10_000, minimumRps: 0.5 };
const HALF_OPEN_AFTER_MS = 5_000;
const RETRY_BACKOFF = { initialDelay: 50, maxDelay: 1_000 };
const STATE_VALUES: Record<CircuitName, number> = { closed: 0, 'half-open': 1, open: 2 };

const circuits = new Map<string, CircuitBreakerPolicy>();
gauge('circuit_breaker.state', 'State of a circuit breaker: 0 closed, 1 half-open, 2 open', function* () {
  for (const [name, circuit] of circuits) {
    yield { value: STATE_VALUES[circuitName(circuit)], attributes: { 'circuit_breaker.name': name } };
  }
});
const retryCount = counter('resilience.retries', 'Attempts beyond the first');

/** Whether `error` says that a circuit is open or a bulkhead is full: the call was not even tried. */
export function isRefusedHere(error: unknown): boolean {
  return error instanceof Error && (isBrokenCircuitError(error) || isBulkheadRejectedError(error));
}

/** The policies of `options` as one. Make one for each downstream and share it: a breaker learns from all its calls. */
export function createResilience(options: ResilienceOptions): Resilient {
  const failure = handleWhen((error) => options.isFailure?.(error) ?? true);
  const circuit = options.breaker === true ? createCircuit(options.name, failure) : undefined;
  const inner: IPolicy<IDefaultPolicyContext>[] = [];
  if (circuit !== undefined) inner.push(circuit);
  // Aborting a call that has returned would only cost time: an exception with a stack, for nobody.
  inner.push(timeout(options.timeoutMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false }));
  const outer = options.bulkhead === undefined ? [] : [bulkhead(options.bulkhead.concurrent, options.bulkhead.queue)];
  const retries = (options.retries ?? 0) > 0 ? [createRetry(options)] : [];
  const once = wrap(...outer, ...inner);
  const retrying = wrap(...outer, ...retries, ...inner);
  // A call that waited in the bulkhead is started by the one that made room: unbound, it would join that one's trace.
  const run = <T>(policy: typeof once, call: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> => {
    const bound = context.bind(context.active(), call);
    // A signal for each call: calls without one would all hang their listeners on one that cockatiel keeps for all.
    return policy.execute((attempt) => bound(attempt.signal), signal ?? new AbortController().signal);
  };
  return {
    execute: (call, signal) => run(retrying, call, signal),
    executeOnce: (call, signal) => run(once, call, signal),
    circuitState: () => (circuit === undefined ? 'closed' : circuitName(circuit)),
  };
}

function createRetry(options: ResilienceOptions): IPolicy<IDefaultPolicyContext> {
  // An open circuit answers at once so that nobody waits; trying it again would be waiting.
  const worthRetrying = (error: Error): boolean =>
    !isBrokenCircuitError(error) && !isBulkheadRejectedError(error) && (options.isFailure?.(error) ?? true);
  const policy = retry(handleWhen(worthRetrying), {
    maxAttempts: options.retries ?? 0,
    backoff: new ExponentialBackoff({ ...RETRY_BACKOFF, generator: decorrelatedJitterGenerator }),
  });
  policy.onRetry((event) => {
    retryCount.add(1, { 'peer.service': options.name });
    const reason = 'error' in event ? messageOf(event.error) : 'unexpected result';
    log.warn({ peer: options.name, delayMs: Math.round(event.delay), reason }, `trying ${options.name} again`);
  });
  return policy;
}

function createCircuit(name: string, failure: ReturnType<typeof handleWhen>): CircuitBreakerPolicy {
  const circuit = circuitBreaker(failure, {
    halfOpenAfter: HALF_OPEN_AFTER_MS,
    breaker: new SamplingBreaker(BREAKER),
  });
  circuit.onStateChange((state) => {
    const to = circuitName({ state });
    log[to === 'open' ? 'error' : 'warn']({ circuit: name, state: to }, `circuit to ${name} is ${to}`);
  });
  circuits.set(name, circuit);
  return circuit;
}

function circuitName(circuit: { state: CircuitState }): CircuitName {
  if (circuit.state === CircuitState.Open || circuit.state === CircuitState.Isolated) return 'open';
  return circuit.state === CircuitState.HalfOpen ? 'half-open' : 'closed';
}
