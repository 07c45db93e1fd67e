import type { z } from 'zod';
import {
  type ApiHandlers,
  type ExperimentRunView,
  type ExperimentStart,
  type FaultView,
  FlotillaError,
  type StepRun,
} from '../../../../main/contract/index.ts';
import { givenVariables } from '../../../../main/engine/chaos/experiments/given-variables.ts';
import { checkExperiment } from '../../../../main/engine/chaos/experiments/outline.ts';
import { requireExperiment } from '../../../../main/engine/chaos/experiments/read-experiment.ts';
import { resultOf, stepsDone } from './experiment-results.ts';
import { EXPERIMENTS } from './experiment-texts.ts';
import type { SyntheticFaults } from './faults.ts';
import type { SyntheticFleet } from './fleet.ts';
import type { World } from './world.ts';

type Answers = Pick<ApiHandlers, 'probe.measure' | Extract<keyof ApiHandlers, `experiment.${string}`>>;
type Kept = { run: ExperimentRunView; fault: FaultView | null };

const FOLDER = '/home/you/flotilla/sample-fleet/experiments';

/** Experiments of the made-up shop: read and checked as the engine does, run in a few steps of no meaning. */
export class SyntheticExperiments {
  readonly #world: World;
  readonly #fleet: SyntheticFleet;
  readonly #faults: SyntheticFaults;
  readonly #stepMs: number;
  readonly #files = new Map(Object.entries(EXPERIMENTS));
  #runs: Kept[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #count = 0;

  constructor(world: World, fleet: SyntheticFleet, faults: SyntheticFaults, stepMs: number) {
    this.#world = world;
    this.#fleet = fleet;
    this.#faults = faults;
    this.#stepMs = stepMs;
    this.#runs = pastRuns(world);
  }

  /** Forgets every file and every run. */
  empty(): void {
    this.#files.clear();
    this.#runs = [];
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  answers(): Answers {
    return {
      'probe.measure': () => ({ value: 0.01, met: true, summary: 'The error rate of gateway over 15 s is 1 %.' }),
      'experiment.list': () => [...this.#files].map(([name, text]) => summaryOf(name, text)),
      'experiment.read': ({ name }) => ({ text: this.#text(name) }),
      'experiment.check': ({ text }) => checkExperiment(text),
      'experiment.save': ({ name, text, isNew }) => {
        if (isNew && this.#files.has(name)) throw new FlotillaError('EXPERIMENT_EXISTS', { name });
        this.#files.set(name, text);
      },
      'experiment.delete': ({ name }) => {
        this.#files.delete(name);
      },
      'experiment.start': (start) => this.#start(start),
      'experiment.pause': () => this.#change({ paused: true }),
      'experiment.resume': () => {
        this.#change({ paused: false });
        this.#next();
      },
      'experiment.abort': () => this.abort('a person'),
      'experiment.runs': () => this.#runs.map(({ run: { stage: _, paused: __, steps: ___, ...summary } }) => summary),
      'experiment.result': ({ id }) => this.#result(id),
      'experiment.report': ({ id, format }) => {
        const { run } = this.#result(id);
        const extension = format === 'html' ? 'html' : format === 'junit' ? 'xml' : 'json';
        return {
          fileName: `${run.id}-${format}.${extension}`,
          mediaType: 'text/plain',
          text: `${run.title}: ${format}`,
        };
      },
      'experiment.forget': ({ id }) => {
        this.#runs = this.#runs.filter(({ run }) => run.id !== id);
      },
    };
  }

  /** Ends what runs. */
  abort(by: string): void {
    const run = this.#running();
    if (!run) return;
    clearTimeout(this.#timer);
    const steps = run.steps.map((step) =>
      step.state === 'waiting' || step.state === 'running' ? { ...step, state: 'skipped' as const } : step,
    );
    this.#end({ status: 'aborted', stoppedBy: by, steps });
  }

  #text(name: string): string {
    const text = this.#files.get(name);
    if (text === undefined) throw new FlotillaError('BAD_REQUEST', { detail: `there is no experiment ${name}` });
    return text;
  }

  #running(): ExperimentRunView | null {
    const { experiment } = this.#fleet.state.chaos;
    return experiment?.status === 'running' ? experiment : null;
  }

  #change(change: Partial<ExperimentRunView>): void {
    const run = this.#fleet.state.chaos.experiment;
    if (run) this.#fleet.change({ kind: 'experiment', experiment: { ...run, ...change } });
  }

  #start({ source, dry, variables }: z.output<typeof ExperimentStart>): { id: string } {
    const running = this.#running();
    if (running) throw new FlotillaError('EXPERIMENT_RUNNING', { title: running.title });
    const text = 'name' in source ? this.#text(source.name) : source.text;
    const { outline, problems } = checkExperiment(text);
    const [first] = problems;
    if (!outline) {
      throw new FlotillaError('EXPERIMENT_INVALID', {
        file: 'name' in source ? source.name : source.file,
        line: first?.line ?? 1,
        column: first?.column ?? 1,
        detail: first?.detail ?? '',
        expected: first?.expected ?? '',
      });
    }
    givenVariables(requireExperiment(text, outline.title), variables);
    this.#count++;
    const now = this.#world.now();
    const probes = outline.steps.filter((step) => step.section === 'hypothesis');
    const step = (stage: StepRun['stage'], { name, type }: Pick<StepRun, 'name' | 'type'>): StepRun => ({
      stage,
      name,
      type,
      state: 'waiting',
      startedAt: null,
      durationMs: null,
      toleranceMet: null,
      detail: null,
    });
    const run: ExperimentRunView = {
      id: `run-new-${this.#count}`,
      title: outline.title,
      name: 'name' in source ? source.name : null,
      fleet: 'shop',
      runtime: 'process',
      dry: dry !== 'none',
      startedAt: new Date(now).toISOString(),
      endedAt: null,
      status: 'running',
      deviated: false,
      unsteady: false,
      stoppedBy: null,
      variables,
      stage: 'before',
      paused: false,
      steps: [
        ...probes.map((one) => step('before', one)),
        ...outline.steps.filter((one) => one.section === 'method').map((one) => step('method', one)),
        ...probes.map((one) => step('after', one)),
      ],
    };
    this.#fleet.change({ kind: 'experiment', experiment: run });
    this.#mark(run, null);
    this.#next();
    return { id: run.id };
  }

  /** Ends the step under way and begins the next. */
  #next(): void {
    const run = this.#running();
    if (!run || run.paused) return;
    const now = this.#world.now();
    const steps = run.steps.map(
      (step): StepRun =>
        step.state === 'running'
          ? {
              ...step,
              state: 'succeeded',
              durationMs: this.#stepMs,
              toleranceMet: step.type === 'probe' ? true : null,
              detail:
                step.type === 'probe' ? 'p95 of gateway over 15 s is 212 ms, at most 800 ms is asked.' : 'HTTP 200',
            }
          : step,
    );
    const at = steps.findIndex((step) => step.state === 'waiting');
    const next = steps[at];
    if (!next) {
      this.#end({ status: 'completed', steps });
      return;
    }
    steps[at] = { ...next, state: 'running', startedAt: new Date(now).toISOString() };
    const stage = next.stage === 'during' ? 'method' : next.stage;
    if (next.type === 'action' && !run.dry) this.#inject(run.title);
    this.#change({ steps, stage });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#next(), this.#stepMs);
  }

  #inject(experiment: string): void {
    this.#faults.add({
      kind: 'latency',
      target: { kind: 'edge', from: 'orders', to: 'payments' },
      parameters: { latencyMs: 2000 },
      forSeconds: (this.#stepMs / 1000) * 1.5,
      experiment,
    });
  }

  #end(change: Partial<ExperimentRunView>): void {
    const endedAt = new Date(this.#world.now()).toISOString();
    this.#change({ ...change, endedAt, stage: 'ended', paused: false });
    const run = this.#fleet.state.chaos.experiment;
    if (!run) return;
    this.#runs = [{ run, fault: null }, ...this.#runs];
    this.#mark(run, Date.parse(endedAt));
  }

  #mark(run: ExperimentRunView, untilMs: number | null): void {
    const mark = { id: run.id, atMs: Date.parse(run.startedAt), untilMs, service: null, text: run.title };
    this.#fleet.change({ kind: 'mark', mark: { ...mark, kind: 'experiment' } });
  }

  #result(id: string) {
    const kept = this.#runs.find(({ run }) => run.id === id);
    if (!kept) throw new FlotillaError('BAD_REQUEST', { detail: `there is no run ${id}` });
    return resultOf(this.#world, kept.run, kept.fault);
  }
}

function summaryOf(name: string, text: string) {
  const { outline, problems } = checkExperiment(text);
  const title = /^title: (.*)$/m.exec(text)?.[1] ?? name;
  return {
    name,
    file: `${FOLDER}/${name}`,
    title: outline?.title ?? title,
    description: outline?.description ?? '',
    tags: outline?.tags ?? [],
    problem: problems.find((one) => one.severity === 'error') ?? null,
  };
}

const PAST: readonly (readonly [
  name: string,
  title: string,
  action: string,
  minutesAgo: number,
  change: Partial<ExperimentRunView>,
])[] = [
  [
    'slow-payments.yaml',
    'Slow payments',
    'Payments are slow',
    11,
    { deviated: true, variables: { patience_ms: '500', region: 'us' } },
  ],
  ['slow-payments.yaml', 'Slow payments', 'Payments are slow', 7, {}],
  [
    'dead-inventory.yaml',
    'Dead inventory',
    'Inventory is gone',
    5,
    { status: 'aborted', stoppedBy: 'the error rate of gateway is above 50 % for 10 s' },
  ],
  ['kafka-gone.yaml', 'Kafka gone for a minute', 'No broker', 3, { dry: true }],
];

/** Runs of the last minutes, newest first. */
function pastRuns(world: World): Kept[] {
  return PAST.map(([name, title, action, minutesAgo, change], index): Kept => {
    const startMs = world.now() - minutesAgo * 60_000;
    const run: ExperimentRunView = {
      id: `run-${index + 1}`,
      title,
      name,
      fleet: 'shop',
      runtime: 'process',
      dry: false,
      startedAt: new Date(startMs).toISOString(),
      endedAt: new Date(startMs + 51_000).toISOString(),
      status: 'completed',
      deviated: false,
      unsteady: false,
      stoppedBy: null,
      variables: {},
      stage: 'ended',
      paused: false,
      steps: stepsDone([action], startMs, change.deviated === true),
      ...change,
    };
    const fault: FaultView = {
      id: `fault-of-${run.id}`,
      kind: 'latency',
      target: { kind: 'edge', from: 'orders', to: 'payments' },
      parameters: { latencyMs: 2000, jitterMs: 0, percent: 100, stream: 'downstream' },
      since: new Date(startMs + 2000).toISOString(),
      until: new Date(startMs + 32_000).toISOString(),
      state: 'active',
      problem: null,
      experiment: title,
    };
    return { run, fault: run.dry ? null : fault };
  }).reverse();
}
