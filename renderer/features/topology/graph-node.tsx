import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';
import { type MouseEvent, memo } from 'react';
import { cx, FaultFlag, StateShape } from '../../ui/index.ts';
import { useLook } from './graph-context.ts';
import type { GraphNode } from './graph-model.ts';

export type FlowNode = Node<{ node: GraphNode }, 'graph'>;

/** Opens the same menu as the right button, for those who look for it on the node. */
function openMenu(event: MouseEvent<HTMLButtonElement>): void {
  event.stopPropagation();
  const { left, bottom } = event.currentTarget.getBoundingClientRect();
  event.currentTarget.dispatchEvent(
    new window.MouseEvent('contextmenu', { bubbles: true, cancelable: true, clientX: left, clientY: bottom + 2 }),
  );
}

/** One thing of the fleet, in the shape of its kind. Renders again when its look changes, not when the graph is updated. */
export const GraphNodeView = memo(function GraphNodeView({ data, selected }: NodeProps<FlowNode>) {
  const { id, kind, label, width, height } = data.node;
  const look = useLook(id, (store) => store.node(id));
  const lit = useLook(id, (store) => store.isLit(id));
  const flag = useLook(id, (store) => store.flagOf(id));
  const tone = look?.tone ?? 'idle';
  return (
    <div
      className={cx(
        'gnode',
        `gnode-${kind}`,
        `gnode-tone-${tone}`,
        selected && 'gnode-selected',
        lit && 'lit',
        flag !== undefined && 'gnode-faulty',
      )}
      style={{ width, height }}
    >
      <Outline kind={kind} width={width} height={height} />
      <div className="gnode-text">
        <span className="gnode-label">
          {look?.hasState && <StateShape tone={tone} label={look.word} size={10} />}
          <span className="truncate">{label}</span>
        </span>
        {look?.detail && <span className="gnode-detail truncate">{look.detail}</span>}
      </div>
      {flag !== undefined && (
        <span className="gnode-flag">
          <FaultFlag text={flag} />
        </span>
      )}
      <button type="button" className="gnode-menu" aria-label={`Actions on ${label}`} tabIndex={-1} onClick={openMenu}>
        ⋯
      </button>
      <Handle type="target" position={Position.Left} className="gnode-handle" isConnectable={false} />
      <Handle type="source" position={Position.Right} className="gnode-handle" isConnectable={false} />
    </div>
  );
});

function Outline({ kind, width, height }: Pick<GraphNode, 'kind' | 'width' | 'height'>) {
  if (kind !== 'database' && kind !== 'cache' && kind !== 'topic' && kind !== 'queue') return null;
  return (
    <svg className="gnode-outline" width={width} height={height} aria-hidden="true">
      {kind === 'database' && <Cylinder width={width} height={height} />}
      {kind === 'cache' && (
        <path d={`M1 ${height / 2}L13 1H${width - 13}L${width - 1} ${height / 2}L${width - 13} ${height - 1}H13Z`} />
      )}
      {(kind === 'topic' || kind === 'queue') && (
        <>
          <rect x="0.5" y="0.5" width={width - 1} height={height - 1} rx={height / 2 - 0.5} />
          {[0, 1, 2].map((bar) => (
            <path key={bar} className="gnode-bar" d={`M${width - 30 + bar * 6} ${height / 2 - 7}v14`} />
          ))}
        </>
      )}
    </svg>
  );
}

function Cylinder({ width, height }: { width: number; height: number }) {
  const rx = width / 2 - 0.5;
  const ry = 6;
  return (
    <>
      <path
        d={`M0.5 ${ry + 0.5}V${height - ry - 0.5}A${rx} ${ry} 0 0 0 ${width - 0.5} ${height - ry - 0.5}V${ry + 0.5}`}
      />
      <ellipse cx={width / 2} cy={ry + 0.5} rx={rx} ry={ry} />
    </>
  );
}
