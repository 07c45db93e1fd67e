import type { Topology, TopologyEdge } from '../../../main/contract/index.ts';
import { calledOver, faultsOnEdge } from '../../app/faults.ts';
import { useFaults } from '../../app/use-chaos.ts';
import { useSelection, useTimeRange } from '../../app/use-console-search.ts';
import {
  EmptyState,
  formatBytes,
  formatCount,
  formatDuration,
  Icon,
  Loading,
  MetricCard,
  StateShape,
  Tabs,
} from '../../ui/index.ts';
import { ActiveFaults, BreakPanel } from '../chaos/index.tsx';
import { RedCards, TraceRows } from '../services/index.tsx';
import { edgeSearch, useTopology } from '../topology/index.tsx';
import { DrawerFrame } from './drawer-frame.tsx';

/** An edge: how often, how fast, how often wrong, and the traces that went over it. */
export function EdgeDrawer({ from, to }: { from: string; to: string }) {
  const { data: topology } = useTopology();
  const { select } = useSelection();
  const edge = topology && edgeOf(topology, from, to);
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
      {topology && edge ? (
        <EdgeTabs edge={edge} topology={topology} />
      ) : (
        <div className="drawer-plain">
          {topology ? (
            <EmptyState title="No such edge in this time" text="It may have had no calls in the range that is shown." />
          ) : (
            <Loading what="Looking up the edge" />
          )}
        </div>
      )}
    </DrawerFrame>
  );
}

/** The edge of this address, which may also name the call that one is about: `orders~postgres` for that to a database in it. */
function edgeOf(topology: Topology, from: string, to: string): TopologyEdge | undefined {
  const nodes = new Map(topology.nodes.map((node) => [node.id as string, node]));
  const isCall = (edge: TopologyEdge): boolean => {
    const [a, b] = [nodes.get(edge.from), nodes.get(edge.to)];
    const call = a && b && calledOver(a, b);
    return call?.from === from && call.to === to;
  };
  return (
    topology.edges.find((one) => (one.from as string) === from && (one.to as string) === to) ??
    topology.edges.find(isCall)
  );
}

/** What is known of the edge, and how to break it. */
function EdgeTabs({ edge, topology }: { edge: TopologyEdge; topology: Topology }) {
  const { tab, setTab } = useSelection();
  const place = (id: string) =>
    topology.nodes.find((node) => (node.id as string) === id) ?? { id: edge.to, service: null };
  const call = calledOver(place(edge.from), place(edge.to));
  return (
    <Tabs
      label="Details"
      value={tab}
      onChange={setTab}
      tabs={[
        { value: 'overview', label: 'Overview', content: <EdgeBody edge={edge} topology={topology} /> },
        {
          value: 'break',
          label: 'Break this',
          content: (
            <div className="drawer-body">
              <BreakPanel target={{ kind: 'edge', ...call }} />
            </div>
          ),
        },
      ]}
    />
  );
}

/** What the edge's link has counted, as no span tells of its calls. */
function LinkCards({ link }: { link: NonNullable<TopologyEdge['link']> }) {
  return (
    <div className="red-cards">
      <MetricCard name="Open connections" value={formatCount(link.openConnections)} />
      <MetricCard name="Bytes" value={formatBytes(Math.round(link.bytesPerSecond))} unit="/s" />
    </div>
  );
}

function EdgeBody({ edge, topology }: { edge: TopologyEdge; topology: Topology }) {
  const from = topology.nodes.find((node) => node.id === edge.from);
  const to = topology.nodes.find((node) => node.id === edge.to);
  const search = from && to && edgeSearch(from, to);
  const faults = useFaults();
  const { isLive } = useTimeRange();
  return (
    <div className="drawer-body">
      {isLive && from && to && <ActiveFaults faults={faultsOnEdge(faults, from, to)} />}
      {edge.link && <LinkCards link={edge.link} />}
      {(!edge.link || edge.count > 0) && <RedCards red={edge} />}
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
