import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { dependency, serviceSpec } from './model.fixture.ts';
import { stopInOrder } from './stop-order.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

it('lets databases outlive all that use them, and does not add up the time of a chain of services', async () => {
  const services = [
    serviceSpec('postgres', { kind: 'database' }),
    serviceSpec('inventory', { dependsOn: [dependency('postgres')] }),
    serviceSpec('orders', { dependsOn: [dependency('inventory'), dependency('postgres')] }),
    serviceSpec('gateway', { dependsOn: [dependency('orders')] }),
  ];
  const told: string[] = [];
  const done = stopInOrder(services, async (service) => {
    told.push(`${Date.now()} ${service} asked`);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    told.push(`${Date.now()} ${service} ended`);
  });
  await vi.advanceTimersByTimeAsync(10_000);
  await done;
  expect(told).toEqual([
    '0 gateway asked',
    '300 orders asked',
    '600 inventory asked',
    '1500 gateway ended',
    '1800 orders ended',
    '2100 inventory ended',
    '2100 postgres asked',
    '3600 postgres ended',
  ]);
});

it('does not wait where what depends on it has ended already', async () => {
  const services = [serviceSpec('a'), serviceSpec('b', { dependsOn: [dependency('a')] })];
  const asked: string[] = [];
  await stopInOrder(services, async (service) => {
    asked.push(`${Date.now()} ${service}`);
  });
  expect(asked).toEqual(['0 b', '0 a']);
});
