import { type ErrorView, FlotillaError, type ServiceState } from '../../../contract/index.ts';
import { type InstanceExit, instanceId } from '../../runtimes/index.ts';
import type { Healthcheck, ServiceSpec } from '../model.ts';
import type { Blocker } from './dependencies.ts';
import { durationWords, exitCodeOf, exitSignalWords } from './exit-words.ts';
import type { Life } from './life.ts';
import { isUp } from './step.ts';

export interface Explanation {
  readonly reason: string | null;
  readonly remedy: string | null;
}

const nothingToSay: Explanation = { reason: null, remedy: null };
/** From this many exits in a row on it is called a crash loop. */
const LOOP = 3;

const ENDS: ReadonlySet<ServiceState> = new Set(['failed', 'backoff', 'starting', 'running']);

/**
 * Why a service is not healthy, in one sentence of facts, and what to do next; nothing when it is well. `preparing`: what is
 * fetched for it.
 */
export function explain(
  spec: ServiceSpec,
  lives: readonly Life[],
  blockers: readonly Blocker[],
  healthcheck: Healthcheck | null,
  preparing: string | null = null,
): Explanation {
  // Copies end each in their own way; what else is so of all of them is said of the service.
  const same = lives.every((life) => life.state === lives[0]?.state) && !ENDS.has(lives[0]?.state ?? 'stopped');
  const alike = lives.length === 1 || same;
  const told = lives
    .map((life) => ({ life, ...explainOne(spec, life, !alike, blockers, healthcheck, preparing) }))
    .filter((one) => one.reason !== null);
  const worst = told.toSorted((a, b) => weight(b.life) - weight(a.life))[0];
  if (worst === undefined) return nothingToSay;
  const running = lives.filter(isUp).length;
  const some = lives.length > 1 && !isUp(worst.life) && running > 0;
  const reason = some
    ? `${lives.length - running} of ${lives.length} copies do not run: ${worst.reason}`
    : worst.reason;
  return { reason, remedy: worst.remedy };
}

/** The copy whose trouble says most comes first. */
function weight(life: Life): number {
  if (life.state === 'failed') return 4;
  if (life.state === 'backoff') return 3;
  if (life.health === 'unhealthy') return 2;
  return life.exits > 0 ? 1 : 0;
}

function explainOne(
  spec: ServiceSpec,
  life: Life,
  apart: boolean,
  blockers: readonly Blocker[],
  healthcheck: Healthcheck | null,
  preparing: string | null,
): Explanation {
  const name = apart ? instanceId(life.ref) : spec.id;
  switch (life.state) {
    case 'waiting':
      return waiting(name, blockers, preparing);
    case 'failed':
    case 'backoff':
      return lastTrouble(name, spec, life);
    case 'starting':
      return life.exits > 0 ? lastTrouble(name, spec, life) : nothingToSay;
    case 'running':
      return life.health === 'unhealthy' ? unhealthy(name, spec, life, healthcheck) : nothingToSay;
    case 'paused':
      if (life.pausedBy !== null) {
        return {
          reason: `A fault keeps ${name} paused: it stands still and answers nothing.`,
          remedy: endFault(life.pausedBy),
        };
      }
      return {
        reason: `${name} is paused: it stands still and answers nothing.`,
        remedy: `Let it go on: flotilla resume ${spec.id}`,
      };
    case 'stopped':
      if (life.held) {
        return {
          reason: `A fault keeps ${name} stopped.`,
          remedy: 'Take it off, or wait until it ends: flotilla fault list',
        };
      }
      if (life.lastExit?.exit.outside !== undefined) return endedOutside(name, spec, life.lastExit.exit.outside);
      return life.stoppedByUser
        ? { reason: `${name} was stopped.`, remedy: `Start it with: flotilla start ${spec.id}` }
        : nothingToSay;
    case 'stopping':
    case 'exited':
      return nothingToSay;
  }
}

const endFault = (id: string): string => `End the fault, or wait until it ends: flotilla fault remove ${id}`;

function endedOutside(name: string, spec: ServiceSpec, how: NonNullable<InstanceExit['outside']>): Explanation {
  const reason =
    how === 'removed'
      ? `The container of ${name} was removed from outside Flotilla.`
      : `${name} was ${how} from outside Flotilla.`;
  if (how === 'removed' && spec.attached) {
    return fromError(new FlotillaError('CONTAINER_GONE', { service: name }).toView());
  }
  return { reason, remedy: `Start it with: flotilla start ${spec.id}` };
}

const fromError = (error: ErrorView): Explanation => ({ reason: error.message, remedy: error.remedy });

/** A start that failed is the later one: one that comes about makes it forgotten. */
const lastTrouble = (name: string, spec: ServiceSpec, life: Life): Explanation =>
  life.failure === null ? exitOf(name, spec, life) : fromError(life.failure);

function waiting(name: string, blockers: readonly Blocker[], preparing: string | null): Explanation {
  if (blockers.length === 0) return { reason: preparing, remedy: null };
  const list = blockers.map((one) => `${one.service}, which ${one.why}`).join('; ');
  const stuck = blockers.find((one) => one.stuck);
  return {
    reason: `${name} waits for ${list}.${preparing === null ? '' : ` ${preparing}`}`,
    remedy: stuck === undefined ? null : remedyFor(stuck),
  };
}

function remedyFor({ service, why, isPaused, pausedBy }: Blocker): string {
  if (pausedBy) return endFault(pausedBy);
  if (isPaused) return `Let ${service} go on: flotilla resume ${service}`;
  return `See why ${service} ${why}, or start it: flotilla start ${service}`;
}

function exitOf(name: string, spec: ServiceSpec, { lastExit, exits }: Life): Explanation {
  if (lastExit === null) return nothingToSay;
  const { exit, uptimeMs, killed } = lastExit;
  const readLogs = `Read its last log lines: flotilla logs ${spec.id}`;
  if (exit.portTaken !== null) {
    const { port, holder } = exit.portTaken;
    return fromError(new FlotillaError('PORT_TAKEN', { port, holder, service: spec.id }).toView());
  }
  const code = exitCodeOf(exit);
  if (code === null) {
    const reason = `${name} ended after ${durationWords(uptimeMs)}; its exit code is not known, as nobody told the engine.`;
    return { reason, remedy: readLogs };
  }
  const uptime = durationWords(uptimeMs);
  const signal = exitSignalWords(exit, killed);
  if (exits >= LOOP) {
    const reason = `${name} is in a crash loop: it ended ${exits} times in a row, last with code ${code}${signal} after ${uptime}.`;
    return { reason, remedy: readLogs };
  }
  return fromError(new FlotillaError('SERVICE_EXITED', { service: name, exitCode: code, signal, uptime }).toView());
}

function unhealthy(name: string, spec: ServiceSpec, life: Life, healthcheck: Healthcheck | null): Explanation {
  const detail = life.probeDetail ?? 'its health check fails';
  const remedy = `Read its last log lines: flotilla logs ${spec.id}`;
  if (life.everHealthy) return { reason: `${name} was healthy and is not any more: ${detail}.`, remedy };
  // Whoever checks it has its own patience.
  if (healthcheck === null) return { reason: `${name} is not healthy: ${detail}.`, remedy };
  const allowedMs = healthcheck.startPeriodMs + healthcheck.retries * healthcheck.intervalMs;
  const seconds = Math.round(allowedMs / 100) / 10;
  return fromError(new FlotillaError('SERVICE_NEVER_HEALTHY', { service: name, seconds, detail }).toView());
}
