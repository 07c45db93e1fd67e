import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import type { ServiceView, Topology, TopologyNode } from '../../../main/contract/index.ts';
import { useService } from '../../app/engine-context.tsx';
import { faultsOnService } from '../../app/faults.ts';
import { portOf } from '../../app/port-of.ts';
import { nodeStatus, serviceStatus } from '../../app/service-status.ts';
import { useFaults } from '../../app/use-chaos.ts';
import { keepShared, useSelection, withoutSelection } from '../../app/use-console-search.ts';
import { quoteWord } from '../../app/use-log-tail.ts';
import { statusThen, thenAndNow, usePastStates } from '../../app/use-past-states.ts';
import { useServiceActions } from '../../app/use-service-actions.tsx';
import { Button, EmptyState, IconButton, Loading, Menu, Since, StateShape, type Tab, Tabs } from '../../ui/index.ts';
import { ActiveFaults, BreakPanel } from '../chaos/index.tsx';
import {
  Endpoints,
  Environment,
  Instances,
  LogPanel,
  Neighbours,
  RedCards,
  ServiceChart,
  TraceRows,
  Why,
} from '../services/index.tsx';
import { useTerminalItem } from '../terminal/index.tsx';
import { useTopology } from '../topology/index.tsx';
import { DrawerFrame } from './drawer-frame.tsx';

const KIND_NAMES: Record<TopologyNode['kind'], string> = {
  service: 'Service',
  database: 'Database',
  broker: 'Broker',
  topic: 'Topic',
  queue: 'Queue',
  cache: 'Cache',
  external: 'Outside of the fleet',
};

/** A node of the topology: a service with all there is to it, or a topic, a database, something outside. */
export function NodeDrawer({ id }: { id: string }) {
  const { data: topology } = useTopology();
  const service = useService(id);
  const node = topology?.nodes.find((one) => (one.id as string) === id) ?? null;
  if (service) return <ServiceDrawer service={service} node={node} topology={topology} />;
  if (!topology)
    return (
      <DrawerFrame label={id} title={id} sub="">
        <Loading what={`Looking up ${id}`} />
      </DrawerFrame>
    );
  if (!node) {
    return (
      <DrawerFrame label={id} title={id} sub="not known">
        <EmptyState
          title={`There is no ${id} now`}
          text="The link may be of another fleet, or it had no part in the time that is shown."
        />
      </DrawerFrame>
    );
  }
  return <ThingDrawer node={node} topology={topology} />;
}

/** Topics, databases, what is outside: known by the calls to them. */
function ThingDrawer({ node, topology }: { node: TopologyNode; topology: Topology }) {
  const holder = useService(node.parent);
  const past = usePastStates();
  const status = past ? { tone: 'idle' as const, word: '' } : nodeStatus(node, null);
  const sub = [
    KIND_NAMES[node.kind],
    node.detail !== KIND_NAMES[node.kind].toLowerCase() && node.detail,
    node.parent && `in ${node.parent}`,
  ]
    .filter(Boolean)
    .join(' · ');
  const callers = topology.edges.filter((edge) => (edge.to as string) === (node.id as string));
  const from = callers[0]?.from;
  return (
    <DrawerFrame
      label={node.label}
      title={
        <>
          {status.word !== '' && <StateShape tone={status.tone} label={status.word} />}
          <span className="truncate">{node.label}</span>
        </>
      }
      sub={sub}
    >
      <ThingTabs holder={holder}>
        <div className="drawer-body">
          {!past && holder && <ServiceFaults service={holder.id} />}
          {!past && holder && serviceStatus(holder).tone !== 'ok' && <Why service={holder} />}
          <RedCards red={node.red} />
          {node.kind === 'topic' && (
            <Link className="button" to="/kafka/topics/$topic" params={{ topic: node.label }} search={keepShared}>
              Browse its messages
            </Link>
          )}
          <Neighbours topology={topology} nodeId={node.id} />
          {from && node.kind === 'topic' && (
            <TraceRows query={`@messaging.destination.name:${quoteWord(node.label)}`} limit={12} />
          )}
        </div>
      </ThingTabs>
    </DrawerFrame>
  );
}

/** What lies in a service is broken with it; what is outside of the fleet cannot be. */
function ThingTabs({ holder, children }: { holder: ServiceView | null; children: ReactNode }) {
  const { tab, setTab } = useSelection();
  if (!holder) return <div className="drawer-plain">{children}</div>;
  return (
    <Tabs
      label="Details"
      value={tab}
      onChange={setTab}
      tabs={[
        { value: 'overview', label: 'Overview', content: children },
        {
          value: 'break',
          label: `Break ${holder.id}`,
          content: (
            <div className="drawer-body">
              <p className="muted">It lies in {holder.id}: what breaks that, breaks all that lies in it.</p>
              <BreakPanel target={{ kind: 'service', service: holder.id }} />
            </div>
          ),
        },
      ]}
    />
  );
}

/** What is injected on a service itself. */
function ServiceFaults({ service }: { service: string }) {
  return <ActiveFaults faults={faultsOnService(useFaults(), service)} />;
}

function ServiceDrawer({
  service,
  node,
  topology,
}: {
  service: ServiceView;
  node: TopologyNode | null;
  topology: Topology | undefined;
}) {
  const { tab, setTab } = useSelection();
  const actions = useServiceActions();
  const terminalItem = useTerminalItem();
  const navigate = useNavigate();
  const past = usePastStates();
  const status = statusThen(service, past);
  const open = () =>
    void navigate({ to: '/services/$serviceId', params: { serviceId: service.id }, search: withoutSelection });
  const isPast = past !== null;
  const tabs = useMemo(() => tabsOf(service, node, topology, isPast), [service, node, topology, isPast]);
  const protocols = service.endpoints.map((endpoint) => `${endpoint.protocol} :${portOf(endpoint)}`).join(', ');
  return (
    <DrawerFrame
      label={service.id}
      title={
        <>
          <StateShape tone={status.tone} label={status.word} />
          <span className="truncate">{service.id}</span>
        </>
      }
      sub={
        <>
          {[KIND_NAMES[node?.kind ?? 'service'], past ? thenAndNow(service, status.word) : status.word, protocols]
            .filter(Boolean)
            .join(' · ')}
          {!past && service.startedAt && service.state === 'running' && (
            <>
              {' · up '}
              <Since time={service.startedAt} />
            </>
          )}
        </>
      }
      actions={
        <>
          <IconButton icon="arrow-right" label="Open the service (Enter)" onClick={open} />
          <Menu
            trigger={<IconButton icon="more" label={`Actions on ${service.id}`} />}
            groups={[[terminalItem(service)], actions.menuItems(service)]}
          />
        </>
      }
    >
      <Tabs label="Details" value={tab} tabs={tabs} onChange={setTab} />
      {actions.confirm}
    </DrawerFrame>
  );
}

function tabsOf(
  service: ServiceView,
  node: TopologyNode | null,
  topology: Topology | undefined,
  isPast: boolean,
): Tab[] {
  const body = (value: string, label: string, content: Tab['content']): Tab => ({
    value,
    label,
    content: <div className="drawer-body">{content}</div>,
  });
  return [
    body(
      'overview',
      'Overview',
      <>
        {!isPast && <ServiceFaults service={service.id} />}
        {!isPast && (
          <Why service={service}>
            <FailingTraces service={service.id} failing={(node?.red?.errorRate ?? 0) > 0} />
          </Why>
        )}
        <RedCards red={node?.red ?? null} />
        <ServiceChart service={service.id} />
        {topology && <Neighbours topology={topology} nodeId={service.id} />}
        <LogPanel service={service.id} />
        <Endpoints endpoints={service.endpoints} />
        <Instances instances={service.instances} />
      </>,
    ),
    body('logs', 'Logs', <LogPanel service={service.id} keep={200} title="Last 200 lines" />),
    body('traces', 'Traces', <TraceRows query={`service:${quoteWord(service.id)}`} />),
    body('environment', 'Environment', <Environment service={service.id} />),
    body('break', 'Break this', <BreakPanel target={{ kind: 'service', service: service.id }} />),
  ];
}

function FailingTraces({ service, failing }: { service: string; failing: boolean }) {
  const navigate = useNavigate();
  if (!failing) return null;
  const q = `service:${quoteWord(service)} status:error`;
  return (
    <Button onClick={() => void navigate({ to: '/traces', search: (before) => ({ ...keepShared(before), q }) })}>
      Failing traces
    </Button>
  );
}
