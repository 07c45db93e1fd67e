import type { ErrorView, Health, ServiceState, TimelineMark } from '../../../contract/index.ts';
import type { InstanceExit, InstanceRef, ReportedHealth, RunningInstance } from '../../runtimes/index.ts';
import type { Healthcheck, RestartPolicy } from '../model.ts';

/** One instance in its life: what is known of it, as plain data. `step` is the only thing that makes a new one. */
export interface Life {
  readonly ref: InstanceRef;
  readonly state: ServiceState;
  readonly health: Health;
  readonly pid: number | null;
  readonly containerId: string | null;
  readonly startedAtMs: number | null;
  /** Since when it is healthy without a break, or runs where nothing tells its health. */
  readonly healthySinceMs: number | null;
  /** It was healthy at least once since it was last started. */
  readonly everHealthy: boolean;
  readonly probeFailures: number;
  /** The runtime checks its health and reports it. */
  readonly reported: boolean;
  /** The last failing probe's own words. */
  readonly probeDetail: string | null;
  /** Exits (and starts that failed) in a row, without a minute of health between them. */
  readonly exits: number;
  readonly restarts: number;
  readonly nextStartAtMs: number | null;
  /** `killed`: by a person, through Flotilla. */
  readonly lastExit: { readonly exit: InstanceExit; readonly uptimeMs: number; readonly killed: boolean } | null;
  /** Why the last start did not come about. */
  readonly failure: ErrorView | null;
  /** Ended by a user or by `down`, who do not want it back. */
  readonly stoppedByUser: boolean;
  /** A fault keeps it stopped. */
  readonly held: boolean;
  /** The fault that keeps it paused, by its id; null where a person paused it, or nobody did. */
  readonly pausedBy: string | null;
  /** A person had it killed, through Flotilla, and it has not ended yet. */
  readonly killedByUser: boolean;
  /** It is being stopped only to be started again. */
  readonly startAfterStop: boolean;
  /** How it stood when it was last asked to end: it stands so still where that fails. */
  readonly beforeStop: ServiceState;
}

/** What the machine needs to know of the service. */
export interface LifeRules {
  readonly restart: RestartPolicy;
  /** As Flotilla carries it out; null: it does not, and only the runtime may tell its health. */
  readonly healthcheck: Pick<Healthcheck, 'intervalMs' | 'retries' | 'startPeriodMs'> | null;
  /** Nothing starts it but a person: not even a start that failed is tried again. */
  readonly handsOff?: boolean | undefined;
}

export type LifeEvent =
  /** It is wanted: by the start of the fleet, or by a user. It waits for its dependencies first. */
  | { readonly kind: 'want' }
  /** Its dependencies are met, or its time of waiting after an exit is over. */
  | { readonly kind: 'proceed' }
  /** What it needs to be started, such as its image, could not be had. */
  | { readonly kind: 'unready'; readonly error: ErrorView }
  | { readonly kind: 'spawned'; readonly running: RunningInstance }
  | { readonly kind: 'spawn-failed'; readonly error: ErrorView }
  /** It runs already, from before the engine started. */
  | { readonly kind: 'adopted'; readonly running: RunningInstance }
  | { readonly kind: 'exited'; readonly exit: InstanceExit }
  /** It has ended before anybody looked. */
  | { readonly kind: 'ended'; readonly exit: InstanceExit; readonly startedAtMs: number }
  /** Someone else started, paused or resumed it. */
  | { readonly kind: 'observed'; readonly running: RunningInstance }
  /** What the runtime's own check has found. */
  | { readonly kind: 'health'; readonly health: ReportedHealth }
  | { readonly kind: 'probed'; readonly ok: boolean; readonly detail: string }
  | { readonly kind: 'stop' }
  /** The runtime has done what `stop` asked for. */
  | { readonly kind: 'gone' }
  /** The runtime could not do it. */
  | { readonly kind: 'stop-failed' }
  | { readonly kind: 'restart' }
  /** A fault ends it and keeps it from being started. */
  | { readonly kind: 'hold' }
  /** That fault is over. */
  | { readonly kind: 'release' }
  | { readonly kind: 'kill' }
  | { readonly kind: 'pause' }
  /** `by`: the fault that wanted it so. */
  | { readonly kind: 'paused'; readonly by?: string | undefined }
  | { readonly kind: 'resume' }
  | { readonly kind: 'resumed' };

/** What is to be done to the instance, in this order. */
export type LifeEffect = 'spawn' | 'stop' | 'kill' | 'pause' | 'resume';

/** Something that happened that a person may look for later: a mark on the timeline, a line in the log. */
export interface LifeNote {
  readonly kind: TimelineMark['kind'];
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
}

export interface LifeStep {
  readonly life: Life;
  readonly effects: readonly LifeEffect[];
  readonly notes: readonly LifeNote[];
}

/** An instance before anything happened to it. */
export function newLife(ref: InstanceRef): Life {
  return {
    ref,
    state: 'stopped',
    health: 'unknown',
    pid: null,
    containerId: null,
    startedAtMs: null,
    healthySinceMs: null,
    everHealthy: false,
    probeFailures: 0,
    reported: false,
    probeDetail: null,
    exits: 0,
    restarts: 0,
    nextStartAtMs: null,
    lastExit: null,
    failure: null,
    stoppedByUser: false,
    held: false,
    pausedBy: null,
    killedByUser: false,
    startAfterStop: false,
    beforeStop: 'stopped',
  };
}
