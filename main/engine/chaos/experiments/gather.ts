import type { ApiHandlers, ApiOutput, ExperimentResult, Span, TraceSummary } from '../../../contract/index.ts';
import { isCallOver } from '../is-call-over.ts';
import type { Witness } from './witness.ts';

type Handlers = Pick<
  ApiHandlers,
  'telemetry.timeline' | 'telemetry.services' | 'topology.get' | 'traces.search' | 'traces.get'
>;
/** What the engine knows of the fleet over time. */
export type GatherSources = { [N in keyof Handlers]: Handlers[N] };

type Chart = ExperimentResult['charts'][number];
type Gathered = Pick<ExperimentResult, 'charts' | 'worst' | 'traces'>;

interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

const CHART_POINTS = 60;
const MOST_SERVICES = 30;
const MOST_SPANS = 60;
/** Wide enough to have a few requests in it. */
const WORST_WIDTH_MS = 4000;
/** Fewer errors than this make no moment the worst. */
const LEAST_ERROR_SHARE = 0.01;

const never = new AbortController().signal;

/** Charts, the worst moment and example traces of a run. What cannot be had is left out. */
export async function gather(run: Window, around: Window, sources: GatherSources, witness: Witness): Promise<Gathered> {
  const charts = await chartsOf(around, sources).catch((): Chart[] => []);
  const atMs = worstMoment(charts.find((one) => one.service === null)?.points ?? [], run, witness);
  const worst = atMs === null ? null : await worstOf(atMs, sources, witness).catch(() => null);
  const traces = await tracesOf(run, around, sources).catch((): ExperimentResult['traces'] => []);
  return { charts, worst, traces };
}

async function chartsOf(range: Window, sources: GatherSources): Promise<Chart[]> {
  const services = await sources['telemetry.services']({ range }, never);
  const names = services.map((one) => one.service).slice(0, MOST_SERVICES);
  const charts: Chart[] = [await chartOf(range, sources, undefined)];
  for (const name of names) charts.push(await chartOf(range, sources, name));
  return charts;
}

async function chartOf(
  range: Window,
  sources: GatherSources,
  service: ApiOutput<'telemetry.services'>[number]['service'] | undefined,
): Promise<Chart> {
  const { points } = await sources['telemetry.timeline']({ range, points: CHART_POINTS, service }, never);
  return {
    service: service ?? null,
    points: points.map(({ atMs, ratePerSecond, errorsPerSecond, p95Ms }) => ({
      atMs,
      rate: ratePerSecond,
      errorRate: ratePerSecond === 0 ? null : errorsPerSecond / ratePerSecond,
      p95Ms: p95Ms ?? null,
    })),
  };
}

/** When most requests failed; where none did, when most services were down, and requests were slowest. */
function worstMoment(points: Chart['points'], { fromMs, toMs }: Window, witness: Witness): number | null {
  const within = points.filter((one) => one.atMs >= fromMs && one.atMs <= toMs);
  const failed = within.some((one) => (one.errorRate ?? 0) >= LEAST_ERROR_SHARE);
  const badness = (one: Chart['points'][number]): number =>
    failed ? one.rate * (one.errorRate ?? 0) : witness.downAt(one.atMs) * 1e9 + (one.p95Ms ?? 0);
  const [worst] = [...within].sort((a, b) => badness(b) - badness(a));
  return worst?.atMs ?? null;
}

async function worstOf(atMs: number, sources: GatherSources, witness: Witness): Promise<ExperimentResult['worst']> {
  const range = { fromMs: atMs - WORST_WIDTH_MS / 2, toMs: atMs + WORST_WIDTH_MS / 2 };
  const { nodes, edges } = await sources['topology.get']({ range }, never);
  const serviceOf = new Map<string, string>(nodes.map((node) => [node.id, node.service ?? node.id]));
  const name = (id: string): string => serviceOf.get(id) ?? id;
  return {
    atMs,
    nodes: nodes.map(({ id, kind, health, parent, service }) => ({
      id,
      kind,
      parent,
      status: (service === null ? null : witness.statusAt(service, atMs)) ?? health,
      faults: witness.faultsAt(atMs, (target) => target.kind === 'service' && target.service === id),
    })),
    edges: edges.map(({ from, to, ratePerSecond, errorRate, p95Ms }) => ({
      from,
      to,
      rate: ratePerSecond,
      errorRate,
      p95Ms,
      faults: witness.faultsAt(atMs, (target) => target.kind === 'edge' && isCallOver({ from, to }, name, target)),
    })),
  };
}

/** Some that failed and some that took longest while it ran, of different kinds, and the like of the first from before. */
async function tracesOf(run: Window, around: Window, sources: GatherSources): Promise<ExperimentResult['traces']> {
  const search = (query: string, range: Window): Promise<TraceSummary[]> =>
    Promise.resolve(sources['traces.search']({ query, range, limit: 100, sort: 'longest' }, never));
  const before = { fromMs: around.fromMs, toMs: Math.max(run.fromMs, around.fromMs + 1) };
  const failed = onePerKind(await search('status:error', run)).slice(0, 2);
  const slow = onePerKind(await search('', run)).filter(
    (one) => !failed.some((other) => kindOf(other) === kindOf(one)),
  );
  const chosen = [...failed, ...slow].slice(0, 3);
  const like = (await search('', before)).find((one) => chosen[0] !== undefined && kindOf(one) === kindOf(chosen[0]));
  const traces: ExperimentResult['traces'] = [];
  for (const one of like === undefined ? chosen : [...chosen, like]) {
    const trace = await sources['traces.get']({ traceId: one.traceId }, never);
    traces.push({
      traceId: one.traceId,
      name: one.root.name,
      service: one.root.service,
      startTime: one.startTime,
      durationMs: one.durationMs,
      isError: one.errors > 0,
      spans: spansOf(trace.spans),
    });
  }
  return traces;
}

const kindOf = ({ root }: TraceSummary): string => `${root.service} ${root.name}`;

function onePerKind(traces: readonly TraceSummary[]): TraceSummary[] {
  return [...new Map([...traces].reverse().map((one) => [kindOf(one), one])).values()].reverse();
}

function spansOf(spans: readonly Span[]): ExperimentResult['traces'][number]['spans'] {
  const depths = new Map<string, number>();
  return spans.slice(0, MOST_SPANS).map(({ spanId, parentSpanId, service, name, offsetMs, durationMs, status }) => {
    const depth = parentSpanId === null ? 0 : (depths.get(parentSpanId) ?? -1) + 1;
    depths.set(spanId, depth);
    return { service, name, offsetMs, durationMs, isError: status === 'error', depth };
  });
}
