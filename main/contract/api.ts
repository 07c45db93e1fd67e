import { z } from 'zod';
import { AttachList, AttachTarget } from './attach.ts';
import {
  ExperimentCheck,
  ExperimentName,
  ExperimentResult,
  ExperimentRunSummary,
  ExperimentStart,
  ExperimentSummary,
  FaultKind,
  FaultPreview,
  FaultRequest,
  FaultView,
  LinkInfo,
  Measure,
  Measurement,
  ReportFormat,
} from './chaos.ts';
import { EngineEvent, EngineState } from './engine.ts';
import { ContainerFile, ContainerFolder, EnvironmentEntry, RuntimeKind, ServiceAction, ServiceView } from './fleet.ts';
import { ServiceId, TraceId } from './ids.ts';
import {
  KafkaGroup,
  KafkaGroupDetail,
  KafkaMessagePage,
  KafkaMessageQuery,
  KafkaProduce,
  KafkaTopic,
  KafkaTopicDetail,
} from './kafka.ts';
import {
  PeekTarget,
  PostgresPeek,
  PostgresRows,
  PostgresTable,
  RabbitPeek,
  RedisKeys,
  RedisPeek,
  RedisValue,
} from './peek.ts';
import { RuntimeView } from './runtimes.ts';
import {
  Histogram,
  LogRecord,
  MetricInfo,
  MetricSeries,
  ServiceRed,
  TelemetryPulse,
  Timeline,
  Topology,
  Trace,
  TraceSummary,
} from './telemetry.ts';
import { TimeRange } from './time.ts';

interface Procedure<K extends 'query' | 'mutation' | 'subscription', I extends z.ZodType, O extends z.ZodType> {
  readonly kind: K;
  readonly input: I;
  /** What a query or mutation answers, or what a subscription yields. Engines do not check it; tests do. */
  readonly output: O;
}

const query = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O): Procedure<'query', I, O> => ({
  kind: 'query',
  input,
  output,
});
const mutation = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O): Procedure<'mutation', I, O> => ({
  kind: 'mutation',
  input,
  output,
});
const subscription = <I extends z.ZodType, O extends z.ZodType>(
  input: I,
  output: O,
): Procedure<'subscription', I, O> => ({
  kind: 'subscription',
  input,
  output,
});

const nothing = z.void();
/** The copy of a service, counted from 1; the first healthy one when absent. */
const instanceIndex = z.number().int().min(1).max(1000).optional();
/** Absolute, in the container. */
const containerPath = z.string().min(1).max(4096).startsWith('/');
const search = { query: z.string().max(2000).default(''), range: TimeRange };

/**
 * Every call and subscription of an engine, by name. The engine builds its tRPC router from this table and the client its
 * typed calls, so neither can offer what the other does not know.
 */
export const api = {
  'engine.state': query(nothing, EngineState),
  'engine.watch': subscription(z.object({ afterSeq: z.number().int().optional() }), EngineEvent),
  'engine.stop': mutation(nothing, nothing),

  'fleet.up': mutation(
    z.object({
      /** An absolute path; the sample fleet when absent. */
      file: z.string().optional(),
      /**
       * Absolute paths of Compose files that are laid over it, in this order. Absent: compose.override.yaml beside it, as
       * Compose does; with a list, an empty one too, no other file is looked for.
       */
      overrides: z.array(z.string()).max(50).optional(),
      runtime: RuntimeKind.optional(),
      traffic: z.number().min(0).max(200).optional(),
      profiles: z.array(z.string()).default([]),
      /** Builds the images that the fleet builds though they are there. */
      build: z.boolean().default(false),
      /** False: calls between services pass no links, so that no faults can be put on edges. */
      links: z.boolean().default(true),
      /** What the file's variables are filled from; the engine's own environment when absent. */
      environment: z.record(z.string().max(1000), z.string().max(1_000_000)).optional(),
    }),
    nothing,
  ),
  /** What fleets can run on here, and what the fleet of this file (default: the sample fleet) would run on. */
  'runtimes.list': query(z.object({ file: z.string().optional() }), z.array(RuntimeView)),
  /** What runs on the container engine without Flotilla. */
  'attach.list': query(nothing, AttachList),
  /** Makes a fleet of it; nothing is started, made or changed. Resolves when it is there to be looked at. */
  'fleet.attach': mutation(AttachTarget, nothing),
  /** Of a fleet that is only attached to: lets go of it, and stops nothing. */
  'fleet.down': mutation(z.object({ keepData: z.boolean().default(false) }), nothing),
  'fleet.dial': mutation(z.object({ value: z.number() }), nothing),
  'service.act': mutation(z.object({ service: ServiceId, action: ServiceAction }), ServiceView),
  'service.environment': query(
    z.object({ service: ServiceId, reveal: z.boolean().default(false) }),
    z.array(EnvironmentEntry),
  ),
  /** What the container engine knows of an instance (the first healthy one where none is named), as JSON. */
  'service.inspect': query(
    z.object({ service: ServiceId, instance: instanceIndex, reveal: z.boolean().default(false) }),
    z.record(z.string(), z.unknown()),
  ),
  'service.files': query(
    z.object({ service: ServiceId, instance: instanceIndex, path: containerPath }),
    ContainerFolder,
  ),
  'service.file': query(
    z.object({
      service: ServiceId,
      instance: instanceIndex,
      path: containerPath,
      maxBytes: z.number().int().min(1).max(1_048_576).default(262_144),
    }),
    ContainerFile,
  ),

  'telemetry.pulse': subscription(nothing, TelemetryPulse),
  /** With `service`: what that service serves, instead of what enters the fleet; the answer then names it. */
  'telemetry.timeline': query(
    z.object({ range: TimeRange, points: z.number().int().min(10).max(600), service: ServiceId.optional() }),
    Timeline,
  ),
  'telemetry.services': query(z.object({ range: TimeRange }), z.array(ServiceRed)),
  'topology.get': query(z.object({ range: TimeRange }), Topology),

  'traces.search': query(
    z.object({
      ...search,
      limit: z.number().int().min(1).max(1000).default(200),
      sort: z.enum(['newest', 'longest']).default('newest'),
    }),
    z.array(TraceSummary),
  ),
  'traces.get': query(z.object({ traceId: TraceId }), Trace),

  /** The newest `limit` that match, in order of time; `beforeSeq`, the least seq of the page before, pages back. */
  'logs.search': query(
    z.object({
      ...search,
      limit: z.number().int().min(1).max(5000).default(500),
      beforeSeq: z.number().int().optional(),
    }),
    z.array(LogRecord),
  ),
  'logs.histogram': query(z.object({ ...search, buckets: z.number().int().min(5).max(300) }), Histogram),
  /**
   * Lines as they arrive, in batches. The engine sends at most as many lines as it has credits for; `logs.credit` gives
   * more. What it could not send is counted in `skipped` and not kept.
   */
  'logs.tail': subscription(
    z.object({
      query: z.string().max(2000).default(''),
      credits: z.number().int().min(1).max(100_000),
      afterSeq: z.number().int().optional(),
    }),
    z.object({ streamId: z.string(), lines: z.array(LogRecord), skipped: z.number().int() }),
  ),
  'logs.credit': mutation(z.object({ streamId: z.string(), credits: z.number().int().min(1).max(100_000) }), nothing),

  'metrics.list': query(z.object({ range: TimeRange }), z.array(MetricInfo)),
  'metrics.series': query(
    z.object({
      range: TimeRange,
      name: z.string(),
      service: z.string().optional(),
      /** Only series whose labels have these values. */
      labels: z.record(z.string(), z.string()).default({}),
      /** `rate`: per second, for sums. `p95` and the like: of histograms. */
      aggregate: z.enum(['value', 'rate', 'p50', 'p95', 'p99', 'avg']).default('value'),
      points: z.number().int().min(10).max(300).default(300),
    }),
    z.array(MetricSeries),
  ),

  'kafka.topics': query(nothing, z.array(KafkaTopic)),
  'kafka.topic': query(z.object({ topic: z.string() }), KafkaTopicDetail),
  'kafka.groups': query(nothing, z.array(KafkaGroup)),
  'kafka.group': query(z.object({ group: z.string() }), KafkaGroupDetail),
  'kafka.messages': query(KafkaMessageQuery, KafkaMessagePage),
  'kafka.produce': mutation(KafkaProduce, z.object({ partition: z.number().int(), offset: z.string() })),

  /** Databases, caches and queues that can be looked into; every look is read-only. */
  'peek.targets': query(nothing, z.array(PeekTarget)),
  'peek.postgres': query(z.object({ service: z.string() }), PostgresPeek),
  'peek.postgresTables': query(z.object({ service: z.string(), database: z.string() }), z.array(PostgresTable)),
  'peek.postgresRows': query(
    z.object({
      service: z.string(),
      database: z.string(),
      schema: z.string(),
      name: z.string(),
      limit: z.number().int().min(1).max(200).default(50),
    }),
    PostgresRows,
  ),
  'peek.redis': query(z.object({ service: z.string() }), RedisPeek),
  'peek.redisKeys': query(
    z.object({
      service: z.string(),
      database: z.number().int().min(0).max(1023).default(0),
      /** A glob, as SCAN's MATCH takes it. */
      pattern: z.string().max(500).default('*'),
      cursor: z.string().regex(/^\d+$/).default('0'),
      limit: z.number().int().min(1).max(500).default(200),
    }),
    RedisKeys,
  ),
  /** Null when the key is gone. */
  'peek.redisValue': query(
    z.object({ service: z.string(), database: z.number().int().min(0).max(1023).default(0), keyBase64: z.string() }),
    RedisValue.nullable(),
  ),
  'peek.rabbitmq': query(z.object({ service: z.string() }), RabbitPeek),

  /** The links of the fleet, one for each edge that can be broken, with what they have counted. */
  'links.list': query(nothing, z.array(LinkInfo)),

  /** Every fault there is, and what it can be put on. */
  'fault.kinds': query(nothing, z.array(FaultKind)),
  /** What a fault would touch. Refuses what `fault.add` would refuse, and puts nothing on. */
  'fault.preview': query(FaultRequest, FaultPreview),
  /** Resolves when it acts. */
  'fault.add': mutation(FaultRequest, FaultView),
  /** Resolves when nothing of it is left. */
  'fault.remove': mutation(z.object({ id: z.string() }), nothing),
  /** Takes all off that were put on in the name of an experiment, which knows no ids; none is as good. */
  'fault.clear': mutation(z.object({ experiment: z.string().min(1).max(200) }), nothing),
  /** Takes every fault off, and whatever else was put on links, ends a running experiment, and refuses new faults until `fault.release`. */
  'fault.stop': mutation(nothing, nothing),
  'fault.release': mutation(nothing, nothing),

  /** One number of the fleet, and whether it is within bounds: what experiments ask. */
  'probe.measure': query(Measure, Measurement),

  /** Those in the folder `experiments` beside the fleet's file. */
  'experiment.list': query(nothing, z.array(ExperimentSummary)),
  'experiment.read': query(z.object({ name: ExperimentName }), z.object({ text: z.string() })),
  /** What is wrong with it and what it would do; runs nothing. */
  'experiment.check': query(z.object({ text: z.string().max(1_000_000) }), ExperimentCheck),
  /** Writes it into the folder of the fleet's experiments; `isNew` refuses one that is there. */
  'experiment.save': mutation(
    z.object({ name: ExperimentName, text: z.string().max(1_000_000), isNew: z.boolean().default(false) }),
    nothing,
  ),
  'experiment.delete': mutation(z.object({ name: ExperimentName }), nothing),
  /** Resolves once it has begun; how it goes is seen through changes. */
  'experiment.start': mutation(ExperimentStart, z.object({ id: z.string() })),
  /** Holds before the next activity. */
  'experiment.pause': mutation(nothing, nothing),
  'experiment.resume': mutation(nothing, nothing),
  /** Ends what is under way and rolls back; resolves when that is done. */
  'experiment.abort': mutation(nothing, nothing),
  /** The runs that are kept, newest first. */
  'experiment.runs': query(nothing, z.array(ExperimentRunSummary)),
  /** Charts and traces are there some seconds after it has ended: those are waited for, or not. */
  'experiment.result': query(z.object({ id: z.string(), isComplete: z.boolean().default(true) }), ExperimentResult),
  /** The result as a file. */
  'experiment.report': query(
    z.object({ id: z.string(), format: ReportFormat }),
    z.object({ fileName: z.string(), mediaType: z.string(), text: z.string() }),
  ),
  /** Forgets a run that was kept. */
  'experiment.forget': mutation(z.object({ id: z.string() }), nothing),

  'terminal.open': mutation(
    z.object({
      service: ServiceId,
      cols: z.number().int().min(2).max(1000),
      rows: z.number().int().min(2).max(1000),
      /** A program and its arguments to run in place of a shell. */
      command: z.array(z.string().max(65_536)).min(1).max(1000).optional(),
    }),
    z.object({ terminalId: z.string() }),
  ),
  /** Output with the same credits as the log stream, in characters; ends with `exitCode` set. */
  'terminal.output': subscription(
    z.object({ terminalId: z.string(), credits: z.number().int().min(1) }),
    z.object({ data: z.string(), exitCode: z.number().int().nullable() }),
  ),
  'terminal.credit': mutation(z.object({ terminalId: z.string(), credits: z.number().int().min(1) }), nothing),
  'terminal.write': mutation(z.object({ terminalId: z.string(), data: z.string().max(65_536) }), nothing),
  'terminal.resize': mutation(
    z.object({
      terminalId: z.string(),
      cols: z.number().int().min(2).max(1000),
      rows: z.number().int().min(2).max(1000),
    }),
    nothing,
  ),
  'terminal.close': mutation(z.object({ terminalId: z.string() }), nothing),
} as const;

export type Api = typeof api;
export type ProcedureName = keyof Api;
/** What a caller gives: fields with defaults may be left out. */
export type ApiInput<N extends ProcedureName> = z.input<Api[N]['input']>;
/** What the engine works with, after parsing. */
export type ApiParsed<N extends ProcedureName> = z.output<Api[N]['input']>;
export type ApiOutput<N extends ProcedureName> = z.output<Api[N]['output']>;

type NamesOf<K> = { [N in ProcedureName]: Api[N]['kind'] extends K ? N : never }[ProcedureName];
export type CallName = NamesOf<'query' | 'mutation'>;
export type SubscriptionName = NamesOf<'subscription'>;

/** One function per procedure, as the engine's parts implement them. A subscription ends when its signal aborts. */
export type ApiHandlers = {
  [N in CallName]: (input: ApiParsed<N>, signal: AbortSignal) => Promise<ApiOutput<N>> | ApiOutput<N>;
} & {
  [N in SubscriptionName]: (input: ApiParsed<N>, signal: AbortSignal) => AsyncIterable<ApiOutput<N>>;
};
