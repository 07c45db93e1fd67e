import { expect, test, vi } from 'vitest';
import { type FaultView, FleetView, ServiceId, type ServiceView, type TimelineMark } from '../contract/index.ts';
import { serviceViewFixture as service } from '../contract/service-view.fixture.ts';
import { isSettled, Progress, unsureForMs } from './progress.ts';

const fleet = (...services: ServiceView[]): FleetView =>
  FleetView.parse({
    name: 'shop',
    file: '/shop/compose.yaml',
    runtime: 'process',
    state: 'starting',
    runtimeReason: '',
    capabilities: [],
    startedAt: null,
    services,
    warnings: [],
    dial: null,
  });

const NOW_MS = Date.parse('2026-01-01T00:00:00.000Z');

/** Whether `up` goes on waiting for a fleet, with faults and marks of the timeline beside it. */
const settled = (
  fleet: FleetView,
  { faults = [], marks = [] }: { faults?: Partial<FaultView>[]; marks?: Partial<TimelineMark>[] } = {},
): boolean => isSettled({ fleet, marks, chaos: { faults, isBlocked: false } } as never, NOW_MS);

test('starting is over when all that is left waits for what failed', () => {
  const failed = service('a', { state: 'failed', health: 'unknown' });
  const waiting = service('b', { state: 'waiting', health: 'unknown', waitsFor: [ServiceId.parse('a')] });
  const further = service('c', { state: 'waiting', health: 'unknown', waitsFor: [ServiceId.parse('b')] });
  expect(settled(fleet(failed, waiting, further))).toBe(true);
  expect(settled(fleet(failed, waiting, service('d', { state: 'starting', health: 'starting' })))).toBe(false);
});

test('a fleet that is told healthy is waited for until its last service is told so too', () => {
  const told = (last: ReturnType<typeof service>) => ({ ...fleet(service('a'), last), state: 'healthy' as const });
  expect(settled(told(service('b', { health: 'starting' })))).toBe(false);
  expect(settled(told(service('b')))).toBe(true);
  expect(settled(fleet(service('a'), service('b', { state: 'paused', health: 'unknown' })))).toBe(true);
});

test('a service that ends again and again is not waited for without end, one that ended once is', () => {
  const ended = (failures: number) => service('a', { state: 'backoff', health: 'unknown', failures });
  expect(settled(fleet(ended(1), service('b')))).toBe(false);
  expect(settled(fleet(ended(5), service('b')))).toBe(true);
});

test('a service that was restarted often and is just being again is no crash loop', () => {
  const again = service('a', { state: 'starting', health: 'starting', restarts: 12, failures: 0 });
  expect(settled(fleet(again, service('b')))).toBe(false);
});

test('who is sick of a fault that is being taken off, or just was, gets well by itself', () => {
  for (const sick of [
    service('a', { health: 'unhealthy' }),
    service('a', { state: 'paused', health: 'unknown' }),
    service('a', { state: 'stopped', health: 'unknown' }),
  ]) {
    const left = fleet(sick, service('b'));
    expect(settled(left, { faults: [{ state: 'reverting' }] })).toBe(false);
    expect(settled(left, { marks: [{ kind: 'fault', untilMs: NOW_MS - 5000 }] })).toBe(false);
    expect(settled(left, { faults: [{ state: 'failed' }] })).toBe(true);
    expect(settled(left, { marks: [{ kind: 'fault', untilMs: NOW_MS - 60_000 }] })).toBe(true);
  }
  const failed = fleet(service('a', { state: 'failed' }), service('b'));
  expect(settled(failed, { faults: [{ state: 'reverting' }] })).toBe(true);
});

test('what nothing asks for its health is only sure after a second', () => {
  const startedAt = '2026-01-01T00:00:00.000Z';
  const young = fleet(service('a', { health: 'none', startedAt }), service('b', { startedAt }));
  expect(unsureForMs(young, Date.parse(startedAt) + 300)).toBe(700);
  expect(unsureForMs(young, Date.parse(startedAt) + 2000)).toBe(0);
});

test('trouble that goes on is told once, whatever its words', () => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const progress = new Progress();
  for (const ms of [1, 2, 3]) {
    const sick = service('a', { health: 'unhealthy', reason: `answered 503 after ${ms} ms.` });
    progress.show({ fleet: fleet(sick), marks: [], chaos: { faults: [] } } as never);
  }
  const lines = written.mock.calls.length;
  written.mockRestore();
  expect(lines).toBe(1);
});
