import type { ServiceId } from '../../../../main/contract/index.ts';
import { useCall } from '../../../app/use-call.ts';
import { useTimeRange } from '../../../app/use-console-search.ts';
import { formatDuration, formatRate, formatSpan, Sparkline } from '../../../ui/index.ts';

/** Requests, errors and p95 of one service over the range of the console. Nothing where the engine cannot tell them apart. */
export function ServiceChart({ service, height = 46 }: { service: string; height?: number }) {
  const { range, isLive, lastMs } = useTimeRange();
  const { data } = useCall(
    'telemetry.timeline',
    { range, points: 90, service: service as ServiceId },
    { live: isLive, keepPrevious: false },
  );
  // An engine that does not know the question answers for the whole fleet, and does not name the service.
  if (!data || data.service !== service || data.points.length < 2) return null;
  const points = data.points.slice(0, -1);
  const rates = points.map((point) => point.ratePerSecond);
  const errors = points.map((point) => point.errorsPerSecond);
  const p95 = points.map((point) => point.p95Ms ?? null);
  const top = Math.max(...rates, 0.001);
  const last = points.at(-1);
  const span = 'lastMs' in range ? lastMs : range.toMs - range.fromMs;
  return (
    <div className="service-chart">
      <div className="service-chart-head">
        <span>requests/s and errors</span>
        <span>{last && formatRate(last.ratePerSecond)}</span>
      </div>
      <div className="service-chart-layers" style={{ height }}>
        <Sparkline
          values={rates}
          max={top}
          height={height}
          width={330}
          tone="busy"
          label={`Requests per second over ${formatSpan(span)}`}
        />
        <Sparkline
          values={errors}
          max={top}
          height={height}
          width={330}
          tone="error"
          label={`Errors per second over ${formatSpan(span)}`}
        />
      </div>
      {p95.some((value) => value !== null) && (
        <>
          <div className="service-chart-head">
            <span>p95</span>
            <span>{formatDuration(last?.p95Ms ?? null)}</span>
          </div>
          <Sparkline
            values={p95}
            height={Math.round(height * 0.7)}
            width={330}
            tone="idle"
            label={`p95 over ${formatSpan(span)}`}
          />
        </>
      )}
    </div>
  );
}
