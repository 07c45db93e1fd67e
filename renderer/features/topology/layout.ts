import ELK, { type ELK as Elk, type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk-api.js';
import ElkWorker from 'elkjs/lib/elk-worker.min.js?worker';
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
  const tried = await Promise.all(
    (['RIGHT', 'DOWN'] as const).map((direction) => engine().layout(toElk(graph, direction))),
  );
  const scale = (node: ElkNode): number => Math.min(space.width / (node.width ?? 1), space.height / (node.height ?? 1));
  const [right, down] = tried as [ElkNode, ElkNode];
  return toPlacement(graph, scale(right) >= scale(down) ? right : down);
}

function toElk(graph: Graph, direction: Direction): ElkNode {
  const dense = graph.edges.length > MANY_EDGES;
  return {
    id: 'graph',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': direction,
      'elk.edgeRouting': 'SPLINES',
      'elk.layered.spacing.nodeNodeBetweenLayers': direction === 'RIGHT' ? (dense ? '70' : '26') : dense ? '60' : '22',
      'elk.spacing.nodeNode': direction === 'RIGHT' ? '26' : '34',
      'elk.spacing.edgeNode': '18',
      'elk.spacing.edgeEdge': '12',
      'elk.spacing.edgeLabel': '2',
      'elk.layered.spacing.edgeNodeBetweenLayers': '14',
      'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
      'elk.layered.crossingMinimization.thoroughness': dense ? '7' : '60',
      'elk.layered.considerModelOrder.strategy': 'NONE',
      'elk.separateConnectedComponents': 'true',
      'elk.randomSeed': '1',
    },
    children: graph.nodes.map(({ id, width, height }) => ({ id, width, height })),
    edges: graph.edges.map(
      (edge): ElkExtendedEdge => ({
        id: edge.id,
        sources: [edge.from],
        targets: [edge.to],
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

function toPlacement(graph: Graph, laidOut: ElkNode): Placement {
  const nodes = new Map<string, Point>(
    (laidOut.children ?? []).map((node) => [node.id, { x: node.x ?? 0, y: node.y ?? 0 }]),
  );
  const routes = new Map<string, Route>();
  for (const edge of laidOut.edges ?? []) {
    const section = edge.sections?.[0];
    if (!section) continue;
    const label = edge.labels?.[0];
    routes.set(edge.id, {
      points: [section.startPoint, ...(section.bendPoints ?? []), section.endPoint],
      label: label ? { x: (label.x ?? 0) + LABEL.width / 2, y: (label.y ?? 0) + LABEL.height / 2 } : null,
    });
  }
  return { key: graph.key, nodes, routes, routed: nodes };
}
