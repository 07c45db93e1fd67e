import { noise } from './random.ts';
import type { ShopEdge, ShopResource, ShopService } from './shop.ts';
import { EDGES, RESOURCES, SHOP } from './shop.ts';

export interface Failure {
  readonly service: string;
  readonly fromMs: number;
  /** Null while it lasts. */
  toMs: number | null;
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
