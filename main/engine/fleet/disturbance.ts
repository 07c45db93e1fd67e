import type { Life, LifeEvent } from './lifecycle/life.ts';
import { isUp } from './lifecycle/step.ts';

/**
 * What a fault does to a copy of a service. `hold` ends it and keeps it from being started until `release`, which is neither a
 * person's own stop nor a failure: a person who stops it meanwhile finds it stopped afterwards.
 */
export type Disturbance = 'kill' | 'restart' | 'pause' | 'resume' | 'hold' | 'release';

export function disturbanceEvent(what: Disturbance): LifeEvent {
  return { kind: what };
}

/** Whether it has come about: `before` is how the copy was when it was asked for. */
export function isDisturbed(what: Disturbance, before: Life, now: Life): boolean {
  switch (what) {
    case 'kill':
      return before.startedAtMs === null || now.startedAtMs !== before.startedAtMs;
    case 'restart':
      return now.state !== 'stopping' && !(now.state === 'starting' && now.startedAtMs === null);
    case 'pause':
      return now.state === 'paused' || !isUp(now);
    case 'resume':
      return now.state !== 'paused';
    case 'hold':
      return now.state === 'stopped';
    case 'release':
      return !now.held;
  }
}
