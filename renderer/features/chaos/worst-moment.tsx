import type { ExperimentResult } from '../../../main/contract/index.ts';
import { faultTitle } from '../../app/faults.ts';
import { useFaultKinds } from '../../app/use-chaos.ts';
import { useTimeRange } from '../../app/use-console-search.ts';
import {
  Button,
  cx,
  FaultFlag,
  formatDuration,
  formatPercent,
  formatRate,
  formatTimeOfDay,
  StateShape,
} from '../../ui/index.ts';

const MOST_EDGES = 8;
/** The stretch that the topology shows of a moment. */
const AROUND_MS = 5000;

/** The fleet when it was worst: the edges that failed most, and what was not well. */
export function WorstMoment({ result: { worst } }: { result: ExperimentResult }) {
  const kinds = useFaultKinds();
  const { setRange } = useTimeRange();
  if (!worst) return null;
  const edges = [...worst.edges]
    .sort((a, b) => b.faults.length - a.faults.length || b.errorRate - a.errorRate || (b.p95Ms ?? 0) - (a.p95Ms ?? 0))
    .slice(0, MOST_EDGES);
  const unwell = worst.nodes.filter((node) =>
    ['unhealthy', 'stopped', 'failed', 'backoff', 'paused'].includes(node.status),
  );
  return (
    <section className="run-section">
      <h2>
        The worst moment, {formatTimeOfDay(worst.atMs)}
        <Button look="quiet" onClick={() => setRange(worst.atMs - AROUND_MS, worst.atMs + AROUND_MS)}>
          Look at it
        </Button>
      </h2>
      {unwell.length > 0 && (
        <p className="run-unwell">
          <StateShape tone="error" /> Not well: {unwell.map((node) => node.id).join(', ')}
        </p>
      )}
      <table className="run-edges">
        <tbody>
          {edges.map((edge) => (
            <tr key={`${edge.from}~${edge.to}`}>
              <th scope="row">
                {edge.from} → {edge.to}{' '}
                {edge.faults.map((kind) => (
                  <FaultFlag key={kind} text={faultTitle(kind, kinds)} />
                ))}
              </th>
              <td className="num">{formatRate(edge.rate)}</td>
              <td className={cx('num', edge.errorRate >= 0.05 && 'tone-error')}>{formatPercent(edge.errorRate)}</td>
              <td className="num">{formatDuration(edge.p95Ms)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
