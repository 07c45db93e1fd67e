import { Link } from '@tanstack/react-router';
import type { ExperimentRunView } from '../../../main/contract/index.ts';
import { useAct } from '../../app/use-call.ts';
import { keepShared } from '../../app/use-console-search.ts';
import { Button, Since, StateShape } from '../../ui/index.ts';
import { stageTitle } from './verdict.ts';

/** The experiment that runs: how far it is, and what can be done about it. */
export function RunningExperiment({ run }: { run: ExperimentRunView }) {
  const done = run.steps.filter((step) => step.state !== 'waiting' && step.state !== 'running').length;
  const current = run.steps.find((step) => step.state === 'running');
  return (
    <section className="running" aria-label={`Running: ${run.title}`}>
      <StateShape tone="busy" size={14} />
      <div>
        <h2>
          <Link to="/chaos/runs/$run" params={{ run: run.id }} search={keepShared}>
            {run.title}
          </Link>
        </h2>
        <p className="muted">
          {run.paused ? 'Paused before the next step' : `${stageTitle(run.stage)}${current ? `: ${current.name}` : ''}`}
          {' · '}
          {done} of {run.steps.length} steps · for <Since time={run.startedAt} />
        </p>
      </div>
      <RunControls run={run} />
    </section>
  );
}

/** Pause, resume and abort, for an experiment that runs. */
export function RunControls({ run }: { run: ExperimentRunView }) {
  const pause = useAct('experiment.pause');
  const resume = useAct('experiment.resume');
  const abort = useAct('experiment.abort', () => 'The experiment was ended and rolled back.');
  return (
    <div className="run-controls">
      {run.paused ? (
        <Button icon="play" busy={resume.isPending} onClick={() => resume.mutate(undefined)}>
          Resume
        </Button>
      ) : (
        <Button
          icon="pause"
          busy={pause.isPending}
          onClick={() => pause.mutate(undefined)}
          title="Holds before the next step; faults that are on stay on"
        >
          Pause
        </Button>
      )}
      <Button
        look="danger"
        icon="stop"
        busy={abort.isPending}
        onClick={() => abort.mutate(undefined)}
        title="Ends what is under way and rolls back"
      >
        {abort.isPending ? 'Aborting …' : 'Abort'}
      </Button>
    </div>
  );
}
