import type { EngineState, FleetView, ServiceView } from '../contract/index.ts';
import { formatMs } from './format.ts';
import { note, paint } from './output.ts';

const isUp = (service: ServiceView): boolean =>
  service.health === 'healthy' ||
  (service.state === 'running' && service.health === 'none') ||
  service.state === 'exited';

/** Started and known to be bad: it will not become healthy without somebody doing something. */
const isStuck = (service: ServiceView): boolean =>
  service.state === 'failed' ||
  service.state === 'stopped' ||
  (service.state === 'running' && service.health === 'unhealthy');

/** Whether starting is over: all are up, or what is not waits for something that is stuck. */
export function isSettled(fleet: FleetView): boolean {
  if (fleet.state === 'healthy') return true;
  const pending = fleet.services.filter((one) => !isUp(one) && !isStuck(one));
  const stuck = new Set(fleet.services.filter(isStuck).map((one) => one.id));
  const waitsForStuck = (one: ServiceView): boolean =>
    one.state === 'waiting' &&
    one.waitsFor.some((id) => stuck.has(id) || fleet.services.some((two) => two.id === id && waitsForStuck(two)));
  return stuck.size > 0 && pending.every(waitsForStuck);
}

/** One line for each service when it is up, or in trouble; none is told twice the same. */
export class Progress {
  readonly #told = new Map<string, string>();
  readonly #beganMs = Date.now();

  show(state: EngineState): void {
    for (const service of state.fleet?.services ?? []) this.#tell(service);
  }

  #tell(service: ServiceView): void {
    const line = this.#line(service);
    if (line === null || this.#told.get(service.id) === line.key) return;
    this.#told.set(service.id, line.key);
    note(line.text);
  }

  #line(service: ServiceView): { key: string; text: string } | null {
    const name = service.id.padEnd(16);
    if (isUp(service)) {
      const at = formatMs(Date.now() - this.#beganMs);
      return {
        key: 'up',
        text: `  ${paint('green', '✓', process.stderr)} ${name} ${paint('grey', at, process.stderr)}`,
      };
    }
    const trouble = isStuck(service) || service.state === 'backoff';
    if (!trouble || service.reason === null) return null;
    return { key: service.reason, text: `  ${paint('red', '✗', process.stderr)} ${name} ${service.reason}` };
  }
}
