import type Dockerode from 'dockerode';
import type { InstanceExit } from '../runtime.ts';
import { type Contained, exitOf, isRunning } from './container-state.ts';

/** After the signal of someone else a container may take this long beyond its grace period to end by it. */
const TOUCH_MS = 15_000;
/** So soon after something in it ran out of memory a container ends because of that. */
const OOM_MS = 10_000;
const SIGKILLED = 137;
const UNKNOWN = { code: null, signal: null, oomKilled: false, portTaken: null };

type Inspected = Dockerode.ContainerInspectInfo;

/** The end of a container, as it is told. */
export interface ContainerEnd {
  /** NaN where nobody knows it. */
  readonly code: number;
  readonly atMs: number;
  /** How it stands now; null when it is removed. */
  readonly info: Inspected | null;
  /** What its service is given to end by itself. */
  readonly graceMs: number;
}

/** What the end of a container was that we have watched. */
export function exitOfWatched(running: Contained, { code, atMs, info, graceMs }: ContainerEnd): InstanceExit {
  const known = Number.isNaN(code) ? { code: null, signal: null } : exitOf(code);
  const again = info?.State.Restarting ? { again: true } : {};
  const base = { ...UNKNOWN, ...known, atMs, ...again };
  if (running.ending) return base;
  if (info === null) return { ...base, outside: 'removed' };
  const { touched } = running;
  if (touched !== null && atMs - touched.atMs < graceMs + TOUCH_MS) return { ...base, outside: touched.how };
  return { ...base, oomKilled: isOutOfMemory(running, code, atMs, info) };
}

/**
 * Whether it ended for want of memory. The engine notes of a container that something in it did, however long ago, which may
 * have been one process of many.
 */
function isOutOfMemory({ oomAtMs }: Contained, code: number, atMs: number, info: Inspected): boolean {
  if (code === 0) return false;
  if (oomAtMs !== null) return atMs - oomAtMs < OOM_MS;
  return code === SIGKILLED && !isRunning(info) && info.State.OOMKilled;
}

/** How a container has ended that nobody watched; null: it is not there any more. */
export function exitOfUnwatched(info: Inspected | null): InstanceExit {
  if (info === null) return { ...UNKNOWN, atMs: Date.now(), outside: 'removed' };
  const { ExitCode, FinishedAt, OOMKilled } = info.State;
  return {
    ...UNKNOWN,
    ...exitOf(ExitCode),
    atMs: Date.parse(FinishedAt),
    oomKilled: OOMKilled && ExitCode === SIGKILLED,
  };
}
