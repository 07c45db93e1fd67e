import type { Graph, GraphNode } from './graph-model.ts';
import type { Point, Route } from './placement.ts';

const GAP = 20;
const STEP = 12;
/** How far aside of the one that it goes with a node may be put. */
const ASIDE = 240;
/** A label's room, from its middle. */
const LABEL = { x: 44, y: 10 };

/** What lies in the same broker or server begins with the same: `rabbitmq/` of `rabbitmq/shipping-jobs`. */
function holderOf(id: string): string | null {
  const at = id.indexOf('/');
  return at < 0 ? null : id.slice(0, at + 1);
}

/**
 * Nodes that nobody talks to although others of the same broker or server are connected, each with those. A layout in
 * layers would put them on top, above whoever begins.
 */
export function aloneBesideOthers(graph: Graph): ReadonlyMap<string, readonly GraphNode[]> {
  const connected = new Set(graph.edges.flatMap((edge) => [edge.from, edge.to]));
  const alone = new Map<string, readonly GraphNode[]>();
  for (const { id } of graph.nodes) {
    const holder = holderOf(id);
    if (holder === null || connected.has(id)) continue;
    const others = graph.nodes.filter((other) => connected.has(other.id) && other.id.startsWith(holder));
    if (others.length > 0) alone.set(id, others);
  }
  return alone;
}

/** Adds those nodes to what is laid out: in the nearest free place beside or under what they go with. */
export function placeAlone(graph: Graph, nodes: Map<string, Point>, routes: ReadonlyMap<string, Route>): void {
  const sizes = new Map(graph.nodes.map((node) => [node.id, node]));
  const lines = [...routes.values()].flatMap(samples);
  const labels = [...routes.values()].flatMap((route) => route.label ?? []);
  const isFree = (size: GraphNode, at: Point): boolean => {
    const inside = (point: Point, gapX: number, gapY: number): boolean =>
      point.x > at.x - gapX &&
      point.x < at.x + size.width + gapX &&
      point.y > at.y - gapY &&
      point.y < at.y + size.height + gapY;
    if (lines.some((point) => inside(point, STEP, STEP))) return false;
    if (labels.some((point) => inside(point, LABEL.x, LABEL.y))) return false;
    return ![...nodes].some(([id, other]) => {
      const taken = sizes.get(id);
      return (
        taken !== undefined &&
        at.x < other.x + taken.width + GAP &&
        other.x < at.x + size.width + GAP &&
        at.y < other.y + taken.height + GAP &&
        other.y < at.y + size.height + GAP
      );
    });
  };
  for (const [id, others] of aloneBesideOthers(graph)) {
    const size = sizes.get(id);
    if (size) nodes.set(id, nearestFree(size, others, nodes, isFree));
  }
}

/** Below everything there is always room. */
function nearestFree(
  size: GraphNode,
  others: readonly GraphNode[],
  nodes: ReadonlyMap<string, Point>,
  isFree: (size: GraphNode, at: Point) => boolean,
): Point {
  const right = Math.max(...[...nodes].map(([, point]) => point.x), 0);
  const bottom = Math.max(...[...nodes].map(([, point]) => point.y), 0) + 4 * GAP;
  let best: Point = { x: 0, y: bottom };
  let least = Number.POSITIVE_INFINITY;
  for (const { id } of others) {
    const from = nodes.get(id);
    if (!from) continue;
    for (let dy = 0; from.y + dy <= bottom; dy += STEP) {
      for (let dx = -ASIDE; dx <= ASIDE; dx += STEP) {
        const at = { x: from.x + dx, y: from.y + dy };
        const cost = Math.hypot(dx, dy);
        if (cost >= least || at.x < 0 || at.x > right || !isFree(size, at)) continue;
        best = at;
        least = cost;
      }
    }
  }
  return best;
}

/** Points along a route, close enough that no node fits between two. */
function samples({ points }: Route): Point[] {
  const found: Point[] = [];
  for (let at = 0; at + 3 < points.length; at += 3) {
    const [a, b, c, d] = points.slice(at, at + 4) as [Point, Point, Point, Point];
    const length =
      Math.hypot(b.x - a.x, b.y - a.y) + Math.hypot(c.x - b.x, c.y - b.y) + Math.hypot(d.x - c.x, d.y - c.y);
    const count = Math.ceil(length / STEP);
    for (let step = 0; step <= count; step++) found.push(bezier(a, b, c, d, count === 0 ? 0 : step / count));
  }
  return found;
}

function bezier(a: Point, b: Point, c: Point, d: Point, t: number): Point {
  const rest = 1 - t;
  const of = (p: number, q: number, r: number, s: number): number =>
    rest ** 3 * p + 3 * rest ** 2 * t * q + 3 * rest * t ** 2 * r + t ** 3 * s;
  return { x: of(a.x, b.x, c.x, d.x), y: of(a.y, b.y, c.y, d.y) };
}
