import type { StepPause, StepRun } from '../../../contract/index.ts';
import { clipOutput } from './clip-output.ts';
import { BrokenOffError, Gate } from './gate.ts';
import { type ActivityRun, type Journal, newJournal, type SteadyState } from './journal.ts';
import type { Activity, Experiment, Step } from './model.ts';
import { type ActivityContext, type Dry, runActivity } from './run-activity.ts';
import { runHypothesis } from './run-hypothesis.ts';
import type { Variables } from './substitute.ts';

export type Stage = 'before' | 'method' | 'after' | 'rollbacks' | 'ended';

/** Which activity of the file a word of progress is about: the `index`th of that part, as it is carried out there. */
export interface Progress {
  readonly stage: Stage;
  readonly step: { readonly part: StepRun['stage']; readonly index: number; readonly run: ActivityRun } | null;
  /** A pause around an activity begins. */
  readonly pause?: { readonly part: StepRun['stage']; readonly index: number; readonly pause: StepPause };
}

export interface ExperimentRunOptions {
  readonly variables: Variables;
  /** The folder that relative paths of programs start from. */
  readonly folder: string;
  readonly dry?: Dry;
  /** What programs of activities find in their environment besides that of the engine. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whenever the journal has more to say: which stage it is, and the activity that began, ended or was judged. */
  onProgress?(progress: Progress): void;
}

/** Of looks during the method the journal keeps the first and these many of the newest: a run may last a day. */
const MOST_LOOKS = 1000;
/** Characters of an output that the journal keeps: of a look during the method, of any other activity. */
const MOST_OF_LOOK = 4000;
const MOST_OF_ACTIVITY = 250_000;

const NO_ROLLBACKS_AFTER: readonly Journal['status'][] = ['failed', 'interrupted'];

/**
 * One run of an experiment, by the rules of Chaos Toolkit: a hypothesis that is not met before the method ends it there; one
 * that is not met after it (or, looked at continuously, during it) means that the fleet deviated.
 */
export class ExperimentRun {
  readonly journal: Journal;
  readonly #experiment: Experiment;
  readonly #options: ExperimentRunOptions;
  readonly #gate = new Gate();
  /** Of their own: rollbacks run though the method was broken off, and to their end. */
  readonly #rollbackGate = new Gate();
  readonly #activities: ReadonlyMap<string, Activity>;
  #stage: Stage = 'before';

  constructor(experiment: Experiment, options: ExperimentRunOptions) {
    this.#experiment = experiment;
    this.#options = options;
    this.journal = newJournal(experiment, new Date());
    const steps = [...(experiment.hypothesis?.probes ?? []), ...experiment.method, ...experiment.rollbacks];
    this.#activities = new Map(steps.flatMap((step) => ('name' in step ? [[step.name, step] as const] : [])));
  }

  get stage(): Stage {
    return this.#stage;
  }

  get paused(): boolean {
    return this.#gate.paused || this.#rollbackGate.paused;
  }

  /** Holds before the next activity; what is under way ends first. */
  pause(): void {
    // One that was broken off is to be undone, and not held any more.
    if (this.#gate.signal.aborted) return;
    this.#gate.pause();
    this.#rollbackGate.pause();
  }

  resume(): void {
    this.#gate.resume();
    this.#rollbackGate.resume();
  }

  /** Ends what is under way and goes on with the rollbacks, whatever their strategy. The journal names the reason. */
  abort(reason: string): void {
    this.#gate.breakOff(reason);
    this.#rollbackGate.resume();
  }

  /** Runs it to its end. Never throws; the journal says how it went. */
  async run(): Promise<Journal> {
    const { journal } = this;
    const startedMs = Date.now();
    try {
      await this.#hypothesisAndMethod();
    } catch (error) {
      journal.status = error instanceof BrokenOffError ? 'interrupted' : 'aborted';
      journal.flotilla.stopped_by = error instanceof Error ? error.message : String(error);
    }
    await this.#rollBack();
    journal.status ??= 'completed';
    journal.end = new Date().toISOString();
    journal.duration = (Date.now() - startedMs) / 1000;
    this.#enter('ended');
    return journal;
  }

  async #hypothesisAndMethod(): Promise<void> {
    const { hypothesis, strategies } = this.#experiment;
    const probes = hypothesis !== null && hypothesis.probes.length > 0 && strategies.hypothesis !== 'skip';
    const on = (...names: readonly string[]): boolean => probes && names.includes(strategies.hypothesis);
    if (on('default', 'before-method-only', 'continuously')) {
      this.#enter('before');
      const before = await this.#look('before');
      this.journal.steady_states.before = before;
      if (!before.steady_state_met) {
        this.journal.status = statusAfter(before);
        return;
      }
    }
    this.#enter('method');
    await this.#method(on('during-method-only', 'continuously'));
    if (on('default', 'after-method-only', 'continuously')) {
      this.#enter('after');
      const after = await this.#look('after');
      this.journal.steady_states.after = after;
      if (!after.steady_state_met) {
        this.journal.deviated = true;
        this.journal.status = statusAfter(after);
      }
    }
  }

  /** The method, with a look at the hypothesis every so often where that is asked for. */
  async #method(watched: boolean): Promise<void> {
    const method = new Gate(this.#gate);
    const methodEnded = new Gate();
    const watching = watched ? this.#watch(method, methodEnded) : Promise.resolve();
    try {
      await this.#steps('method', this.#experiment.method, this.journal.run, method);
    } catch (error) {
      if (!(error instanceof BrokenOffError) || this.#gate.signal.aborted) throw error;
      // Its own hypothesis has ended the method alone: it is looked once more.
      this.journal.status = 'failed';
      this.journal.flotilla.stopped_by = error.message;
    } finally {
      methodEnded.breakOff('the method has ended');
      await watching;
    }
  }

  /** Never throws: how it went is in the journal. */
  async #watch(method: Gate, methodEnded: Gate): Promise<void> {
    const { frequency, failFast, failFastRatio } = this.#experiment.strategies;
    const states = this.journal.steady_states.during;
    let failed = 0;
    let looks = 0;
    try {
      while (!methodEnded.signal.aborted && !this.#gate.signal.aborted) {
        const state = await this.#look('during');
        for (const probe of state.probes) clipOutput(probe, MOST_OF_LOOK);
        if (states.length >= MOST_LOOKS) states.splice(1, 1);
        states.push(state);
        looks += 1;
        if (!state.steady_state_met) {
          failed += 1;
          this.journal.deviated = true;
          if (failFast && (failed * 100) / looks >= failFastRatio) {
            method.breakOff('the hypothesis was not met during the method');
            return;
          }
        }
        await methodEnded.sleep(frequency);
      }
    } catch (error) {
      if (!(error instanceof BrokenOffError))
        this.#gate.breakOff(error instanceof Error ? error.message : String(error));
    }
  }

  async #look(part: StepRun['stage']): Promise<SteadyState> {
    const { hypothesis } = this.#experiment;
    if (hypothesis === null) throw new Error('there is no hypothesis to look at');
    const state = await runHypothesis(hypothesis, (index) => this.#context(this.#gate, part, index));
    for (const probe of state.probes) clipOutput(probe, MOST_OF_ACTIVITY);
    return state;
  }

  /** In order; what runs in the background is waited for at the end. */
  async #steps(part: StepRun['stage'], steps: readonly Step[], runs: ActivityRun[], gate: Gate): Promise<void> {
    const background: Promise<unknown>[] = [];
    try {
      for (const [index, step] of steps.entries()) {
        const activity = this.#resolve(step);
        const running = runActivity(activity, this.#context(gate, part, index), runs).then((run) =>
          clipOutput(run, MOST_OF_ACTIVITY),
        );
        if (!activity.background) await running;
        else {
          // Looked at below; until then its failure must not count as one that nobody looks at.
          running.catch(() => undefined);
          background.push(running);
        }
      }
    } finally {
      await Promise.allSettled(background);
    }
    await Promise.all(background);
  }

  #resolve(step: Step): Activity {
    const activity = 'name' in step ? step : this.#activities.get(step.ref);
    if (activity === undefined) throw new Error('a reference to an activity that does not exist');
    return activity;
  }

  async #rollBack(): Promise<void> {
    const { journal } = this;
    const { rollbacks, strategies } = this.#experiment;
    const isEndedEarly = journal.flotilla.stopped_by !== null;
    const asked = {
      always: true,
      never: false,
      deviated: journal.deviated,
      // Someone who breaks it off wants it undone; Chaos Toolkit would leave that to a flag of its command line.
      default: isEndedEarly || !NO_ROLLBACKS_AFTER.includes(journal.status),
    }[strategies.rollbacks];
    if (!asked || rollbacks.length === 0) return;
    this.#enter('rollbacks');
    try {
      await this.#steps('rollbacks', rollbacks, journal.rollbacks, this.#rollbackGate);
    } catch (error) {
      journal.status = 'aborted';
      journal.flotilla.stopped_by ??= error instanceof Error ? error.message : String(error);
    }
  }

  #context(gate: Gate, part: StepRun['stage'], index: number): ActivityContext {
    const { variables, folder, dry = 'none', environment = {} } = this.#options;
    const onActivity = (run: ActivityRun): void => this.#tell({ part, index, run });
    const onPause = (pause: StepPause): void =>
      this.#options.onProgress?.({ stage: this.#stage, step: null, pause: { part, index, pause } });
    return { variables, folder, gate, dry, environment, onActivity, onPause };
  }

  #enter(stage: Stage): void {
    this.#stage = stage;
    this.#tell(null);
  }

  #tell(step: Progress['step']): void {
    this.#options.onProgress?.({ stage: this.#stage, step });
  }
}

/** A probe without output is a failure of the experiment; one outside its tolerance is a result. */
function statusAfter(state: SteadyState): Journal['status'] {
  return state.probes.some((probe) => probe.status !== 'succeeded') ? 'failed' : 'completed';
}
