import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useCalmFleet, useIsKnown } from '../../app/engine-context.tsx';
import { keepShared } from '../../app/use-console-search.ts';
import { Segmented, StateShape } from '../../ui/index.ts';
import './chaos.css';

const PARTS = [
  { value: '/chaos', label: 'On now' },
  { value: '/chaos/catalogue', label: 'Catalogue' },
  { value: '/chaos/experiments', label: 'Experiments' },
  { value: '/chaos/runs', label: 'Runs' },
] as const;
export type ChaosPart = (typeof PARTS)[number]['value'];

/** What stands around every part of the Chaos view: the way between them, and what cannot be done with this fleet. */
export function ChaosFrame({ part, tools, children }: { part: ChaosPart; tools?: ReactNode; children: ReactNode }) {
  const navigate = useNavigate();
  return (
    <div className="chaos">
      <header className="view-tools">
        <Segmented
          label="Chaos"
          value={part}
          segments={PARTS}
          onChange={(to) => void navigate({ to, search: keepShared })}
        />
        {tools}
      </header>
      <FleetNote />
      <div className="chaos-body">{children}</div>
    </div>
  );
}

/** Why faults cannot be put on this fleet, or not all of them; nothing where they can. */
function FleetNote() {
  const known = useIsKnown();
  const fleet = useCalmFleet();
  if (!known) return null;
  const text = !fleet
    ? 'No fleet runs, so there is nothing to break. The catalogue and the runs that were kept can be read all the same.'
    : fleet.attached
      ? `Flotilla only looks at ${fleet.name} and did not start it: no link stands in its calls, so that edges cannot be broken.`
      : fleet.state === 'stopped'
        ? `${fleet.name} is stopped: there is nothing to break until it runs.`
        : null;
  return text === null ? null : (
    <p className="chaos-note" role="note">
      <StateShape tone="idle" /> {text}
    </p>
  );
}
