import { useMemo, useRef } from 'react';
import { type ErrorView, parseSearch, toErrorView } from '../../main/contract/index.ts';
import { useConsoleSearch } from './use-console-search.ts';

/** What is wrong with a search; null when it is understood. */
function problemOf(query: string): ErrorView | null {
  try {
    parseSearch(query);
    return null;
  } catch (error) {
    return toErrorView(error);
  }
}

export interface SearchQuery {
  /** As it stands in the address. */
  readonly q: string;
  /** Where and why it is not understood; null when it is. */
  readonly problem: ErrorView | null;
  /** What may be asked: the search, or the last that was understood; null while there was none. */
  readonly understood: string | null;
}

/** The search of the address, read by the contract's own parser first: what it does not understand is never sent. */
export function useSearchQuery(): SearchQuery {
  const { q = '' } = useConsoleSearch();
  const problem = useMemo(() => problemOf(q), [q]);
  const understood = useRef<string | null>(null);
  if (!problem) understood.current = q;
  return { q, problem, understood: understood.current };
}
