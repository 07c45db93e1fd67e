import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, dueInMs, type Outcome, PARCEL_PATIENCE_MS, type Saga, startSaga } from './saga.ts';

const DONE: Outcome = { kind: 'done' };
const NO: Outcome = { kind: 'refused', reason: 'card declined' };
const TIMEOUT: Outcome = { kind: 'failed', reason: 'timed out', uncertain: true };
const NOT_SENT: Outcome = { kind: 'failed', reason: 'circuit open', uncertain: false };

function stepsOf(outcomes: Outcome[]): string[] {
  let saga = startSaga('o1');
  const steps: string[] = [saga.step];
  for (const outcome of outcomes) {
    saga = advance(saga, outcome);
    steps.push(saga.step);
  }
  return steps;
}

describe('the saga of an order', () => {
  it('goes forward while all goes well', () => {
    expect(stepsOf([DONE, DONE, DONE, DONE])).toEqual(['reserve stock', 'charge', 'ship', 'await parcel', 'done']);
  });

  it('rejects at once where there is too little stock', () => {
    expect(stepsOf([NO, DONE])).toEqual(['reserve stock', 'reject', 'done']);
  });

  it('releases a reservation that timed out: it may have been made', () => {
    expect(stepsOf([TIMEOUT, DONE, DONE])).toEqual(['reserve stock', 'release stock', 'reject', 'done']);
  });

  it('releases the stock of a declined card and refunds nothing', () => {
    expect(stepsOf([DONE, NO, DONE, DONE])).toEqual(['reserve stock', 'charge', 'release stock', 'reject', 'done']);
  });

  it('refunds a charge that timed out, and none that was never sent', () => {
    expect(stepsOf([DONE, TIMEOUT, DONE, DONE, DONE]).slice(2)).toEqual(['release stock', 'reject', 'refund', 'done']);
    expect(stepsOf([DONE, NOT_SENT, DONE, DONE]).slice(2)).toEqual(['release stock', 'reject', 'done']);
  });

  it('undoes everything for a parcel that cannot be packed', () => {
    expect(stepsOf([DONE, DONE, DONE, NO, DONE, DONE, DONE]).slice(3)).toEqual([
      'await parcel',
      'release stock',
      'reject',
      'refund',
      'done',
    ]);
  });

  it('asks shipping again after a long silence', () => {
    const waiting = [DONE, DONE, DONE].reduce(advance, startSaga('o1'));
    expect(dueInMs(waiting)).toBe(PARCEL_PATIENCE_MS);
    expect(advance(waiting, TIMEOUT).step).toBe('ship');
  });

  it('tries a compensation again, each time later', () => {
    let saga = [DONE, NO].reduce(advance, startSaga('o1'));
    const waits: Array<number | null> = [];
    for (let i = 0; i < 9; i += 1) {
      waits.push(dueInMs(saga));
      saga = advance(saga, TIMEOUT);
    }
    expect(waits).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });
});

describe('whatever the steps give', () => {
  const outcome = fc.constantFrom(DONE, NO, TIMEOUT, NOT_SENT);

  it('a saga that has ended leaves nothing held without a parcel', () => {
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 20 }), (outcomes) => {
        const ended: Saga = [...outcomes, ...Array<Outcome>(6).fill(DONE)].reduce(advance, startSaga('o1'));
        expect(ended.step).toBe('done');
        const shipped = ended.failure === null;
        expect([ended.mayHoldStock, ended.mayBeCharged]).toEqual([shipped, shipped]);
        expect(dueInMs(ended)).toBeNull();
      }),
    );
  });
});
