import type { ExperimentResult, ExperimentRunView, FaultView, StepRun } from '../../../../main/contract/index.ts';
import { hexOf, noise, swell } from './random.ts';
import type { World } from './world.ts';

const SERVICES = [
  { service: null, rate: 96, p95: 46, suffers: 0.5 },
  { service: 'gateway', rate: 96, p95: 46, suffers: 0.5 },
  { service: 'orders', rate: 12, p95: 480, suffers: 0.8 },
  { service: 'payments', rate: 12, p95: 410, suffers: 0.1 },
  { service: 'catalog', rate: 58, p95: 11, suffers: 0 },
] as const;
const AROUND_MS = 15_000;
const STEP_MS = 1000;

/** All that is kept of a made-up run: its charts suffer while its fault was on, more where it deviated. */
export function resultOf(world: World, run: ExperimentRunView, fault: FaultView | null): ExperimentResult {
  const startMs = Date.parse(run.startedAt);
  const endMs = run.endedAt === null ? world.now() : Date.parse(run.endedAt);
  const fromMs = fault ? Date.parse(fault.since) : startMs;
  const toMs = fault?.until ? Math.min(endMs, Date.parse(fault.until)) : endMs;
  const harm = run.deviated ? 1 : 0.12;
  const moments = Array.from(
    { length: Math.max(2, Math.ceil((endMs - startMs + 2 * AROUND_MS) / STEP_MS)) },
    (_, index) => startMs - AROUND_MS + index * STEP_MS,
  );
  const charts = SERVICES.map(({ service, rate, p95, suffers }) => ({
    service,
    points: moments.map((atMs) => {
      const move = swell(world.seed, `${run.id}${service}`, atMs);
      const hurt = atMs >= fromMs && atMs <= toMs ? suffers * harm : 0;
      return {
        atMs,
        rate: rate * move * (1 - hurt * 0.3),
        errorRate: Math.min(1, 0.004 + hurt * (0.6 + 0.3 * noise(world.seed, run.id, atMs))),
        p95Ms: p95 * (2 - move) + hurt * 2400,
      };
    }),
  }));
  return {
    run,
    journal: {
      'chaoslib-version': '1.45.0',
      status: run.status,
      deviated: run.deviated,
      experiment: { title: run.title },
    },
    deviations: run.deviated
      ? [
          'After the method, “Answers are quick” was not met: p95 of gateway over 15 s is 2.31 s, at most 800 ms is asked.',
        ]
      : [],
    faults: fault ? [{ fault, fromMs, toMs }] : [],
    charts,
    worst: {
      atMs: Math.round((fromMs + toMs) / 2),
      nodes: world.services.map(({ id, kind }) => ({
        id,
        kind: kind === 'job' ? 'service' : kind,
        status: id === 'orders' && run.deviated ? 'unhealthy' : 'healthy',
        parent: null,
        faults: [],
      })),
      edges: [
        { from: 'traffic', to: 'gateway', rate: 71, errorRate: 0.3 * harm, p95Ms: 1260, faults: [] },
        { from: 'gateway', to: 'orders', rate: 9.2, errorRate: 0.62 * harm, p95Ms: 2400, faults: [] },
        {
          from: 'orders',
          to: 'payments',
          rate: 8.1,
          errorRate: 0.71 * harm,
          p95Ms: 2410,
          faults: fault ? [fault.kind] : [],
        },
        { from: 'orders', to: 'inventory', rate: 9.1, errorRate: 0, p95Ms: 9, faults: [] },
      ],
    },
    traces: [0, 1, 2].map((index) => ({
      traceId: hexOf(32, world.seed, run.id, 'trace', index),
      name: 'place order',
      service: 'traffic',
      startTime: new Date(fromMs + 4000 + index * 1700).toISOString(),
      durationMs: 2180 - index * 260,
      isError: run.deviated,
      spans: [
        { service: 'traffic', name: 'place order', offsetMs: 0, durationMs: 2180, isError: run.deviated, depth: 0 },
        { service: 'gateway', name: 'POST /orders', offsetMs: 3, durationMs: 2170, isError: run.deviated, depth: 1 },
        { service: 'orders', name: 'charge', offsetMs: 60, durationMs: 2040, isError: run.deviated, depth: 2 },
      ],
    })),
  };
}

/** The steps of a run of `Slow payments` and the like, all done. */
export function stepsDone(names: readonly string[], startMs: number, deviated: boolean): StepRun[] {
  const probe = (stage: StepRun['stage'], name: string, atMs: number, met: boolean): StepRun => ({
    stage,
    name,
    type: 'probe',
    state: 'succeeded',
    startedAt: new Date(atMs).toISOString(),
    durationMs: met ? 41 : 20_040,
    toleranceMet: met,
    detail: met
      ? 'p95 of gateway over 15 s is 212 ms, at most 800 ms is asked.'
      : 'p95 of gateway over 15 s is 2.31 s, at most 800 ms is asked.',
  });
  return [
    probe('before', 'Few requests fail', startMs, true),
    probe('before', 'Answers are quick', startMs + 90, true),
    ...names.map(
      (name): StepRun => ({
        stage: 'method',
        name,
        type: 'action',
        state: 'succeeded',
        startedAt: new Date(startMs + 200).toISOString(),
        durationMs: 30_012,
        toleranceMet: null,
        detail: 'HTTP 200',
      }),
    ),
    probe('after', 'Few requests fail', startMs + 30_300, true),
    probe('after', 'Answers are quick', startMs + 30_400, !deviated),
  ];
}
