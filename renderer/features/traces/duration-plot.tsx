import { useMemo } from 'react';
import type { FixedRange, TraceSummary } from '../../../main/contract/index.ts';
import { formatClock, formatDuration, formatTimeOfDay } from '../../ui/index.ts';

const PAD = 6;

interface Dot {
  readonly trace: TraceSummary;
  readonly x: number;
  readonly y: number;
}

/** How far into the range a moment lies, 0 to 1. Clocks of services may be a little ahead of the engine's. */
function shareOf(atMs: number, { fromMs, toMs }: FixedRange): number {
  return Math.min(1, Math.max(0, (atMs - fromMs) / Math.max(1, toMs - fromMs)));
}

/** Where each trace lies: the range to the right, duration upwards on a logarithmic scale, as durations spread over decades. */
export function plotDots(traces: readonly TraceSummary[], { fromMs, toMs }: FixedRange): Dot[] {
  const logs = traces.map((one) => Math.log10(Math.max(one.durationMs, 0.01)));
  const [low, high] = [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs) + 0.001)];
  return traces.map((trace, index) => ({
    trace,
    x: shareOf(Date.parse(trace.startTime), { fromMs, toMs }),
    y: high === low ? 0.5 : ((logs[index] ?? 0) - low) / (high - low),
  }));
}

/** Each trace as a dot, so that the slow and the failed stand out before anything is read. */
export function DurationPlot({
  traces,
  range,
  isCut,
  onOpen,
}: {
  traces: readonly TraceSummary[];
  /** What the axis shows: the range that was searched, also where no trace is. */
  range: FixedRange;
  /** Whether there are more than these. */
  isCut: boolean;
  onOpen: (traceId: string) => void;
}) {
  const dots = useMemo(() => plotDots(traces, range), [traces, range]);
  const oldest = Math.min(...dots.map((dot) => dot.x));
  const longest = Math.max(...traces.map((one) => one.durationMs));
  const shortest = Math.min(...traces.map((one) => one.durationMs));
  return (
    <figure className="trace-plot" aria-label="Durations over time; the list below has the same traces">
      <div className="trace-plot-area">
        {isCut && oldest > 0.02 && (
          <div className="trace-plot-beyond" style={{ width: `calc(${PAD}px + (100% - ${2 * PAD}px) * ${oldest})` }}>
            <span>not among these {traces.length}: narrow the time or the search</span>
          </div>
        )}
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
            aria-label={`Trace ${trace.root.name}, ${formatDuration(trace.durationMs)}${trace.errors > 0 ? ', failed' : ''}`}
            onClick={() => onOpen(trace.traceId)}
          />
        ))}
      </div>
      <figcaption className="trace-plot-foot">
        <span>{formatTimeOfDay(range.fromMs)}</span>
        <span>
          {formatDuration(shortest)} to {formatDuration(longest)}, logarithmic · <i className="trace-dot-key" /> ok{' '}
          <i className="trace-dot-key trace-dot-error" /> failed
        </span>
        <span>{formatTimeOfDay(range.toMs)}</span>
      </figcaption>
    </figure>
  );
}
