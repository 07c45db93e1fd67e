import {
  type ExperimentRunSummary,
  type ExperimentRunView,
  type ExperimentVerdict,
  experimentVerdict,
  provesNothing,
  type StepRun,
} from '../../../main/contract/index.ts';
import type { Tone } from '../../ui/state-shape.tsx';

export interface Verdict {
  readonly tone: Tone;
  readonly word: string;
}

type Told = Pick<ExperimentRunSummary, 'status' | 'deviated' | 'unsteady' | 'dry'>;

const VERDICTS: Readonly<Record<ExperimentVerdict, Verdict>> = {
  running: { tone: 'busy', word: 'Running' },
  passed: { tone: 'ok', word: 'Passed' },
  deviated: { tone: 'error', word: 'Deviated' },
  unsteady: { tone: 'warn', word: 'Not steady' },
  failed: { tone: 'error', word: 'Failed' },
  aborted: { tone: 'warn', word: 'Aborted' },
  interrupted: { tone: 'warn', word: 'Interrupted' },
};

/** A dry run that went well. */
const DRY: Verdict = { tone: 'idle', word: 'Dry run' };

const { running: _, ...OVER } = VERDICTS;

/** The words for what came of runs that are over. */
export const VERDICT_WORDS: readonly string[] = [...Object.values(OVER), DRY].map(({ word }) => word);

/** What came of a run, in a word. A hypothesis that was not met outweighs how it ended. */
export const verdictOf = (run: Told): Verdict => (provesNothing(run) ? DRY : VERDICTS[experimentVerdict(run)]);

/** What the verdict means, in a sentence. */
export function verdictSentence(run: Told & Pick<ExperimentRunSummary, 'stoppedBy'>): string {
  const stopped = run.stoppedBy === null ? '' : ` It was ended early: ${run.stoppedBy}.`;
  if (run.status === 'running') return 'It is not over yet.';
  if (run.dry) return `A dry run: not everything was carried out, so it proves nothing about the fleet.${stopped}`;
  if (run.deviated) return `The steady state did not hold.${stopped}`;
  if (run.unsteady) return 'The steady state did not hold before anything was done, so nothing was tried.';
  if (run.status === 'completed') return 'The steady state held.';
  if (run.status === 'failed') return `A probe of the steady state gave no answer.${stopped}`;
  return `It was not carried out to its end, so it proves nothing.${stopped}`;
}

export const STAGES: readonly StepRun['stage'][] = ['before', 'method', 'during', 'after', 'rollbacks'];

const STAGE_TITLES: Record<StepRun['stage'] | ExperimentRunView['stage'], string> = {
  before: 'Steady state before',
  method: 'Method',
  during: 'Steady state meanwhile',
  after: 'Steady state after',
  rollbacks: 'Rollbacks',
  ended: 'Ended',
};

export const stageTitle = (stage: keyof typeof STAGE_TITLES): string => STAGE_TITLES[stage];

/** The shape and the word of a step. A probe that answered outside of its tolerance did not succeed for the reader. */
export function stepVerdict(step: StepRun): Verdict {
  if (step.state === 'running') return { tone: 'busy', word: 'Under way' };
  if (step.state === 'waiting') return { tone: 'idle', word: 'Not yet' };
  if (step.state === 'skipped') return { tone: 'idle', word: 'Skipped' };
  if (step.state === 'failed') return { tone: 'error', word: 'Failed' };
  if (step.toleranceMet === false) return { tone: 'error', word: 'Not met' };
  return step.toleranceMet === true ? { tone: 'ok', word: 'Met' } : { tone: 'ok', word: 'Done' };
}

/** How long a run took, or has taken so far. */
export function runMs(run: Pick<ExperimentRunSummary, 'startedAt' | 'endedAt'>, nowMs: number): number {
  return (run.endedAt === null ? nowMs : Date.parse(run.endedAt)) - Date.parse(run.startedAt);
}

export interface StepPair {
  readonly stage: StepRun['stage'];
  readonly name: string;
  readonly a: StepRun | null;
  readonly b: StepRun | null;
  /** Whether the two came out otherwise, or only one has it. */
  readonly differs: boolean;
}

/** The steps of two runs beside each other: those of the same stage and name, the nth with the nth. */
export function pairSteps(a: readonly StepRun[], b: readonly StepRun[]): StepPair[] {
  const left = [...b];
  const take = (step: StepRun): StepRun | null => {
    const at = left.findIndex((one) => one.stage === step.stage && one.name === step.name);
    return at < 0 ? null : (left.splice(at, 1)[0] ?? null);
  };
  const pairs = a.map((step): StepPair => {
    const other = take(step);
    const differs = other === null || stepVerdict(step).word !== stepVerdict(other).word;
    return { stage: step.stage, name: step.name, a: step, b: other, differs };
  });
  const rest = left.map((step): StepPair => ({ stage: step.stage, name: step.name, a: null, b: step, differs: true }));
  return STAGES.flatMap((stage) => [...pairs, ...rest].filter((pair) => pair.stage === stage));
}
