import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import {
  type ExperimentResult,
  type ExperimentRunView,
  type ReportFormat,
  toErrorView,
} from '../../../main/contract/index.ts';
import { useClient } from '../../app/engine-context.tsx';
import { useAct, useCall } from '../../app/use-call.ts';
import { useChaos } from '../../app/use-chaos.ts';
import { keepShared, useTimeRange } from '../../app/use-console-search.ts';
import {
  Button,
  ConfirmDialog,
  download,
  ErrorNote,
  formatDateTime,
  formatSpan,
  Icon,
  IconButton,
  Loading,
  Menu,
  Since,
  StateShape,
  toastError,
} from '../../ui/index.ts';
import { ActiveFaults } from './active-fault.tsx';
import { ChaosFrame } from './chaos-frame.tsx';
import { givenAgain } from './given-values.ts';
import { runRoute } from './index.tsx';
import { RunCharts } from './run-charts.tsx';
import { RunSteps } from './run-steps.tsx';
import { RunTraces } from './run-traces.tsx';
import { RunVariables } from './run-variables.tsx';
import { RunControls } from './running-experiment.tsx';
import { useStart } from './use-start.ts';
import { runMs, stageTitle, verdictOf, verdictSentence } from './verdict.ts';
import { WorstMoment } from './worst-moment.tsx';

/** One run: as it goes while it runs, then all that is kept of it. */
export function RunView() {
  const { run: id } = runRoute.useParams();
  const { experiment } = useChaos();
  const live = experiment?.id === id && experiment.status === 'running' ? experiment : null;
  return <ChaosFrame part="/chaos/runs">{live ? <LiveRun run={live} /> : <KeptRun key={id} id={id} />}</ChaosFrame>;
}

function LiveRun({ run }: { run: ExperimentRunView }) {
  const { faults } = useChaos();
  const mine = faults.filter((fault) => fault.experiment === run.title);
  const done = run.steps.filter((step) => step.state !== 'waiting' && step.state !== 'running').length;
  return (
    <article className="run chaos-scroll">
      <header className="run-head">
        <Back />
        <h1>
          {run.title}
          {run.dry && <span className="chaos-dry">dry run</span>}
        </h1>
        <RunControls run={run} />
      </header>
      <section className="run-verdict run-verdict-busy" role="status">
        <StateShape tone="busy" size={18} />
        <div>
          <b>{run.paused ? 'Paused' : stageTitle(run.stage)}</b>
          <p className="muted">
            {run.paused
              ? 'It holds before the next step. Faults that are on stay on until their time is over.'
              : `Step ${Math.min(done + 1, run.steps.length)} of ${run.steps.length}, running for `}
            {!run.paused && <Since time={run.startedAt} />}
          </p>
        </div>
        <progress max={run.steps.length} value={done} aria-label={`${done} of ${run.steps.length} steps`} />
      </section>
      <RunVariables variables={run.variables} />
      <ActiveFaults faults={mine} isTargetSaid />
      <RunSteps steps={run.steps} />
    </article>
  );
}

function KeptRun({ id }: { id: string }) {
  const { data, error, refetch } = useCall('experiment.result', { id }, { keepPrevious: false });
  if (data) return <Result result={data} />;
  if (error) return <ErrorNote error={toErrorView(error)} onRetry={() => void refetch()} />;
  return <Loading what="Reading the run" />;
}

function Result({ result }: { result: ExperimentResult }) {
  const { run } = result;
  const verdict = verdictOf(run);
  return (
    <article className="run chaos-scroll">
      <header className="run-head">
        <Back />
        <h1>
          {run.title}
          {run.dry && <span className="chaos-dry">dry run</span>}
        </h1>
        <ResultActions run={run} />
      </header>
      <section className={`run-verdict run-verdict-${verdict.tone}`} aria-label="Verdict">
        <StateShape tone={verdict.tone} size={18} />
        <div>
          <b>{verdict.word}</b>
          <p>{verdictSentence(run)}</p>
          {result.deviations.length > 0 && (
            <ul>
              {result.deviations.map((deviation) => (
                <li key={deviation}>{deviation}</li>
              ))}
            </ul>
          )}
        </div>
        <p className="muted run-facts">
          {formatDateTime(Date.parse(run.startedAt))}
          <br />
          {formatSpan(runMs(run, Date.now()))} · {run.fleet} on {run.runtime === 'process' ? 'processes' : run.runtime}
          {run.name !== null && (
            <>
              <br />
              <Link to="/chaos/experiments/$name" params={{ name: run.name }} search={keepShared}>
                {run.name}
              </Link>
            </>
          )}
        </p>
      </section>
      <RunVariables variables={run.variables} />
      {result.charts.length > 0 && <RunCharts result={result} />}
      <div className="run-columns">
        <RunSteps steps={run.steps} />
        <div>
          <WorstMoment result={result} />
          <RunTraces result={result} />
        </div>
      </div>
    </article>
  );
}

function Back() {
  return (
    <Link to="/chaos/runs" search={keepShared} className="service-back" aria-label="All runs">
      <Icon name="arrow-left" />
    </Link>
  );
}

/** So much before and after the run is shown where its time is looked at. */
const AROUND_MS = 15_000;

const FORMATS: readonly { readonly format: ReportFormat; readonly label: string }[] = [
  { format: 'html', label: 'Report (HTML, one file)' },
  { format: 'json', label: 'Result (JSON)' },
  { format: 'journal', label: 'Journal (Chaos Toolkit)' },
  { format: 'junit', label: 'JUnit (XML)' },
];

function ResultActions({ run }: { run: ExperimentRunView }) {
  const client = useClient();
  const navigate = useNavigate();
  const { start, isStarting } = useStart();
  const { setRange } = useTimeRange();
  const [isAsking, setAsking] = useState(false);
  const forget = useAct('experiment.forget', () => 'The run is forgotten.');
  const running = useChaos().experiment?.status === 'running';
  const save = (format: ReportFormat): void =>
    void client
      .call('experiment.report', { id: run.id, format })
      .then(({ fileName, mediaType, text }) => download(fileName, text, mediaType))
      .catch(toastError);
  const { name } = run;
  const again = givenAgain(run.variables);
  return (
    <div className="run-controls">
      <Button
        icon="clock"
        title="Sets the time of every view to this run"
        onClick={() =>
          setRange(Date.parse(run.startedAt) - AROUND_MS, Date.parse(run.endedAt ?? run.startedAt) + AROUND_MS)
        }
      >
        Show this time
      </Button>
      <Menu
        trigger={<Button icon="down">Download</Button>}
        groups={[FORMATS.map(({ format, label }) => ({ label, onSelect: () => save(format) }))]}
      />
      {name !== null && (
        <Button
          look="primary"
          icon="play"
          busy={isStarting}
          disabled={running || again === null}
          title={again === null ? 'It was given a secret, which is not kept.' : undefined}
          onClick={() => again && start({ source: { name }, variables: again })}
        >
          Run again
        </Button>
      )}
      <Menu
        trigger={<IconButton icon="more" label="More to do with this run" />}
        groups={[[{ label: 'Forget this run …', icon: 'close', danger: true, onSelect: () => setAsking(true) }]]}
      />
      <ConfirmDialog
        open={isAsking}
        title="Forget this run?"
        text="Its verdict, charts and journal are removed. Download the report first to keep it."
        action="Forget it"
        onClose={() => setAsking(false)}
        onConfirm={() =>
          forget.mutate({ id: run.id }, { onSuccess: () => void navigate({ to: '/chaos/runs', search: keepShared }) })
        }
      />
    </div>
  );
}
