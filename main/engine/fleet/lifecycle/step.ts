import type { ErrorView } from '../../../contract/index.ts';
import { type InstanceExit, instanceId, type ReportedHealth, type RunningInstance } from '../../runtimes/index.ts';
import { backoffMs, SETTLED_MS } from './backoff.ts';
import { durationWords, exitCodeOf, exitSignalWords } from './exit-words.ts';
import type { Life, LifeEffect, LifeEvent, LifeNote, LifeRules, LifeStep } from './life.ts';

/** A start that failed for one of these fails again until somebody changes something. */
const FINAL_FAILURES: ReadonlySet<string> = new Set([
  'SERVICE_NOT_RUNNABLE',
  'SERVICE_COMMAND_MISSING',
  'CONTAINER_GONE',
]);
/** How often a service is started again because somebody took its port in between, whatever its restart policy. */
const PORT_RETRIES = 5;

const only = (life: Life): LifeStep => ({ life, effects: [], notes: [] });
const acting = (life: Life, ...effects: LifeEffect[]): LifeStep => ({ life, effects, notes: [] });
const noted = (life: Life, note: LifeNote, ...effects: LifeEffect[]): LifeStep => ({ life, effects, notes: [note] });

/** Nothing of it runs. */
const ended = {
  pid: null,
  containerId: null,
  startedAtMs: null,
  healthySinceMs: null,
  health: 'unknown',
  pausedBy: null,
} as const;
/** Nothing is held against it any more. */
const forgiven = { exits: 0, nextStartAtMs: null, failure: null, stoppedByUser: false, startAfterStop: false } as const;

/**
 * What becomes of an instance when something happens to it, and what is to be done about it. Pure: the whole lifecycle
 * of a service - start, health, exits, restarts with growing pauses, what users ask for - is this function.
 */
export function step(life: Life, event: LifeEvent, rules: LifeRules, nowMs: number): LifeStep {
  switch (event.kind) {
    case 'want':
      return want(life);
    case 'proceed':
      return proceed(life);
    case 'unready':
      return unready(life, event.error);
    case 'spawned':
      return spawned(life, event.running, rules, nowMs);
    case 'adopted':
      return adopted(life, event.running, rules, nowMs);
    case 'observed':
      return observed(life, event.running, rules, nowMs);
    case 'health':
      return reported(life, event.health, rules, nowMs);
    case 'spawn-failed':
      return spawnFailed(life, event.error, rules, nowMs);
    case 'exited':
      return exited(life, event.exit, rules);
    case 'ended':
      return endedBefore(life, event.exit, event.startedAtMs);
    case 'probed':
      return event.ok ? probeOk(life, nowMs) : probeFailed(life, event.detail, rules, nowMs);
    case 'stop':
      return stop(life, rules);
    case 'gone':
      return life.state === 'stopping' ? afterStop({ ...life, ...ended }) : only(life);
    case 'stop-failed':
      return stopFailed(life, rules);
    case 'restart':
      return restart(life);
    case 'hold':
      return hold(life);
    case 'release':
      return release(life);
    case 'kill':
      return isUp(life) || life.state === 'stopping' ? acting({ ...life, killedByUser: true }, 'kill') : only(life);
    case 'pause':
      return isUp(life) && life.state !== 'paused' ? acting(life, 'pause') : only(life);
    case 'resume':
      // What a fault keeps paused goes on when that ends.
      return life.state === 'paused' && life.pausedBy === null ? acting(life, 'resume') : only(life);
    case 'paused':
      return isUp(life) ? only(paused(life, event.by)) : only(life);
    case 'resumed':
      return life.state === 'paused' ? resumed(life, rules, nowMs) : only(life);
  }
}

/** It runs, or is about to. */
export function isUp(life: Life): boolean {
  return life.state === 'starting' || life.state === 'running' || life.state === 'paused';
}

function want(life: Life): LifeStep {
  if (life.held) return only({ ...life, stoppedByUser: false });
  if (life.state === 'stopping') return only({ ...life, startAfterStop: true, stoppedByUser: false });
  if (isUp(life) || life.state === 'waiting') return only({ ...life, stoppedByUser: false });
  return only({ ...life, ...forgiven, state: 'waiting', lastExit: null });
}

function proceed(life: Life): LifeStep {
  if (life.state !== 'waiting' && life.state !== 'backoff') return only(life);
  return launch(life.state === 'backoff' ? { ...life, restarts: life.restarts + 1 } : life);
}

function unready(life: Life, error: ErrorView): LifeStep {
  if (life.state !== 'waiting') return only(life);
  const failed = { ...life, ...ended, state: 'failed' as const, failure: error, exits: life.exits + 1 };
  return noted(failed, { kind: 'exit', level: 'error', text: error.message });
}

function launch(life: Life): LifeStep {
  const fresh = {
    ...ended,
    killedByUser: false,
    probeFailures: 0,
    probeDetail: null,
    everHealthy: false,
    nextStartAtMs: null,
  };
  return acting({ ...life, ...fresh, state: 'starting', health: 'starting', startAfterStop: false }, 'spawn');
}

function spawned(life: Life, running: RunningInstance, rules: LifeRules, nowMs: number): LifeStep {
  const { pid, containerId, startedAtMs, health } = running;
  const known = { ...life, pid, containerId, startedAtMs, reported: health !== undefined };
  // A stop that came while it was being started follows at once; it stays "stopping".
  if (life.state !== 'starting') return only(known);
  const begun = { ...known, failure: null };
  if (rules.healthcheck !== null) return only(begun);
  if (health !== undefined) return reported(begun, health, rules, nowMs);
  return only({ ...begun, state: 'running', health: 'none', healthySinceMs: startedAtMs });
}

function adopted(life: Life, running: RunningInstance, rules: LifeRules, nowMs: number): LifeStep {
  const restarts = Math.max(life.restarts, running.restarts ?? 0);
  const begun = { ...life, ...forgiven, restarts, state: 'starting', health: 'starting' } as const;
  const { life: known, notes } = spawned(begun, running, rules, nowMs);
  if (!running.paused) return { life: known, effects: [], notes };
  return only(paused(known));
}

/** It stands as someone else has put it. */
function observed(life: Life, running: RunningInstance, rules: LifeRules, nowMs: number): LifeStep {
  // What is being stopped or started is told of by whoever does it.
  if (life.state === 'stopping' || (isUp(life) && life.startedAtMs === null)) return only(life);
  if (isUp(life) && life.startedAtMs === running.startedAtMs) {
    if (running.paused) return step(life, { kind: 'paused' }, rules, nowMs);
    return life.state === 'paused' ? resumed(life, rules, nowMs) : only({ ...life, pid: running.pid });
  }
  const fresh = { probeFailures: 0, probeDetail: null, everHealthy: false, nextStartAtMs: null, lastExit: null };
  const { life: known, notes } = adopted({ ...life, ...ended, ...fresh }, running, rules, nowMs);
  if (running.restarts) {
    const counted = { ...known, exits: life.exits, lastExit: life.lastExit, restarts: life.restarts + 1 };
    const text = `${instanceId(life.ref)} was restarted by its restart policy`;
    return { life: counted, effects: [], notes: [{ kind: 'restart', level: 'info', text }, ...notes] };
  }
  const text = `${instanceId(life.ref)} was started from outside Flotilla`;
  return { life: known, effects: [], notes: [{ kind: 'start', level: 'info', text }, ...notes] };
}

/** The runtime has counted retries and grace itself: what it says is so. */
function reported(life: Life, health: ReportedHealth, rules: LifeRules, nowMs: number): LifeStep {
  if (rules.healthcheck !== null || health.status === 'starting') return only(life);
  if (life.state !== 'starting' && life.state !== 'running') return only(life);
  if (health.status === 'healthy') return probeOk(life, nowMs);
  const detail = health.detail === '' ? 'its health check fails' : health.detail;
  const failing = { ...life, probeFailures: life.probeFailures + 1, probeDetail: detail };
  return life.health === 'unhealthy' ? only(failing) : unhealthy(failing);
}

const paused = (life: Life, by: string | null = null): Life => ({
  ...life,
  state: 'paused',
  health: 'unknown',
  healthySinceMs: null,
  pausedBy: by ?? life.pausedBy,
});

function resumed(life: Life, rules: LifeRules, nowMs: number): LifeStep {
  const running = { ...life, state: 'running', probeFailures: 0, probeDetail: null, pausedBy: null } as const;
  if (rules.healthcheck === null && !life.reported) return only({ ...running, health: 'none', healthySinceMs: nowMs });
  // Unknown until it was asked again: it may have lost its connections while it stood still.
  return only({ ...running, health: 'unknown' });
}

function spawnFailed(life: Life, error: ErrorView, rules: LifeRules, nowMs: number): LifeStep {
  if (life.state === 'stopping') return afterStop({ ...life, ...ended });
  if (life.state !== 'starting') return only(life);
  const failed = { ...life, ...ended, failure: error, exits: life.exits + 1 };
  const note: LifeNote = { kind: 'exit', level: 'error', text: error.message };
  if (rules.handsOff || FINAL_FAILURES.has(error.code)) return noted({ ...failed, state: 'failed' }, note);
  const waiting = { ...failed, state: 'backoff' as const, nextStartAtMs: nowMs + backoffMs(failed.exits) };
  // Only the first of a row is told: a port that stays taken would otherwise fill the timeline.
  return life.failure?.message === error.message ? only(waiting) : noted(waiting, note);
}

function exited(life: Life, exit: InstanceExit, rules: LifeRules): LifeStep {
  const uptimeMs = life.startedAtMs === null ? 0 : Math.max(0, exit.atMs - life.startedAtMs);
  const killed = life.killedByUser;
  const down = { ...life, ...ended, killedByUser: false, lastExit: { exit, uptimeMs, killed } };
  if (life.state === 'stopping') return told(afterStop(down), exit);
  if (!isUp(life)) return only(life);
  if (exit.outside !== undefined) return endedOutside(down, exit, exit.outside);

  const settled = life.healthySinceMs !== null && exit.atMs - life.healthySinceMs >= SETTLED_MS;
  // A person's kill says nothing about the service, and makes no crash loop.
  const exits = settled ? 1 : killed ? Math.max(1, life.exits) : life.exits + 1;
  const counted = { ...down, exits };
  const code = exitCodeOf(exit);
  const note: LifeNote = {
    kind: 'exit',
    level: code === 0 ? 'info' : 'error',
    text: `${instanceId(life.ref)} ${exitWords(exit, killed)} after ${durationWords(uptimeMs)}`,
  };
  // It was asked to end before, which failed then.
  if (life.stoppedByUser) return noted({ ...counted, state: 'stopped' }, note);
  if (exit.portTaken !== null && code !== 0 && exits <= PORT_RETRIES) return again(counted, exit, note);
  if (exit.again) return noted({ ...counted, state: 'backoff' }, note);
  if (startsAgain(exits, code, rules)) return again(counted, exit, note);
  return noted({ ...counted, state: code === 0 ? 'exited' : 'failed' }, note);
}

/** How signals end what was stopped as usual: nothing that anybody would call a failure. */
const STOPS: ReadonlySet<string | null> = new Set(['SIGTERM', 'SIGKILL', 'SIGINT']);

function endedBefore(life: Life, exit: InstanceExit, startedAtMs: number): LifeStep {
  if (life.state !== 'stopped' || life.lastExit !== null) return only(life);
  const uptimeMs = Math.max(0, exit.atMs - startedAtMs);
  const state = exit.code === 0 ? 'exited' : STOPS.has(exit.signal) && !exit.oomKilled ? 'stopped' : 'failed';
  return only({ ...life, state, lastExit: { exit, uptimeMs, killed: false } });
}

/** Who stopped it with the container engine's own commands does not want it back. */
function endedOutside(down: Life, exit: InstanceExit, how: NonNullable<InstanceExit['outside']>): LifeStep {
  const what = how === 'removed' ? 'was removed' : `was ${how}`;
  const code = exitCodeOf(exit);
  const text = `${instanceId(down.ref)} ${what} from outside Flotilla${code === null ? '' : ` (exit code ${code})`}`;
  return noted({ ...down, ...forgiven, stoppedByUser: true, state: 'stopped' }, { kind: 'stop', level: 'warn', text });
}

/** A stop that took force is worth telling: what it was working on is lost. */
function told(stopped: LifeStep, exit: InstanceExit): LifeStep {
  if (exit.signal !== 'SIGKILL') return stopped;
  const text = `${instanceId(stopped.life.ref)} did not end when it was asked to, and was killed`;
  return { ...stopped, notes: [...stopped.notes, { kind: 'exit', level: 'warn', text }] };
}

function again(life: Life, exit: InstanceExit, note: LifeNote): LifeStep {
  return noted({ ...life, state: 'backoff', nextStartAtMs: exit.atMs + backoffMs(life.exits) }, note);
}

function startsAgain(exits: number, code: number | null, { restart }: LifeRules): boolean {
  switch (restart.policy) {
    case 'no':
      return false;
    case 'on-failure':
      return code !== 0 && (restart.maxRetries === null || exits <= restart.maxRetries);
    case 'always':
    case 'unless-stopped':
      return true;
  }
}

/** How it ended, for a sentence that starts with its name. */
export function exitWords(exit: InstanceExit, killed: boolean): string {
  const code = exitCodeOf(exit);
  const signal = exitSignalWords(exit, killed);
  return code === null ? `ended${signal}` : `exited with code ${code}${signal}`;
}

function probeOk(life: Life, nowMs: number): LifeStep {
  if (life.state !== 'starting' && life.state !== 'running') return only(life);
  const healthySinceMs = life.healthySinceMs ?? nowMs;
  const settled = nowMs - healthySinceMs >= SETTLED_MS;
  const well = {
    ...life,
    state: 'running' as const,
    health: 'healthy' as const,
    healthySinceMs,
    everHealthy: true,
    probeFailures: 0,
    probeDetail: null,
    exits: settled ? 0 : life.exits,
  };
  if (life.health === 'healthy') return only(well);
  // Each time it becomes so, the first included: what was how at a moment of the past is told from these.
  const how = life.everHealthy ? 'again' : `after ${durationWords(nowMs - (life.startedAtMs ?? nowMs))}`;
  return noted(well, { kind: 'healthy', level: 'info', text: `${instanceId(life.ref)} is healthy ${how}` });
}

function probeFailed(life: Life, detail: string, rules: LifeRules, nowMs: number): LifeStep {
  if (life.state !== 'starting' && life.state !== 'running') return only(life);
  const { healthcheck } = rules;
  if (healthcheck === null) return only(life);
  const failing = { ...life, probeFailures: life.probeFailures + 1, probeDetail: detail };
  // Before it was ever healthy the clock decides: it is asked more often then than the file's interval says.
  const allowedMs = healthcheck.startPeriodMs + healthcheck.retries * healthcheck.intervalMs;
  const tooMuch = life.everHealthy
    ? failing.probeFailures >= healthcheck.retries
    : nowMs - (life.startedAtMs ?? nowMs) >= allowedMs;
  return !tooMuch || life.health === 'unhealthy' ? only(failing) : unhealthy(failing);
}

function unhealthy(life: Life): LifeStep {
  const text = `${instanceId(life.ref)} is not healthy: ${life.probeDetail}`;
  return noted(
    { ...life, state: 'running', health: 'unhealthy', healthySinceMs: null },
    { kind: 'unhealthy', level: 'error', text },
  );
}

function stop(life: Life, rules: LifeRules): LifeStep {
  const meant = { ...life, stoppedByUser: true, startAfterStop: false, nextStartAtMs: null };
  // Who would start it again has to be told, too, where that are not we.
  const isTheirs = rules.handsOff === true && life.state === 'backoff';
  if (isUp(life) || isTheirs) return acting(stopping(meant), 'stop');
  if (life.state === 'stopping') return only(meant);
  return only({ ...meant, ...ended, state: 'stopped' });
}

/** As a stop, but nobody has said that it is not wanted. */
function hold(life: Life): LifeStep {
  const meant = { ...life, held: true, startAfterStop: false, nextStartAtMs: null };
  if (isUp(life)) return acting(stopping(meant), 'stop');
  if (life.state === 'stopping') return only(meant);
  return only({ ...meant, ...ended, state: 'stopped' });
}

function release(life: Life): LifeStep {
  if (!life.held) return only(life);
  const free = { ...life, held: false };
  return life.stoppedByUser ? only(free) : want(free);
}

const stopping = (life: Life): Life => ({ ...life, state: 'stopping', beforeStop: life.state });

/**
 * It could not be made to end, and stands as it did. Nothing keeps it stopped; but that a person wants it to end stays so: it is
 * not started again when it does after all.
 */
function stopFailed(life: Life, { healthcheck }: LifeRules): LifeStep {
  if (life.state !== 'stopping') return only(life);
  const still = { ...life, state: life.beforeStop, held: false, startAfterStop: false };
  if (still.state !== 'starting' || life.startedAtMs === null || healthcheck !== null || life.reported)
    return only(still);
  // Its start came about while it was to be stopped already.
  return only({ ...still, state: 'running', health: 'none', healthySinceMs: life.startedAtMs });
}

function afterStop(life: Life): LifeStep {
  if (!life.startAfterStop) return only({ ...life, state: 'stopped' });
  return launch({ ...life, ...forgiven, lastExit: null });
}

/** A user's restart does not wait for dependencies: what ran before may run again. */
function restart(life: Life): LifeStep {
  if (life.held) return only({ ...life, stoppedByUser: false });
  const counted = { ...life, ...forgiven, restarts: life.restarts + 1 };
  const note: LifeNote = { kind: 'restart', level: 'info', text: `${instanceId(life.ref)} is restarted` };
  if (isUp(life)) return noted({ ...stopping(counted), startAfterStop: true }, note, 'stop');
  if (life.state === 'stopping') return only({ ...counted, state: 'stopping', startAfterStop: true });
  const launched = launch({ ...counted, lastExit: null });
  return { ...launched, notes: [note] };
}
