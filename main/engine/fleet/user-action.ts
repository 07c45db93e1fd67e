import { FlotillaError, type ServiceAction, type ServiceId } from '../../contract/index.ts';
import type { Runtime } from '../runtimes/index.ts';
import type { Life, LifeEvent } from './lifecycle/life.ts';
import { pausingFault } from './lifecycle/service-status.ts';
import { isUp } from './lifecycle/step.ts';

const WORDS: Readonly<Record<ServiceAction, string>> = {
  start: 'is started',
  stop: 'is stopped',
  restart: 'is restarted',
  kill: 'is killed',
  pause: 'is paused',
  resume: 'goes on',
};

/** What a mark on the timeline says of it. */
export function actionText(service: ServiceId, action: ServiceAction): string {
  return `${service} ${WORDS[action]} by hand`;
}

export function actionEvent(action: ServiceAction): LifeEvent {
  return { kind: action === 'start' ? 'want' : action };
}

/** @throws FlotillaError RUNTIME_CANNOT, SERVICE_NOT_RUNNING, SERVICE_HELD, SERVICE_HELD_PAUSED */
export function refuseImpossible(
  action: ServiceAction,
  service: ServiceId,
  lives: readonly Life[],
  runtime: Pick<Runtime, 'kind' | 'capabilities'>,
): void {
  const pause = runtime.capabilities.find((one) => one.name === 'pause');
  if ((action === 'pause' || action === 'resume') && pause?.available === false) {
    const detail = pause.reason ?? 'it has no way to do so';
    throw new FlotillaError('RUNTIME_CANNOT', { runtime: runtime.kind, action, detail, remedy: 'Stop it instead.' });
  }
  const isWanted = action === 'start' || action === 'restart';
  if (isWanted && lives.length > 0 && lives.every((life) => life.held))
    throw new FlotillaError('SERVICE_HELD', { service });
  const needsLife = action === 'kill' || action === 'pause' || action === 'resume';
  const alive = lives.some((life) => isUp(life) || life.state === 'stopping');
  const fault = action === 'resume' ? pausingFault(lives) : null;
  if (fault !== null) throw new FlotillaError('SERVICE_HELD_PAUSED', { service, fault });
  if (needsLife && !alive) throw new FlotillaError('SERVICE_NOT_RUNNING', { service });
}

/** Whether an action has taken effect on an instance: `before` is how it was when the action was asked for. */
export function isDone(action: ServiceAction, before: Life, now: Life): boolean {
  switch (action) {
    case 'start':
      return true;
    case 'stop':
      // Whoever wants it again meanwhile decides.
      return now.state === 'stopped' || !now.stoppedByUser;
    case 'restart':
      return now.held || (now.state !== 'stopping' && !(now.state === 'starting' && now.startedAtMs === null));
    case 'kill':
      return before.startedAtMs === null || now.startedAtMs !== before.startedAtMs;
    case 'pause':
      return now.state === 'paused' || !isUp(now);
    case 'resume':
      return now.state !== 'paused' || now.pausedBy !== null;
  }
}
