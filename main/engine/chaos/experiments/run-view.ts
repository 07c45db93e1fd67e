import type { ExperimentRunSummary, ExperimentRunView, StepRun } from '../../../contract/index.ts';
import type { ActivityRun } from './journal.ts';
import type { Mask } from './mask.ts';
import type { Activity, Experiment, HypothesisStrategy } from './model.ts';
import { activitiesByName } from './outline.ts';
import type { Progress } from './run-experiment.ts';

type Part = StepRun['stage'];

const LOOKS: Readonly<Record<HypothesisStrategy, readonly Part[]>> = {
  default: ['before', 'after'],
  'before-method-only': ['before'],
  'after-method-only': ['after'],
  'during-method-only': ['during'],
  continuously: ['before', 'during', 'after'],
  skip: [],
};
const ORDER: readonly Part[] = ['before', 'method', 'during', 'after', 'rollbacks'];
const MOST_TEXT = 300;

/** A run as clients see it: every activity from the beginning on, each with how it went once it has. */
export class RunView {
  #view: ExperimentRunView;
  /** Where in `steps` the steps of a part begin. */
  readonly #starts = new Map<Part, number>();
  readonly #mask: Mask;

  constructor(experiment: Experiment, summary: ExperimentRunSummary, mask: Mask) {
    this.#mask = mask;
    const steps: StepRun[] = [];
    for (const part of ORDER) {
      this.#starts.set(part, steps.length);
      for (const { name, type } of activitiesOf(experiment, part)) steps.push(waiting(part, name, type));
    }
    this.#view = { ...summary, stage: 'before', paused: false, steps };
  }

  get view(): ExperimentRunView {
    return this.#view;
  }

  set(given: Partial<Omit<ExperimentRunView, 'steps'>>): void {
    this.#view = { ...this.#view, ...this.#mask(given) };
  }

  note({ stage, step, pause }: Progress): void {
    if (step !== null) this.#noteStep(step.part, step.index, outcome(this.#mask(step.run)));
    if (pause !== undefined) this.#noteStep(pause.part, pause.index, { pause: pause.pause });
    this.#view = { ...this.#view, stage };
  }

  #noteStep(part: Part, index: number, given: Partial<StepRun>): void {
    const steps = [...this.#view.steps];
    const at = (this.#starts.get(part) ?? 0) + index;
    const before = steps[at];
    if (before !== undefined) steps[at] = { ...before, ...given };
    this.#view = { ...this.#view, steps };
  }

  /** What was not come to is left out. */
  end(): void {
    const steps = this.#view.steps.map((step) =>
      step.state === 'waiting' || step.state === 'running' ? { ...step, state: 'skipped' as const } : step,
    );
    this.#view = { ...this.#view, stage: 'ended', paused: false, steps };
  }
}

function activitiesOf(experiment: Experiment, part: Part): readonly Activity[] {
  const named = activitiesByName(experiment);
  if (part === 'method' || part === 'rollbacks') {
    return experiment[part].flatMap((step) => ('name' in step ? [step] : [named.get(step.ref)].filter((one) => !!one)));
  }
  return LOOKS[experiment.strategies.hypothesis].includes(part) ? (experiment.hypothesis?.probes ?? []) : [];
}

const waiting = (stage: Part, name: string, type: StepRun['type']): StepRun => ({
  stage,
  name,
  type,
  state: 'waiting',
  startedAt: null,
  durationMs: null,
  toleranceMet: null,
  detail: null,
});

function outcome(run: ActivityRun): Omit<StepRun, 'stage' | 'name' | 'type'> {
  return {
    state: run.status ?? 'running',
    startedAt: run.start,
    durationMs: run.duration === null ? null : run.duration * 1000,
    toleranceMet: run.tolerance_met ?? null,
    detail: detailOf(run),
  };
}

/** What an activity gave, or why it failed, in a line. */
export function detailOf(run: ActivityRun): string | null {
  if (run.status === null) return null;
  const text = run.exception?.join(' ') ?? saidBy(run.output) ?? run.tolerance_reason ?? resultText(run.output);
  if (text === null) return null;
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MOST_TEXT ? `${line.slice(0, MOST_TEXT - 1)}…` : line;
}

/** Flotilla's own probes and errors say in a sentence what they found. */
export function saidBy(output: unknown): string | null {
  const body = (output as { body?: unknown } | null)?.body as
    | {
        result?: { data?: { summary?: unknown; kind?: unknown; state?: unknown } };
        error?: { data?: { view?: { message?: unknown } } };
      }
    | null
    | undefined;
  if (typeof body !== 'object' || body === null) return null;
  const data = body.result?.data;
  const said = data?.summary ?? body.error?.data?.view?.message;
  if (typeof said === 'string') return said;
  return typeof data?.kind === 'string' && data.state === 'active' ? `${data.kind} is on` : null;
}

function resultText(output: unknown): string | null {
  if (typeof output !== 'object' || output === null) return output === null ? null : String(output);
  const { status, stdout, stderr } = output as Record<string, unknown>;
  if (typeof stdout === 'string') {
    const said = stdout.trim() || String(stderr ?? '').trim();
    return `exit code ${status}${said === '' ? '' : `: ${said}`}`;
  }
  return status === undefined ? null : `HTTP ${status}`;
}
