import type { CSSProperties } from 'react';
import type { FaultKind, FaultView } from '../../../main/contract/index.ts';
import { faultText, leftText, msLeft, targetText } from '../../app/faults.ts';
import { useAct } from '../../app/use-call.ts';
import { useFaultKinds } from '../../app/use-chaos.ts';
import { Button, StateShape, useNow } from '../../ui/index.ts';
import './chaos.css';

/** Takes faults off, and says so. */
export function useEndFault(kinds: readonly FaultKind[] | undefined) {
  const { mutate, isPending, variables } = useAct('fault.remove');
  return {
    end: (fault: FaultView): void => mutate({ id: fault.id }),
    isEnding: (fault: FaultView): boolean => (isPending && variables.id === fault.id) || fault.state === 'reverting',
    nameOf: (fault: FaultView): string => faultText(fault, kinds),
  };
}

/** The faults that are on something, each with what is left of its time and the way to end it. */
export function ActiveFaults({
  faults,
  isTargetSaid = false,
}: {
  faults: readonly FaultView[];
  isTargetSaid?: boolean;
}) {
  const kinds = useFaultKinds(faults.length > 0);
  const { end, isEnding, nameOf } = useEndFault(kinds);
  const now = useNow();
  if (faults.length === 0) return null;
  return (
    <ul className="active-faults" aria-label="Faults that are on">
      {faults.map((fault) => (
        <li key={fault.id} className="active-fault" style={{ '--left': shareLeft(fault, now) } as CSSProperties}>
          <StateShape tone="fault" label="Injected:" size={13} />
          <div>
            <b>{nameOf(fault)}</b>
            <p className="muted">
              {isTargetSaid ? `on ${targetText(fault.target)} · ` : ''}
              {leftText(fault, now)}
              {fault.state === 'active' && fault.until !== null ? ' left' : ''}
              {fault.experiment !== null && ` · put on by ${fault.experiment}`}
            </p>
            {fault.problem !== null && <p className="tone-error">{fault.problem} It is tried again.</p>}
          </div>
          <Button
            look="fault"
            busy={isEnding(fault)}
            onClick={() => end(fault)}
            aria-label={`End now: ${nameOf(fault)}`}
          >
            {isEnding(fault) ? 'Ending …' : 'End now'}
          </Button>
        </li>
      ))}
    </ul>
  );
}

/** How much of its time is left, 0 to 1. */
export function shareLeft(fault: FaultView, nowMs: number): number {
  const left = msLeft(fault, nowMs);
  if (left === null || fault.until === null) return 1;
  return Math.min(1, left / Math.max(1, Date.parse(fault.until) - Date.parse(fault.since)));
}
