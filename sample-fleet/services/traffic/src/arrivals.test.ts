import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Arrivals } from './arrivals.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A repeatable source of numbers in [0, 1): a linear congruential generator (Numerical Recipes). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('journeys begin at the rate of the dial, whether or not those before have ended', async () => {
  let begun = 0;
  const arrivals = new Arrivals(() => {
    begun += 1;
    return new Promise(() => undefined);
  }, seeded(7));
  arrivals.setRate(20);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(begun).toBeGreaterThan(340);
  expect(begun).toBeLessThan(460);
});

test.each([1e-7, 1e-12, Number.MIN_VALUE])('a dial at %s lets hardly anybody in, and no timer spin', async (rate) => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  let begun = 0;
  const arrivals = new Arrivals(async () => {
    begun += 1;
  }, seeded(7));
  arrivals.setRate(rate);
  await vi.advanceTimersByTimeAsync(2 * 60 * 60_000 + 1);
  expect(begun).toBe(0);
  expect(timers).toHaveBeenCalledTimes(3);
  for (const [, waitMs] of timers.mock.calls) expect(waitMs).toBeLessThan(2 ** 31);
  arrivals.setRate(0);
});

test('the dial at 0 lets nobody in, and no more than a thousand are under way', async () => {
  let begun = 0;
  const arrivals = new Arrivals(() => {
    begun += 1;
    return new Promise(() => undefined);
  }, seeded(7));
  arrivals.setRate(0);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(begun).toBe(0);
  arrivals.setRate(200);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(begun).toBe(1_000);
  arrivals.setRate(0);
});
