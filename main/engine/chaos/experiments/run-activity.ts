import type { StepPause } from '../../../contract/index.ts';
import type { Gate } from './gate.ts';
import type { ActivityRun } from './journal.ts';
import type { Activity } from './model.ts';
import { ActivityFailedError } from './providers/activity-failed.ts';
import { runHttp } from './providers/run-http.ts';
import { runProcess } from './providers/run-process.ts';
import { saidBy } from './run-view.ts';
import { substitute, type Variables } from './substitute.ts';

/** What every activity of a run needs. */
export interface ActivityContext {
  readonly variables: Variables;
  /** The folder that relative paths start from. */
  readonly folder: string;
  readonly gate: Gate;
  /** What is left out: nothing, actions, probes, all activities, or only the pauses between them. */
  readonly dry: Dry;
  /** What programs find in their environment besides that of the engine. */
  readonly environment: Readonly<Record<string, string>>;
  /** Told when one begins and when it has ended. */
  onActivity(run: ActivityRun): void;
  /** Told when one of its pauses begins. */
  onPause(pause: StepPause): void;
}

export type Dry = 'none' | 'actions' | 'probes' | 'activities' | 'pause';

/** A fault of the engine's own was not put on: what follows would be told of a fleet that nothing was done to. */
class FaultNotOnError extends Error {
  constructor({ name }: Activity, why: string, cause?: unknown) {
    super(`the fault of “${name}” was not put on: ${why.replace(/\.$/, '')}`, { cause });
  }
}

/** Whether actions are carried out, and with them faults put on: not every dry run leaves them out. */
export const acts = (dry: Dry): boolean => dry !== 'actions' && dry !== 'activities';

/**
 * Runs one activity with its pauses, and writes down how it went into `runs`. A failure is an entry, not an error.
 * @throws BrokenOffError, FaultNotOnError
 */
export async function runActivity(
  activity: Activity,
  context: ActivityContext,
  runs: ActivityRun[],
): Promise<ActivityRun> {
  const { gate, dry } = context;
  const isDry = dry === 'activities' || dry === `${activity.type}s`;
  const waits = !isDry && dry !== 'pause';
  await gate.pass();
  if (waits) await pause('before', activity, context);
  const startedMs = Date.now();
  const run: ActivityRun = {
    activity: activity.source,
    output: null,
    start: new Date(startedMs).toISOString(),
    status: null,
    end: null,
    duration: null,
  };
  runs.push(run);
  context.onActivity(run);
  try {
    if (!isDry) run.output = await outputOf(activity, context);
    if (activity.putsFaultOn === true) refuseRefusal(activity, run);
    run.status = 'succeeded';
  } catch (error) {
    run.status = 'failed';
    run.exception = [error instanceof Error ? error.message : String(error)];
    if (!(error instanceof ActivityFailedError)) throw gate.signal.aborted ? gate.signal.reason : error;
    if (activity.putsFaultOn === true) throw new FaultNotOnError(activity, error.message, error);
  } finally {
    const endedMs = Date.now();
    run.end = new Date(endedMs).toISOString();
    run.duration = (endedMs - startedMs) / 1000;
    context.onActivity(run);
  }
  if (waits) await pause('after', activity, context);
  return run;
}

/** @throws BrokenOffError */
async function pause(when: StepPause['when'], { pauses }: Activity, context: ActivityContext): Promise<void> {
  const seconds = secondsOf(pauses[when], context.variables);
  if (seconds === 0) return;
  context.onPause({ when, seconds });
  await context.gate.sleep(seconds);
}

/** @throws FaultNotOnError */
function refuseRefusal(activity: Activity, { output }: ActivityRun): void {
  const status = Number((output as { status?: unknown } | null)?.status ?? 200);
  if (status >= 400) throw new FaultNotOnError(activity, saidBy(output) ?? `the engine answered ${status}`);
}

/** @throws ActivityFailedError when it comes to no output */
export function outputOf(activity: Activity, context: ActivityContext): Promise<unknown> {
  const { provider } = activity;
  const { variables, gate } = context;
  if (provider.type === 'http') return runHttp(provider, variables, gate.signal);
  return runProcess(provider, context);
}

function secondsOf(pause: number | string | null, variables: Variables): number {
  const seconds = pause === null ? 0 : Number(substitute(pause, variables));
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}
