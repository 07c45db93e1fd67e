import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import type { TimeRange } from '../../main/contract/index.ts';
import {
  type ConsoleSearch,
  formatLast,
  formatSelection,
  lastMsOf,
  parseSelection,
  rateRangeOf,
  readConsoleSearch,
  type Selection,
  timeRangeOf,
} from './url-state.ts';

/** What all views share in the address. */
export function useConsoleSearch(): ConsoleSearch {
  return useSearch({ strict: false, select: (search) => readConsoleSearch(search), structuralSharing: true });
}

/** Changes a part of the shared address and stays on the view. `replace` leaves no step in the history. */
export function useSetConsoleSearch(): (change: ConsoleSearch, options?: { replace?: boolean }) => void {
  const navigate = useNavigate();
  return useCallback(
    (change, options) => {
      void navigate({
        to: '.',
        search: (before: Record<string, unknown>) => ({ ...before, ...change }),
        replace: options?.replace ?? false,
      });
    },
    [navigate],
  );
}

/** For links to other views: keeps selection, range and search, drops what belongs to the view that is left. */
export function keepShared(before: Record<string, unknown>): ConsoleSearch {
  const { sel, tab, last, from, to, q, fault } = readConsoleSearch(before);
  return { sel, tab, last, from, to, q, fault };
}

/** The same for the page of what is selected: it shows what the drawer would, so that the drawer goes. */
export function withoutSelection(before: Record<string, unknown>): ConsoleSearch {
  return { ...keepShared(before), sel: undefined, tab: undefined, fault: undefined };
}

export interface TimeRangeState {
  /** What views look at: `{lastMs}` while live, `{fromMs, toMs}` in the past. Goes into calls as it is. */
  readonly range: TimeRange;
  /** For rates, errors and p95: the last minute while live, the chosen stretch otherwise. */
  readonly rateRange: TimeRange;
  readonly isLive: boolean;
  /** How far back live views look. */
  readonly lastMs: number;
  /** Looks at a stretch of the past, epoch milliseconds. */
  readonly setRange: (fromMs: number, toMs: number) => void;
  /** Returns to now, optionally with another length. */
  readonly goLive: (lastMs?: number) => void;
}

/** The one time range of the console, from the address. */
export function useTimeRange(): TimeRangeState {
  const { last, from, to } = useConsoleSearch();
  const set = useSetConsoleSearch();
  return useMemo(() => {
    const search = { last, from, to };
    const range = timeRangeOf(search);
    return {
      range,
      rateRange: rateRangeOf(search),
      isLive: 'lastMs' in range,
      lastMs: lastMsOf(search),
      setRange: (fromMs, toMs) => set({ from: String(Math.round(fromMs)), to: String(Math.round(toMs)) }),
      goLive: (lastMs) =>
        set({ from: undefined, to: undefined, ...(lastMs === undefined ? {} : { last: formatLast(lastMs) }) }),
    };
  }, [last, from, to, set]);
}

export interface SelectionState {
  readonly selection: Selection | null;
  readonly select: (selection: Selection | null) => void;
  readonly tab: string;
  readonly setTab: (tab: string) => void;
}

/** What is selected in every view, from the address, and the drawer's tab. */
export function useSelection(): SelectionState {
  const { sel, tab } = useConsoleSearch();
  const set = useSetConsoleSearch();
  return useMemo(
    () => ({
      selection: parseSelection(sel),
      select: (selection) => {
        const next = selection ? formatSelection(selection) : undefined;
        if (next !== sel) set({ sel: next });
      },
      tab: tab ?? 'overview',
      setTab: (next) => set({ tab: next === 'overview' ? undefined : next }, { replace: true }),
    }),
    [sel, tab, set],
  );
}
