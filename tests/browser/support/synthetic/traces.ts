import {
  type ApiHandlers,
  FlotillaError,
  fixRange,
  type LogRecord,
  type Span,
  type SpanId,
  type Trace,
  type TraceId,
  type TraceSummary,
} from '../../../../main/contract/index.ts';
import { JOURNEYS, type Journey, type Step } from './journeys.ts';
import { hexOf, noise } from './random.ts';
import { traceFilter } from './trace-filter.ts';
import { failedAt, type World } from './world.ts';

/** One trace is kept every so often, whatever the dial says. */
const EVERY_MS = 200;
const SCAN = 6000;
export const LINES_PER_TRACE = 64;

/** As long as the engine takes a trace for one that may still grow. */
const SETTLE_MS = 3000;

export interface Made {
  readonly trace: Trace;
  readonly summary: TraceSummary;
  readonly logs: readonly LogRecord[];
}

/** The traces of the synthetic shop: trace `n` begins `n` steps after the fleet, and is the same however often asked. */
export class Traces {
  readonly #world: World;
  readonly #kept = new Map<number, Made>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The number of the newest trace that is complete at a time. */
  newestBefore(atMs: number): number {
    return Math.floor((atMs - 400 - this.#world.startedAtMs) / EVERY_MS);
  }

  startOf(index: number): number {
    return this.#world.startedAtMs + index * EVERY_MS + noise(this.#world.seed, 'jitter', index) * EVERY_MS * 0.8;
  }

  at(index: number): Made {
    const known = this.#kept.get(index);
    if (known) return known;
    const made = makeTrace(this.#world, index, this.startOf(index));
    this.#kept.set(index, made);
    if (this.#kept.size > 8000) this.#kept.delete(this.#kept.keys().next().value ?? 0);
    return made;
  }

  answers(): Pick<ApiHandlers, 'traces.search' | 'traces.get'> {
    return {
      'traces.search': ({ query, range, limit, sort }) => {
        const { fromMs, toMs } = fixRange(range, this.#world.now());
        const filter = traceFilter(query);
        const found: TraceSummary[] = [];
        const last = this.newestBefore(Math.min(toMs, this.#world.now()));
        for (let index = last; index >= 0 && index > last - SCAN; index--) {
          if (this.startOf(index) < fromMs || (sort === 'newest' && found.length >= limit)) break;
          const made = this.at(index);
          const complete = this.startOf(index) < this.#world.now() - SETTLE_MS;
          if (filter(made.trace)) found.push({ ...made.summary, complete });
        }
        if (sort === 'longest') found.sort((a, b) => b.durationMs - a.durationMs);
        return found.slice(0, limit);
      },
      'traces.get': ({ traceId }) => {
        const index = Number.parseInt(traceId.slice(0, 8), 16);
        const made = index >= 0 && index <= this.newestBefore(this.#world.now()) ? this.at(index) : null;
        if (made?.trace.traceId !== traceId) throw new FlotillaError('TRACE_UNKNOWN', { traceId });
        return made.trace;
      },
    };
  }
}

function journeyOf(world: World, index: number): Journey {
  let at = noise(world.seed, 'journey', index);
  for (const journey of JOURNEYS) {
    at -= journey.weight;
    if (at < 0) return journey;
  }
  return JOURNEYS[0] as Journey;
}

interface Walk {
  readonly world: World;
  readonly index: number;
  readonly traceId: TraceId;
  readonly startMs: number;
  readonly spans: Span[];
  readonly logs: LogRecord[];
}

function makeTrace(world: World, index: number, startMs: number): Made {
  const traceId = (index.toString(16).padStart(8, '0') + hexOf(24, world.seed, 'trace', index)) as TraceId;
  const walk: Walk = { world, index, traceId, startMs, spans: [], logs: [] };
  const { root } = journeyOf(world, index);
  visit(walk, root, null, 0);
  const durationMs = Math.max(...walk.spans.map((span) => span.offsetMs + span.durationMs));
  const startTime = new Date(startMs).toISOString();
  const head = { traceId, root: { service: root.service, name: root.name }, startTime, durationMs };
  const services = [...new Set(walk.spans.map((span) => span.service))];
  return {
    trace: {
      ...head,
      spans: walk.spans,
      criticalPath: criticalPath(walk.spans),
      resources: Object.fromEntries(
        services.map((id) => [
          id,
          { 'service.name': id, 'service.instance.id': `${id}-1`, 'telemetry.sdk.language': 'nodejs' },
        ]),
      ),
    },
    summary: {
      ...head,
      spans: walk.spans.length,
      errors: walk.spans.filter((span) => span.status === 'error').length,
      services,
    },
    logs: walk.logs
      .sort((a, b) => a.time.localeCompare(b.time))
      .map((line, at) => ({ ...line, seq: index * LINES_PER_TRACE + at })),
  };
}

/** Adds a step and what it causes; gives when it ended and whether it failed. */
function visit(walk: Walk, step: Step, parent: SpanId | null, offsetMs: number): { endMs: number; failed: boolean } {
  const { world, index, startMs } = walk;
  const at = walk.spans.length;
  const vary =
    0.55 + noise(world.seed, 'vary', index, at) * 0.9 + (noise(world.seed, 'tail', index, at) > 0.96 ? 2.5 : 0);
  const spanId = hexOf(16, world.seed, 'span', index, at) as SpanId;
  const span: Span = {
    spanId,
    parentSpanId: parent,
    service: step.service,
    name: step.name,
    kind: step.kind,
    startTime: new Date(startMs + offsetMs).toISOString(),
    offsetMs,
    durationMs: 0,
    status: 'unset',
    statusMessage: '',
    scope: `@opentelemetry/instrumentation-${step.kind === 'producer' || step.kind === 'consumer' ? 'kafkajs' : 'http'}`,
    attributes: { ...step.attributes },
    events: [],
    links: [],
  };
  walk.spans.push(span);
  const broken = step.peer !== undefined && failedAt(world, step.peer, startMs);
  const flaky = step.peer === 'bank' && noise(world.seed, 'bank', index) < 0.03;
  let clock = offsetMs + step.selfMs * vary * 0.4;
  let failed = broken || flaky;
  if (!failed) {
    for (const child of step.children ?? []) {
      if (child.laterMs !== undefined) continue;
      const ended = visit(walk, child, spanId, clock);
      clock = ended.endMs;
      failed ||= ended.failed;
      if (ended.failed) break;
    }
  }
  const endMs = clock + step.selfMs * vary * 0.6;
  span.durationMs = endMs - offsetMs;
  if (failed)
    fail(
      walk,
      span,
      step,
      broken ? `connect ECONNREFUSED ${step.peer}` : flaky ? 'bank answered 503' : 'a call behind this one failed',
    );
  else {
    if (step.log) log(walk, step.service, step.log.level, step.log.message, spanId, endMs);
    for (const child of step.children ?? []) {
      if (child.laterMs !== undefined && !failedAt(world, child.service, startMs))
        visit(walk, child, spanId, endMs + child.laterMs * vary);
    }
  }
  return { endMs, failed };
}

function fail(walk: Walk, span: Span, step: Step, why: string): void {
  span.status = 'error';
  span.statusMessage = why;
  if (step.kind === 'client') {
    span.attributes['error.type'] = 'ECONNREFUSED';
    span.events.push({
      name: 'exception',
      offsetMs: span.offsetMs + span.durationMs,
      time: span.startTime,
      attributes: { 'exception.type': 'Error', 'exception.message': why },
    });
    log(walk, step.service, 'error', `${step.name} failed: ${why}`, span.spanId, span.offsetMs + span.durationMs);
  } else if (step.kind === 'server') {
    if (span.attributes['http.response.status_code']) span.attributes['http.response.status_code'] = 502;
    log(walk, step.service, 'warn', `${step.name} answered 502: ${why}`, span.spanId, span.offsetMs + span.durationMs);
  }
}

function log(
  walk: Walk,
  service: string,
  level: LogRecord['level'],
  message: string,
  spanId: SpanId,
  offsetMs: number,
): void {
  walk.logs.push({
    seq: 0,
    time: new Date(walk.startMs + offsetMs).toISOString(),
    service,
    instance: `${service}-1`,
    level,
    message: `${message} order=${hexOf(4, walk.world.seed, 'order', walk.index)}`,
    traceId: walk.traceId,
    spanId,
    attributes: { 'user.id': String(Math.floor(noise(walk.world.seed, 'user', walk.index) * 900) + 100) },
    source: 'stdout',
  });
}

/** From the root along the child that ended last. */
function criticalPath(spans: readonly Span[]): SpanId[] {
  const path: SpanId[] = [];
  let span = spans.find((one) => one.parentSpanId === null);
  while (span) {
    path.push(span.spanId);
    const { spanId, offsetMs, durationMs } = span;
    span = spans
      .filter((one) => one.parentSpanId === spanId && one.offsetMs + one.durationMs <= offsetMs + durationMs + 0.001)
      .reduce<Span | undefined>(
        (last, one) => (!last || one.offsetMs + one.durationMs > last.offsetMs + last.durationMs ? one : last),
        undefined,
      );
  }
  return path;
}
