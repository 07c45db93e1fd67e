import { setTimeout as delay } from 'node:timers/promises';
import {
  type EngineChange,
  type ExperimentResult,
  type ExperimentRunSummary,
  type ExperimentRunView,
  experimentVerdict,
  type FaultView,
  type FleetView,
  type TimelineMark,
} from '../../../contract/index.ts';
import { deviationsOf } from './deviations.ts';
import { type GatherSources, gather } from './gather.ts';
import type { Journal } from './journal.ts';
import type { Mask } from './mask.ts';
import type { Experiment } from './model.ts';
import { acts, type Dry } from './run-activity.ts';
import { ExperimentRun } from './run-experiment.ts';
import { RunView } from './run-view.ts';
import { type AskMeasure, watchStopConditions } from './stop-watch.ts';
import type { Variables } from './substitute.ts';
import { Throttle } from './throttle.ts';
import { Witness } from './witness.ts';

export interface SessionOptions {
  readonly experiment: Experiment;
  readonly summary: ExperimentRunSummary;
  readonly variables: Variables;
  readonly folder: string;
  readonly dry: Dry;
  readonly environment: Readonly<Record<string, string>>;
  readonly fleet: FleetView;
  readonly faults: readonly FaultView[];
  readonly sources: GatherSources;
  readonly measure: AskMeasure;
  /** Takes out what nobody may read in what is told and kept. */
  readonly mask: Mask;
  /** Takes the faults off that carry this title. */
  clearFaults(title: string): Promise<void>;
  onChange(change: EngineChange): void;
  /** Keeps what there is of the run so far. */
  keep(result: ExperimentResult): void;
}

const VIEWS_EVERY_MS = 200;
const KEEP_EVERY_MS = 1000;
/** What charts show of before and after. */
const MARGIN_MS = 15_000;
/** Spans of its last requests are on their way for a while. */
const SPANS_ARRIVE_MS = 4000;
/** What ended in the last moment is not here yet, and would look like a fall. */
const SPANS_LATE_MS = 1500;

/** One run of an experiment with all that is told and kept of it. */
export class ExperimentSession {
  readonly #options: SessionOptions;
  readonly #run: ExperimentRun;
  readonly #view: RunView;
  readonly #witness: Witness;
  readonly #views = new Throttle(VIEWS_EVERY_MS, () => this.#tell());
  readonly #keeping = new Throttle(KEEP_EVERY_MS, () => this.#options.keep(this.result()));
  readonly #closing = new AbortController();
  #gathered: Pick<ExperimentResult, 'charts' | 'worst' | 'traces'> = { charts: [], worst: null, traces: [] };
  /** Resolves when it has ended and its faults are off. */
  readonly ended: Promise<void>;
  /** Resolves with all that there is to know of it, a little after it has ended. */
  readonly complete: Promise<ExperimentResult>;

  constructor(options: SessionOptions) {
    const { experiment, variables, folder, dry, environment, summary } = options;
    this.#options = options;
    this.#witness = new Witness(options.fleet.services, options.faults);
    this.#view = new RunView(experiment, summary, options.mask);
    this.#run = new ExperimentRun(experiment, {
      variables,
      folder,
      dry,
      environment,
      onProgress: (progress) => {
        this.#view.note(progress);
        this.#views.touch();
        this.#keeping.touch();
      },
    });
    this.#keeping.now();
    this.#mark(null);
    this.ended = this.#perform();
    this.complete = this.ended.then(() => this.#finish());
  }

  get view(): ExperimentRunView {
    return this.#view.view;
  }

  /** What comes after its end is none of its own, though it is still asked about for a while. */
  note(change: EngineChange): void {
    if (this.view.endedAt === null) this.#witness.note(change);
  }

  pause(): void {
    this.#run.pause();
    this.#view.set({ paused: this.#run.paused });
    this.#views.now();
  }

  resume(): void {
    this.#run.resume();
    this.#view.set({ paused: this.#run.paused });
    this.#views.now();
  }

  /** Resolves when it is rolled back and its faults are off. The reason is a clause. */
  abort(reason: string): Promise<void> {
    this.#run.abort(reason);
    return this.ended;
  }

  /** Ends it without waiting for what is still on its way to its charts. */
  async close(reason: string): Promise<void> {
    this.#closing.abort();
    await this.abort(reason);
    await this.complete;
  }

  async #perform(): Promise<void> {
    const { experiment, summary, measure } = this.#options;
    const watching = new AbortController();
    if (acts(this.#options.dry)) {
      void watchStopConditions(experiment.stopConditions, measure, watching.signal).then((reason) => {
        if (reason !== null) this.#run.abort(reason);
      });
    }
    const journal = await this.#run.run();
    watching.abort();
    if (this.#isToClear(journal)) await this.#options.clearFaults(experiment.title).catch(() => undefined);
    const { status, deviated, end, flotilla } = journal;
    const unsteady = journal.steady_states.before?.steady_state_met === false;
    this.#view.set({ status: status ?? 'aborted', deviated, unsteady, endedAt: end, stoppedBy: flotilla.stopped_by });
    this.#view.end();
    this.#views.now();
    this.#mark(Date.parse(end ?? summary.startedAt));
    this.#keeping.now();
  }

  /** Its faults end with it, unless somebody wants nothing rolled back and it came to its end. */
  #isToClear({ status }: Journal): boolean {
    const { dry, experiment } = this.#options;
    return acts(dry) && !(experiment.strategies.rollbacks === 'never' && status === 'completed');
  }

  async #finish(): Promise<ExperimentResult> {
    const { startedAt, endedAt } = this.view;
    const run = { fromMs: Date.parse(startedAt), toMs: Date.parse(endedAt ?? startedAt) };
    if (acts(this.#options.dry)) {
      const signal = this.#closing.signal;
      await delay(SPANS_ARRIVE_MS, undefined, { signal }).catch(() => undefined);
      const around = {
        fromMs: run.fromMs - MARGIN_MS,
        toMs: Math.min(run.toMs + MARGIN_MS, Date.now() - SPANS_LATE_MS),
      };
      this.#gathered = await gather(run, around, this.#options.sources, this.#witness);
    }
    this.#keeping.now();
    return this.result();
  }

  /** What there is of it by now. */
  result(): ExperimentResult {
    const journal = this.#options.mask(this.#run.journal);
    return {
      run: this.view,
      journal: { ...journal },
      deviations: deviationsOf(journal),
      // Parameters may have been given by a secret, as a header that is to match.
      faults: this.#options.mask(this.#witness.faults),
      ...this.#gathered,
    };
  }

  #tell(): void {
    this.#options.onChange({ kind: 'experiment', experiment: this.view });
  }

  #mark(untilMs: number | null): void {
    this.#options.onChange({ kind: 'mark', mark: markOf(this.view, untilMs) });
  }
}

/** The mark of a run on the timeline. */
export function markOf(run: ExperimentRunSummary, untilMs: number | null): TimelineMark {
  const how = experimentVerdict(run);
  return {
    id: `experiment-${run.id}`,
    kind: 'experiment',
    atMs: Date.parse(run.startedAt),
    untilMs,
    service: null,
    text: `${run.title}${untilMs === null ? '' : `: ${how}`}${run.dry ? ' (dry)' : ''}`,
  };
}
