import ELK, { type ELK as Elk, type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk-api.js';
import ElkWorker from 'elkjs/lib/elk-worker.min.js?worker';
import { backEdges } from './back-edges.ts';
import type { Graph } from './graph-model.ts';
import type { Placement, Point, Route } from './placement.ts';

const LABEL = { width: 84, height: 16 };
/** From this many edges on labels get no room of their own: the picture would be all gaps. */
const MANY_EDGES = 90;

let elk: Elk | null = null;

/** The layout engine in a worker of its own, made when it is first needed. */
function engine(): Elk {
  elk ??= new ELK({ workerFactory: () => new ElkWorker() });
  return elk;
}

type Direction = 'RIGHT' | 'DOWN';

/**
 * Lays a graph out in layers, from left to right or from top to bottom, whichever shows it larger in the given space.
 * Runs in a worker: the page stays free meanwhile.
 */
export async function layOut(graph: Graph, space: { width: number; height: number }): Promise<Placement> {
  const back = backEdges(
    graph.nodes.map((node) => node.id),
    graph.edges,
  );
  const tried = await Promise.all(
    (['RIGHT', 'DOWN'] as const).map((direction) => engine().layout(toElk(graph, direction, back))),
  );
  const scale = (node: ElkNode): number => Math.min(space.width / (node.width ?? 1), space.height / (node.height ?? 1));
  const [right, down] = tried as [ElkNode, ElkNode];
  return toPlacement(graph, scale(right) >= scale(down) ? right : down, back);
}

function toElk(graph: Graph, direction: Direction, back: ReadonlySet<string>): ElkNode {
  const dense = graph.edges.length > MANY_EDGES;
  return {
    id: 'graph',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': direction,
      'elk.edgeRouting': 'SPLINES',
      'elk.layered.spacing.nodeNodeBetweenLayers': direction === 'RIGHT' ? (dense ? '70' : '22') : dense ? '60' : '17',
      'elk.spacing.nodeNode': direction === 'RIGHT' ? '26' : '34',
      'elk.spacing.edgeNode': '18',
      'elk.spacing.edgeEdge': '12',
      'elk.spacing.edgeLabel': '2',
      'elk.layered.spacing.edgeNodeBetweenLayers': '12',
      'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
      'elk.layered.crossingMinimization.thoroughness': dense ? '7' : '24',
      'elk.layered.considerModelOrder.strategy': 'NONE',
      'elk.separateConnectedComponents': 'true',
      'elk.randomSeed': '1',
    },
    children: graph.nodes.map(({ id, width, height }) => ({ id, width, height })),
    edges: graph.edges.map(
      (edge): ElkExtendedEdge => ({
        id: edge.id,
        sources: [back.has(edge.id) ? edge.to : edge.from],
        targets: [back.has(edge.id) ? edge.from : edge.to],
        ...(dense
          ? {}
          : {
              labels: [
                { id: `label ${edge.id}`, text: ' ', ...LABEL, layoutOptions: { 'elk.edgeLabels.inline': 'true' } },
              ],
            }),
      }),
    ),
  };
}

function toPlacement(graph: Graph, laidOut: ElkNode, back: ReadonlySet<string>): Placement {
  const nodes = new Map<string, Point>(
    (laidOut.children ?? []).map((node) => [node.id, { x: node.x ?? 0, y: node.y ?? 0 }]),
  );
  const routes = new Map<string, Route>();
  for (const edge of laidOut.edges ?? []) {
    const section = edge.sections?.[0];
    if (!section) continue;
    const label = edge.labels?.[0];
    const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
    routes.set(edge.id, {
      points: back.has(edge.id) ? points.reverse() : points,
      label: label ? { x: (label.x ?? 0) + LABEL.width / 2, y: (label.y ?? 0) + LABEL.height / 2 } : null,
    });
  }
  return { key: graph.key, nodes, routes, routed: nodes };
}
