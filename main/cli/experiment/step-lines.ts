import type { ExperimentRunView, StepPause, StepRun } from '../../contract/index.ts';
import { formatMs } from '../format.ts';
import { note, paint } from '../output.ts';

const HEADINGS: Readonly<Record<StepRun['stage'], string>> = {
  before: 'Hypothesis, before',
  method: 'Method',
  during: 'Hypothesis, during the method',
  after: 'Hypothesis, after',
  rollbacks: 'Rollbacks',
};

/** A line for each step of a run as it ends, and for each pause as it begins, under the heading of its part; none is told twice the same. */
export class StepLines {
  readonly #told = new Map<number, string>();
  #part: StepRun['stage'] | null = null;
  readonly #paused = new Set<string>();
  #isPaused = false;

  show(run: ExperimentRunView): void {
    for (const [index, step] of run.steps.entries()) this.#tell(index, step);
    if (run.paused !== this.#isPaused)
      note(run.paused ? 'Paused. Go on with: flotilla experiment resume' : 'It goes on.');
    this.#isPaused = run.paused;
  }

  #tell(index: number, step: StepRun): void {
    const { pause } = step;
    if (pause?.when === 'before') this.#pause(index, step, pause);
    const outcome = outcomeOf(step);
    if (outcome !== null && this.#told.get(index) !== outcome) {
      this.#told.set(index, outcome);
      this.#line(step, stepText(step));
    }
    if (pause?.when === 'after') this.#pause(index, step, pause);
  }

  /** Each once: looks during the method have theirs again and again. */
  #pause(index: number, step: StepRun, { when, seconds }: StepPause): void {
    const key = `${index} ${when}`;
    if (this.#paused.has(key)) return;
    this.#paused.add(key);
    this.#line(step, `  … waits ${formatMs(seconds * 1000)} ${when} “${step.name}”`);
  }

  #line({ stage }: StepRun, text: string): void {
    if (this.#part !== stage) note(paint('bold', HEADINGS[stage], process.stderr));
    this.#part = stage;
    note(text);
  }
}

/** What makes a line worth telling; null while there is none. Looks during the method are told when they turn. */
function outcomeOf({ state, toleranceMet, stage }: StepRun): string | null {
  if (state !== 'succeeded' && state !== 'failed') return null;
  // It is judged a moment after it has succeeded.
  if (stage !== 'method' && stage !== 'rollbacks' && toleranceMet === null) return null;
  return `${state} ${toleranceMet}`;
}

export function stepText({ name, state, toleranceMet, durationMs, detail }: StepRun): string {
  const good = state === 'succeeded' && toleranceMet !== false;
  const mark = good ? paint('green', '✓', process.stderr) : paint('red', '✗', process.stderr);
  const took = durationMs === null ? '' : paint('grey', ` ${formatMs(durationMs)}`, process.stderr);
  return `  ${mark} ${name}${took}${detail === null ? '' : `\n      ${paint('grey', detail, process.stderr)}`}`;
}
