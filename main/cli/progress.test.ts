import { expect, test, vi } from 'vitest';
import { type EngineState, FleetView, ServiceId, type ServiceView } from '../contract/index.ts';
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

test('starting is over when all that is left waits for what failed', () => {
  const failed = service('a', { state: 'failed', health: 'unknown' });
  const waiting = service('b', { state: 'waiting', health: 'unknown', waitsFor: [ServiceId.parse('a')] });
  const further = service('c', { state: 'waiting', health: 'unknown', waitsFor: [ServiceId.parse('b')] });
  expect(isSettled(fleet(failed, waiting, further))).toBe(true);
  expect(isSettled(fleet(failed, waiting, service('d', { state: 'starting', health: 'starting' })))).toBe(false);
});

test('a fleet that is told healthy is waited for until its last service is told so too', () => {
  const told = (last: ReturnType<typeof service>) => ({ ...fleet(service('a'), last), state: 'healthy' as const });
  expect(isSettled(told(service('b', { health: 'starting' })))).toBe(false);
  expect(isSettled(told(service('b')))).toBe(true);
  expect(isSettled(fleet(service('a'), service('b', { state: 'paused', health: 'unknown' })))).toBe(true);
});

test('a service that ends again and again is not waited for without end, one that ended once is', () => {
  const ended = (restarts: number) => service('a', { state: 'backoff', health: 'unknown', restarts });
  expect(isSettled(fleet(ended(1), service('b')))).toBe(false);
  expect(isSettled(fleet(ended(5), service('b')))).toBe(true);
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
    progress.show({ fleet: fleet(sick) } as EngineState);
  }
  const lines = written.mock.calls.length;
  written.mockRestore();
  expect(lines).toBe(1);
});
