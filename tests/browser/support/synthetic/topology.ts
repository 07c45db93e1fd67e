import {
  type ApiHandlers,
  fixRange,
  type NodeId,
  type Red,
  type ServiceId,
  type ServiceRed,
  type TimeRange,
  type Topology,
  type TopologyEdge,
  type TopologyNode,
} from '../../../../main/contract/index.ts';
import { swell } from './random.ts';
import type { ShopEdge } from './shop.ts';
import { disturbedBy, failedShare, type World } from './world.ts';

type Answers = Pick<ApiHandlers, 'topology.get' | 'telemetry.services' | 'telemetry.timeline'>;
type HealthOf = (service: string) => TopologyNode['health'];

/** Rates of every edge over a range, moved by time, by the dial and by what is broken. */
function edgeRed(world: World, edge: ShopEdge, fromMs: number, toMs: number): Red {
  const seconds = Math.max(1, (toMs - fromMs) / 1000);
  const middle = (Math.max(fromMs, world.startedAtMs) + toMs) / 2;
  const move = swell(world.seed, `${edge.from}>${edge.to}`, middle);
  const down = failedShare(world, edge.to.split('/')[0] ?? edge.to, fromMs, toMs);
  const silent = failedShare(world, edge.from.split('/')[0] ?? edge.from, fromMs, toMs);
  const rate = world.dial * edge.perJourney * move * (1 - silent);
  const slow = down > 0 ? 1 + 5 * down : 1;
  const injected = disturbedBy(world, edge, fromMs, toMs);
  return {
    count: Math.round(rate * seconds),
    ratePerSecond: rate,
    errorRate: Math.min(1, (edge.errorRate ?? 0) + down + injected.errorShare),
    p50Ms: rate > 0 ? edge.p50Ms * move * slow + injected.slowMs : null,
    p95Ms: rate > 0 ? edge.p95Ms * (2 - move) * slow + injected.slowMs : null,
  };
}

function merged(reds: readonly Red[]): Red | null {
  const count = reds.reduce((sum, red) => sum + red.count, 0);
  if (reds.length === 0) return null;
  const weighted = (of: (red: Red) => number): number =>
    count === 0 ? 0 : reds.reduce((sum, red) => sum + of(red) * red.count, 0) / count;
  return {
    count,
    ratePerSecond: reds.reduce((sum, red) => sum + red.ratePerSecond, 0),
    errorRate: weighted((red) => red.errorRate),
    p50Ms: count === 0 ? null : weighted((red) => red.p50Ms ?? 0),
    p95Ms: count === 0 ? null : Math.max(...reds.map((red) => red.p95Ms ?? 0)),
  };
}

function topologyOf(world: World, range: TimeRange, healthOf: HealthOf): Topology {
  const { fromMs, toMs } = fixRange(range, world.now());
  const edges: TopologyEdge[] = world.edges.map((edge) => {
    const red = edgeRed(world, edge, fromMs, toMs);
    const declared = edge.perJourney === 0 || world.dial === 0;
    const lagging = failedShare(world, edge.to, fromMs, toMs) > 0;
    return {
      from: edge.from as NodeId,
      to: edge.to as NodeId,
      protocol: edge.protocol,
      source: declared ? 'declared' : 'seen',
      lag: edge.lag === undefined ? null : edge.lag + (lagging ? Math.round(red.ratePerSecond * 20) : 0),
      ...red,
    };
  });
  const redOf = (id: string): Red | null => merged(edges.filter((edge) => edge.to === id && edge.source === 'seen'));
  const nodes: TopologyNode[] = [
    ...world.services.map(
      (service): TopologyNode => ({
        id: service.id as NodeId,
        kind: service.kind === 'job' ? 'service' : service.kind,
        label: service.id,
        detail: service.detail,
        health: healthOf(service.id),
        service: service.id as ServiceId,
        parent: null,
        red: redOf(service.id),
      }),
    ),
    ...world.resources.map(
      (resource): TopologyNode => ({
        id: resource.id as NodeId,
        kind: resource.kind,
        label: resource.label,
        detail: resource.detail,
        health: 'none',
        service: resource.parent as ServiceId | null,
        parent: resource.parent as NodeId | null,
        red: redOf(resource.id),
      }),
    ),
  ];
  return { range: { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }, nodes, edges };
}

/** Requests per second into the fleet, or into one service, at a moment. */
function entering(world: World, service: string | undefined, atMs: number) {
  if (atMs < world.startedAtMs) return { ratePerSecond: 0, errorsPerSecond: 0, p95Ms: null };
  const edges = world.edges.filter(
    (edge) => edge.to === (service ?? 'gateway') && (service || edge.from === 'traffic'),
  );
  const red = merged(edges.map((edge) => edgeRed(world, edge, atMs - 1000, atMs)));
  if (!red) return { ratePerSecond: 0, errorsPerSecond: 0, p95Ms: null };
  const broken = service
    ? 0
    : world.failures.some((one) => one.fromMs <= atMs && (one.toMs ?? atMs) >= atMs)
      ? 0.22
      : 0.006;
  return {
    ratePerSecond: red.ratePerSecond,
    errorsPerSecond: red.ratePerSecond * Math.min(1, red.errorRate + broken),
    p95Ms: red.p95Ms,
  };
}

export function topologyAnswers(world: World, healthOf: HealthOf): Answers {
  return {
    'topology.get': ({ range }) => topologyOf(world, range, healthOf),
    'telemetry.services': ({ range }) =>
      topologyOf(world, range, healthOf).nodes.flatMap((node): ServiceRed[] =>
        node.red && node.service && !node.parent ? [{ service: node.service, ...node.red }] : [],
      ),
    'telemetry.timeline': ({ range, points, service }) => {
      const { fromMs, toMs } = fixRange(range, world.now());
      const stepMs = Math.max(1000, Math.ceil((toMs - fromMs) / points / 1000) * 1000);
      const first = Math.floor(fromMs / stepMs) * stepMs;
      const moments = Array.from({ length: Math.ceil((toMs - first) / stepMs) }, (_, index) => first + index * stepMs);
      return {
        stepMs,
        service: service ?? null,
        points: moments.map((atMs) => ({ atMs, ...entering(world, service, atMs) })),
        oldestMs: world.startedAtMs,
      };
    },
  };
}
