import type { NodeId, Red, ServiceId, TopologyEdge, TopologyNode } from '../../../contract/index.ts';
import type { LinkTraffic } from '../../fleet/index.ts';
import { histogramMs, mergeHistograms } from './duration-histogram.ts';
import type { Traffic } from './seen.ts';

interface EdgeDraft {
  readonly from: string;
  readonly to: string;
  readonly traffic: { readonly protocol: string; readonly traffic: Traffic }[];
  lag: number | null;
}

/** What a node is, all but its traffic. */
export interface NodeDraft {
  readonly id: string;
  readonly kind: TopologyNode['kind'];
  readonly label: string;
  readonly detail: string;
  readonly health: TopologyNode['health'];
  readonly service: string | null;
  readonly parent: string | null;
}

/** Nodes and edges while they are collected: one node an id, one edge a pair. */
export class Graph {
  readonly #nodes = new Map<string, NodeDraft>();
  readonly #edges = new Map<string, EdgeDraft>();
  readonly #declared = new Map<string, TopologyEdge>();

  /** Adds a node unless there is one with its id, and gives the id. */
  addNode(node: NodeDraft): string {
    if (!this.#nodes.has(node.id)) this.#nodes.set(node.id, node);
    return node.id;
  }

  hasNode(id: string): boolean {
    return this.#nodes.has(id);
  }

  /** Adds traffic to the edge between two nodes; a service's calls to itself are no edge. */
  addTraffic(from: string, to: string, protocol: string, traffic: Traffic): void {
    if (from === to) return;
    const key = JSON.stringify([from, to]);
    const edge = this.#edges.get(key) ?? { from, to, traffic: [], lag: null };
    edge.traffic.push({ protocol, traffic });
    this.#edges.set(key, edge);
  }

  setLag(from: string, to: string, lag: number): void {
    const edge = this.#edges.get(JSON.stringify([from, to]));
    if (edge !== undefined) edge.lag = (edge.lag ?? 0) + lag;
  }

  /** Adds an edge without spans, unless there is one with spans between the two already. */
  declareEdge(from: string, to: string, protocol: string, counted?: LinkTraffic): void {
    const key = JSON.stringify([from, to]);
    const declared = this.#declared.get(key);
    if (this.#edges.has(key) || from === to) return;
    const protocols = declared === undefined ? [] : declared.protocol.split(', ');
    const all = protocols.includes(protocol) ? protocols : [...protocols, protocol];
    this.#declared.set(key, {
      from: from as NodeId,
      to: to as NodeId,
      protocol: all.join(', '),
      source: 'declared',
      lag: null,
      ...redOf([], 1),
      ...withTraffic(declared, counted),
    });
  }

  /** Whether traffic was seen between a node and the other, or something inside the other, in either direction. */
  seenBetween(one: string, other: string, inside: boolean): boolean {
    const belongs = (id: string): boolean => id === other || (inside && id.startsWith(`${other}/`));
    return [...this.#edges.values()].some(
      ({ from, to }) => (from === one && belongs(to)) || (to === one && belongs(from)),
    );
  }

  /** The nodes in the order in which they were added; what is inside another gets the traffic that goes into it as its own. */
  nodes(seconds: number, served: ReadonlyMap<string, Traffic>): TopologyNode[] {
    return [...this.#nodes.values()].map((node) => {
      const own = served.get(node.id);
      const into = [...this.#edges.values()].filter((edge) => edge.to === node.id);
      const traffic = own === undefined ? into.flatMap((edge) => edge.traffic.map((part) => part.traffic)) : [own];
      const counted = [...this.#declared.values()].filter((edge) => edge.to === node.id && edge.count > 0);
      return {
        ...node,
        id: node.id as NodeId,
        service: node.service as ServiceId | null,
        parent: node.parent as NodeId | null,
        red: traffic.length > 0 ? redOf(traffic, seconds) : sumOf(counted),
      };
    });
  }

  edges(seconds: number): TopologyEdge[] {
    const seen = [...this.#edges.values()].map(
      ({ from, to, traffic, lag }): TopologyEdge => ({
        from: from as NodeId,
        to: to as NodeId,
        protocol: protocolsByCount(traffic).join(', '),
        source: 'seen',
        lag,
        ...redOf(
          traffic.map((part) => part.traffic),
          seconds,
        ),
      }),
    );
    const order = (a: TopologyEdge, b: TopologyEdge): number => compare(a.from, b.from) || compare(a.to, b.to);
    return [...seen, ...this.#declared.values()].sort(order);
  }
}

/** What links have counted on an edge: on one of its ports, beside what is known of others. */
function withTraffic(known: TopologyEdge | undefined, counted: LinkTraffic | undefined): Partial<TopologyEdge> {
  const before = known?.link === undefined ? {} : { ...redFrom([known]), link: known.link, source: known.source };
  if (counted === undefined) return before;
  const { requests, requestsPerSecond, errors, open, bytesPerSecond } = counted;
  const errorRate = requests === 0 ? 0 : Math.min(1, errors / requests);
  const own = { count: requests, ratePerSecond: requestsPerSecond, errorRate };
  const link = {
    openConnections: open + (known?.link?.openConnections ?? 0),
    bytesPerSecond: bytesPerSecond + (known?.link?.bytesPerSecond ?? 0),
  };
  return {
    ...redFrom(known === undefined ? [own] : [known, own]),
    link,
    source: link.bytesPerSecond > 0 ? 'seen' : 'declared',
  };
}

type Rate = Pick<Red, 'count' | 'ratePerSecond' | 'errorRate'>;

function redFrom(parts: readonly Rate[]): Rate {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const errors = parts.reduce((sum, part) => sum + part.errorRate * part.count, 0);
  const ratePerSecond = parts.reduce((sum, part) => sum + part.ratePerSecond, 0);
  return { count, ratePerSecond, errorRate: count === 0 ? 0 : errors / count };
}

/** Null where nothing was counted. */
function sumOf(parts: readonly Rate[]): Red | null {
  return parts.length === 0 ? null : { ...redFrom(parts), p50Ms: null, p95Ms: null };
}

function redOf(traffic: readonly Traffic[], seconds: number): Red {
  const durations = mergeHistograms(traffic.map((part) => part.durations));
  const count = traffic.reduce((sum, part) => sum + part.count, 0);
  const errors = traffic.reduce((sum, part) => sum + part.errors, 0);
  return {
    count,
    ratePerSecond: count / seconds,
    errorRate: count === 0 ? 0 : errors / count,
    p50Ms: histogramMs(durations, 0.5),
    p95Ms: histogramMs(durations, 0.95),
  };
}

function protocolsByCount(parts: EdgeDraft['traffic']): string[] {
  const counts = new Map<string, number>();
  for (const { protocol, traffic } of parts) {
    if (protocol !== '') counts.set(protocol, (counts.get(protocol) ?? 0) + traffic.count);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || compare(a[0], b[0])).map(([protocol]) => protocol);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
