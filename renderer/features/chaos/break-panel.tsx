import { type ReactNode, useRef } from 'react';
import {
  type FaultKind,
  type FaultScope,
  type FaultTarget,
  isOnRequests,
  type LinkInfo,
  maySpeakHttp,
  type ServiceView,
  toErrorView,
} from '../../../main/contract/index.ts';
import { useCalmFleet, useService } from '../../app/engine-context.tsx';
import { faultsOnService } from '../../app/faults.ts';
import { useAct, useCall } from '../../app/use-call.ts';
import { useChaos, useFaultKinds } from '../../app/use-chaos.ts';
import { useConsoleSearch, useSetConsoleSearch, useTimeRange } from '../../app/use-console-search.ts';
import { Button, ErrorNote, Icon, Loading, StateShape } from '../../ui/index.ts';
import { ActiveFaults } from './active-fault.tsx';
import { FaultForm } from './fault-form.tsx';
import { FaultPicker } from './fault-picker.tsx';
import { formatPrepared, type Prepared, parsePrepared } from './prepared-fault.ts';
import './chaos.css';

/** Links come with the start of a fleet. */
const LINKS_EVERY_MS = 5000;

/** What is broken on an edge or a service, and what can be broken there. What is prepared stands in the address. */
export function BreakPanel({ target }: { target: FaultTarget }) {
  const { faults } = useChaos();
  const box = useRef<HTMLElement>(null);
  const here = faults.filter((fault) =>
    target.kind === 'service'
      ? faultsOnService([fault], target.service).length > 0
      : fault.target.kind === 'edge' && fault.target.from === target.from && fault.target.to === target.to,
  );
  return (
    <section className="break-panel" aria-label="Break this" ref={box} tabIndex={-1}>
      <ActiveFaults faults={here} />
      <Ground target={target}>
        {/* The button that had the focus is gone with the form. */}
        <Prepare target={target} onInjected={() => box.current?.focus()} />
      </Ground>
    </section>
  );
}

/** What has to be so before anything can be broken; where it is not, why, and what to do. */
function Ground({ target, children }: { target: FaultTarget; children: ReactNode }) {
  const fleet = useCalmFleet();
  const { isBlocked } = useChaos();
  const { isLive, goLive } = useTimeRange();
  const release = useAct('fault.release');
  if (!fleet || fleet.state === 'stopped')
    return <Note title="The fleet does not run">Start it, and come back: faults act on what runs.</Note>;
  if (!isLive) {
    return (
      <Note title="This is a picture of the past" action={<Button onClick={() => goLive()}>Back to live</Button>}>
        Faults act now.
      </Note>
    );
  }
  if (isBlocked) {
    return (
      <Note
        title="Faults are stopped"
        action={
          <Button look="fault" busy={release.isPending} onClick={() => release.mutate(undefined)}>
            Release
          </Button>
        }
      >
        No new ones are put on until they are released.
      </Note>
    );
  }
  return target.kind === 'edge' ? <OnEdge target={target}>{children}</OnEdge> : children;
}

/** An edge can be broken where a link stands in it. Where none does the engine says why, asked as if it were to be broken. */
function OnEdge({ target, children }: { target: EdgeTarget; children: ReactNode }) {
  const links = useLinksOf(target);
  const { error, isPending } = useCall(
    'fault.preview',
    { kind: 'latency', target, parameters: {}, forSeconds: 60 },
    { keepPrevious: false, enabled: links?.length === 0 },
  );
  if (links === null || (links.length === 0 && isPending)) return <Loading what="Asking what can be broken here" />;
  if (links.length > 0 || !error) return children;
  const view = toErrorView(error);
  if (view.code !== 'FAULT_TARGET') return <ErrorNote error={view} />;
  return (
    <Note
      title="No link stands in these calls"
      action={
        <details>
          <summary>What can be broken</summary>
          <p className="muted">{view.remedy}</p>
        </details>
      }
    >
      {view.message}
    </Note>
  );
}

type EdgeTarget = Extract<FaultTarget, { kind: 'edge' }>;

/** The links that stand in the calls of an edge, one for each port of the callee; null until it is known. */
function useLinksOf(target: FaultTarget): readonly LinkInfo[] | null {
  const isEdge = target.kind === 'edge';
  const { data } = useCall('links.list', undefined, { everyMs: LINKS_EVERY_MS, enabled: isEdge });
  if (!isEdge) return [];
  return data?.filter((link) => link.from === target.from && link.to === target.to) ?? null;
}

function Note({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="break-note" role="note">
      <StateShape tone="idle" />
      <div>
        <b>{title}</b>
        <p className="muted">{children}</p>
        {action}
      </div>
    </div>
  );
}

function Prepare({ target, onInjected }: { target: FaultTarget; onInjected: () => void }) {
  const fleet = useCalmFleet();
  const kinds = useFaultKinds();
  const { fault } = useConsoleSearch();
  const set = useSetConsoleSearch();
  const service = useService(target.kind === 'service' ? target.service : null);
  const ports = useLinksOf(target) ?? [];
  const { data: stores } = useCall('peek.targets', undefined, { enabled: target.kind === 'service' });
  if (!kinds || !fleet) return <Loading what="Asking which faults there are" />;
  const scopes = scopesOf(target, service, stores ?? []);
  const fitting = kinds.filter((kind) => scopes.has(kind.scope));
  const prepared = parsePrepared(fault);
  const whyNot = (one: FaultKind): string | null => one.runtimes[fleet.runtime] ?? notOfHttp(one, ports);
  const kind = fitting.find((one) => one.kind === prepared?.kind && whyNot(one) === null);
  const prepare = (next: Prepared | null): void =>
    set({ fault: next ? formatPrepared(next) : undefined }, { replace: prepared !== null && next !== null });
  if (!kind || !prepared)
    return (
      <FaultPicker
        kinds={fitting}
        areRequests={ports.some((link) => REQUESTS.includes(link.protocol))}
        whyNot={whyNot}
        onPick={prepare}
      />
    );
  return (
    <div className="break-form">
      <header>
        <Button look="quiet" onClick={() => prepare(null)} aria-label="Back to all faults">
          <Icon name="arrow-left" />
        </Button>
        <h3>{kind.title}</h3>
      </header>
      {ports.length > 1 && (
        <PortSelect
          links={ports}
          value={prepared.values[PORT] ?? ''}
          onChange={(port) => prepare({ ...prepared, values: { ...prepared.values, [PORT]: port } })}
        />
      )}
      <FaultForm
        key={kind.kind}
        kind={kind}
        target={withPort(target, ports, prepared.values[PORT])}
        copies={service?.instances.length ?? 1}
        prepared={prepared}
        takesFocus
        onChange={prepare}
        onInjected={() => {
          prepare(null);
          onInjected();
        }}
      />
    </div>
  );
}

const REQUESTS = ['http', 'grpc'];

/** Faults on single requests do nothing to protocols that are known to be others. */
function notOfHttp(kind: FaultKind, links: readonly LinkInfo[]): string | null {
  const isOther = links.length > 0 && !links.some(maySpeakHttp);
  return isOnRequests(kind) && isOther ? `These calls speak ${links[0]?.protocol}, not HTTP.` : null;
}

/** The callee's port stands with the values in the address. No fault has a parameter of this name. */
const PORT = 'port';

function withPort(target: FaultTarget, links: readonly LinkInfo[], text: string | undefined): FaultTarget {
  const port = links.find((link) => String(link.port) === text)?.port;
  return target.kind === 'edge' && port !== undefined ? { ...target, port } : target;
}

/** Which of the callee's ports, where the caller uses several. */
function PortSelect({
  links,
  value,
  onChange,
}: {
  links: readonly LinkInfo[];
  value: string;
  onChange: (port: string) => void;
}) {
  return (
    <label className="catalogue-target">
      <span>Calls to</span>
      <select className="chaos-field" value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">every port</option>
        {links.map((link) => (
          <option key={link.port} value={link.port}>
            port {link.port} ({link.protocol})
          </option>
        ))}
      </select>
    </label>
  );
}

/** Which faults fit: those of edges, or those of services with those of the store that it is. */
function scopesOf(
  target: FaultTarget,
  service: ServiceView | null,
  stores: readonly { readonly service: string; readonly kind: string }[],
): ReadonlySet<FaultScope> {
  if (target.kind === 'edge') return new Set(['edge']);
  const scopes = new Set<FaultScope>(['service']);
  const store = stores.find((one) => one.service === target.service)?.kind;
  if (store === 'postgres' || store === 'redis') scopes.add(store);
  if (service?.kind === 'broker' && store === undefined) scopes.add('kafka');
  return scopes;
}
