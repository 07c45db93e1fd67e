import type { Graph } from './graph-model.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Route {
  /** Control points of cubic Béziers: start, then two controls and an end for each piece. */
  readonly points: readonly Point[];
  readonly label: Point | null;
}

/** Where everything is: top left corners of nodes, and the ways of edges between nodes that were not moved since. */
export interface Placement {
  readonly key: string;
  readonly nodes: ReadonlyMap<string, Point>;
  readonly routes: ReadonlyMap<string, Route>;
  /** Where the layout put nodes; a route holds while both its ends are there. */
  readonly routed: ReadonlyMap<string, Point>;
}

const GAP = 24;

/** Whether nodes were added, or one that stood alone got its first edge: what a kept picture cannot show well. */
export function needsLayout(before: Graph | null, next: Graph): boolean {
  if (!before) return true;
  const known = new Set(before.nodes.map((node) => node.id));
  if (next.nodes.some((node) => !known.has(node.id))) return true;
  const connected = new Set(before.edges.flatMap((edge) => [edge.from, edge.to]));
  return next.edges.some((edge) => !connected.has(edge.from) || !connected.has(edge.to));
}

/** A layout as it is, except for what a person has moved. */
export function adopt(laidOut: Placement, moved: ReadonlyMap<string, Point>): Placement {
  const nodes = new Map([...laidOut.nodes].map(([id, point]) => [id, moved.get(id) ?? point]));
  return { ...laidOut, nodes };
}

/**
 * Keeps every known node where it is and puts the new ones beside what they are connected with, as far away as the layout
 * would have, and off anything else.
 */
export function keepKnown(before: Placement, laidOut: Placement, graph: Graph): Placement {
  const nodes = new Map<string, Point>();
  for (const node of graph.nodes) {
    const known = before.nodes.get(node.id);
    if (known) nodes.set(node.id, known);
  }
  for (const node of graph.nodes) {
    const wanted = laidOut.nodes.get(node.id);
    if (nodes.has(node.id) || !wanted) continue;
    nodes.set(node.id, freeSpot(graph, nodes, node.id, shifted(graph, before, laidOut, node.id, wanted)));
  }
  return { key: graph.key, nodes, routes: before.routes, routed: before.routed };
}

function shifted(graph: Graph, before: Placement, laidOut: Placement, id: string, wanted: Point): Point {
  const neighbours = graph.edges.flatMap((edge) => (edge.from === id ? [edge.to] : edge.to === id ? [edge.from] : []));
  const shifts = neighbours.flatMap((other) => {
    const kept = before.nodes.get(other);
    const planned = laidOut.nodes.get(other);
    return kept && planned ? [{ x: kept.x - planned.x, y: kept.y - planned.y }] : [];
  });
  if (shifts.length === 0) return wanted;
  const mean = (of: (shift: Point) => number): number =>
    shifts.reduce((sum, shift) => sum + of(shift), 0) / shifts.length;
  return { x: wanted.x + mean((shift) => shift.x), y: wanted.y + mean((shift) => shift.y) };
}

function freeSpot(graph: Graph, placed: ReadonlyMap<string, Point>, id: string, wanted: Point): Point {
  const sizes = new Map(graph.nodes.map((node) => [node.id, node]));
  const own = sizes.get(id);
  const hits = (point: Point): boolean =>
    [...placed].some(([other, at]) => {
      const size = sizes.get(other);
      if (!size || !own) return false;
      return (
        point.x < at.x + size.width + GAP &&
        at.x < point.x + own.width + GAP &&
        point.y < at.y + size.height + GAP &&
        at.y < point.y + own.height + GAP
      );
    });
  let spot = wanted;
  for (let tries = 0; hits(spot) && tries < 200; tries++) spot = { x: spot.x, y: spot.y + GAP };
  return spot;
}

/** The nearest node in the direction of an arrow key, by centres: near and straight ahead counts most. */
export function nextInDirection(
  centres: ReadonlyMap<string, Point>,
  from: string,
  key: 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown',
): string | null {
  const at = centres.get(from);
  if (!at) return null;
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const [id, centre] of centres) {
    const dx = centre.x - at.x;
    const dy = centre.y - at.y;
    const [ahead, aside] = { ArrowRight: [dx, dy], ArrowLeft: [-dx, dy], ArrowDown: [dy, dx], ArrowUp: [-dy, dx] }[
      key
    ] as [number, number];
    if (id === from || ahead <= 1 || Math.abs(aside) > ahead * 3) continue;
    const cost = ahead + Math.abs(aside) * 2;
    if (cost < least) {
      least = cost;
      best = id;
    }
  }
  return best;
}
