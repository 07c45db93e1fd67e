import { beforeEach, expect, test } from 'vitest';
import { CircuitBreaker, type CircuitName, CircuitOpenError } from './circuit-breaker.ts';

let nowMs: number;
let states: CircuitName[];
let breaker: CircuitBreaker;

beforeEach(() => {
  nowMs = 1_000_000;
  states = [];
  breaker = new CircuitBreaker({
    isFailure: (error) => error instanceof Error && error.message !== 'an answer',
    onChange: (state) => states.push(state),
    nowMs: () => nowMs,
  });
});

type Ending = 'succeeded' | 'failed' | 'refused';

async function call(end: () => Promise<unknown>): Promise<Ending> {
  try {
    await breaker.execute(end);
    return 'succeeded';
  } catch (error) {
    return error instanceof CircuitOpenError ? 'refused' : 'failed';
  }
}

const succeeding = async (): Promise<void> => undefined;
const failing = async (): Promise<never> => Promise.reject(new Error('down'));
const refusing = async (): Promise<never> => Promise.reject(new Error('an answer'));

async function repeat(times: number, end: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < times; done += 1) await call(end);
}

async function trip(): Promise<void> {
  await repeat(5, failing);
  expect(breaker.state).toBe('open');
}

/** A call whose end is in the test's hand. */
function pending() {
  let succeed = (): void => undefined;
  let fail = (): void => undefined;
  const held = new Promise<void>((resolve, reject) => {
    succeed = resolve;
    fail = () => reject(new Error('down'));
  });
  return { ended: call(() => held), succeed, fail };
}

test('opens when half of at least five calls failed', async () => {
  await repeat(4, failing);
  expect(breaker.state).toBe('closed');
  await repeat(5, succeeding);
  await repeat(1, failing);
  expect(breaker.state).toBe('open');
  expect(await call(succeeding)).toBe('refused');
});

test('failures from before the window count no more, however long nobody called', async () => {
  await repeat(4, failing);
  nowMs += 60_000;
  await repeat(4, failing);
  expect(breaker.state).toBe('closed');
});

test('an answer that is no failure counts as a success', async () => {
  await repeat(10, refusing);
  await repeat(9, failing);
  expect(breaker.state).toBe('closed');
});

test('refuses all but one call while that is on trial, at once', async () => {
  await trip();
  nowMs += 5_000;
  const trial = pending();
  expect(breaker.state).toBe('half-open');
  expect([await call(succeeding), await call(succeeding)]).toEqual(['refused', 'refused']);
  trial.succeed();
  expect(await trial.ended).toBe('succeeded');
  expect(states).toEqual(['open', 'half-open', 'closed']);
  expect(await call(succeeding)).toBe('succeeded');
});

test('stays open for longer after each trial that failed, up to a limit, and begins anew once closed', async () => {
  const openFor = async (): Promise<number> => {
    const since = nowMs;
    while ((await call(failing)) === 'refused') nowMs += 100;
    return nowMs - since;
  };
  await trip();
  expect([await openFor(), await openFor(), await openFor(), await openFor()]).toEqual([5_000, 10_000, 20_000, 20_000]);
  nowMs += 20_000;
  expect(await call(succeeding)).toBe('succeeded');
  await trip();
  expect(await openFor()).toBe(5_000);
});

test('says when to come back', async () => {
  await trip();
  nowMs += 2_000;
  await expect(breaker.execute(succeeding)).rejects.toMatchObject({ retryAfterMs: 3_000 });
});

test('how a call ended that began before the circuit opened says nothing about the trial', async () => {
  const early = pending();
  await trip();
  nowMs += 5_000;
  const trial = pending();
  early.succeed();
  expect(await early.ended).toBe('succeeded');
  expect(breaker.state).toBe('half-open');
  trial.fail();
  expect(await trial.ended).toBe('failed');
  expect(breaker.state).toBe('open');
});
