import type { ExperimentResult } from '../../../contract/index.ts';
import { milliseconds, percent, perSecond } from './figures.ts';
import { layeredLayout } from './layered-layout.ts';
import { type Markup, markup } from './markup.ts';

type Worst = NonNullable<ExperimentResult['worst']>;
type Node = Worst['nodes'][number];
type Edge = Worst['edges'][number];

const WIDTH = 1040;
const NODE_WIDTH = 124;
const NODE_HEIGHT = 36;
const ROW = 70;
const MARGIN = 18;
const STORES = new Set(['database', 'broker', 'cache', 'queue', 'topic', 'external']);
/** From here on an edge is drawn as one in trouble, and says so. */
const BAD_SHARE = 0.05;
const SLOW_MS = 1000;

interface Placed extends Node {
  readonly x: number;
  readonly y: number;
}

/** The fleet at the worst moment: who was well, which calls failed, where faults were on. */
export function topologyFigure(worst: Worst): Markup {
  const { nodes, edges } = collapse(worst);
  const isStore = (node: Node): boolean => STORES.has(node.kind);
  const columns = layeredLayout(
    nodes.map((node) => ({ id: node.id, isStore: isStore(node) })),
    edges,
  );
  const rows = Math.max(1, ...columns.map((one) => one.length));
  const height = rows * ROW + 2 * MARGIN;
  const places = place(nodes, columns, height);
  const labels = new Labels([...places.values()]);
  const drawn = edges.map((edge) => edgeOf(edge, places, labels));
  return markup`<svg class="figure" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="The fleet at the worst moment">
    <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path class="tip" d="M0 0.8 L7 4 L0 7.2 Z"/></marker>
    <marker id="tip-bad" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path class="tip bad" d="M0 0.8 L7 4 L0 7.2 Z"/></marker></defs>
    ${drawn.map((one) => one.path)}
    ${[...places.values()].map(nodeOf)}
    ${drawn.map((one) => one.label)}
  </svg>`;
}

/** Topics and databases are drawn as what holds them; calls to several of one are one edge. */
function collapse({ nodes, edges }: Worst): { nodes: Node[]; edges: Edge[] } {
  const parents = new Map(nodes.flatMap((node) => (node.parent === null ? [] : [[node.id, node.parent] as const])));
  const merged = new Map<string, Edge>();
  for (const edge of edges) {
    const from = parents.get(edge.from) ?? edge.from;
    const to = parents.get(edge.to) ?? edge.to;
    if (from === to) continue;
    const key = JSON.stringify([from, to]);
    const before = merged.get(key);
    merged.set(key, before === undefined ? { ...edge, from, to } : sum(before, edge));
  }
  return { nodes: nodes.filter((node) => node.parent === null), edges: [...merged.values()] };
}

function sum(a: Edge, b: Edge): Edge {
  const rate = a.rate + b.rate;
  const slower = Math.max(a.p95Ms ?? 0, b.p95Ms ?? 0);
  return {
    ...a,
    rate,
    errorRate: rate === 0 ? 0 : (a.rate * a.errorRate + b.rate * b.errorRate) / rate,
    p95Ms: a.p95Ms === null && b.p95Ms === null ? null : slower,
    faults: [...new Set([...a.faults, ...b.faults])],
  };
}

function place(nodes: readonly Node[], columns: readonly (readonly string[])[], height: number): Map<string, Placed> {
  const known = new Map(nodes.map((node) => [node.id, node]));
  const gap = columns.length < 2 ? 0 : (WIDTH - 2 * MARGIN - NODE_WIDTH) / (columns.length - 1);
  const placed = new Map<string, Placed>();
  for (const [column, ids] of columns.entries()) {
    const step = (height - 2 * MARGIN) / ids.length;
    for (const [row, id] of ids.entries()) {
      const node = known.get(id);
      if (node === undefined) continue;
      placed.set(id, { ...node, x: MARGIN + column * gap, y: MARGIN + step * (row + 0.5) - NODE_HEIGHT / 2 });
    }
  }
  return placed;
}

function nodeOf({ id, kind, status, faults, x, y }: Placed): Markup {
  const health = status === 'healthy' ? 'good' : status === 'none' || status === 'unknown' ? 'quiet' : 'bad';
  const name = id.length > 17 ? `${id.slice(0, 16)}…` : id;
  const line = faults.length > 0 ? `⚡ ${faults.join(', ')}` : health === 'bad' ? status : kind;
  const classes = `node ${health}${faults.length > 0 ? ' faulty' : ''}${STORES.has(kind) ? ' store' : ''}`;
  return markup`<g class="${classes}"><title>${id}: ${kind}, ${status}</title><rect x="${x}" y="${y}" width="${NODE_WIDTH}" height="${NODE_HEIGHT}" rx="${STORES.has(kind) ? 16 : 7}"/>
    <circle cx="${x + 14}" cy="${y + NODE_HEIGHT / 2}" r="4"/><text class="name" x="${x + 26}" y="${y + 16}">${name}</text><text class="kind" x="${x + 26}" y="${y + 29}">${line}</text></g>`;
}

function edgeOf(
  edge: Edge,
  places: ReadonlyMap<string, Placed>,
  labels: Labels,
): { path: Markup; label: Markup | null } {
  const from = places.get(edge.from);
  const to = places.get(edge.to);
  if (from === undefined || to === undefined) return { path: markup``, label: null };
  const isBad = edge.errorRate >= BAD_SHARE || edge.faults.length > 0;
  const isSlow = (edge.p95Ms ?? 0) >= SLOW_MS && edge.rate > 0;
  const curve = curveOf(from, to);
  const state = isBad ? 'bad' : isSlow ? 'slow' : edge.rate === 0 ? 'idle' : '';
  const width = 1.2 + Math.min(2.3, Math.log10(1 + edge.rate) * 1.4);
  const tip = isBad ? 'tip-bad' : 'tip';
  const path = markup`<path class="edge ${state}" d="${curve.d}" stroke-width="${isBad ? width + 0.8 : width}" marker-end="url(#${tip})"><title>${edge.from} → ${edge.to}: ${numbers(edge)}</title></path>`;
  return { path, label: isBad || isSlow ? labels.at(curve.at, edge, state) : null };
}

const numbers = ({ rate, errorRate, p95Ms }: Edge): string =>
  [
    perSecond(rate),
    ...(errorRate > 0 ? [`${percent(errorRate)} errors`] : []),
    ...(p95Ms === null ? [] : [`p95 ${milliseconds(p95Ms)}`]),
  ].join(' · ');

type At = (share: number) => readonly [number, number];

function curveOf(from: Placed, to: Placed): { d: string; at: At } {
  const middle = NODE_HEIGHT / 2;
  const isBack = to.x < from.x;
  const isSame = to.x === from.x;
  const x1 = isBack ? from.x : from.x + NODE_WIDTH;
  const x2 = isBack ? to.x + NODE_WIDTH : isSame ? to.x + NODE_WIDTH : to.x;
  const y1 = from.y + middle;
  const y2 = to.y + middle;
  const bend = isSame ? 46 : (x2 - x1) / 2;
  const c1 = x1 + bend;
  const c2 = isSame ? x2 + bend : x2 - bend;
  const at: At = (t) => {
    const u = 1 - t;
    const mix = (a: number, b: number, c: number, d: number): number =>
      u ** 3 * a + 3 * u * u * t * b + 3 * u * t * t * c + t ** 3 * d;
    return [mix(x1, c1, c2, x2), mix(y1, y1, y2, y2)];
  };
  const round = (value: number): string => value.toFixed(1);
  return {
    d: `M${round(x1)} ${round(y1)} C${round(c1)} ${round(y1)} ${round(c2)} ${round(y2)} ${round(x2)} ${round(y2)}`,
    at,
  };
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Labels of edges, each where it covers neither a node nor another label, as far as there is such a place. */
class Labels {
  readonly #taken: Box[];

  constructor(nodes: readonly Placed[]) {
    this.#taken = nodes.map(({ x, y }) => ({ x, y, width: NODE_WIDTH, height: NODE_HEIGHT }));
  }

  at(at: At, edge: Edge, state: string): Markup {
    const lines = [
      ...edge.faults.map((fault) => `⚡ ${fault}`),
      ...(edge.errorRate > 0 ? [`${percent(edge.errorRate)} errors`] : []),
      ...(edge.p95Ms === null ? [] : [`p95 ${milliseconds(edge.p95Ms)}`]),
      ...(edge.rate === 0 ? ['no calls'] : []),
    ];
    const width = Math.max(...lines.map((one) => one.length)) * 6.3 + 12;
    const height = lines.length * 13 + 7;
    const box = this.#free(at, width, height);
    this.#taken.push(box);
    const texts = lines.map(
      (one, index) =>
        markup`<text x="${box.x + width / 2}" y="${box.y + 13.5 + index * 13}" text-anchor="middle">${one}</text>`,
    );
    return markup`<g class="label ${state}"><rect x="${box.x}" y="${box.y}" width="${width}" height="${height}" rx="6"/>${texts}</g>`;
  }

  /** The place along the edge, or a little beside it, where least is covered; the middle where that is as good. */
  #free(at: At, width: number, height: number): Box {
    const boxAt = (share: number, shift: number): Box => {
      const [x, y] = at(share);
      const left = Math.min(Math.max(2, x - width / 2), WIDTH - width - 2);
      return { x: left, y: y - height / 2 + shift, width, height };
    };
    const shifts = [0, -14, 14, -26, 26, -40, 40];
    const tries = shifts.flatMap((shift) =>
      [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74].map((share) => boxAt(share, shift)),
    );
    const covered = (box: Box): number => this.#taken.reduce((sum, other) => sum + overlap(box, other), 0);
    return tries.reduce((best, box) => (covered(box) < covered(best) ? box : best));
  }
}

/** The area that two have in common, with some air around them. */
function overlap(a: Box, b: Box): number {
  const air = 3;
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) + air;
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) + air;
  return Math.max(0, width) * Math.max(0, height);
}
