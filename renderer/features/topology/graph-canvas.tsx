import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  type NodeChange,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { type KeyboardEvent, type MouseEvent, memo, useCallback, useEffect, useRef, useState } from 'react';
import type { Selection } from '../../app/url-state.ts';
import { CanvasTools } from './canvas-tools.tsx';
import './graph-canvas.css';
import { GraphContext } from './graph-context.ts';
import { ArrowHeads, type FlowEdge, GraphEdgeView } from './graph-edge.tsx';
import type { Graph } from './graph-model.ts';
import { type FlowNode, GraphNodeView } from './graph-node.tsx';
import type { GraphStore } from './graph-store.ts';
import { nextInDirection, type Placement, type Point } from './placement.ts';
import { useAutoFit } from './use-auto-fit.ts';

const NODE_TYPES = { graph: GraphNodeView };
const EDGE_TYPES = { graph: GraphEdgeView };
const FLOW_OPTIONS = { hideAttribution: true };

export interface CanvasProps {
  graph: Graph;
  placement: Placement;
  store: GraphStore;
  selection: Selection | null;
  onSelect: (selection: Selection | null) => void;
  onOpen: (nodeId: string) => void;
  /** The right button, or the menu key, on a node or an edge; null beside them. */
  onMenu: (selection: Selection | null) => void;
  onMove: (id: string, to: Point) => void;
  onTidy: () => void;
}

function flowNodes(graph: Graph, placement: Placement, selected: string | null): FlowNode[] {
  return graph.nodes.flatMap((node) => {
    const position = placement.nodes.get(node.id);
    if (!position) return [];
    const { id, width, height } = node;
    const ariaLabel = `${node.label}, ${node.kind}`;
    return [{ id, type: 'graph', position, width, height, data: { node }, selected: id === selected, ariaLabel }];
  });
}

function flowEdges(graph: Graph, placement: Placement, selected: string | null): FlowEdge[] {
  const sizes = new Map(graph.nodes.map((node) => [node.id, { width: node.width, height: node.height }]));
  return graph.edges.flatMap((edge) => {
    const fromSize = sizes.get(edge.from);
    const toSize = sizes.get(edge.to);
    if (!fromSize || !toSize) return [];
    const route = placement.routes.get(edge.id) ?? null;
    const routedFrom = placement.routed.get(edge.from) ?? null;
    const routedTo = placement.routed.get(edge.to) ?? null;
    return [
      {
        id: edge.id,
        type: 'graph' as const,
        source: edge.from,
        target: edge.to,
        selected: edge.id === selected,
        focusable: false,
        data: { fromSize, toSize, route, routedFrom, routedTo },
      },
    ];
  });
}

/** The graph as it is drawn. It renders for a new structure, a drag or a selection; what changes each second goes by the store. */
export const GraphCanvas = memo(function GraphCanvas(props: CanvasProps) {
  return (
    <GraphContext value={props.store}>
      <ReactFlowProvider>
        <Canvas {...props} />
      </ReactFlowProvider>
    </GraphContext>
  );
});

function Canvas({ graph, placement, store, selection, onSelect, onOpen, onMenu, onMove, onTidy }: CanvasProps) {
  const box = useRef<HTMLDivElement>(null);
  const flow = useReactFlow<FlowNode, FlowEdge>();
  const selectedNode = selection?.kind === 'node' ? selection.id : null;
  const selectedEdge = selection?.kind === 'edge' ? `${selection.from}~${selection.to}` : null;
  const [nodes, setNodes] = useState<FlowNode[]>([]);
  const [edges, setEdges] = useState<FlowEdge[]>([]);
  const autoFit = useAutoFit(box, placement.routed);

  useEffect(() => setNodes(flowNodes(graph, placement, selectedNode)), [graph, placement, selectedNode]);
  useEffect(() => setEdges(flowEdges(graph, placement, selectedEdge)), [graph, placement, selectedEdge]);

  const onNodesChange = useCallback((changes: NodeChange<FlowNode>[]) => {
    const wanted = changes.filter((change) => change.type === 'position' || change.type === 'dimensions');
    if (wanted.length > 0) setNodes((before) => applyNodeChanges(wanted, before));
  }, []);

  const hover = (id: string | null): void => {
    box.current?.classList.toggle('graph-hovering', id !== null);
    store.hover(graph.edges, id);
  };
  const edgeById = (id: string | null | undefined): Selection | null => {
    const edge = graph.edges.find((one) => one.id === id);
    return edge ? { kind: 'edge', from: edge.from, to: edge.to } : null;
  };
  /** What of the graph an event is about: labels and nodes say it themselves, lines by their group. */
  const subjectOf = (target: EventTarget): Selection | null => {
    if (!(target instanceof Element)) return null;
    const node = target.closest<HTMLElement>('.react-flow__node')?.dataset.id;
    if (node) return { kind: 'node', id: node };
    const edge =
      target.closest<HTMLElement>('[data-edge]')?.dataset.edge ??
      target.closest('.react-flow__edge')?.getAttribute('data-id');
    return edgeById(edge);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const id = (event.target as HTMLElement).closest<HTMLElement>('.react-flow__node')?.dataset.id;
    if (!id || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter') onOpen(id);
    else if (event.key === ' ') onSelect({ kind: 'node', id });
    else if (event.key.startsWith('Arrow')) focusNext(id, event.key as 'ArrowLeft');
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const focusNext = (from: string, key: Parameters<typeof nextInDirection>[2]): void => {
    const centres = new Map(
      nodes.map((node) => [
        node.id,
        { x: node.position.x + (node.width ?? 0) / 2, y: node.position.y + (node.height ?? 0) / 2 },
      ]),
    );
    const next = nextInDirection(centres, from, key);
    const centre = next && centres.get(next);
    if (!next || !centre) return;
    box.current
      ?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(next)}"]`)
      ?.focus({ preventScroll: true });
    const shown = flow.flowToScreenPosition(centre);
    const frame = box.current?.getBoundingClientRect();
    const outside =
      frame &&
      (shown.x < frame.left + 60 ||
        shown.x > frame.right - 60 ||
        shown.y < frame.top + 60 ||
        shown.y > frame.bottom - 60);
    if (outside) void flow.setCenter(centre.x, centre.y, { zoom: flow.getZoom(), duration: 150 });
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: catches what its focusable nodes let through
    <div
      ref={box}
      className="graph-canvas"
      onKeyDown={onKeyDown}
      onContextMenu={(event: MouseEvent) => onMenu(subjectOf(event.target))}
      onMouseOver={(event: MouseEvent) => {
        const subject = subjectOf(event.target);
        hover(subject === null ? null : subject.kind === 'node' ? subject.id : `${subject.from}~${subject.to}`);
      }}
      onMouseLeave={() => hover(null)}
      onFocus={() => {}}
      onBlur={() => {}}
    >
      <ArrowHeads />
      <ReactFlow<FlowNode, FlowEdge>
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onNodesChange={onNodesChange}
        onNodeDragStop={(_, node) => onMove(node.id, node.position)}
        onNodeClick={(_, node) => onSelect({ kind: 'node', id: node.id })}
        onNodeDoubleClick={(_, node) => onOpen(node.id)}
        onEdgeClick={(_, edge) => onSelect(edgeById(edge.id))}
        onPaneClick={(event) => onSelect(subjectOf(event.target))}
        onMoveStart={(event) => event && autoFit.stop()}
        minZoom={0.1}
        maxZoom={2.5}
        nodesConnectable={false}
        edgesFocusable={false}
        disableKeyboardA11y
        zoomOnDoubleClick={false}
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        nodeDragThreshold={3}
        elevateNodesOnSelect={false}
        proOptions={FLOW_OPTIONS}
        aria-label="Topology"
      >
        <Background variant={BackgroundVariant.Dots} gap={22} size={1.4} color="var(--grid)" bgColor="var(--bg)" />
      </ReactFlow>
      <CanvasTools onFit={autoFit.fit} onTidy={onTidy} />
    </div>
  );
}
