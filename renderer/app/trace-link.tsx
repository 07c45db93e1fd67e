import { Link } from '@tanstack/react-router';
import { keepShared } from './use-console-search.ts';

/** The way from a row to its trace, which does not choose the row. */
export function TraceLink({ traceId }: { traceId: string }) {
  return (
    <Link
      to="/traces/$traceId"
      params={{ traceId }}
      search={keepShared}
      tabIndex={-1}
      preload={false}
      onClick={(event) => event.stopPropagation()}
    >
      trace
    </Link>
  );
}
