/**
 * The stability patterns around any call to something remote:
 * bulkhead -> retry with backoff and jitter -> circuit breaker -> timeout -> the call.
 */
import { context } from '@opentelemetry/api';
import {
  bulkhead,
  decorrelatedJitterGenerator,
  ExponentialBackoff,
  handleWhen,
  type IDefaultPolicyContext,
  type IPolicy,
  isBulkheadRejectedError,
  noop,
  retry,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import { messageOf } from './backoff.ts';
import { CircuitBreaker, type CircuitName, CircuitOpenError } from './circuit-breaker.ts';
import { log } from './log.ts';
import { counter, gauge } from './metrics.ts';

export interface ResilienceOptions {
  /** Whom the calls go to; the label of the metrics, as in `catalog`. */
  name: string;
  /** For one attempt. */
  timeoutMs: number;
  /** Further attempts after the first; 0 (the default) for calls that are not idempotent. */
  retries?: number;
  /** Whether there is a circuit breaker (circuit-breaker.ts says when it opens); each attempt counts. */
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
  /** `closed` where there is no breaker. */
  circuitState(): CircuitName;
}

const RETRY_BACKOFF = { initialDelay: 50, maxDelay: 1_000 };
const STATE_VALUES: Record<CircuitName, number> = { closed: 0, 'half-open': 1, open: 2 };

const circuits = new Map<string, CircuitBreaker>();
gauge('circuit_breaker.state', 'State of a circuit breaker: 0 closed, 1 half-open, 2 open', function* () {
  for (const [name, circuit] of circuits) {
    yield { value: STATE_VALUES[circuit.state], attributes: { 'circuit_breaker.name': name } };
  }
});
const retryCount = counter('resilience.retries', 'Attempts beyond the first');

/** Whether `error` says that a circuit is open or a bulkhead is full: the call was not even tried. */
export function isRefusedHere(error: unknown): boolean {
  return error instanceof CircuitOpenError || (error instanceof Error && isBulkheadRejectedError(error));
}

/** The policies of `options` as one. Make one for each downstream and share it: a breaker learns from all its calls. */
export function createResilience(options: ResilienceOptions): Resilient {
  const circuit = options.breaker === true ? createCircuit(options) : undefined;
  const room = options.bulkhead === undefined ? noop : bulkhead(options.bulkhead.concurrent, options.bulkhead.queue);
  // Aborting a call that has returned would only cost time: an exception with a stack, for nobody.
  const limit = timeout(options.timeoutMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false });
  const retrying = wrap(room, (options.retries ?? 0) > 0 ? createRetry(options) : noop);
  const run = <T>(
    policy: IPolicy<IDefaultPolicyContext>,
    call: (signal: AbortSignal) => Promise<T>,
    // A signal for each call: calls without one would all hang their listeners on one that cockatiel keeps for all.
    signal = new AbortController().signal,
  ): Promise<T> => {
    // A call that waited in the bulkhead is started by the one that made room: unbound, it would join that one's trace.
    const bound = context.bind(context.active(), call);
    return policy.execute(({ signal: ofPolicy }) => {
      const attempt = (): Promise<T> => limit.execute(({ signal: ofAttempt }) => bound(ofAttempt), ofPolicy);
      return circuit === undefined ? attempt() : circuit.execute(attempt);
    }, signal);
  };
  return {
    execute: (call, signal) => run(retrying, call, signal),
    executeOnce: (call, signal) => run(room, call, signal),
    circuitState: () => circuit?.state ?? 'closed',
  };
}

function createRetry(options: ResilienceOptions): IPolicy<IDefaultPolicyContext> {
  // An open circuit answers at once so that nobody waits; trying it again would be waiting.
  const worthRetrying = (error: Error): boolean => !isRefusedHere(error) && (options.isFailure?.(error) ?? true);
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

function createCircuit({ name, isFailure = () => true }: ResilienceOptions): CircuitBreaker {
  const circuit = new CircuitBreaker({
    isFailure: (error) => !(error instanceof Error) || isFailure(error),
    onChange: (state) =>
      log[state === 'open' ? 'error' : 'warn']({ circuit: name, state }, `circuit to ${name} is ${state}`),
  });
  circuits.set(name, circuit);
  return circuit;
}
