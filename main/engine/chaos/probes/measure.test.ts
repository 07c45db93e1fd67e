import { expect, test } from 'vitest';
import { type FleetView, Measure } from '../../../contract/index.ts';
import type { Ended, EndedAsked } from '../../telemetry/index.ts';
import { type MeasureSources, measure } from './measure.ts';

const quiet: Ended = { count: 0, errors: 0, seconds: 10, p50Ms: null, p95Ms: null, p99Ms: null };
const busy: Ended = { count: 40, errors: 2, seconds: 10, p50Ms: 12.34, p95Ms: 212, p99Ms: 1555.3 };
const fleet = {
  services: [
    { id: 'web', state: 'running', health: 'healthy', reason: null },
    { id: 'db', state: 'running', health: 'unhealthy', reason: 'It hangs.' },
  ],
} as unknown as FleetView;

function ask(given: object, sources: Partial<MeasureSources> = {}) {
  const all: MeasureSources = {
    ended: async () => busy,
    fleet: () => fleet,
    lags: async () => [
      { group: 'a', lag: 5 },
      { group: 'b', lag: 7 },
    ],
    ...sources,
  };
  return measure(Measure.parse(given), all, new AbortController().signal);
}

test.each([
  [{ metric: 'rate', seconds: 10, atLeast: 1 }, 4, true, 'Rate of the fleet over 10 s is 4/s, at least 1/s is asked.'],
  [
    { metric: 'error-rate', service: 'web', atMost: 0.01 },
    0.05,
    false,
    'Error rate of web over 15 s is 5 %, at most 1 % is asked.',
  ],
  [{ metric: 'p50', service: 'web', operation: 'GET /' }, 12.34, true, 'p50 of web GET / over 15 s is 12.3 ms.'],
  [
    { metric: 'p99', atLeast: 1, atMost: 1000 },
    1555.3,
    false,
    'p99 of the fleet over 15 s is 1555 ms, at least 1 ms and at most 1000 ms is asked.',
  ],
  [
    { metric: 'unhealthy-services', atMost: 0 },
    1,
    false,
    'The number of unhealthy services is 1 (db: It hangs), at most 0 is asked.',
  ],
  [
    { metric: 'unhealthy-services', service: 'web', atMost: 0 },
    0,
    true,
    'Whether web is unhealthy (1) or not (0) is 0',
  ],
  [{ metric: 'consumer-lag', atMost: 20 }, 12, true, 'The lag of all consumer groups is 12, at most 20 is asked.'],
  [{ metric: 'consumer-lag', group: 'b' }, 7, true, 'The lag of b is 7.'],
  [
    { metric: 'consumer-lag', group: 'c' },
    null,
    false,
    'The lag of c is not known: there is no consumer group c; there are: a, b.',
  ],
] as const)('%j is %s', async (given, value, met, summary) => {
  expect(await ask(given)).toEqual({ value, met, summary: expect.stringContaining(summary) });
});

test('what was not measured meets no bound', async () => {
  const measured = await ask({ metric: 'p95', atMost: 1000 }, { ended: async () => quiet });
  expect(measured).toMatchObject({
    value: null,
    met: false,
    summary: expect.stringContaining('there were no requests'),
  });
  const unreachable = await ask({ metric: 'consumer-lag' }, { lags: () => Promise.reject(new Error('no broker')) });
  expect(unreachable).toMatchObject({ met: false, summary: expect.stringContaining('no broker') });
});

test('waits until the bounds are met, and no longer than it may', async () => {
  let asked = 0;
  const better = async (): Promise<Ended> => ({ ...busy, p95Ms: ++asked < 2 ? 900 : 90 });
  expect(await ask({ metric: 'p95', atMost: 100, withinSeconds: 5 }, { ended: better })).toMatchObject({
    value: 90,
    met: true,
  });
  expect(asked).toBe(2);
  expect(await ask({ metric: 'p95', atMost: 100, withinSeconds: 0.01 })).toMatchObject({ met: false });
});

test('refuses where that is asked for, and what it does not know', async () => {
  await expect(ask({ metric: 'p95', atMost: 100, require: true })).rejects.toMatchObject({
    code: 'MEASURE_NOT_MET',
    message: 'p95 of the fleet over 15 s is 212 ms, at most 100 ms is asked.',
  });
  await expect(ask({ metric: 'p95', service: 'nobody' })).rejects.toMatchObject({ code: 'SERVICE_UNKNOWN' });
  await expect(ask({ metric: 'p95', operation: 'GET /' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await expect(ask({ metric: 'rate' }, { fleet: () => null })).rejects.toMatchObject({ code: 'FLEET_NOT_LOADED' });
});

test('asks for what is named', async () => {
  const asked: EndedAsked[] = [];
  const ended = async (one: EndedAsked): Promise<Ended> => {
    asked.push(one);
    return busy;
  };
  await ask({ metric: 'p95', service: 'web', operation: 'GET /', seconds: 3 }, { ended });
  await ask({ metric: 'rate' }, { ended });
  expect(asked).toEqual([
    { seconds: 3, service: 'web', operation: 'GET /' },
    { seconds: 15, service: null, operation: undefined },
  ]);
});
