import type { Topology, TopologyEdge } from '../../../../main/contract/index.ts';
import { edgeRate } from '../../../app/edge-rate.ts';
import { useSelection } from '../../../app/use-console-search.ts';
import { cx, formatDuration, formatPercent, StateShape, type Tone } from '../../../ui/index.ts';

/** Who calls a node and whom it calls, with the numbers of each edge. A row selects the edge. */
export function Neighbours({ topology, nodeId }: { topology: Topology; nodeId: string }) {
  const labels = new Map(topology.nodes.map((node) => [node.id as string, node.label]));
  const incoming = topology.edges.filter((edge) => (edge.to as string) === nodeId);
  const outgoing = topology.edges.filter((edge) => (edge.from as string) === nodeId);
  return (
    <>
      <EdgeRows title="Called by" edges={incoming} nameOf={(edge) => labels.get(edge.from) ?? edge.from} />
      <EdgeRows title="Calls" edges={outgoing} nameOf={(edge) => labels.get(edge.to) ?? edge.to} />
    </>
  );
}

function toneOf(edge: TopologyEdge): Tone {
  if (edge.source === 'declared') return 'idle';
  return edge.errorRate >= 0.05 ? 'error' : edge.errorRate >= 0.01 ? 'warn' : 'ok';
}

function EdgeRows({
  title,
  edges,
  nameOf,
}: {
  title: string;
  edges: readonly TopologyEdge[];
  nameOf: (edge: TopologyEdge) => string;
}) {
  const { select } = useSelection();
  if (edges.length === 0) return null;
  const sorted = [...edges].sort((a, b) => b.ratePerSecond - a.ratePerSecond);
  return (
    <section className="section">
      <h3>{title}</h3>
      <ul>
        {sorted.map((edge) => (
          <li key={`${edge.from}~${edge.to}`}>
            <button
              type="button"
              className="edge-row"
              onClick={() => select({ kind: 'edge', from: edge.from, to: edge.to })}
            >
              <StateShape tone={toneOf(edge)} size={10} />
              <span className="truncate edge-row-name">{nameOf(edge)}</span>
              {edge.source === 'declared' ? (
                <span className="faint edge-row-quiet">no traffic yet</span>
              ) : (
                <>
                  <span>{edgeRate(edge)}</span>
                  <span
                    className={cx(
                      edge.errorRate >= 0.05 && 'tone-error',
                      edge.errorRate >= 0.01 && edge.errorRate < 0.05 && 'tone-warn',
                    )}
                  >
                    {formatPercent(edge.errorRate)}
                  </span>
                  <span>{edge.lag === null ? formatDuration(edge.p95Ms) : `lag ${edge.lag}`}</span>
                </>
              )}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
