import { useMemo } from 'react';
import type { TraceSummary } from '../../../main/contract/index.ts';
import { formatClock, formatDuration, formatTimeOfDay } from '../../ui/index.ts';

const PAD = 6;

interface Dot {
  readonly trace: TraceSummary;
  readonly x: number;
  readonly y: number;
}

/** Where each trace lies: time to the right, duration upwards on a logarithmic scale, as durations spread over decades. */
export function plotDots(traces: readonly TraceSummary[]): Dot[] {
  const times = traces.map((one) => Date.parse(one.startTime));
  const logs = traces.map((one) => Math.log10(Math.max(one.durationMs, 0.01)));
  const [fromMs, toMs] = [Math.min(...times), Math.max(...times)];
  const [low, high] = [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs) + 0.001)];
  return traces.map((trace, index) => ({
    trace,
    x: toMs === fromMs ? 0.5 : ((times[index] ?? 0) - fromMs) / (toMs - fromMs),
    y: high === low ? 0.5 : ((logs[index] ?? 0) - low) / (high - low),
  }));
}

/** Each trace as a dot, so that the slow and the failed stand out before anything is read. */
export function DurationPlot({
  traces,
  onOpen,
}: {
  traces: readonly TraceSummary[];
  onOpen: (traceId: string) => void;
}) {
  const dots = useMemo(() => plotDots(traces), [traces]);
  const times = traces.map((one) => Date.parse(one.startTime));
  const longest = Math.max(...traces.map((one) => one.durationMs));
  const shortest = Math.min(...traces.map((one) => one.durationMs));
  return (
    <figure className="trace-plot" aria-label="Durations over time; the list below has the same traces">
      <div className="trace-plot-area">
        {dots.map(({ trace, x, y }) => (
          <button
            key={trace.traceId}
            type="button"
            tabIndex={-1}
            className={`trace-dot${trace.errors > 0 ? ' trace-dot-error' : ''}`}
            style={{
              left: `calc(${PAD}px + (100% - ${2 * PAD}px) * ${x})`,
              bottom: `calc(${PAD}px + (100% - ${2 * PAD}px) * ${y})`,
            }}
            title={`${trace.root.service} ${trace.root.name}: ${formatDuration(trace.durationMs)}, ${formatClock(Date.parse(trace.startTime))}${trace.errors > 0 ? ', failed' : ''}`}
            aria-label={`Trace ${trace.root.name}, ${formatDuration(trace.durationMs)}`}
            onClick={() => onOpen(trace.traceId)}
          />
        ))}
      </div>
      <figcaption className="trace-plot-foot">
        <span>{formatTimeOfDay(Math.min(...times))}</span>
        <span>
          {formatDuration(shortest)} to {formatDuration(longest)}, logarithmic · <i className="trace-dot-key" /> ok{' '}
          <i className="trace-dot-key trace-dot-error" /> failed
        </span>
        <span>{formatTimeOfDay(Math.max(...times))}</span>
      </figcaption>
    </figure>
  );
}
