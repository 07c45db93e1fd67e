/**
 * The process manager of an order, as a pure function: from where it stands and what a step gave, to where it goes next.
 *
 *   reserve stock -> charge -> ship -> await parcel -> done
 *        |             |                    |
 *        +-------------+---- turn back -----+---> [release stock] -> reject -> [refund] -> done
 *
 * No transaction spans inventory, payments and shipping. Each step is a local transaction at one of them, and what was
 * done is undone by compensations. A step whose call timed out may still have taken effect, so it is undone as well.
 * The customer hears of the rejection before the refund: money going back may take its time.
 */
export type SagaStep =
  | 'reserve stock'
  | 'charge'
  | 'ship'
  | 'await parcel'
  | 'release stock'
  | 'reject'
  | 'refund'
  | 'done';

export interface Saga {
  orderId: string;
  step: SagaStep;
  /** Failed tries of this step so far. */
  attempt: number;
  /** Whether inventory may hold stock for the order. */
  mayHoldStock: boolean;
  /** Whether payments may have charged for the order. */
  mayBeCharged: boolean;
  /** Why it turned back; null while it goes forward. */
  failure: Failure | null;
}

export interface Failure {
  reason: string;
  /** True where something was broken or slow, false where the answer was no. */
  technical: boolean;
}

export type Outcome =
  | { kind: 'done' }
  /** The other side answered no; nothing has changed there. */
  | { kind: 'refused'; reason: string }
  /** No answer or an error. `uncertain`: it may have taken effect all the same. */
  | { kind: 'failed'; reason: string; uncertain: boolean };

/** How long to wait for shipping before it is asked again. It packs each order once, however often it is asked. */
export const PARCEL_PATIENCE_MS = 5 * 60_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;

/** The saga of an order that was just placed. */
export function startSaga(orderId: string): Saga {
  return { orderId, step: 'reserve stock', attempt: 0, mayHoldStock: false, mayBeCharged: false, failure: null };
}

/** The saga after the step it stands at gave `outcome`. */
export function advance(saga: Saga, outcome: Outcome): Saga {
  switch (saga.step) {
    case 'reserve stock':
      if (outcome.kind === 'done') return goTo({ ...saga, mayHoldStock: true }, 'charge');
      return turnBack({ ...saga, mayHoldStock: isUncertain(outcome) }, outcome);
    case 'charge':
      if (outcome.kind === 'done') return goTo({ ...saga, mayBeCharged: true }, 'ship');
      return turnBack({ ...saga, mayBeCharged: isUncertain(outcome) }, outcome);
    case 'ship':
      return outcome.kind === 'done' ? goTo(saga, 'await parcel') : tryAgain(saga);
    case 'await parcel':
      if (outcome.kind === 'done') return goTo(saga, 'done');
      return outcome.kind === 'refused' ? turnBack(saga, outcome) : goTo(saga, 'ship');
    case 'release stock':
      return outcome.kind === 'done' ? goTo({ ...saga, mayHoldStock: false }, 'reject') : tryAgain(saga);
    case 'reject':
      if (outcome.kind !== 'done') return tryAgain(saga);
      return goTo(saga, saga.mayBeCharged ? 'refund' : 'done');
    case 'refund':
      return outcome.kind === 'done' ? goTo({ ...saga, mayBeCharged: false }, 'done') : tryAgain(saga);
    case 'done':
      return saga;
  }
}

/** How long until the saga's step is due, in ms: 0 is now, null is never. */
export function dueInMs(saga: Saga): number | null {
  if (saga.step === 'done') return null;
  if (saga.step === 'await parcel') return PARCEL_PATIENCE_MS;
  if (saga.attempt === 0) return 0;
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (saga.attempt - 1));
}

function goTo(saga: Saga, step: SagaStep): Saga {
  return { ...saga, step, attempt: 0 };
}

/** Compensations must succeed in the end, so they are tried until they do. */
function tryAgain(saga: Saga): Saga {
  return { ...saga, attempt: saga.attempt + 1 };
}

function turnBack(saga: Saga, outcome: Exclude<Outcome, { kind: 'done' }>): Saga {
  const failure = { reason: outcome.reason, technical: outcome.kind === 'failed' };
  return goTo({ ...saga, failure }, saga.mayHoldStock ? 'release stock' : 'reject');
}

function isUncertain(outcome: Outcome): boolean {
  return outcome.kind === 'failed' && outcome.uncertain;
}
