import ELK, { type ELK as Elk, type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk-api.js';
import ElkWorker from 'elkjs/lib/elk-worker.min.js?worker';
import { backEdges } from './back-edges.ts';
import type { Graph, GraphEdge } from './graph-model.ts';
import { aloneBesideOthers, placeAlone } from './place-alone.ts';
import type { Placement, Point, Route } from './placement.ts';

/** As wide as what is said of a call that fails, which is the longest. */
const LABEL = { width: 112, height: 16 };
/** From this many edges on labels get no room of their own: the picture would be all gaps. */
const MANY_EDGES = 90;

/** While a fleet shows itself there are several layouts in a row; after that hardly ever one. */
const KEPT_MS = 10_000;

interface Engine {
  readonly elk: Elk;
  /** Rejects when the worker cannot be loaded or dies; the engine itself would wait for it for ever. */
  readonly broken: Promise<never>;
}

let engine: Engine | null = null;
let running = 0;
let ending: ReturnType<typeof setTimeout> | undefined;

/** Works with the layout engine, in a worker of its own that is made when it is needed and ended when it is not: it takes 20 MB. */
async function withEngine<T>(work: (elk: Elk) => Promise<T>): Promise<T> {
  clearTimeout(ending);
  engine ??= start();
  const { elk, broken } = engine;
  running += 1;
  try {
    return await Promise.race([work(elk), broken]);
  } catch (error) {
    // Whoever tries again gets a new one.
    if (engine?.elk === elk) end();
    throw error;
  } finally {
    running -= 1;
    if (running === 0) ending = setTimeout(end, KEPT_MS);
  }
}

function start(): Engine {
  const worker = new ElkWorker();
  const broken = new Promise<never>((_resolve, reject) => {
    worker.onerror = () => reject(new Error('the layout of the topology could not be worked out'));
  });
  // Nobody may be waiting when it breaks.
  broken.catch(() => undefined);
  return { elk: new ELK({ workerFactory: () => worker }), broken };
}

function end(): void {
  engine?.elk.terminateWorker();
  engine = null;
}

/** Callers as high as they can be, edges as straight as they can be. */
const SMALL = {
  'elk.layered.layering.strategy': 'LONGEST_PATH_SOURCE',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
};
/** About as wide as a screen rather than all in a few rows; the best placement of 200 nodes takes half a minute, this one a second. */
const LARGE = {
  'elk.layered.layering.strategy': 'MIN_WIDTH',
  'elk.layered.layering.minWidth.upperBoundOnWidth': '8',
  'elk.layered.layering.minWidth.upperLayerEstimationScalingFactor': '1',
  'elk.layered.nodePlacement.strategy': 'LINEAR_SEGMENTS',
};

type Direction = 'RIGHT' | 'DOWN';

/** Fleets up to this size are tried both ways; larger ones always read better from top to bottom. */
const FEW_NODES = 12;

/**
 * Lays a graph out in layers, callers before callees; a small one in the direction that shows it larger in the given
 * space. Runs in a worker: the page stays free meanwhile.
 */
export async function layOut(graph: Graph, space: { width: number; height: number }): Promise<Placement> {
  const back = backEdges(
    graph.nodes.map((node) => node.id),
    graph.edges,
  );
  return withEngine(async (engine) => {
    const down = await engine.layout(toElk(graph, 'DOWN', back));
    if (graph.nodes.length > FEW_NODES) return toPlacement(graph, down, back);
    const right = await engine.layout(toElk(graph, 'RIGHT', back));
    const scale = (node: ElkNode): number =>
      Math.min(space.width / (node.width ?? 1), space.height / (node.height ?? 1));
    return toPlacement(graph, scale(right) >= scale(down) ? right : down, back);
  });
}

function toElk(graph: Graph, direction: Direction, back: ReadonlySet<string>): ElkNode {
  const dense = graph.edges.length > MANY_EDGES;
  const alone = aloneBesideOthers(graph);
  return {
    id: 'graph',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': direction,
      'elk.edgeRouting': 'SPLINES',
      'elk.layered.edgeRouting.splines.sloppy.layerSpacingFactor': '0.08',
      ...(dense ? LARGE : SMALL),
      'elk.layered.crossingMinimization.thoroughness': dense ? '5' : '20',
      'elk.layered.spacing.nodeNodeBetweenLayers': dense ? '30' : '13',
      'elk.layered.spacing.edgeNodeBetweenLayers': '6',
      'elk.spacing.nodeNode': '20',
      'elk.spacing.edgeNode': '10',
      'elk.spacing.edgeEdge': '8',
      'elk.spacing.edgeLabel': '2',
      'elk.randomSeed': '1',
    },
    children: graph.nodes.filter(({ id }) => !alone.has(id)).map(({ id, width, height }) => ({ id, width, height })),
    edges: graph.edges.map((edge) => toElkEdge(edge, back.has(edge.id), !dense)),
  };
}

function toElkEdge(edge: GraphEdge, isBack: boolean, hasLabel: boolean): ElkExtendedEdge {
  const label = { id: `label ${edge.id}`, text: ' ', ...LABEL, layoutOptions: { 'elk.edgeLabels.inline': 'true' } };
  return {
    id: edge.id,
    sources: [isBack ? edge.to : edge.from],
    targets: [isBack ? edge.from : edge.to],
    ...(hasLabel ? { labels: [label] } : {}),
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
  placeAlone(graph, nodes, routes);
  return { key: graph.key, nodes, routes, routed: nodes };
}
