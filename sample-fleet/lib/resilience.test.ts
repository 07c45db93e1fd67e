import { expect, test } from 'vitest';
import { createResilience, isRefusedHere } from './resilience.ts';

const failing = async (): Promise<never> => {
  throw new Error('down');
};

test('tries again as often as it may, and not where the call is to be made once', async () => {
  const resilience = createResilience({ name: 'retrying', timeoutMs: 100, retries: 2 });
  let calls = 0;
  const flaky = async (): Promise<string> => {
    calls += 1;
    if (calls < 3) throw new Error('flaky');
    return 'done';
  };
  expect(await resilience.execute(flaky)).toBe('done');
  calls = 0;
  await expect(resilience.executeOnce(flaky)).rejects.toThrow('flaky');
  expect(calls).toBe(1);
});

test('aborts an attempt whose time is up', async () => {
  const resilience = createResilience({ name: 'slow', timeoutMs: 20 });
  let aborted = false;
  const never = (signal: AbortSignal): Promise<never> =>
    new Promise(() => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
    });
  await expect(resilience.execute(never)).rejects.toThrow('timed out');
  expect(aborted).toBe(true);
});

test('opens the circuit after many failures and then refuses at once, without retries', async () => {
  const resilience = createResilience({ name: 'broken', timeoutMs: 100, retries: 1, breaker: true });
  for (let call = 0; call < 10; call += 1) await resilience.executeOnce(failing).catch(() => undefined);
  expect(resilience.circuitState()).toBe('open');
  let called = false;
  const refused = resilience.execute(async () => {
    called = true;
  });
  await expect(refused).rejects.toSatisfy(isRefusedHere);
  expect(called).toBe(false);
});

test('does not count an answer that is no failure', async () => {
  const resilience = createResilience({
    name: 'answering',
    timeoutMs: 100,
    retries: 3,
    breaker: true,
    isFailure: () => false,
  });
  let calls = 0;
  const refusing = async (): Promise<never> => {
    calls += 1;
    throw new Error('not found');
  };
  for (let call = 0; call < 10; call += 1) await resilience.execute(refusing).catch(() => undefined);
  expect(calls).toBe(10);
  expect(resilience.circuitState()).toBe('closed');
});

test('lets no more calls in than the bulkhead has places', async () => {
  const resilience = createResilience({ name: 'full', timeoutMs: 1_000, bulkhead: { concurrent: 1, queue: 1 } });
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const running = resilience.execute(() => held);
  const waiting = resilience.execute(async () => 'waited');
  await expect(resilience.execute(async () => 'refused')).rejects.toSatisfy(isRefusedHere);
  release();
  await running;
  expect(await waiting).toBe('waited');
});
