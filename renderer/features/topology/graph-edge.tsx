import { type Edge, EdgeLabelRenderer, type EdgeProps } from '@xyflow/react';
import { memo, use, useLayoutEffect, useMemo, useRef } from 'react';
import { cx, FaultFlag } from '../../ui/index.ts';
import { directPath, routePath } from './edge-path.ts';
import { GraphContext, useLook } from './graph-context.ts';
import type { EdgeLook } from './graph-model.ts';
import type { Point, Route } from './placement.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface EdgeEnds {
  readonly fromSize: Size;
  readonly toSize: Size;
  /** The layout's way, and the corners of both ends that it holds for. */
  readonly route: Route | null;
  readonly routedFrom: Point | null;
  readonly routedTo: Point | null;
}
export type FlowEdge = Edge<EdgeEnds & Record<string, unknown>, 'graph'>;

const corner = (x: number, y: number, size: Size): Point => ({ x: x - size.width / 2, y: y - size.height / 2 });
const isAt = (a: Point, b: Point | null): boolean => b !== null && Math.abs(a.x - b.x) < 2 && Math.abs(a.y - b.y) < 2;

/** The way from centre to centre: the layout's own while neither end was moved, else a plain curve. */
function wayOf(data: EdgeEnds, source: Point, target: Point): { path: string; label: Point } {
  const from = corner(source.x, source.y, data.fromSize);
  const to = corner(target.x, target.y, data.toSize);
  if (data.route && isAt(from, data.routedFrom) && isAt(to, data.routedTo)) {
    const { points, label } = data.route;
    const middle = points[Math.floor(points.length / 2)] ?? source;
    return { path: routePath(points), label: label ?? middle };
  }
  return directPath({ ...from, ...data.fromSize }, { ...to, ...data.toSize });
}

export const GraphEdgeView = memo(function GraphEdgeView(props: EdgeProps<FlowEdge>) {
  const { id, sourceX, sourceY, targetX, targetY, data, selected, interactionWidth = 18 } = props;
  const way = useMemo(
    () => data && wayOf(data, { x: sourceX, y: sourceY }, { x: targetX, y: targetY }),
    [data, sourceX, sourceY, targetX, targetY],
  );
  if (!way) return null;
  return (
    <>
      <EdgeLine id={id} path={way.path} selected={selected === true} interactionWidth={interactionWidth} />
      <EdgeLabelRenderer>
        <EdgeText id={id} at={way.label} selected={selected === true} />
        <EdgeFlag id={id} at={way.label} />
      </EdgeLabelRenderer>
    </>
  );
});

interface LineProps {
  id: string;
  path: string;
  selected: boolean;
  interactionWidth: number;
}

const EdgeLine = memo(function EdgeLine({ id, path, selected, interactionWidth }: LineProps) {
  const tone = useLook(id, (store) => store.edge(id)?.tone ?? 'declared');
  const width = useLook(id, (store) => store.edge(id)?.width ?? 1);
  const lit = useLook(id, (store) => store.isLit(id));
  const faulty = useLook(id, (store) => store.flagOf(id) !== undefined);
  // What is broken on purpose and what fails stay what they are, whatever points at them.
  const marker = faulty ? 'fault' : (selected || lit) && tone !== 'error' ? 'lit' : tone;
  return (
    <g className={cx('gedge', `gedge-${tone}`, faulty && 'gedge-faulty', selected && 'gedge-selected', lit && 'lit')}>
      <path className="gedge-line" d={path} strokeWidth={width} markerEnd={`url(#gedge-arrow-${marker})`} />
      <path
        className="react-flow__edge-interaction"
        d={path}
        strokeWidth={interactionWidth}
        fill="none"
        strokeOpacity={0}
      />
    </g>
  );
});

/** Writes a look into a label's element. */
function write(element: HTMLElement, look: EdgeLook | undefined, lit: boolean, selected: boolean): void {
  const label = look?.label ?? '';
  if (element.textContent !== label) element.textContent = label;
  const tone = look?.tone ?? 'declared';
  const name = cx('gedge-label nopan', `gedge-label-${tone}`, selected && 'gedge-label-selected', lit && 'lit');
  if (element.className !== name) element.className = name;
  element.hidden = label === '';
}

/**
 * What the edge says. It changes each second on every edge, so that it is written past React: a large fleet's labels take
 * a fraction of what rendering them would.
 */
const EdgeText = memo(function EdgeText({ id, at, selected }: { id: string; at: Point; selected: boolean }) {
  const store = use(GraphContext);
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const show = (): void => {
      if (element.current) write(element.current, store.edge(id), store.isLit(id), selected);
    };
    show();
    return store.subscribe(id, show);
  }, [store, id, selected]);
  const transform = `translate(${Math.round(at.x)}px, ${Math.round(at.y)}px) translate(-50%, -50%)`;
  return <div ref={element} className="gedge-label" data-edge={id} style={{ transform }} />;
});

/** What is injected on the edge, above what the edge says. */
function EdgeFlag({ id, at }: { id: string; at: Point }) {
  const store = use(GraphContext);
  const flag = useLook(id, (each) => each.flagOf(id));
  const level = useLook(id, (each) => each.flagLevel(id));
  const isFlagged = flag !== undefined;
  const [x, y] = [Math.round(at.x), Math.round(at.y)];
  useLayoutEffect(() => {
    if (!isFlagged) return;
    store.placeFlag(id, { x, y });
    return () => store.placeFlag(id, null);
  }, [store, id, isFlagged, x, y]);
  if (flag === undefined) return null;
  const transform = `translate(${x}px, ${y - 10 - level * FLAG_STEP}px) translate(-50%, -100%)`;
  return (
    <div className="gedge-flag nopan" data-edge={id} style={{ transform }}>
      <FaultFlag text={flag} />
    </div>
  );
}

/** From one flag to that above it, in pixels. */
const FLAG_STEP = 20;

/** Arrow heads, one for each colour: Chrome 108 cannot let a marker take its line's. */
export function ArrowHeads() {
  return (
    <svg className="gedge-defs" aria-hidden="true">
      <defs>
        {['none', 'warn', 'error', 'declared', 'fault', 'lit'].map((tone) => (
          <marker
            key={tone}
            id={`gedge-arrow-${tone}`}
            className={`gedge-arrow-${tone}`}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="9"
            markerHeight="9"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0 0.6 8 4 0 7.4z" />
          </marker>
        ))}
      </defs>
    </svg>
  );
}
