import type { StepRun } from '../../../main/contract/index.ts';
import { formatDuration, StateShape } from '../../ui/index.ts';
import { STAGES, stageTitle, stepVerdict } from './verdict.ts';

/** The steps of a run under their stages, each with what came of it. */
export function RunSteps({ steps }: { steps: readonly StepRun[] }) {
  return (
    <div className="run-steps">
      {STAGES.map((stage) => {
        const ofStage = steps.filter((step) => step.stage === stage);
        if (ofStage.length === 0) return null;
        return (
          <section key={stage}>
            <h2>{stageTitle(stage)}</h2>
            <ol>
              {ofStage.map((step, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: steps may have the same name, and are known by their order
                <Step key={index} step={step} />
              ))}
            </ol>
          </section>
        );
      })}
    </div>
  );
}

function Step({ step }: { step: StepRun }) {
  const { tone, word } = stepVerdict(step);
  return (
    <li className={`run-step run-step-${step.state}`}>
      <StateShape tone={tone} size={13} />
      <div>
        <b>{step.name}</b> <span className="faint">{step.type}</span>
        {step.detail !== null && <p className={tone === 'error' ? 'tone-error' : 'muted'}>{step.detail}</p>}
      </div>
      <span className="run-step-word">{word}</span>
      <span className="run-step-took num">{step.durationMs === null ? '' : formatDuration(step.durationMs)}</span>
    </li>
  );
}
