import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import {
  ExperimentName,
  type ExperimentRunSummary,
  type ExperimentSummary,
  toErrorView,
} from '../../../main/contract/index.ts';
import { useCalmFleet } from '../../app/engine-context.tsx';
import { useAct, useCall } from '../../app/use-call.ts';
import { useChaos, useRunningExperiment } from '../../app/use-chaos.ts';
import { keepShared } from '../../app/use-console-search.ts';
import {
  Button,
  type Column,
  Dialog,
  EmptyState,
  ErrorNote,
  Loading,
  plural,
  RelativeTime,
  type Sort,
  StateLabel,
  Table,
} from '../../ui/index.ts';
import { ChaosFrame } from './chaos-frame.tsx';
import { fileNameOf, newExperiment } from './new-experiment.ts';
import { RunningExperiment } from './running-experiment.tsx';
import { useRuns } from './use-runs.ts';
import { useStart } from './use-start.ts';
import { verdictOf } from './verdict.ts';

/** Somebody may write files beside the console. */
const LIST_EVERY_MS = 5000;

interface Row {
  readonly experiment: ExperimentSummary;
  readonly last: ExperimentRunSummary | null;
}

/** The experiments of the fleet's folder, each with what came of its last run. */
export function ExperimentsView() {
  const fleet = useCalmFleet();
  const { experiment } = useChaos();
  const [isNew, setNew] = useState(false);
  const { data, error, refetch } = useCall('experiment.list', undefined, {
    everyMs: LIST_EVERY_MS,
    enabled: fleet !== null,
  });
  const { data: runs } = useRuns();
  const rows = data?.map(
    (one): Row => ({ experiment: one, last: runs?.find((run) => run.name === one.name && !run.dry) ?? null }),
  );
  return (
    <ChaosFrame
      part="/chaos/experiments"
      tools={
        <>
          <Button icon="plus" disabled={!fleet} onClick={() => setNew(true)}>
            New experiment
          </Button>
          <span className="view-count">{data ? plural(data.length, 'experiment') : ''}</span>
        </>
      }
    >
      {experiment?.status === 'running' && <RunningExperiment run={experiment} />}
      {!fleet ? (
        <EmptyState
          icon="chaos"
          title="No fleet, no experiments"
          text="Experiments lie in the folder experiments beside a fleet’s compose.yaml. Start a fleet to see its own."
        >
          <Link className="button button-primary" to="/topology" search={keepShared}>
            Start a fleet
          </Link>
        </EmptyState>
      ) : error && !data ? (
        <ErrorNote error={toErrorView(error)} onRetry={() => void refetch()} />
      ) : !rows ? (
        <Loading what="Reading the fleet’s experiments" />
      ) : rows.length === 0 ? (
        <EmptyState
          icon="chaos"
          title="This fleet has no experiments yet"
          text="An experiment says what should hold, breaks something, and looks whether it still does. It is a file in Chaos Toolkit’s format."
        >
          <Button look="primary" icon="plus" onClick={() => setNew(true)}>
            New experiment
          </Button>
        </EmptyState>
      ) : (
        <ExperimentTable rows={rows} />
      )}
      {isNew && <NewExperiment onClose={() => setNew(false)} />}
    </ChaosFrame>
  );
}

function ExperimentTable({ rows }: { rows: readonly Row[] }) {
  const navigate = useNavigate();
  const running = useRunningExperiment();
  const { start, isStarting } = useStart();
  const [sort, setSort] = useState<Sort>({ key: 'title', descending: false });
  const open = ({ experiment }: Row): void =>
    void navigate({ to: '/chaos/experiments/$name', params: { name: experiment.name }, search: keepShared });
  const columns: Column<Row>[] = [
    {
      key: 'title',
      title: 'Experiment',
      sortBy: ({ experiment }) => experiment.title,
      cell: ({ experiment }) => (
        <span className="chaos-title">
          <Link to="/chaos/experiments/$name" params={{ name: experiment.name }} search={keepShared}>
            {experiment.title}
          </Link>
          <span className="faint truncate">
            {experiment.problem
              ? `Line ${experiment.problem.line}: ${experiment.problem.detail}`
              : experiment.description}
          </span>
        </span>
      ),
    },
    {
      key: 'tags',
      title: 'Tags',
      width: '18%',
      className: 'chaos-cell-tags',
      cell: ({ experiment }) => <span className="muted">{experiment.tags.join(', ')}</span>,
    },
    {
      key: 'last',
      title: 'Last run',
      width: 190,
      sortBy: ({ last }) => (last ? Date.parse(last.startedAt) : null),
      cell: ({ last, experiment }) =>
        last ? (
          <Link className="chaos-last" to="/chaos/runs/$run" params={{ run: last.id }} search={keepShared}>
            <StateLabel {...verdictOf(last)} />
            <span className="faint">
              <RelativeTime time={last.startedAt} />
            </span>
          </Link>
        ) : experiment.problem ? (
          <StateLabel tone="error" word="Cannot be run" />
        ) : (
          <span className="faint">never</span>
        ),
    },
    {
      key: 'run',
      title: '',
      width: 96,
      align: 'right',
      cell: ({ experiment }) => (
        <Button
          icon="play"
          aria-label={`Run ${experiment.title}`}
          disabled={experiment.problem !== null || running !== null || isStarting}
          title={
            experiment.problem
              ? 'It has an error'
              : running
                ? `${running.title} is running`
                : 'Runs it now, on the running fleet'
          }
          onClick={(event) => {
            event.stopPropagation();
            start({ source: { name: experiment.name } });
          }}
        >
          Run
        </Button>
      ),
    },
  ];
  return (
    <div className="chaos-scroll">
      <Table<Row>
        label="Experiments"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.experiment.name}
        rowLabel={(row) => row.experiment.title}
        sort={sort}
        onSort={setSort}
        onSelect={open}
      />
    </div>
  );
}

/** Asks for a title, writes a file that runs as it is, and opens it. */
function NewExperiment({ onClose }: { onClose: () => void }) {
  const [title, setTitle] = useState('');
  const navigate = useNavigate();
  const save = useAct('experiment.save');
  const name = fileNameOf(title);
  const isRight = ExperimentName.safeParse(name).success;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isRight) return;
    save.mutate(
      { name, text: newExperiment(title.trim()), isNew: true },
      {
        onSuccess: () => {
          onClose();
          void navigate({ to: '/chaos/experiments/$name', params: { name }, search: keepShared });
        },
      },
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="New experiment"
      description="It begins with a hypothesis and one fault, and can be run as it is."
    >
      <form className="new-experiment" onSubmit={submit}>
        <label>
          <span>Title</span>
          <input
            type="text"
            className="chaos-field"
            value={title}
            placeholder="Payments answer late"
            autoComplete="off"
            onChange={(event) => setTitle(event.target.value)}
          />
        </label>
        <p className="faint">{isRight ? `experiments/${name}` : 'Its file is named after it.'}</p>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" busy={save.isPending} disabled={!isRight}>
            {save.isPending ? 'Writing …' : 'Create'}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
