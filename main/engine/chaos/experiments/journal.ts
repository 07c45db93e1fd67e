import { hostname, platform, release } from 'node:os';
import { VERSION } from '../../../contract/index.ts';
import type { Experiment } from './model.ts';

/**
 * The record of a run in the form that Chaos Toolkit writes (https://chaostoolkit.org/reference/api/journal/), so that what
 * reads its journals reads ours. Times are ISO 8601, durations seconds.
 */
export interface Journal {
  'chaoslib-version': string;
  platform: string;
  node: string;
  experiment: Readonly<Record<string, unknown>>;
  start: string;
  /** `failed`: a probe of the hypothesis gave no output, or ended the method (`fail_fast`) and was met after it. `aborted`: something broke. `interrupted`: a person or a stop condition. */
  status: 'completed' | 'failed' | 'aborted' | 'interrupted' | null;
  deviated: boolean;
  steady_states: { before: SteadyState | null; after: SteadyState | null; during: SteadyState[] };
  run: ActivityRun[];
  rollbacks: ActivityRun[];
  end: string | null;
  duration: number | null;
  /** What Chaos Toolkit has no word for. */
  flotilla: { stopped_by: string | null };
}

export interface SteadyState {
  steady_state_met: boolean | null;
  probes: ActivityRun[];
}

export interface ActivityRun {
  readonly activity: Readonly<Record<string, unknown>>;
  output: unknown;
  start: string;
  status: 'succeeded' | 'failed' | null;
  end: string | null;
  duration: number | null;
  /** Why it failed, a line each. */
  exception?: string[];
  tolerance_met?: boolean;
  /** `503 is not 200`: ours. */
  tolerance_reason?: string;
}

export function newJournal(experiment: Experiment, now: Date): Journal {
  return {
    'chaoslib-version': `flotilla ${VERSION}`,
    platform: `${platform()}-${release()}`,
    node: hostname(),
    experiment: experiment.source,
    start: now.toISOString(),
    status: null,
    deviated: false,
    steady_states: { before: null, after: null, during: [] },
    run: [],
    rollbacks: [],
    end: null,
    duration: null,
    flotilla: { stopped_by: null },
  };
}
