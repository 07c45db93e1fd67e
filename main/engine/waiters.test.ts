import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { Waiters } from './waiters.ts';

test('a wait ends at the next wake or when its signal aborts, and leaves no listener', async () => {
  const waiters = new Waiters();
  const { signal } = new AbortController();
  for (let round = 0; round < 50; round += 1) {
    const waited = waiters.wait(signal);
    waiters.wake();
    await waited;
  }
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);

  const stop = new AbortController();
  const waited = waiters.wait(stop.signal);
  stop.abort();
  await waited;
  await waiters.wait(stop.signal);
});
