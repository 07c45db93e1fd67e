import type { FleetPhase, Health, ServiceState } from '../../../contract/index.ts';
import { exitCodeOf } from './exit-words.ts';
import type { Life } from './life.ts';
import { isUp } from './step.ts';

/** A service as the sum of its instances. */
export interface ServiceStatus {
  readonly state: ServiceState;
  readonly health: Health;
  /** Of the instance that ended last; null while all run. */
  readonly exitCode: number | null;
  /** All instances run (which says nothing about health). */
  readonly started: boolean;
  /** All instances ended with code 0. */
  readonly completed: boolean;
  /** A fault that keeps it paused, by its id; null while a person could let a copy of it go on. */
  readonly pausedBy: string | null;
}

/** With several copies the service is in the first of these states that one of them is in. */
const PRECEDENCE: readonly ServiceState[] = [
  'running',
  'starting',
  'paused',
  'backoff',
  'waiting',
  'stopping',
  'failed',
  'exited',
  'stopped',
];

/** Copies that ought to run and do not. */
const isDown = (life: Life): boolean => life.state === 'backoff' || life.state === 'failed';

function healthOf(lives: readonly Life[]): Health {
  const wanted = lives.filter((life) => isUp(life) || isDown(life));
  const up = wanted.filter(isUp);
  if (up.length === 0) return 'unknown';
  const has = (health: Health): boolean => up.some((life) => life.health === health);
  if (has('unhealthy') || up.length < wanted.length) return 'unhealthy';
  for (const health of ['starting', 'unknown', 'none'] as const) if (has(health)) return health;
  return 'healthy';
}

/** What a service's instances make of it. One copy that is down makes a replicated service unhealthy, not down. */
export function serviceStatus(lives: readonly Life[]): ServiceStatus {
  const state = PRECEDENCE.find((one) => lives.some((life) => life.state === one)) ?? 'stopped';
  const exits = lives.flatMap((life) => (life.lastExit && !isUp(life) ? [life.lastExit.exit] : []));
  const last = exits.toSorted((a, b) => b.atMs - a.atMs)[0];
  return {
    state,
    health: healthOf(lives),
    exitCode: last === undefined ? null : exitCodeOf(last),
    started: lives.length > 0 && lives.every((life) => isUp(life) && life.startedAtMs !== null),
    completed: lives.length > 0 && lives.every((life) => life.state === 'exited'),
    pausedBy: pausingFault(lives),
  };
}

/** The fault without whose end no paused copy goes on; null where none is paused, or a person paused one. */
export function pausingFault(lives: readonly Life[]): string | null {
  const still = lives.filter((life) => life.state === 'paused');
  return still.every((life) => life.pausedBy !== null) ? (still[0]?.pausedBy ?? null) : null;
}

/** What the fleet's phase is made of, per service. */
export interface PhaseInput {
  readonly status: ServiceStatus;
  /** It waits for something that will not come by itself. */
  readonly stuck: boolean;
  /** It exited at least once since it was last well. */
  readonly troubled: boolean;
}

/** The phase of a fleet that is not being stopped as a whole. It is stopped when every service of it was, one by one. */
export function fleetPhase(services: readonly PhaseInput[]): FleetPhase {
  const states = new Set(services.map(({ status }) => status.state));
  if (states.delete('stopped') && [...states].every((state) => state === 'exited')) return 'stopped';
  if (services.some(inProgress)) return 'starting';
  return services.every(isWell) ? 'healthy' : 'degraded';
}

function inProgress({ status, stuck, troubled }: PhaseInput): boolean {
  if (status.state === 'waiting') return !stuck;
  if (troubled || status.health === 'unhealthy') return false;
  return status.state === 'starting' || (status.state === 'running' && status.health === 'starting');
}

function isWell({ status }: PhaseInput): boolean {
  if (status.state === 'exited') return true;
  return status.state === 'running' && status.health !== 'unhealthy';
}
