import type { Red } from '../../../../main/contract/index.ts';
import { durationParts, formatPercentNumber, formatRateNumber, MetricCard, UNKNOWN } from '../../../ui/index.ts';
import './sections.css';

const FAILING = 0.05;

/** Rate, errors and duration side by side; without calls they say so by a dash. */
export function RedCards({ red }: { red: Red | null }) {
  const quiet = !red || (red.count === 0 && red.ratePerSecond === 0);
  const p95 = durationParts(quiet ? null : red.p95Ms);
  return (
    <div className="red-cards">
      <MetricCard name="Rate" value={red ? formatRateNumber(red.ratePerSecond) : UNKNOWN} unit={red ? '/s' : ''} />
      <MetricCard
        name="Errors"
        value={quiet ? UNKNOWN : formatPercentNumber(red.errorRate)}
        unit={quiet ? '' : '%'}
        {...(!quiet && red.errorRate >= FAILING ? { tone: 'error' as const } : {})}
      />
      <MetricCard name="p95" value={p95.value} unit={p95.unit} />
    </div>
  );
}
