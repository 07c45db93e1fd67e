import { z } from 'zod';
import { ExperimentVariable } from './experiment-variable.ts';
import { RuntimeKind } from './fleet.ts';
import { IsoTime } from './time.ts';

/** What a fault is put on: every call of one service to another (on one port, where there are several), or a service. */
export const FaultTarget = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('edge'),
    from: z.string(),
    to: z.string(),
    /** The callee's port as the fleet file has it; absent: all of them. */
    port: z.number().int().optional(),
  }),
  z.object({
    kind: z.literal('service'),
    service: z.string(),
    /** One copy of it, from 1; absent: all of them. */
    instance: z.number().int().min(1).optional(),
  }),
]);
export type FaultTarget = z.infer<typeof FaultTarget>;

export const FaultParameters = z.record(z.string(), z.union([z.number(), z.string()]));
export type FaultParameters = z.infer<typeof FaultParameters>;

/** One knob of a fault. Its name carries its unit: `latencyMs`. */
export const FaultParameterSpec = z.object({
  name: z.string(),
  title: z.string(),
  type: z.enum(['number', 'integer', 'text', 'choice']),
  unit: z.string().nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  choices: z.array(z.string()),
  /** Null: it has to be given. */
  default: z.union([z.number(), z.string()]).nullable(),
  description: z.string(),
});
export type FaultParameterSpec = z.infer<typeof FaultParameterSpec>;

/** What a fault can be put on: `postgres` and the like are services of that kind alone. */
export const FaultScope = z.enum(['edge', 'service', 'postgres', 'kafka', 'redis']);
export type FaultScope = z.infer<typeof FaultScope>;

export const FaultKind = z.object({
  kind: z.string(),
  title: z.string(),
  description: z.string(),
  scope: FaultScope,
  parameters: z.array(FaultParameterSpec),
  /** For each runtime null where it can be done, else the reason why not. */
  runtimes: z.record(RuntimeKind, z.string().nullable()),
  /** What a fleet that copes shows, and what one that does not. */
  expect: z.string(),
  /** It happens once and is over; a time to live means nothing to it. */
  isMoment: z.boolean(),
});
export type FaultKind = z.infer<typeof FaultKind>;

export const FaultView = z.object({
  id: z.string(),
  kind: z.string(),
  target: FaultTarget,
  parameters: FaultParameters,
  since: IsoTime,
  /** Null: until somebody ends it. */
  until: IsoTime.nullable(),
  /** `failed`: it could not be put on or taken off; `problem` says why, and it is tried again. */
  state: z.enum(['applying', 'active', 'reverting', 'failed']),
  problem: z.string().nullable(),
  /** The title of the experiment that put it on. */
  experiment: z.string().nullable(),
});
export type FaultView = z.infer<typeof FaultView>;

/** The longest time after which a fault ends by itself: a day. */
export const MOST_FAULT_SECONDS = 86_400;

export const FaultRequest = z.object({
  kind: z.string(),
  target: FaultTarget,
  parameters: FaultParameters.default({}),
  /** Seconds until it ends by itself; null only on purpose. */
  forSeconds: z.number().positive().max(MOST_FAULT_SECONDS).nullable().default(60),
  experiment: z.string().max(200).nullable().default(null),
});
export type FaultRequest = z.infer<typeof FaultRequest>;

/** What a fault would touch, told before it is put on. */
export const FaultPreview = z.object({
  /** Whose calls it is in the way of. */
  edges: z.array(z.object({ from: z.string(), to: z.string(), requestsPerSecond: z.number().nullable() })),
  /** Services that it acts on themselves. */
  services: z.array(z.string()),
  /** Share of those requests, 0 to 1. */
  share: z.number(),
  /** All of it in a sentence. */
  summary: z.string(),
});
export type FaultPreview = z.infer<typeof FaultPreview>;

/** Names a link in Toxiproxy's API: `orders:payments:7106`. */
export const linkName = (from: string, to: string, port: number): string => `${from}:${to}:${port}`;

/** What stands in the way of every call on one edge. */
export const LinkInfo = z.object({
  /** See `linkName`. */
  name: z.string(),
  from: z.string(),
  to: z.string(),
  /** The callee's port as the fleet's file has it. */
  port: z.number().int(),
  protocol: z.string(),
  /** Where callers connect, and where that leads to: several addresses of copies, with commas. */
  listen: z.string(),
  upstream: z.string(),
  /** Counted since the link was made. */
  connections: z.object({ open: z.number(), total: z.number(), refused: z.number() }),
  bytes: z.object({ upstream: z.number(), downstream: z.number() }),
  /** Null where the protocol has none that can be told apart. */
  requests: z.object({ total: z.number(), errors: z.number() }).nullable(),
});
export type LinkInfo = z.infer<typeof LinkInfo>;

export const MeasureKind = z.enum(['rate', 'error-rate', 'p50', 'p95', 'p99', 'unhealthy-services', 'consumer-lag']);
export type MeasureKind = z.infer<typeof MeasureKind>;

export const Measure = z.object({
  metric: MeasureKind,
  /** Whose requests; absent: those that enter the fleet. Of `unhealthy-services`: only this one. */
  service: z.string().optional(),
  /** Only requests with this name, as the service's spans have it: `POST /api/orders`. Wants a service. */
  operation: z.string().optional(),
  /** Consumer group, of `consumer-lag`; absent: all groups together. */
  group: z.string().optional(),
  /** How long back. */
  seconds: z.number().min(1).max(3600).default(15),
  atMost: z.number().optional(),
  atLeast: z.number().optional(),
  /** Waits until the bounds are met, at most so long. */
  withinSeconds: z.number().min(0).max(600).default(0),
  /** Refuses (MEASURE_NOT_MET, by HTTP a status of 422) where bounds are not met: then a probe's tolerance is just `200`. */
  require: z.boolean().default(false),
});
export type Measure = z.infer<typeof Measure>;

export const Measurement = z.object({
  /** Requests per second, a share from 0 to 1, milliseconds, or a count; null when nothing was measured. */
  value: z.number().nullable(),
  /** Nothing measured meets no bound. */
  met: z.boolean(),
  /** `p95 of gateway over 15 s is 212 ms, at most 300 ms is asked.` */
  summary: z.string(),
});
export type Measurement = z.infer<typeof Measurement>;

/** The file's name in the folder of experiments. */
export const ExperimentName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}\.(json|yaml|yml)$/, 'a file name that ends with .yaml, .yml or .json');

/** Something in a file that cannot be as it is, or that has no effect. Line and column count from 1. */
export const ExperimentProblem = z.object({
  line: z.number().int(),
  column: z.number().int(),
  /** `method.2.provider.url` */
  path: z.string(),
  /** A clause: what is wrong. */
  detail: z.string(),
  /** What was expected instead; null for a warning. */
  expected: z.string().nullable(),
  severity: z.enum(['error', 'warning']),
});
export type ExperimentProblem = z.infer<typeof ExperimentProblem>;

export const ExperimentSummary = z.object({
  name: ExperimentName,
  /** Absolute. */
  file: z.string(),
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  /** The first error; such a one cannot be run. */
  problem: ExperimentProblem.nullable(),
});
export type ExperimentSummary = z.infer<typeof ExperimentSummary>;

export const ExperimentSource = z.union([
  z.object({ name: ExperimentName }),
  /** `file` names it in errors; relative paths of programs start from its folder where it is absolute. */
  z.object({ text: z.string().max(1_000_000), file: z.string().max(4096) }),
]);
export type ExperimentSource = z.infer<typeof ExperimentSource>;

export const ExperimentStart = z.object({
  source: ExperimentSource,
  /** `probes`: none is asked; `actions`: none is done; `activities`: neither; `pause`: no pauses. As Chaos Toolkit's `--dry`. */
  dry: z.enum(['none', 'probes', 'actions', 'activities', 'pause']).default('none'),
  /** Values of its configuration that count before those in the file. */
  variables: z.record(z.string(), z.string()).default({}),
  rollbackStrategy: z.enum(['default', 'always', 'never', 'deviated']).optional(),
  /** What its configuration is read from before the engine's own environment: that of whoever starts it. */
  environment: z.record(z.string().max(1000), z.string().max(100_000)).optional(),
});
export type ExperimentStart = z.infer<typeof ExperimentStart>;

/** One activity as it stands in the file. */
export const StepOutline = z.object({
  section: z.enum(['hypothesis', 'method', 'rollbacks']),
  name: z.string(),
  type: z.enum(['probe', 'action']),
  /** `POST http://…` or the program's command line. */
  what: z.string(),
  background: z.boolean(),
  /** Where it puts a fault of Flotilla's on: `latency orders:payments`. */
  fault: z.string().nullable(),
});
export type StepOutline = z.infer<typeof StepOutline>;

export const ExperimentCheck = z.object({
  problems: z.array(ExperimentProblem),
  /** Null while there are errors. */
  outline: z
    .object({
      title: z.string(),
      description: z.string(),
      tags: z.array(z.string()),
      hypothesis: z.string().nullable(),
      steps: z.array(StepOutline),
      /** Each in a clause: `the error rate of gateway is above 50 % for 10 s`. */
      stopConditions: z.array(z.string()),
      /** Keys of its configuration and what they are. */
      configuration: z.record(z.string(), z.string()),
      /** Those of its configuration that a person may give a value; what the engine supplies and secrets are not among them. */
      variables: z.array(ExperimentVariable),
    })
    .nullable(),
});
export type ExperimentCheck = z.infer<typeof ExperimentCheck>;

export const ExperimentStatus = z.enum(['running', 'completed', 'failed', 'aborted', 'interrupted']);
export type ExperimentStatus = z.infer<typeof ExperimentStatus>;

/** What the file says is to be waited for around an activity. */
export const StepPause = z.object({ when: z.enum(['before', 'after']), seconds: z.number() });
export type StepPause = z.infer<typeof StepPause>;

/** One activity of a run, in the order in which they are carried out. */
export const StepRun = z.object({
  stage: z.enum(['before', 'method', 'during', 'after', 'rollbacks']),
  name: z.string(),
  type: z.enum(['probe', 'action']),
  state: z.enum(['waiting', 'running', 'succeeded', 'failed', 'skipped']),
  startedAt: IsoTime.nullable(),
  durationMs: z.number().nullable(),
  toleranceMet: z.boolean().nullable(),
  /** The pause around it that began last, which may be over; absent: none has. */
  pause: StepPause.optional(),
  /** What it gave, or why it failed, in a line. */
  detail: z.string().nullable(),
});
export type StepRun = z.infer<typeof StepRun>;

export const ExperimentRunSummary = z.object({
  id: z.string(),
  title: z.string(),
  /** The experiment's file name where it is one of the fleet's. */
  name: z.string().nullable(),
  fleet: z.string(),
  runtime: RuntimeKind,
  dry: z.boolean(),
  startedAt: IsoTime,
  /** Null while it runs. */
  endedAt: IsoTime.nullable(),
  status: ExperimentStatus,
  deviated: z.boolean(),
  /** Its hypothesis did not hold before anything was done, so nothing was. */
  unsteady: z.boolean().default(false),
  /** Who or what ended it early. */
  stoppedBy: z.string().nullable(),
  /** What was given for its configuration; null is a secret, which is not kept. Runs of before this was kept have none. */
  variables: z.record(z.string(), z.string().nullable()).default({}),
});
export type ExperimentRunSummary = z.infer<typeof ExperimentRunSummary>;

/** A run as it goes. */
export const ExperimentRunView = z.object({
  ...ExperimentRunSummary.shape,
  stage: z.enum(['before', 'method', 'after', 'rollbacks', 'ended']),
  paused: z.boolean(),
  steps: z.array(StepRun),
});
export type ExperimentRunView = z.infer<typeof ExperimentRunView>;

/** What a run came to, for people and for exit codes. */
export type ExperimentVerdict =
  | 'running'
  | 'passed'
  | 'deviated'
  | 'unsteady'
  | Exclude<ExperimentStatus, 'running' | 'completed'>;

export function experimentVerdict({
  status,
  deviated,
  unsteady,
}: Pick<ExperimentRunSummary, 'status' | 'deviated' | 'unsteady'>): ExperimentVerdict {
  if (deviated) return 'deviated';
  if (status !== 'completed') return status;
  return unsteady ? 'unsteady' : 'passed';
}

/** Whether nothing speaks against the fleet only because something was left out: a dry run that went well. */
export const provesNothing = (run: Pick<ExperimentRunSummary, 'dry' | 'status' | 'deviated' | 'unsteady'>): boolean =>
  run.dry && experimentVerdict(run) === 'passed';

const ChartPoint = z.object({
  atMs: z.number(),
  /** Requests per second. */
  rate: z.number(),
  /** 0 to 1; null without requests. */
  errorRate: z.number().nullable(),
  p95Ms: z.number().nullable(),
});

/** All that is kept of a run: what the report shows. */
export const ExperimentResult = z.object({
  run: ExperimentRunView,
  /** In Chaos Toolkit's form. */
  journal: z.record(z.string(), z.unknown()),
  /** A sentence each: what did not hold. */
  deviations: z.array(z.string()),
  faults: z.array(z.object({ fault: FaultView, fromMs: z.number(), toMs: z.number().nullable() })),
  /** Over the run and some seconds around it; `service` null is what entered the fleet. */
  charts: z.array(z.object({ service: z.string().nullable(), points: z.array(ChartPoint) })),
  /** The fleet when most requests failed, or were slowest. */
  worst: z
    .object({
      atMs: z.number(),
      nodes: z.array(
        z.object({
          id: z.string(),
          kind: z.string(),
          status: z.string(),
          parent: z.string().nullable(),
          /** Kinds of the faults that were on it itself. */
          faults: z.array(z.string()),
        }),
      ),
      edges: z.array(
        z.object({
          from: z.string(),
          to: z.string(),
          rate: z.number(),
          errorRate: z.number(),
          p95Ms: z.number().nullable(),
          faults: z.array(z.string()),
        }),
      ),
    })
    .nullable(),
  traces: z.array(
    z.object({
      traceId: z.string(),
      name: z.string(),
      service: z.string(),
      startTime: IsoTime,
      durationMs: z.number(),
      isError: z.boolean(),
      /** Its first spans, parents before children, `depth` from the root. */
      spans: z.array(
        z.object({
          service: z.string(),
          name: z.string(),
          offsetMs: z.number(),
          durationMs: z.number(),
          isError: z.boolean(),
          depth: z.number().int(),
        }),
      ),
    }),
  ),
});
export type ExperimentResult = z.infer<typeof ExperimentResult>;

export const ReportFormat = z.enum(['html', 'json', 'journal', 'junit']);
export type ReportFormat = z.infer<typeof ReportFormat>;
