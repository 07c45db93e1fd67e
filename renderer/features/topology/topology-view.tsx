import { useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type FleetView, type Topology, toErrorView } from '../../../main/contract/index.ts';
import { useCalmFleet, useIsKnown } from '../../app/engine-context.tsx';
import type { Selection } from '../../app/url-state.ts';
import { useSelection, useTimeRange, withoutSelection } from '../../app/use-console-search.ts';
import { usePastStates } from '../../app/use-past-states.ts';
import { cx, EmptyState, ErrorNote, Loading, RightClickMenu, Segmented } from '../../ui/index.ts';
import { lacksImages, StartProgress, StartView } from '../start/index.tsx';
import { AttachPanel } from './attach-panel.tsx';
import { GraphCanvas } from './graph-canvas.tsx';
import { edgeLooks, type Graph, graphOf, type Mode, nodeLooks, sameStructure } from './graph-model.ts';
import { GraphStore } from './graph-store.ts';
import { Legend } from './legend.tsx';
import { measureText } from './measure-text.ts';
import './topology-view.css';
import { useFaultFlags } from './use-fault-flags.ts';
import { useNodeMenu } from './use-node-menu.tsx';
import { usePlacement } from './use-placement.ts';
import { useTopology } from './use-topology.ts';

const MODES = [
  { value: 'latency', label: 'Rate and p95' },
  { value: 'errors', label: 'Errors' },
  { value: 'traffic', label: 'Traffic' },
] as const;

/** How long after its start a fleet may still show new sides of itself. */
const SETTLING_MS = 60_000;

/** Who calls whom, live or in the past. Without a fleet: how to start one. */
export function TopologyView() {
  const known = useIsKnown();
  const fleet = useCalmFleet();
  const { isLive } = useTimeRange();
  if (!known) return <Loading what="Asking the engine what runs" />;
  if (isLive && (!fleet || (fleet.state === 'stopped' && !fleet.attached))) return <StartView fleet={fleet} />;
  const fleetKey = fleet ? fleet.file || fleet.name : 'none';
  return <LiveTopology key={fleetKey} fleetKey={fleetKey} />;
}

function LiveTopology({ fleetKey }: { fleetKey: string }) {
  const { data, error, refetch, isPlaceholderData: stale } = useTopology();
  const fleet = useCalmFleet();
  const { isLive, rateRange } = useTimeRange();
  const { selection, select } = useSelection();
  const [mode, setMode] = useState<Mode>('latency');
  const [store] = useState(() => new GraphStore());
  const graph = useRef<Graph | null>(null);
  const drawn = useRef<Topology | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const open = useOpen(select);
  const menu = useNodeMenu();

  if (data && !(drawn.current && sameStructure(drawn.current, data))) {
    drawn.current = data;
    const next = graphOf(data, measureText);
    if (graph.current?.key !== next.key) graph.current = next;
  }
  const settling =
    fleet?.state === 'starting' || (fleet?.startedAt ? Date.now() - Date.parse(fleet.startedAt) < SETTLING_MS : false);
  const spaceOf = useCallback(
    () => ({ width: box.current?.clientWidth ?? 1200, height: box.current?.clientHeight ?? 700 }),
    [],
  );
  const { placement, problem, move, tidy } = usePlacement(graph.current, fleetKey, settling, spaceOf);

  const services = fleet?.services;
  const past = usePastStates();
  useEffect(() => {
    if (data) store.update(nodeLooks(data, services ?? [], past), edgeLooks(data, mode));
  }, [data, services, past, mode, store]);
  useFaultFlags(store, data, isLive);

  if (error && !data) return <ErrorNote error={toErrorView(error)} onRetry={() => void refetch()} />;
  if (graph.current?.nodes.length === 0) {
    return isLive && fleet && isStarting(fleet) ? <StartProgress fleet={fleet} /> : <NothingSeen />;
  }
  const seconds = 'lastMs' in rateRange ? rateRange.lastMs / 1000 : (rateRange.toMs - rateRange.fromMs) / 1000;
  return (
    <div className="topology" ref={box}>
      {!graph.current || !placement ? (
        problem === null ? (
          <Loading what="Laying out the topology" />
        ) : (
          <ErrorNote error={toErrorView(problem)} onRetry={tidy} />
        )
      ) : (
        <RightClickMenu groups={menu.groups}>
          <div className={cx('topology-canvas', stale && 'topology-canvas-stale')} aria-busy={stale}>
            <GraphCanvas
              graph={graph.current}
              placement={placement}
              store={store}
              selection={selection}
              onSelect={select}
              onOpen={open}
              onMenu={menu.setSubject}
              onMove={move}
              onTidy={tidy}
            />
          </div>
        </RightClickMenu>
      )}
      <div className="topology-tools">
        <Segmented label="What edges show" value={mode} segments={MODES} onChange={setMode} />
        <span className="topology-range">
          {stale
            ? 'reading that time …'
            : isLive
              ? `the last ${Math.round(seconds)} s`
              : `${Math.round(seconds)} s of the past`}
        </span>
      </div>
      <Legend />
      {isLive && fleet && isStarting(fleet) ? (
        <StartProgress fleet={fleet} />
      ) : (
        isLive && fleet?.attached && data?.nodes.every((one) => one.red === null) && <AttachPanel fleet={fleet} />
      )}
      {menu.confirm}
    </div>
  );
}

function isStarting(fleet: FleetView): boolean {
  return fleet.state === 'starting' || (fleet.state !== 'stopped' && lacksImages(fleet));
}

function NothingSeen() {
  return (
    <EmptyState
      icon="topology"
      title="Nothing is known of this time"
      text="No service ran and no span arrived in this range. Choose another on the timeline below, or go back to live."
    />
  );
}

/** Double click and Enter: a service opens its page, a topic its messages, anything else is selected. */
function useOpen(select: (selection: Selection) => void): (id: string) => void {
  const navigate = useNavigate();
  const fleet = useCalmFleet();
  const services = useRef(fleet?.services);
  services.current = fleet?.services;
  return useCallback(
    (id) => {
      const isService = services.current?.some((service) => service.id === id);
      if (isService) void navigate({ to: '/services/$serviceId', params: { serviceId: id }, search: withoutSelection });
      else select({ kind: 'node', id });
    },
    [navigate, select],
  );
}
