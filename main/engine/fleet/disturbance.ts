import type { Life } from './lifecycle/life.ts';

/**
 * What a fault does to a copy of a service. `hold` ends it and keeps it from being started until `release`, which is neither a
 * person's own stop nor a failure: a person who stops it meanwhile finds it stopped afterwards.
 */
export type Disturbance = 'kill' | 'restart' | 'pause' | 'resume' | 'hold' | 'release';

/** Whether it has come about: `before` is how the copy was when it was asked for. */
export function isDisturbed(what: Exclude<Disturbance, 'pause' | 'resume'>, before: Life, now: Life): boolean {
  switch (what) {
    case 'kill':
      return before.startedAtMs === null || now.startedAtMs !== before.startedAtMs;
    case 'restart':
      return now.state !== 'stopping' && !(now.state === 'starting' && now.startedAtMs === null);
    case 'hold':
      return now.state === 'stopped';
    case 'release':
      return !now.held;
  }
}
