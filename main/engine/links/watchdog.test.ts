import { expect, test } from 'vitest';
import { Watchdog } from './watchdog.ts';

const TICK_MS = 200;
const WAIT_MS = 2000;

/** Runs as `startLinks` does, on a clock of its own; says when the program was found deaf, in ms. */
async function watch(
  forMs: number,
  world: { answers(atMs: number): boolean; late?(atMs: number): number },
): Promise<number | null> {
  let nowMs = 0;
  const watchdog = new Watchdog({
    tickMs: TICK_MS,
    now: () => nowMs,
    async ask() {
      if (world.answers(nowMs)) return;
      // Time goes on, and so do the calls.
      for (const endMs = nowMs + WAIT_MS; nowMs < endMs; ) {
        nowMs += TICK_MS;
        watchdog.tick();
      }
      throw new Error('no answer');
    },
  });
  while (nowMs < forMs) {
    nowMs += TICK_MS + (world.late?.(nowMs) ?? 0);
    watchdog.tick();
    if (watchdog.isDeaf) return nowMs;
    await watchdog.look();
  }
  return null;
}

test('one that answers no more is deaf after several questions, and not before six seconds', async () => {
  const foundMs = await watch(30_000, { answers: (atMs) => atMs < 10_000 });
  expect(foundMs).toBeGreaterThanOrEqual(16_000);
  expect(foundMs).toBeLessThan(20_000);
});

test('one that answers now and then is slow, not deaf', async () => {
  let question = 0;
  const answers = () => {
    question += 1;
    return question % 3 === 0;
  };
  expect(await watch(60_000, { answers })).toBeNull();
});

test('silence counts for nothing while this process stands still itself', async () => {
  const late = (atMs: number) => (atMs % 3000 < TICK_MS ? 1000 : 0);
  expect(await watch(60_000, { answers: () => false, late: () => 1000 })).toBeNull();
  expect(await watch(60_000, { answers: () => true, late })).toBeNull();
});

test('after a reset it has all its time again', async () => {
  let nowMs = 0;
  const watchdog = new Watchdog({ tickMs: TICK_MS, now: () => nowMs, ask: () => Promise.reject(new Error('no')) });
  for (nowMs = 2000; !watchdog.isDeaf && nowMs < 20_000; nowMs += TICK_MS) {
    watchdog.tick();
    await watchdog.look();
  }
  expect(watchdog.isDeaf).toBe(true);
  watchdog.reset();
  expect(watchdog.isDeaf).toBe(false);
});
