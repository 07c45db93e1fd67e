import type { ServiceView, TimelineMark } from '../../main/contract/index.ts';
import type { Status } from './service-status.ts';

/** How a service was at the end of a stretch of the past. */
export interface PastState extends Status {
  /** Whether the marks say it; a state that is not known is never shown as a present one. */
  readonly known: boolean;
}

type Past = 'unknown' | 'starting' | 'up' | 'healthy' | 'unhealthy' | 'down' | 'stopped' | 'paused';

const STATUS: Record<Past, PastState> = {
  unknown: { tone: 'idle', word: 'Unknown', known: false },
  starting: { tone: 'busy', word: 'Starting', known: true },
  up: { tone: 'idle', word: 'Up, health unknown', known: true },
  healthy: { tone: 'ok', word: 'Healthy', known: true },
  unhealthy: { tone: 'error', word: 'Unhealthy', known: true },
  down: { tone: 'error', word: 'Exited', known: true },
  stopped: { tone: 'idle', word: 'Stopped', known: true },
  paused: { tone: 'warn', word: 'Paused', known: true },
};
const RUNNING: PastState = { tone: 'ok', word: 'Running', known: true };
const COMPLETED: PastState = { tone: 'idle', word: 'Completed', known: true };

/** From the worst to the best: the one copy that is broken is what there is to say of a service with several. */
const WORST_FIRST: readonly Past[] = ['down', 'unhealthy', 'paused', 'starting', 'unknown', 'up', 'stopped', 'healthy'];

type Service = Pick<ServiceView, 'id' | 'state' | 'health' | 'startedAt' | 'instances'>;

/** A mark that is about the whole fleet: it was started, is healthy as a whole, or was stopped. */
function ofFleet(before: Past, kind: TimelineMark['kind']): Past {
  if (kind === 'start') return 'starting';
  if (kind === 'stop') return 'stopped';
  // Everything was up then, but what has been stopped by hand or has ended was so as well.
  return kind === 'healthy' && (before === 'starting' || before === 'unknown') ? 'healthy' : before;
}

function ofAction(before: Past, action: TimelineMark['action']): Past {
  switch (action) {
    case 'start':
    case 'restart':
      return 'starting';
    case 'stop':
      return 'stopped';
    case 'pause':
      return 'paused';
    case 'resume':
      return 'up';
    case 'kill':
      return 'down';
    case undefined:
      // It changed the service and does not say how.
      return before === 'unknown' ? before : 'unknown';
  }
}

function after(before: Past, mark: TimelineMark): Past {
  if (mark.service === null) return ofFleet(before, mark.kind);
  switch (mark.kind) {
    case 'exit':
      // The end of what was told to stop is its being stopped.
      return before === 'stopped' ? before : 'down';
    case 'restart':
    case 'start':
      return 'starting';
    case 'stop':
      return 'stopped';
    case 'healthy':
    case 'unhealthy':
      return mark.kind;
    case 'action':
      return ofAction(before, mark.action);
    case 'fault':
    case 'experiment':
      return before;
  }
}

/** Since when what runs now has run without a break; null when it does not run. */
function upSince(service: Service): number | null {
  const starts = [service.startedAt, ...service.instances.map((one) => one.startedAt)].flatMap((time) =>
    time === null ? [] : [Date.parse(time)],
  );
  return service.state === 'running' && starts.length > 0 ? Math.max(...starts) : null;
}

function statusOf(past: Past, service: Service, atMs: number): PastState {
  const since = upSince(service);
  const hasNoCheck = service.state === 'running' && service.health === 'none';
  // What runs since then ran then; without a health check there is no more to know.
  const ranThen = since !== null && since <= atMs;
  if (hasNoCheck && ranThen) return RUNNING;
  if (past === 'unknown' && ranThen) return STATUS.up;
  if (past === 'healthy' && hasNoCheck) return RUNNING;
  return past === 'down' && service.state === 'exited' ? COMPLETED : STATUS[past];
}

/**
 * How each service was at the end of `range` (epoch milliseconds), by id, told from the run's marks alone; of the present
 * only the start of what still runs is used. What the marks do not tell is `known: false` with the word for it.
 */
export function statesAt(
  range: { readonly toMs: number },
  marks: readonly TimelineMark[],
  services: readonly Service[],
): Map<string, PastState> {
  const past = marks.filter((mark) => mark.atMs < range.toMs).sort((a, b) => a.atMs - b.atMs);
  return new Map(
    services.map((service) => {
      const mine = past.filter((mark) => mark.service === null || mark.service === service.id);
      const copies = new Set(mine.flatMap((mark) => (mark.service && mark.instance ? [mark.instance] : [])));
      for (const { id } of service.instances) copies.add(id);
      const states = (copies.size === 0 ? [undefined] : [...copies]).map((copy) =>
        mine.filter((mark) => mark.instance === undefined || mark.instance === copy).reduce<Past>(after, 'unknown'),
      );
      const worst = WORST_FIRST.find((one) => states.includes(one)) ?? 'unknown';
      return [service.id as string, statusOf(worst, service, range.toMs)];
    }),
  );
}
