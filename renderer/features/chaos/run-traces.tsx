import { Link } from '@tanstack/react-router';
import type { ExperimentResult } from '../../../main/contract/index.ts';
import { keepShared } from '../../app/use-console-search.ts';
import { formatDuration, formatTimeOfDay, StateShape } from '../../ui/index.ts';

/** Requests that show what the run did to people. They open while the fleet's telemetry of that time is kept. */
export function RunTraces({ result: { traces } }: { result: ExperimentResult }) {
  if (traces.length === 0) return null;
  return (
    <section className="run-section">
      <h2>Requests of that time</h2>
      <ul>
        {traces.map((trace) => (
          <li key={trace.traceId}>
            <Link
              className="recent-trace"
              to="/traces/$traceId"
              params={{ traceId: trace.traceId }}
              search={keepShared}
              preload={false}
            >
              <StateShape
                tone={trace.isError ? 'error' : 'ok'}
                size={10}
                label={trace.isError ? 'failed' : 'no error'}
              />
              <span className="truncate">
                <b>{trace.service}</b> {trace.name}
              </span>
              <span className="num">{formatDuration(trace.durationMs)}</span>
              <span className="num faint">{formatTimeOfDay(Date.parse(trace.startTime))}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
