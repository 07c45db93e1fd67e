import { randomUUID } from 'node:crypto';
import { dirname, isAbsolute } from 'node:path';
import {
  type ApiHandlers,
  type ApiParsed,
  type EngineChange,
  type EngineProblem,
  type ExperimentResult,
  type ExperimentRunSummary,
  type FaultView,
  type FleetView,
  FlotillaError,
  toErrorView,
} from '../../../contract/index.ts';
import type { FaultGround } from '../faults/check-request.ts';
import { type MeasureSources, measure } from '../probes/measure.ts';
import { renderReport } from '../report/render-report.ts';
import { ExperimentFiles, experimentsFolder } from './experiment-files.ts';
import { ExperimentSession, markOf } from './experiment-session.ts';
import type { GatherSources } from './gather.ts';
import { givenVariables } from './given-variables.ts';
import { interruptedResult } from './interrupted-result.ts';
import { type Mask, maskOf } from './mask.ts';
import type { Activity, Experiment, Step } from './model.ts';
import { shownVariables } from './offered-variables.ts';
import { checkExperiment } from './outline.ts';
import { requireExperiment } from './read-experiment.ts';
import { acts } from './run-activity.ts';
import { RunStore } from './run-store.ts';
import { substitute, type Variables } from './substitute.ts';
import { readVariables, secretsIn } from './variables.ts';

type ExperimentHandlers = Pick<
  ApiHandlers,
  | 'probe.measure'
  | 'experiment.list'
  | 'experiment.read'
  | 'experiment.check'
  | 'experiment.save'
  | 'experiment.delete'
  | 'experiment.start'
  | 'experiment.pause'
  | 'experiment.resume'
  | 'experiment.abort'
  | 'experiment.runs'
  | 'experiment.result'
  | 'experiment.report'
  | 'experiment.forget'
>;

export interface ExperimentsOptions {
  /** FLOTILLA_HOME: runs are kept in its folder `experiments`. */
  readonly home: string;
  /** This engine, as experiments reach it by HTTP. */
  endpoint(): { readonly url: string; readonly token: string };
  fleet(): FleetView | null;
  /** What that fleet has that faults can be put on; null while there is none. */
  ground(): FaultGround | null;
  readonly sources: GatherSources & Pick<MeasureSources, 'ended' | 'lags'>;
  faults(): { readonly faults: readonly FaultView[]; readonly isBlocked: boolean };
  /** Takes the faults off that carry an experiment's title. */
  clearFaults(title: string): Promise<void>;
  /** How a run goes, and its marks on the timeline. */
  onChange(change: EngineChange): void;
  /** That runs cannot be kept, or are again. */
  onProblems(problems: readonly EngineProblem[]): void;
}

export interface Experiments {
  readonly handlers: ExperimentHandlers;
  /** Tells of a run that an engine before this one left as aborted. */
  recover(): void;
  /** Every change of the engine, so that runs know what became of the fleet. */
  note(change: EngineChange): void;
  /** Ends the run that goes on, if one does, with its rollbacks. The reason is a clause. */
  abort(reason: string): Promise<void>;
  /** Ends it as well, and keeps what there is of it. */
  close(): Promise<void>;
}

/** Experiments of the engine's fleet: files, the one that runs, and those that ran. */
export function createExperiments(options: ExperimentsOptions): Experiments {
  const files = new ExperimentFiles(() => experimentsFolder(options.fleet()?.file));
  const store = new RunStore(options.home);
  const measureSources: MeasureSources = { ...options.sources, fleet: options.fleet };
  let session: ExperimentSession | null = null;
  /** Runs that were forgotten while more was still to be kept of them. */
  const forgotten = new Set<string>();

  const running = (): ExperimentSession => {
    if (session === null || session.view.endedAt !== null) throw new FlotillaError('EXPERIMENT_NONE');
    return session;
  };

  const keep = (result: ExperimentResult): void => {
    if (forgotten.has(result.run.id)) return;
    try {
      store.write(result);
      options.onProblems([]);
    } catch (error) {
      // The run goes on; a disk that is full must not keep faults on.
      options.onProblems([toErrorView(error)]);
    }
  };

  const start = async (asked: ApiParsed<'experiment.start'>): Promise<{ id: string }> => {
    refuseSecond(session);
    const read = await readSource(files, asked.source);
    const experiment = withStrategy(requireExperiment(read.text, read.file), asked.rollbackStrategy);
    const fleet = options.fleet();
    if (fleet === null) throw new FlotillaError('FLEET_NOT_LOADED');
    refuseUnknown(experiment, fleet);
    const { faults, isBlocked } = options.faults();
    if (isBlocked && acts(asked.dry)) throw new FlotillaError('FAULTS_BLOCKED');
    const environment = environmentOf(options.endpoint(), experiment);
    const variables = variablesOf(experiment, asked, environment);
    const mask = maskOf([options.endpoint().token, ...secretsIn(experiment, variables)]);
    // While the file was read another may have been quicker.
    refuseSecond(session);
    session = new ExperimentSession({
      experiment: signed(experiment, variables, options.endpoint().url),
      summary: newSummary(experiment, asked, fleet, mask),
      variables,
      folder: isAbsolute(read.file) ? dirname(read.file) : process.cwd(),
      dry: asked.dry,
      environment,
      fleet,
      faults,
      sources: options.sources,
      mask,
      measure: (one, signal) => measure(one, measureSources, signal),
      clearFaults: (title) => options.clearFaults(signature(title)),
      onChange: options.onChange,
      keep,
    });
    return { id: session.view.id };
  };

  const result = async (id: string, isComplete: boolean): Promise<ExperimentResult> => {
    if (session?.view.id !== id) return store.read(id);
    return isComplete && session.view.endedAt !== null ? session.complete : session.result();
  };

  return {
    handlers: {
      'probe.measure': (asked, signal) => measure(asked, measureSources, signal),
      'experiment.list': () => files.list(),
      'experiment.read': async ({ name }) => ({ text: (await files.read(name)).text }),
      'experiment.check': ({ text }) => checkExperiment(text, options.ground()),
      'experiment.save': ({ name, text, isNew }) => files.save(name, text, isNew),
      'experiment.delete': ({ name }) => files.delete(name),
      'experiment.start': start,
      'experiment.pause': () => running().pause(),
      'experiment.resume': () => running().resume(),
      'experiment.abort': () => running().abort('a person ended it'),
      'experiment.runs': () => store.list(),
      'experiment.result': ({ id, isComplete }) => result(id, isComplete),
      'experiment.report': async ({ id, format }) =>
        renderReport(await result(id, format === 'html' || format === 'json'), format),
      'experiment.forget': ({ id }) => {
        if (session?.view.id === id && session.view.endedAt === null)
          throw new FlotillaError('EXPERIMENT_RUNNING', { title: session.view.title });
        store.forget(id);
        if (session?.view.id !== id) return;
        forgotten.add(id);
        session = null;
      },
    },
    recover() {
      for (const left of store.list().filter((one) => one.endedAt === null)) {
        const told = interruptedResult(storedOr(store, left));
        keep(told);
        options.onChange({ kind: 'mark', mark: markOf(told.run, Date.parse(told.run.endedAt ?? left.startedAt)) });
      }
    },
    note: (change) => session?.note(change),
    async abort(reason) {
      if (session?.view.endedAt === null) await session.abort(reason);
    },
    async close() {
      await session?.close('the engine was stopped');
    },
  };
}

/** A run as it is kept; where its file was damaged, what the list has of it. */
function storedOr(store: RunStore, summary: ExperimentRunSummary): ExperimentResult {
  try {
    return store.read(summary.id);
  } catch {
    const run = { ...summary, stage: 'method' as const, paused: false, steps: [] };
    return { run, journal: {}, deviations: [], faults: [], charts: [], worst: null, traces: [] };
  }
}

function refuseSecond(session: ExperimentSession | null): void {
  if (session?.view.endedAt === null) throw new FlotillaError('EXPERIMENT_RUNNING', { title: session.view.title });
}

/** A stop condition on a service that is not there would never stop anything. */
function refuseUnknown({ stopConditions }: Experiment, { services }: FleetView): void {
  const known = services.map((one) => one.id as string);
  const unknown = stopConditions.find(({ service }) => service !== null && !known.includes(service))?.service;
  if (unknown) throw new FlotillaError('SERVICE_UNKNOWN', { service: unknown, known: known.join(', ') });
}

async function readSource(
  files: ExperimentFiles,
  source: ApiParsed<'experiment.start'>['source'],
): Promise<{ text: string; file: string }> {
  return 'name' in source ? files.read(source.name) : source;
}

function withStrategy(
  experiment: Experiment,
  rollbacks: Experiment['strategies']['rollbacks'] | undefined,
): Experiment {
  if (rollbacks === undefined) return experiment;
  return { ...experiment, strategies: { ...experiment.strategies, rollbacks } };
}

/** What files read as `type: env`, and programs of activities find, to call this engine back. */
function environmentOf({ url, token }: { url: string; token: string }, { title }: Experiment): Record<string, string> {
  return { FLOTILLA_URL: url, FLOTILLA_TOKEN: token, FLOTILLA_EXPERIMENT: title };
}

function variablesOf(
  experiment: Experiment,
  { variables, environment = {} }: ApiParsed<'experiment.start'>,
  own: Record<string, string>,
): Variables {
  const given = givenVariables(experiment, variables);
  return readVariables(experiment, { ...process.env, ...environment, ...own }, given);
}

/** What faults of an experiment carry: they take no more of its title. */
const signature = (title: string): string => title.slice(0, 200);

/** Faults that the file puts on carry its title where it does not say so itself, so that they are found again. */
function signed(experiment: Experiment, variables: Variables, engineUrl: string): Experiment {
  const sign = (activity: Activity): Activity => {
    const { provider } = activity;
    if (provider.type !== 'http' || String(substitute(provider.url, variables)) !== `${engineUrl}/api/fault.add`)
      return activity;
    const fault = { ...activity, putsFaultOn: true };
    const given = provider.arguments as Record<string, unknown> | null | undefined;
    if (typeof given !== 'object' || given === null || 'experiment' in given) return fault;
    return {
      ...fault,
      provider: { ...provider, arguments: { ...given, experiment: signature(experiment.title) } },
    };
  };
  const signStep = (step: Step): Step => ('name' in step ? sign(step) : step);
  return { ...experiment, method: experiment.method.map(signStep), rollbacks: experiment.rollbacks.map(signStep) };
}

function newSummary(
  experiment: Experiment,
  { source, dry, variables }: ApiParsed<'experiment.start'>,
  fleet: FleetView,
  mask: Mask,
) {
  const nowMs = Date.now();
  return {
    // Sorts by time as text until the year 5188.
    id: `${nowMs.toString(36).padStart(9, '0')}-${randomUUID().slice(0, 6)}`,
    title: experiment.title,
    name: 'name' in source ? source.name : null,
    fleet: fleet.name,
    runtime: fleet.runtime,
    dry: dry !== 'none',
    startedAt: new Date(nowMs).toISOString(),
    endedAt: null,
    status: 'running' as const,
    deviated: false,
    unsteady: false,
    stoppedBy: null,
    variables: shownVariables(experiment, variables, mask),
  };
}
