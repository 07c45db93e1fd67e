import { Link, useNavigate } from '@tanstack/react-router';
import { useCall } from '../../../app/use-call.ts';
import { keepShared, useTimeRange } from '../../../app/use-console-search.ts';
import { quoteWord, useLogTail } from '../../../app/use-log-tail.ts';
import { Loading, LogLines } from '../../../ui/index.ts';

/** The last lines of a service: live, or those of the stretch of the past that is shown. */
export function LogPanel({
  service,
  keep = 8,
  title = 'Last log lines',
}: {
  service: string;
  keep?: number;
  title?: string;
}) {
  const query = `service:${quoteWord(service)}`;
  const { range, isLive } = useTimeRange();
  const navigate = useNavigate();
  const tail = useLogTail(query, keep, isLive);
  const past = useCall('logs.search', { query, range, limit: keep }, { enabled: !isLive });
  const lines = isLive ? tail : (past.data ?? null);
  return (
    <section className="section log-panel">
      <h3>
        {title}
        <Link to="/logs" search={(before) => ({ ...keepShared(before), q: query })}>
          Open in Logs
        </Link>
      </h3>
      <div className="log-panel-lines">
        {lines === null && <Loading what="Reading log lines" />}
        {lines?.length === 0 && (
          <p className="faint">{isLive ? 'It has written nothing yet.' : 'It wrote nothing in this range.'}</p>
        )}
        {lines && lines.length > 0 && (
          <LogLines
            lines={lines}
            onOpenTrace={(traceId) =>
              void navigate({ to: '/traces/$traceId', params: { traceId }, search: keepShared })
            }
          />
        )}
      </div>
    </section>
  );
}
