import { useMemo } from 'react';
import type { ServiceView } from '../../main/contract/index.ts';
import { useCalmServices, useEngineState } from './engine-context.tsx';
import { type Status, serviceStatus } from './service-status.ts';
import { type PastState, statesAt } from './states-at.ts';
import { useTimeRange } from './use-console-search.ts';

const UNKNOWN_STATE: PastState = { tone: 'idle', word: 'Unknown', known: false };

/** How every service was at the end of the stretch of the past that is looked at, by id; null while live. */
export function usePastStates(): ReadonlyMap<string, PastState> | null {
  const { range } = useTimeRange();
  const services = useCalmServices();
  const marks = useEngineState((state) => state.marks);
  const toMs = 'toMs' in range ? range.toMs : null;
  return useMemo(() => (toMs === null ? null : statesAt({ toMs }, marks ?? [], services)), [toMs, marks, services]);
}

/** A past state beside the present one, in words: `Exited then, healthy now`. */
export function thenAndNow(service: ServiceView, then: string): string {
  return `${then} then, ${serviceStatus(service).word.toLowerCase()} now`;
}

/** How a service is or, while a stretch of the past is looked at, was. */
export function statusThen(service: ServiceView, past: ReadonlyMap<string, PastState> | null): Status {
  return past ? (past.get(service.id) ?? UNKNOWN_STATE) : serviceStatus(service);
}
