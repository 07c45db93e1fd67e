import { useState } from 'react';
import type { ExperimentResult } from '../../../main/contract/index.ts';
import { faultText, targetText } from '../../app/faults.ts';
import { useFaultKinds } from '../../app/use-chaos.ts';
import { useServiceColor } from '../../app/use-service-color.ts';
import { cx, StateShape } from '../../ui/index.ts';
import { MEASURES, type Series, TimeChart } from './time-chart.tsx';

const ENTERING = 'entering the fleet';

/** Rate, errors and latency over a run, with its faults laid over them. Services are switched on and off below. */
export function RunCharts({ result }: { result: ExperimentResult }) {
  const colorOf = useServiceColor();
  const kinds = useFaultKinds();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const startMs = Date.parse(result.run.startedAt);
  const all = result.charts.map(
    ({ service, points }): Series => ({
      name: service ?? ENTERING,
      color: service === null ? 'var(--fg)' : colorOf(service),
      isThick: service === null,
      points: points.map((point) => ({ ...point, second: (point.atMs - startMs) / 1000 })),
    }),
  );
  const shown = all.filter((series) => !hidden.has(series.name));
  const bands = result.faults.map(({ fault, fromMs, toMs }) => ({
    id: fault.id,
    from: (fromMs - startMs) / 1000,
    to: toMs === null ? null : (toMs - startMs) / 1000,
  }));
  const toggle = (name: string): void => {
    const next = new Set(hidden);
    if (!next.delete(name)) next.add(name);
    setHidden(next);
  };
  return (
    <section className="run-charts" aria-label="Charts">
      <div className="run-charts-row">
        {MEASURES.map((measure) => (
          <TimeChart key={measure.key} measure={measure} series={shown} bands={bands} />
        ))}
      </div>
      <div className="run-charts-key">
        {all.map((series) => (
          <button
            key={series.name}
            type="button"
            aria-pressed={!hidden.has(series.name)}
            className={cx(hidden.has(series.name) && 'run-charts-off')}
            onClick={() => toggle(series.name)}
          >
            <i style={{ background: series.color }} /> {series.name}
          </button>
        ))}
        {result.faults.length > 0 && (
          <span className="run-charts-faults">
            <StateShape tone="fault" label="Injected:" />
            {result.faults.map(({ fault }) => `${faultText(fault, kinds)} on ${targetText(fault.target)}`).join('; ')}
          </span>
        )}
      </div>
    </section>
  );
}
