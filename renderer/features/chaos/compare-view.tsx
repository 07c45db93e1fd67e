import { Link, useNavigate } from '@tanstack/react-router';
import { type ExperimentResult, toErrorView } from '../../../main/contract/index.ts';
import { useCall } from '../../app/use-call.ts';
import { keepShared } from '../../app/use-console-search.ts';
import {
  cx,
  EmptyState,
  ErrorNote,
  formatDateTime,
  formatDuration,
  formatSpan,
  Icon,
  Loading,
  plural,
  StateLabel,
} from '../../ui/index.ts';
import { ChaosFrame } from './chaos-frame.tsx';
import { compareRoute } from './index.tsx';
import { RunVariables } from './run-variables.tsx';
import { MEASURES, type Series, TimeChart } from './time-chart.tsx';
import { pairSteps, runMs, type StepPair, stageTitle, stepVerdict, verdictOf } from './verdict.ts';

/** Two runs side by side: their verdicts, charts laid over each other from their starts, steps, and what differs. */
export function CompareView() {
  const { a, b, of } = compareRoute.useSearch();
  const first = useCall('experiment.result', { id: a ?? '' }, { enabled: a !== undefined, keepPrevious: false });
  const second = useCall('experiment.result', { id: b ?? '' }, { enabled: b !== undefined, keepPrevious: false });
  const error = first.error ?? second.error;
  return (
    <ChaosFrame part="/chaos/runs">
      {a === undefined || b === undefined ? (
        <EmptyState icon="chaos" title="Which two runs?" text="Choose two in the list of runs, and compare them.">
          <Link className="button button-primary" to="/chaos/runs" search={keepShared}>
            Runs
          </Link>
        </EmptyState>
      ) : error ? (
        <ErrorNote error={toErrorView(error)} />
      ) : !first.data || !second.data ? (
        <Loading what="Reading both runs" />
      ) : (
        <Comparison a={first.data} b={second.data} of={of ?? ''} />
      )}
    </ChaosFrame>
  );
}

function Comparison({ a, b, of }: { a: ExperimentResult; b: ExperimentResult; of: string }) {
  const pairs = pairSteps(a.run.steps, b.run.steps);
  const different = pairs.filter((pair) => pair.differs).length;
  return (
    <article className="run chaos-scroll">
      <header className="run-head">
        <Link to="/chaos/runs" search={keepShared} className="service-back" aria-label="All runs">
          <Icon name="arrow-left" />
        </Link>
        <h1>{a.run.title === b.run.title ? a.run.title : `${a.run.title} and ${b.run.title}`}</h1>
        <span className="muted">
          {different === 0 ? 'Every step came out the same' : `${plural(different, 'step')} came out otherwise`}
        </span>
      </header>
      <div className="compare-heads">
        <Side name="A" result={a} />
        <Side name="B" result={b} />
      </div>
      <Charts a={a} b={b} of={of} />
      <section>
        <table className="compare-steps" aria-label="Steps">
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col">A</th>
              <th scope="col">B</th>
            </tr>
          </thead>
          <tbody>
            {pairs.map((pair, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: steps may have the same name, and are known by their order
              <PairRow key={index} pair={pair} />
            ))}
          </tbody>
        </table>
      </section>
    </article>
  );
}

function Side({ name, result: { run, deviations } }: { name: string; result: ExperimentResult }) {
  return (
    <section className={`compare-side compare-side-${name.toLowerCase()}`} aria-label={`Run ${name}`}>
      <h2>
        <i aria-hidden="true" /> {name}{' '}
        <Link to="/chaos/runs/$run" params={{ run: run.id }} search={keepShared}>
          {formatDateTime(Date.parse(run.startedAt))}
        </Link>
        <StateLabel {...verdictOf(run)} />
      </h2>
      <p className="muted">
        {formatSpan(runMs(run, Date.now()))} · {run.fleet} on {run.runtime === 'process' ? 'processes' : run.runtime}
        {run.dry && ' · dry run'}
        {run.stoppedBy !== null && ` · ended early: ${run.stoppedBy}`}
      </p>
      <RunVariables variables={run.variables} />
      {deviations.map((deviation) => (
        <p key={deviation}>{deviation}</p>
      ))}
    </section>
  );
}

function Charts({ a, b, of }: { a: ExperimentResult; b: ExperimentResult; of: string }) {
  const navigate = useNavigate();
  const services = [...new Set([...a.charts, ...b.charts].map((chart) => chart.service ?? ''))];
  if (services.length === 0) return null;
  const service = services.includes(of) ? of : '';
  const seriesOf = (name: string, result: ExperimentResult, color: string): Series => {
    const startMs = Date.parse(result.run.startedAt);
    const points = result.charts.find((chart) => (chart.service ?? '') === service)?.points ?? [];
    return {
      name,
      color,
      isThick: true,
      isDashed: name === 'B',
      points: points.map((point) => ({ ...point, second: (point.atMs - startMs) / 1000 })),
    };
  };
  const series = [seriesOf('A', a, 'var(--accent)'), seriesOf('B', b, 'var(--series-2)')];
  const startMs = Date.parse(a.run.startedAt);
  const bands = a.faults.map(({ fault, fromMs, toMs }) => ({
    id: fault.id,
    from: (fromMs - startMs) / 1000,
    to: toMs === null ? null : (toMs - startMs) / 1000,
  }));
  return (
    <section className="run-charts" aria-label="Charts">
      <label className="compare-of">
        <span>Requests</span>
        <select
          className="chaos-field"
          value={service}
          onChange={(event) =>
            void navigate({
              to: '.',
              search: (before: Record<string, unknown>) => ({ ...before, of: event.target.value || undefined }),
              replace: true,
            })
          }
        >
          {services.map((one) => (
            <option key={one} value={one}>
              {one === '' ? 'entering the fleet' : `to ${one}`}
            </option>
          ))}
        </select>
        <span className="faint">from the start of each; violet: the faults of A</span>
      </label>
      <div className="run-charts-row">
        {MEASURES.map((measure) => (
          <TimeChart key={measure.key} measure={measure} series={series} bands={bands} />
        ))}
      </div>
    </section>
  );
}

function PairRow({ pair }: { pair: StepPair }) {
  const cell = (step: StepPair['a']) =>
    step === null ? (
      <span className="faint">has no such step</span>
    ) : (
      <>
        <StateLabel {...stepVerdict(step)} />
        <span className="faint"> {step.durationMs === null ? '' : formatDuration(step.durationMs)}</span>
        {step.detail !== null && <p className="muted">{step.detail}</p>}
      </>
    );
  return (
    <tr className={cx(pair.differs && 'compare-differs')}>
      <th scope="row">
        {pair.differs && <span className="visually-hidden">Differs: </span>}
        {pair.name}
        <p className="faint">{stageTitle(pair.stage)}</p>
      </th>
      <td>{cell(pair.a)}</td>
      <td>{cell(pair.b)}</td>
    </tr>
  );
}
