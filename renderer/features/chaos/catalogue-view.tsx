import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import {
  type FaultKind,
  type FaultScope,
  type FaultTarget,
  type RuntimeKind,
  toErrorView,
} from '../../../main/contract/index.ts';
import { useCalmFleet } from '../../app/engine-context.tsx';
import { formatParameter } from '../../app/faults.ts';
import { useCall } from '../../app/use-call.ts';
import { useChaos } from '../../app/use-chaos.ts';
import { useConsoleSearch, useTimeRange } from '../../app/use-console-search.ts';
import { cx, EmptyState, ErrorNote, Loading, plural, StateShape } from '../../ui/index.ts';
import { ChaosFrame } from './chaos-frame.tsx';
import { FaultForm } from './fault-form.tsx';
import { catalogueRoute } from './index.tsx';
import { boundsText, DEFAULT_LASTS, formatPrepared, type Prepared, parsePrepared } from './prepared-fault.ts';
import { parseTarget, type TargetChoice, useTargets } from './use-targets.ts';

const GROUPS: readonly { readonly scope: FaultScope; readonly title: string }[] = [
  { scope: 'edge', title: 'On the calls between two services' },
  { scope: 'service', title: 'On a service' },
  { scope: 'postgres', title: 'In PostgreSQL' },
  { scope: 'kafka', title: 'In Kafka' },
  { scope: 'redis', title: 'In Redis' },
];

const RUNTIMES: readonly { readonly kind: RuntimeKind; readonly name: string }[] = [
  { kind: 'process', name: 'Processes' },
  { kind: 'docker', name: 'Docker' },
  { kind: 'kubernetes', name: 'Kubernetes' },
];

/** Every fault there is: what it does, what to expect, where it cannot be done and why; and the way to put it on. */
export function CatalogueView() {
  const { data: kinds, error, refetch } = useCall('fault.kinds', undefined, { lasts: true });
  const { fault } = useConsoleSearch();
  const [text, setText] = useState('');
  const prepared = parsePrepared(fault);
  const found = kinds?.filter((kind) => matches(kind, text)) ?? [];
  const kind = kinds?.find((one) => one.kind === prepared?.kind) ?? found[0];
  return (
    <ChaosFrame
      part="/chaos/catalogue"
      tools={
        <>
          <input
            type="search"
            className="chaos-field"
            aria-label="Find a fault"
            placeholder="Find a fault"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <span className="view-count">{kinds ? plural(kinds.length, 'fault') : ''}</span>
        </>
      }
    >
      {error && !kinds ? (
        <ErrorNote error={toErrorView(error)} onRetry={() => void refetch()} />
      ) : !kinds ? (
        <Loading what="Asking which faults there are" />
      ) : (
        <div className="catalogue">
          <KindList kinds={found} chosen={kind?.kind ?? null} text={text} />
          {kind && <KindPage key={kind.kind} kind={kind} prepared={prepared?.kind === kind.kind ? prepared : null} />}
        </div>
      )}
    </ChaosFrame>
  );
}

function matches(kind: FaultKind, text: string): boolean {
  const words = `${kind.title} ${kind.kind} ${kind.description}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => words.includes(word));
}

function useSetCatalogue(): (change: { fault?: string; on?: string }, replace?: boolean) => void {
  const navigate = useNavigate();
  return (change, replace = false) =>
    void navigate({ to: '.', search: (before: Record<string, unknown>) => ({ ...before, ...change }), replace });
}

function KindList({ kinds, chosen, text }: { kinds: readonly FaultKind[]; chosen: string | null; text: string }) {
  const set = useSetCatalogue();
  const runtime = useCalmFleet()?.runtime ?? null;
  return (
    <nav className="catalogue-list" aria-label="Faults">
      {kinds.length === 0 && <p className="muted">No fault is called “{text}”.</p>}
      {GROUPS.map(({ scope, title }) => {
        const ofScope = kinds.filter((kind) => kind.scope === scope);
        if (ofScope.length === 0) return null;
        return (
          <section key={scope}>
            <h2>{title}</h2>
            <ul>
              {ofScope.map((kind) => (
                <li key={kind.kind}>
                  <button
                    type="button"
                    className={cx('catalogue-item', kind.kind === chosen && 'catalogue-item-chosen')}
                    aria-current={kind.kind === chosen ? 'true' : undefined}
                    onClick={() => set({ fault: kind.kind, on: undefined })}
                  >
                    <b>{kind.title}</b>
                    {runtime && kind.runtimes[runtime] ? (
                      <span className="catalogue-not">not on {nameOf(runtime)}</span>
                    ) : (
                      kind.isMoment && <span className="faint">a moment</span>
                    )}
                    <span className="faint truncate">{kind.description}</span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </nav>
  );
}

const nameOf = (runtime: RuntimeKind): string => RUNTIMES.find((one) => one.kind === runtime)?.name ?? runtime;

function KindPage({ kind, prepared }: { kind: FaultKind; prepared: Prepared | null }) {
  return (
    <article className="catalogue-page" aria-label={kind.title}>
      <div className="catalogue-about">
        <h1>
          <StateShape tone="fault" size={14} /> {kind.title} <code className="faint">{kind.kind}</code>
        </h1>
        <p>{kind.description}</p>
        <section>
          <h3>What to expect of a fleet that copes</h3>
          <p>{kind.expect}</p>
        </section>
        {kind.parameters.length > 0 && <ParameterTable kind={kind} />}
        <section>
          <h3>Where it can be done</h3>
          <ul className="catalogue-runtimes">
            {RUNTIMES.map(({ kind: runtime, name }) => {
              const reason = kind.runtimes[runtime] ?? null;
              return (
                <li key={runtime}>
                  <StateShape tone={reason === null ? 'ok' : 'idle'} label={reason === null ? 'Yes' : 'No'} />
                  <span>
                    <b>{name}</b> {reason !== null && <span className="muted">{reason}</span>}
                  </span>
                </li>
              );
            })}
          </ul>
        </section>
      </div>
      <PutOn kind={kind} prepared={prepared} />
    </article>
  );
}

function ParameterTable({ kind }: { kind: FaultKind }) {
  return (
    <section>
      <h3>Parameters</h3>
      <table className="catalogue-parameters">
        <tbody>
          {kind.parameters.map((spec) => (
            <tr key={spec.name}>
              <th scope="row">
                {spec.title} <code className="faint">{spec.name}</code>
              </th>
              <td>
                {spec.description}{' '}
                <span className="faint">
                  {spec.type === 'choice'
                    ? `${spec.choices.join(' or ')}.`
                    : spec.type === 'text'
                      ? ''
                      : `${boundsText(spec)}.`}
                </span>
              </td>
              <td className="num">
                {spec.default === null ? <b>needed</b> : spec.default === '' ? '' : formatParameter(spec, spec.default)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The way from the catalogue to a fault that is on: choose what it is put on, set it up, inject. */
function PutOn({ kind, prepared }: { kind: FaultKind; prepared: Prepared | null }) {
  const fleet = useCalmFleet();
  const { isBlocked } = useChaos();
  const { isLive } = useTimeRange();
  const { on } = catalogueRoute.useSearch();
  const set = useSetCatalogue();
  const targets = useTargets(kind);
  const reason = !fleet || fleet.state === 'stopped' ? 'No fleet runs.' : (kind.runtimes[fleet.runtime] ?? null);
  const target = parseTarget(on) ?? targets?.[0]?.target ?? null;
  const why =
    reason ??
    (isBlocked
      ? 'Faults are stopped. Release them above.'
      : !isLive
        ? 'This is a picture of the past; faults act now.'
        : null);
  return (
    <section className="catalogue-form" aria-label="Put it on">
      <h2>Put it on</h2>
      {why !== null ? (
        <p className="muted">{why}</p>
      ) : targets === null ? (
        <Loading what="Asking what there is to break" />
      ) : target === null ? (
        <EmptyState title="Nothing fits" text="This fleet has nothing that this fault can be put on." />
      ) : (
        <>
          <TargetSelect targets={targets} target={target} onChange={(next) => set({ on: next }, true)} />
          <FaultForm
            key={on}
            kind={kind}
            target={target}
            copies={targets.find((one) => one.value === on)?.copies ?? 1}
            prepared={prepared ?? { kind: kind.kind, values: {}, lasts: DEFAULT_LASTS }}
            onChange={(next) => set({ fault: formatPrepared(next) }, true)}
            onInjected={() => {}}
          />
        </>
      )}
    </section>
  );
}

function TargetSelect({
  targets,
  target,
  onChange,
}: {
  targets: readonly TargetChoice[];
  target: FaultTarget;
  onChange: (value: string) => void;
}) {
  const value = target.kind === 'edge' ? `${target.from}~${target.to}` : target.service;
  return (
    <label className="catalogue-target">
      <span>On</span>
      <select className="chaos-field" value={value} onChange={(event) => onChange(event.target.value)}>
        {targets.map((one) => (
          <option key={one.value} value={one.value}>
            {one.label}
          </option>
        ))}
      </select>
    </label>
  );
}
