import { z } from 'zod';
import { NodeId, ServiceId, SpanId, TraceId } from './ids.ts';
import { IsoTime } from './time.ts';

/** An attribute's value as JSON has it; bytes come as base64 text. */
export type AttributeValue = string | number | boolean | null | AttributeValue[] | { [key: string]: AttributeValue };
export const AttributeValue: z.ZodType<AttributeValue> = z.lazy(() =>
  z.union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(AttributeValue),
    z.record(z.string(), AttributeValue),
  ]),
);
export const Attributes = z.record(z.string(), AttributeValue);
export type Attributes = z.infer<typeof Attributes>;

export const SpanKind = z.enum(['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']);
export type SpanKind = z.infer<typeof SpanKind>;
export const SpanStatus = z.enum(['unset', 'ok', 'error']);
export type SpanStatus = z.infer<typeof SpanStatus>;

export const TraceSummary = z.object({
  traceId: TraceId,
  root: z.object({ service: z.string(), name: z.string() }),
  startTime: IsoTime,
  durationMs: z.number(),
  spans: z.number().int(),
  errors: z.number().int(),
  services: z.array(z.string()),
  /** False while spans may still be on their way, as the last one has just ended or the root is missing: numbers may grow. */
  complete: z.boolean().optional(),
});
export type TraceSummary = z.infer<typeof TraceSummary>;

export const SpanEvent = z.object({ name: z.string(), offsetMs: z.number(), time: IsoTime, attributes: Attributes });
export const SpanLink = z.object({ traceId: TraceId, spanId: SpanId, attributes: Attributes });

export const Span = z.object({
  spanId: SpanId,
  parentSpanId: SpanId.nullable(),
  service: z.string(),
  name: z.string(),
  kind: SpanKind,
  startTime: IsoTime,
  /** From the start of the trace's first span, exact to the nanosecond as far as a double is. */
  offsetMs: z.number(),
  durationMs: z.number(),
  status: SpanStatus,
  statusMessage: z.string(),
  scope: z.string(),
  attributes: Attributes,
  events: z.array(SpanEvent),
  links: z.array(SpanLink),
});
export type Span = z.infer<typeof Span>;

export const Trace = z.object({
  traceId: TraceId,
  root: z.object({ service: z.string(), name: z.string() }),
  startTime: IsoTime,
  durationMs: z.number(),
  /** Parents before children, siblings by start. */
  spans: z.array(Span),
  /** The spans that the trace's duration is made of, from the root on. */
  criticalPath: z.array(SpanId),
  /** Resource attributes by service. */
  resources: z.record(z.string(), Attributes),
  /** How many further spans there are that are too many to give; absent: none. */
  omitted: z.number().int().optional(),
});
export type Trace = z.infer<typeof Trace>;

export const LogLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);
export type LogLevel = z.infer<typeof LogLevel>;

export const LogRecord = z.object({
  /** Grows with arrival; the cursor of the live tail and the key in lists. */
  seq: z.number().int(),
  time: IsoTime,
  service: z.string(),
  instance: z.string(),
  level: LogLevel,
  message: z.string(),
  traceId: TraceId.nullable(),
  spanId: SpanId.nullable(),
  attributes: Attributes,
  /** `stdout`, `stderr`: a line that the runtime read. `otlp`: a record that the service sent. `flotilla`: about the service. */
  source: z.enum(['stdout', 'stderr', 'otlp', 'flotilla']),
});
export type LogRecord = z.infer<typeof LogRecord>;

/** A log record before the store has numbered it; what runtimes hand in. */
export type NewLogRecord = Omit<LogRecord, 'seq' | 'time'> & { timeMs: number };

export const HistogramBucket = z.object({
  atMs: z.number(),
  total: z.number().int(),
  errors: z.number().int(),
  warnings: z.number().int(),
});
export const Histogram = z.object({ stepMs: z.number(), buckets: z.array(HistogramBucket) });
export type Histogram = z.infer<typeof Histogram>;

/** Rate, errors and duration of what a service serves, or of an edge. */
export const Red = z.object({
  count: z.number().int(),
  ratePerSecond: z.number(),
  /** 0 to 1. */
  errorRate: z.number(),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
});
export type Red = z.infer<typeof Red>;

/**
 * What a service served, from its own side. Callers may have seen more failures: calls that never arrived, or that they gave up
 * before the answer came. Those are on the edges to it, and, where the caller is a load generator, in the timeline.
 */
export const ServiceRed = Red.extend({ service: ServiceId });
export type ServiceRed = z.infer<typeof ServiceRed>;

export const NodeKind = z.enum(['service', 'database', 'broker', 'topic', 'queue', 'cache', 'external']);
export type NodeKind = z.infer<typeof NodeKind>;

export const TopologyNode = z.object({
  id: NodeId,
  kind: NodeKind,
  /** What to write on it: `orders db`, `order-events`. */
  label: z.string(),
  /** A second line: protocol, partitions, replicas. */
  detail: z.string(),
  health: z.enum(['unknown', 'starting', 'healthy', 'unhealthy', 'none', 'stopped']),
  /** The service of the fleet that it belongs to: `kafka` for `kafka/order-events`; null for what is outside. */
  service: ServiceId.nullable(),
  /** The node that holds it (`kafka` for `kafka/order-events`). A node with others inside need not be drawn itself. */
  parent: NodeId.nullable(),
  red: Red.nullable(),
});
export type TopologyNode = z.infer<typeof TopologyNode>;

export const TopologyEdge = Red.extend({
  from: NodeId,
  to: NodeId,
  protocol: z.string(),
  /** `declared`: from the fleet's configuration, nothing seen in this range. `seen`: from spans, or from what a link counted. */
  source: z.enum(['declared', 'seen']),
  /** Messages behind, for an edge from a topic to its consumer; null where it means nothing or is not known. */
  lag: z.number().nullable(),
  /**
   * What passed the edge's link, where no span tells of its calls. Rate and errors are then the link's, too, if it knows requests;
   * of a stream of bytes they are 0.
   */
  link: z.object({ openConnections: z.number().int(), bytesPerSecond: z.number() }).optional(),
});
export type TopologyEdge = z.infer<typeof TopologyEdge>;

export const Topology = z.object({
  range: z.object({ from: IsoTime, to: IsoTime }),
  nodes: z.array(TopologyNode),
  edges: z.array(TopologyEdge),
});
export type Topology = z.infer<typeof Topology>;

/**
 * The timeline strip: requests that entered the fleet, and their errors, per step; or, where the question named a service and
 * `service` repeats it, what that service served. A request of the fleet's own load generator counts as the generator saw it,
 * which is also what the edge from it says: one that was given up is a failure, whatever the service says that served it late.
 */
export const Timeline = z.object({
  stepMs: z.number(),
  service: ServiceId.nullable().optional(),
  points: z.array(
    z.object({
      atMs: z.number(),
      ratePerSecond: z.number(),
      errorsPerSecond: z.number(),
      p95Ms: z.number().nullable().optional(),
    }),
  ),
  /** The oldest moment with data, so that the strip knows how far back it can go; null with no data. */
  oldestMs: z.number().nullable(),
});
export type Timeline = z.infer<typeof Timeline>;

export const MetricInfo = z.object({
  name: z.string(),
  kind: z.enum(['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary']),
  unit: z.string(),
  description: z.string(),
  services: z.array(z.string()),
  /** Label names that occur, for filters and grouping. */
  labels: z.array(z.string()),
});
export type MetricInfo = z.infer<typeof MetricInfo>;

export const MetricSeries = z.object({
  name: z.string(),
  service: z.string(),
  labels: z.record(z.string(), z.string()),
  unit: z.string(),
  points: z.array(z.object({ atMs: z.number(), value: z.number() })),
});
export type MetricSeries = z.infer<typeof MetricSeries>;

/** How much was stored and lost, numbered: clients ask again when it moved. */
export const TelemetryPulse = z.object({
  seq: z.number().int(),
  spans: z.number().int(),
  logs: z.number().int(),
  metricPoints: z.number().int(),
  /** Records that could not be kept (invalid, disk full, over a limit). */
  dropped: z.number().int(),
  storeBytes: z.number(),
  newestMs: z.number().nullable(),
});
export type TelemetryPulse = z.infer<typeof TelemetryPulse>;
