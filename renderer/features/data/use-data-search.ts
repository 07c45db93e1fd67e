import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { DataSearch } from './index.tsx';

type Change = { readonly [Name in keyof DataSearch]?: string | undefined };

/** What is looked at, from the address, and the way to change it. */
export function useDataSearch(): readonly [DataSearch, (change: Change, replace?: boolean) => void] {
  const search = useSearch({ strict: false }) as DataSearch;
  const navigate = useNavigate();
  const change = useCallback(
    (next: Change, replace = false) =>
      void navigate({ to: '.', search: (before: Record<string, unknown>) => ({ ...before, ...next }), replace }),
    [navigate],
  );
  return [search, change];
}
