import type { NodeKind, ServiceView, Topology, TopologyEdge, TopologyNode } from '../../../main/contract/index.ts';
import { edgeRate } from '../../app/edge-rate.ts';
import { nodeStatus, type Status } from '../../app/service-status.ts';
import { formatDuration, formatPercent, formatRate, formatRateNumber } from '../../ui/format.ts';
import type { Tone } from '../../ui/state-shape.tsx';

/** What edges say: how often and how fast, how often wrong, or only how often. */
export type Mode = 'latency' | 'errors' | 'traffic';

/** What of a node decides where it is drawn: changes of these, and nothing else, ask for a new layout. */
export interface GraphNode {
  readonly id: string;
  readonly kind: NodeKind;
  readonly label: string;
  readonly width: number;
  readonly height: number;
}

export interface GraphEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Equal for equal sets of nodes and edges. */
  readonly key: string;
}

/** How a node looks at the moment; equal looks need no drawing. */
export interface NodeLook {
  readonly tone: Tone;
  readonly word: string;
  readonly detail: string;
  /** Whether its state is worth a shape: things without health of their own have none. */
  readonly hasState: boolean;
}

export interface EdgeLook {
  readonly label: string;
  readonly tone: 'none' | 'warn' | 'error' | 'declared';
  /** Stroke in pixels, in steps of half a pixel. */
  readonly width: number;
}

export const FAILING = 0.05;
export const SOME_ERRORS = 0.01;

export const edgeId = (from: string, to: string): string => `${from}~${to}`;

/** The least width of a kind, and the room that it needs beside its text: its shape's, and that of a state's mark. */
const WIDTHS: Record<NodeKind, readonly [least: number, padding: number]> = {
  service: [108, 46],
  broker: [108, 46],
  database: [96, 44],
  cache: [96, 52],
  topic: [104, 74],
  queue: [104, 74],
  external: [92, 30],
};
const HEIGHTS: Record<NodeKind, number> = {
  service: 44,
  broker: 44,
  database: 46,
  cache: 40,
  topic: 40,
  queue: 40,
  external: 42,
};
const MAX_WIDTH = 220;
const MAX_DETAIL = 104;

/** How wide a text is drawn, in pixels. */
export type Measure = (text: string, line: 'label' | 'detail') => number;

/** Without a canvas to measure on: about as wide as letters are. */
export const roughMeasure: Measure = (text, line) => text.length * (line === 'label' ? 8.2 : 6.2);

/** Room for both lines; a long second line is cut off, a long name is not. */
function sizeOf(node: TopologyNode, measure: Measure): { width: number; height: number } {
  const [least, padding] = WIDTHS[node.kind];
  const text = Math.max(measure(node.label, 'label'), Math.min(measure(node.detail, 'detail'), MAX_DETAIL));
  const width = Math.min(MAX_WIDTH, Math.max(least, Math.ceil((text + padding) / 4) * 4));
  return { width, height: HEIGHTS[node.kind] };
}

/** Nodes whose contents are drawn instead of them: a broker with topics, a server with databases. */
export function hiddenParents(topology: Topology): ReadonlySet<string> {
  return new Set(topology.nodes.flatMap((node) => (node.parent ? [node.parent as string] : [])));
}

/** Whether two answers are about the same things in the same order, so that the graph of one is the graph of the other. */
export function sameStructure(a: Topology, b: Topology): boolean {
  return (
    a.nodes.length === b.nodes.length &&
    a.edges.length === b.edges.length &&
    a.nodes.every((node, index) => {
      const other = b.nodes[index];
      return other?.id === node.id && other.label === node.label && other.detail === node.detail;
    }) &&
    a.edges.every((edge, index) => b.edges[index]?.from === edge.from && b.edges[index]?.to === edge.to)
  );
}

/** What to draw of a topology. */
export function graphOf(topology: Topology, measure: Measure = roughMeasure): Graph {
  const hidden = hiddenParents(topology);
  const nodes = topology.nodes
    .filter((node) => !hidden.has(node.id))
    .map((node) => ({ id: node.id as string, kind: node.kind, label: node.label, ...sizeOf(node, measure) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const drawn = new Set(nodes.map((node) => node.id));
  const edges = topology.edges
    .filter((edge) => drawn.has(edge.from) && drawn.has(edge.to) && (edge.from as string) !== edge.to)
    .map((edge) => ({ id: edgeId(edge.from, edge.to), from: edge.from as string, to: edge.to as string }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const key = `${nodes.map((node) => `${node.id}:${node.width}`).join(' ')}|${edges.map((edge) => edge.id).join(' ')}`;
  return { nodes, edges, key };
}

function isServiceWithHealth(node: TopologyNode): boolean {
  return node.service !== null && (node.service as string) === node.id;
}

const UNKNOWN: Status = { tone: 'idle', word: 'Unknown' };
const STATELESS: Status = { tone: 'idle', word: '' };

/** The state of what a node belongs to: as it is now, or as it was where a stretch of the past is looked at. */
function holderStatus(
  node: TopologyNode,
  serviceById: ReadonlyMap<string, ServiceView>,
  past: ReadonlyMap<string, Status> | null,
): Status | null {
  if (past) return node.service ? (past.get(node.service) ?? UNKNOWN) : null;
  const service = node.service ? serviceById.get(node.service) : undefined;
  return service ? nodeStatus({ ...node, id: service.id as unknown as TopologyNode['id'] }, service) : null;
}

/**
 * Looks of all nodes by id. What lies inside another (a topic in a broker) is broken when that is. `past`: the states of
 * the services at the time that is looked at, which the topology's own, being those of now, do not tell; null while live.
 */
export function nodeLooks(
  topology: Topology,
  services: readonly ServiceView[],
  past: ReadonlyMap<string, Status> | null,
): Map<string, NodeLook> {
  const serviceById = new Map(services.map((service) => [service.id as string, service]));
  const looks = new Map<string, NodeLook>();
  for (const node of topology.nodes) {
    const own = isServiceWithHealth(node);
    const holder = holderStatus(node, serviceById, past);
    const alone = past ? STATELESS : nodeStatus(node, null);
    const broken = holder !== null && holder.tone !== 'ok' && (past === null || holder.tone !== 'idle');
    const status = own ? (holder ?? alone) : broken ? holder : alone;
    const calm = status.tone === 'ok' || status.word === '';
    looks.set(node.id, {
      tone: status.tone,
      word: status.word,
      detail: calm ? node.detail : status.word,
      hasState: own || status.tone === 'error' || status.tone === 'busy',
    });
  }
  return looks;
}

function toneOf(edge: TopologyEdge): EdgeLook['tone'] {
  if (edge.source === 'declared') return 'declared';
  if (edge.errorRate >= FAILING) return 'error';
  return edge.errorRate >= SOME_ERRORS ? 'warn' : 'none';
}

/** 1 px without traffic, about 2 at ten a second, 4.5 at most. */
function widthOf(ratePerSecond: number): number {
  return Math.min(4.5, Math.max(1, Math.round((1.1 + Math.log10(1 + ratePerSecond) * 0.9) * 2) / 2));
}

function latencyLabel(edge: TopologyEdge): string {
  if (edge.lag !== null) return `${formatRate(edge.ratePerSecond)} · lag ${edge.lag}`;
  return edge.p95Ms === null
    ? formatRate(edge.ratePerSecond)
    : `${formatRate(edge.ratePerSecond)} · ${formatDuration(edge.p95Ms)}`;
}

function labelOf(edge: TopologyEdge, mode: Mode, tone: EdgeLook['tone']): string {
  if (edge.source === 'declared') return '';
  if (edge.ratePerSecond <= 0 && edge.count === 0) return edge.link && mode !== 'errors' ? edgeRate(edge) : '';
  if (mode === 'traffic') return formatRate(edge.ratePerSecond);
  if (mode === 'errors')
    return edge.errorRate > 0 ? `${formatPercent(edge.errorRate)} of ${formatRateNumber(edge.ratePerSecond)}/s` : '';
  // Beside the colour a word; instead of the p95, so that the label keeps to its room.
  return tone === 'error' || tone === 'warn'
    ? `${formatPercent(edge.errorRate)} of ${formatRate(edge.ratePerSecond)} fail`
    : latencyLabel(edge);
}

/** Looks of all edges by id. */
export function edgeLooks(topology: Topology, mode: Mode): Map<string, EdgeLook> {
  return new Map(
    topology.edges.map((edge) => {
      const tone = toneOf(edge);
      return [
        edgeId(edge.from, edge.to),
        { label: labelOf(edge, mode, tone), tone, width: widthOf(edge.ratePerSecond) },
      ];
    }),
  );
}

/** An edge and its two ends, or a node with everything that it calls or is called by. */
export function litBy(edges: readonly GraphEdge[], hovered: string | null): ReadonlySet<string> {
  const lit = new Set<string>();
  if (hovered === null) return lit;
  for (const edge of edges) {
    if (edge.id !== hovered && edge.from !== hovered && edge.to !== hovered) continue;
    lit.add(edge.id).add(edge.from).add(edge.to);
  }
  return lit.add(hovered);
}
