import { noise } from './random.ts';
import type { ShopEdge, ShopResource, ShopService } from './shop.ts';
import { EDGES, RESOURCES, SHOP } from './shop.ts';

export interface Failure {
  readonly service: string;
  readonly fromMs: number;
  /** Null while it lasts. */
  toMs: number | null;
}

/** What an injected fault does to the calls of one service to another, or of everybody. */
export interface Disturbance {
  readonly id: string;
  readonly from: string | null;
  readonly to: string;
  readonly slowMs: number;
  readonly errorShare: number;
  readonly fromMs: number;
  toMs: number | null;
}

/** The call that an edge is about, by services: who reads a topic calls the broker. */
export function callOf(edge: Pick<ShopEdge, 'from' | 'to'>): { from: string; to: string } {
  const holder = (id: string): string => id.split('/')[0] ?? id;
  return edge.from.includes('/') ? { from: edge.to, to: holder(edge.from) } : { from: edge.from, to: holder(edge.to) };
}

/** What the synthetic engine's parts share: the fleet's parts, the clock, the dial, and what was broken when. */
export interface World {
  readonly seed: number;
  readonly now: () => number;
  readonly startedAtMs: number;
  readonly services: ShopService[];
  readonly resources: ShopResource[];
  readonly edges: ShopEdge[];
  readonly failures: Failure[];
  readonly disturbances: Disturbance[];
  dial: number;
}

/** How long the fleet has been up when the engine is made, so that views have a past to show. */
export const PAST_MS = 14 * 60_000;

export function createWorld(seed: number, now: () => number): World {
  return {
    seed,
    now,
    startedAtMs: Math.floor(now() / 1000) * 1000 - PAST_MS,
    services: [...SHOP],
    resources: [...RESOURCES],
    edges: [...EDGES],
    failures: [],
    disturbances: [],
    dial: 24,
  };
}

export function failedAt(world: World, service: string, atMs: number): boolean {
  return world.failures.some(
    (one) => one.service === service && one.fromMs <= atMs && (one.toMs === null || atMs < one.toMs),
  );
}

/** The share of `fromMs`..`toMs` during which a service was broken. */
export function failedShare(world: World, service: string, fromMs: number, toMs: number): number {
  const span = Math.max(1, toMs - fromMs);
  const ms = world.failures
    .filter((one) => one.service === service)
    .reduce((sum, one) => sum + Math.max(0, Math.min(toMs, one.toMs ?? toMs) - Math.max(fromMs, one.fromMs)), 0);
  return Math.min(1, ms / span);
}

/** How much slower and more failing an edge is over `fromMs`..`toMs`: by faults on it, and half as much by those behind its callee. */
export function disturbedBy(
  world: World,
  edge: Pick<ShopEdge, 'from' | 'to'>,
  fromMs: number,
  toMs: number,
): { slowMs: number; errorShare: number } {
  const call = callOf(edge);
  const span = Math.max(1, toMs - fromMs);
  let slowMs = 0;
  let errorShare = 0;
  for (const one of world.disturbances) {
    const isOn = one.to === call.to && (one.from === null || one.from === call.from);
    const isBehind = one.from === call.to;
    const ms = Math.max(0, Math.min(toMs, one.toMs ?? toMs) - Math.max(fromMs, one.fromMs));
    const part = isOn ? ms / span : isBehind ? (0.5 * ms) / span : 0;
    slowMs += one.slowMs * part;
    errorShare += one.errorShare * part;
  }
  return { slowMs, errorShare };
}

/** Adds services that call each other like a tree with some cross calls: for measuring large topologies. */
export function grow(world: World, count: number): void {
  const first = world.services.filter((one) => one.id.startsWith('unit-')).length;
  for (let index = first; index < first + count; index++) {
    const id = `unit-${String(index).padStart(3, '0')}`;
    const parent = index === 0 ? 'gateway' : `unit-${String(Math.floor((index - 1) / 3)).padStart(3, '0')}`;
    world.services.push({
      id,
      kind: 'service',
      detail: 'grpc',
      description: 'One of many.',
      dependsOn: [],
      ports: [{ name: 'grpc', port: 8000 + index, protocol: 'grpc' }],
      replicas: 1,
      memoryMb: 60,
      cpuPercent: 1,
    });
    const edge = { protocol: 'grpc', perJourney: 0.2 + noise(world.seed, id), p50Ms: 2, p95Ms: 9 };
    world.edges.push({ from: parent, to: id, ...edge });
    if (index > 8 && index % 5 === 0) {
      const other = Math.floor(noise(world.seed, 'cross', index) * (index - 1));
      world.edges.push({ from: `unit-${String(other).padStart(3, '0')}`, to: id, ...edge });
    }
  }
}
