import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { type ExperimentRunSummary, toErrorView } from '../../../main/contract/index.ts';
import { useRunningExperiment } from '../../app/use-chaos.ts';
import { keepShared } from '../../app/use-console-search.ts';
import {
  Button,
  type Column,
  EmptyState,
  ErrorNote,
  formatSpan,
  Loading,
  plural,
  RelativeTime,
  type Sort,
  StateLabel,
  Table,
} from '../../ui/index.ts';
import { ChaosFrame } from './chaos-frame.tsx';
import { runsRoute } from './index.tsx';
import { RunningExperiment } from './running-experiment.tsx';
import { useRuns } from './use-runs.ts';
import { runMs, VERDICT_WORDS, verdictOf } from './verdict.ts';

/** The runs that are kept, newest first: found again by title and verdict, compared two at a time. */
export function RunsView() {
  const { find = '', verdict = '', pick = '' } = runsRoute.useSearch();
  const navigate = useNavigate();
  const running = useRunningExperiment();
  const { data, error, refetch } = useRuns();
  const set = (change: { find?: string; verdict?: string; pick?: string }): void =>
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) => ({ ...before, ...change }),
      replace: true,
    });
  const over = data?.filter((run) => run.status !== 'running');
  const shown = over?.filter(
    (run) =>
      (verdict === '' || verdictOf(run).word === verdict) &&
      `${run.title} ${run.name ?? ''}`.toLowerCase().includes(find.trim().toLowerCase()),
  );
  const picked = pick.split(',').filter((id) => over?.some((run) => run.id === id));
  return (
    <ChaosFrame
      part="/chaos/runs"
      tools={
        <>
          <input
            type="search"
            className="chaos-field"
            aria-label="Find a run"
            placeholder="Find a run"
            value={find}
            onChange={(event) => set({ find: event.target.value || undefined })}
          />
          <select
            className="chaos-field"
            aria-label="Verdict"
            value={verdict}
            onChange={(event) => set({ verdict: event.target.value || undefined })}
          >
            <option value="">every verdict</option>
            {VERDICT_WORDS.map((word) => (
              <option key={word}>{word}</option>
            ))}
          </select>
          <Button
            disabled={picked.length !== 2}
            title={picked.length === 2 ? 'Shows both beside each other' : 'Choose two runs to compare them'}
            onClick={() =>
              void navigate({
                to: '/chaos/compare',
                search: (before) => ({ ...keepShared(before), a: picked[0], b: picked[1] }),
              })
            }
          >
            Compare
          </Button>
          <span className="view-count">{shown ? plural(shown.length, 'run') : ''}</span>
        </>
      }
    >
      {running && <RunningExperiment run={running} />}
      {error && !data ? (
        <ErrorNote error={toErrorView(error)} onRetry={() => void refetch()} />
      ) : !shown || !over ? (
        <Loading what="Reading the runs" />
      ) : over.length === 0 ? (
        <EmptyState
          icon="chaos"
          title="No experiment was run yet"
          text="Each run is kept with its verdict, its charts and its steps, so that it can be read and compared later."
        >
          <Link className="button button-primary" to="/chaos/experiments" search={keepShared}>
            Experiments
          </Link>
        </EmptyState>
      ) : shown.length === 0 ? (
        <EmptyState title="No run is like that" text="Look for less, or for another verdict.">
          <Button onClick={() => set({ find: undefined, verdict: undefined })}>Show all runs</Button>
        </EmptyState>
      ) : (
        <RunTable runs={shown} picked={picked} onPick={(next) => set({ pick: next.join(',') || undefined })} />
      )}
    </ChaosFrame>
  );
}

function RunTable({
  runs,
  picked,
  onPick,
}: {
  runs: readonly ExperimentRunSummary[];
  picked: readonly string[];
  onPick: (picked: readonly string[]) => void;
}) {
  const navigate = useNavigate();
  const [sort, setSort] = useState<Sort>({ key: 'when', descending: true });
  const columns: Column<ExperimentRunSummary>[] = [
    {
      key: 'pick',
      title: '',
      width: 40,
      cell: (run) => (
        <input
          type="checkbox"
          aria-label={`Compare ${run.title} of ${run.startedAt}`}
          checked={picked.includes(run.id)}
          onClick={(event) => event.stopPropagation()}
          // Of more than two the newest two are kept.
          onChange={(event) =>
            onPick(event.target.checked ? [...picked, run.id].slice(-2) : picked.filter((id) => id !== run.id))
          }
        />
      ),
    },
    {
      key: 'title',
      title: 'Experiment',
      sortBy: (run) => run.title,
      cell: (run) => (
        <span className="chaos-title">
          <Link to="/chaos/runs/$run" params={{ run: run.id }} search={keepShared}>
            {run.title}
          </Link>
          {run.dry && <span className="chaos-dry">dry run</span>}
          <span className="faint truncate">{run.stoppedBy !== null && `ended early: ${run.stoppedBy}`}</span>
        </span>
      ),
    },
    {
      key: 'verdict',
      title: 'Verdict',
      width: 120,
      sortBy: (run) => verdictOf(run).word,
      cell: (run) => <StateLabel {...verdictOf(run)} />,
    },
    {
      key: 'when',
      title: 'When',
      width: 120,
      sortBy: (run) => Date.parse(run.startedAt),
      cell: (run) => <RelativeTime time={run.startedAt} />,
    },
    {
      key: 'took',
      title: 'Took',
      width: 90,
      align: 'right',
      sortBy: (run) => runMs(run, 0),
      cell: (run) => formatSpan(runMs(run, Date.parse(run.startedAt))),
    },
    {
      key: 'fleet',
      title: 'Fleet',
      width: 150,
      className: 'chaos-cell-tags',
      sortBy: (run) => `${run.fleet} ${run.runtime}`,
      cell: (run) => (
        <span className="muted">
          {run.fleet} on {run.runtime === 'process' ? 'processes' : run.runtime}
        </span>
      ),
    },
  ];
  return (
    <div className="chaos-scroll">
      <Table<ExperimentRunSummary>
        label="Runs"
        columns={columns}
        rows={runs}
        rowKey={(run) => run.id}
        rowLabel={(run) => `${run.title}, ${verdictOf(run).word}`}
        sort={sort}
        onSort={setSort}
        onSelect={(run) => void navigate({ to: '/chaos/runs/$run', params: { run: run.id }, search: keepShared })}
      />
    </div>
  );
}
