import type { Topology, TopologyEdge } from '../../../main/contract/index.ts';
import { useSelection } from '../../app/use-console-search.ts';
import { EmptyState, formatCount, formatDuration, Icon, Loading, MetricCard, StateShape } from '../../ui/index.ts';
import { RedCards, TraceRows } from '../services/index.tsx';
import { edgeSearch, useTopology } from '../topology/index.tsx';
import { DrawerFrame } from './drawer-frame.tsx';

/** An edge: how often, how fast, how often wrong, and the traces that went over it. */
export function EdgeDrawer({ from, to }: { from: string; to: string }) {
  const { data: topology } = useTopology();
  const { select } = useSelection();
  const edge = topology?.edges.find((one) => (one.from as string) === from && (one.to as string) === to);
  const label = (id: string): string => topology?.nodes.find((node) => (node.id as string) === id)?.label ?? id;
  const end = (id: string) => (
    <button type="button" className="edge-end truncate" onClick={() => select({ kind: 'node', id })}>
      {label(id)}
    </button>
  );
  return (
    <DrawerFrame
      label={`${label(from)} to ${label(to)}`}
      title={
        <>
          {edge && edge.errorRate >= 0.05 && <StateShape tone="error" label="Failing" />}
          {end(from)} <Icon name="arrow-right" /> {end(to)}
        </>
      }
      sub={
        edge
          ? `${edge.protocol}${edge.source === 'declared' ? ' · declared by the configuration, no call seen' : ''}`
          : ''
      }
    >
      <div className="drawer-plain">
        {!topology ? (
          <Loading what="Looking up the edge" />
        ) : edge ? (
          <EdgeBody edge={edge} topology={topology} />
        ) : (
          <EmptyState title="No such edge in this time" text="It may have had no calls in the range that is shown." />
        )}
      </div>
    </DrawerFrame>
  );
}

function EdgeBody({ edge, topology }: { edge: TopologyEdge; topology: Topology }) {
  const from = topology.nodes.find((node) => node.id === edge.from);
  const to = topology.nodes.find((node) => node.id === edge.to);
  const search = from && to && edgeSearch(from, to);
  return (
    <div className="drawer-body">
      <RedCards red={edge} />
      <div className="red-cards">
        <MetricCard name="Calls" value={formatCount(edge.count)} />
        <MetricCard name="p50" value={formatDuration(edge.p50Ms)} />
        {edge.lag !== null && (
          <MetricCard
            name="Lag"
            value={formatCount(edge.lag)}
            unit="messages"
            {...(edge.lag > 100 ? { tone: 'warn' as const } : {})}
          />
        )}
      </div>
      {edge.source === 'declared' ? (
        <p className="muted">
          The configuration of {from?.label ?? edge.from} names {to?.label ?? edge.to}, but no call was seen in this
          range. Turn up the traffic, or look at another time.
        </p>
      ) : (
        search && <TraceRows query={search.query} only={search.only} limit={20} />
      )}
    </div>
  );
}
