import { Link } from '@tanstack/react-router';
import { type TraceSummary, toErrorView } from '../../../../main/contract/index.ts';
import { Arriving } from '../../../app/arriving.tsx';
import { useCall } from '../../../app/use-call.ts';
import { keepShared, useTimeRange } from '../../../app/use-console-search.ts';
import { ErrorNote, formatDuration, Loading, plural, RelativeTime, StateShape } from '../../../ui/index.ts';

/** The newest traces that a search finds, a line each. `only` narrows what was found further. */
export function TraceRows({
  query,
  only,
  limit = 40,
}: {
  query: string;
  only?: (trace: TraceSummary) => boolean;
  limit?: number;
}) {
  const { range, isLive } = useTimeRange();
  const { data, error, refetch } = useCall(
    'traces.search',
    { query, range, limit: only ? limit * 4 : limit },
    { live: isLive },
  );
  if (error && !data) return <ErrorNote error={toErrorView(error)} onRetry={() => void refetch()} />;
  if (!data) return <Loading what="Looking for traces" />;
  const traces = (only ? data.filter(only) : data).slice(0, limit);
  return (
    <section className="section">
      <h3>
        {plural(traces.length, 'newest trace')}
        <Link to="/traces" search={(before) => ({ ...keepShared(before), q: query })}>
          Open in Traces
        </Link>
      </h3>
      {traces.length === 0 && (
        <p className="faint">No trace in this range. Turn up the traffic, or look further back.</p>
      )}
      <ul>
        {traces.map((trace) => (
          <li key={trace.traceId}>
            <Link
              className="recent-trace"
              to="/traces/$traceId"
              params={{ traceId: trace.traceId }}
              search={keepShared}
            >
              <StateShape
                tone={trace.errors > 0 ? 'error' : 'ok'}
                size={10}
                label={trace.errors > 0 ? plural(trace.errors, 'error') : 'no error'}
              />
              <span className="truncate">
                <b>{trace.root.service}</b> {trace.root.name}
              </span>
              <span className="num">
                {formatDuration(trace.durationMs)}
                <Arriving trace={trace} />
              </span>
              <span className="num faint">
                <RelativeTime time={trace.startTime} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
