import { type EngineState, type FleetView, isServiceUp, type ServiceView } from '../contract/index.ts';
import { formatMs } from './format.ts';
import { ImageLines } from './image-lines.ts';
import { note, paint } from './output.ts';

/** With the growing pauses in between that is a quarter of a minute of trying. */
const CRASH_LOOP_FAILURES = 5;
/** Health is asked for every few seconds: who was hit by a fault may be told sick for so long after it. */
const RECOVERY_MS = 15_000;
/** What nobody asks for its health counts as started once it has run this long: a bad start mostly shows at once. */
const YOUNG_MS = 1000;

/** Faults are being taken off, as by an engine after one that died, or just were: what is sick of them gets well by itself. */
const isRecovering = ({ chaos, marks }: EngineState, nowMs: number): boolean =>
  chaos.faults.some((fault) => fault.state === 'reverting') ||
  marks.some((mark) => mark.kind === 'fault' && mark.untilMs !== null && nowMs - mark.untilMs < RECOVERY_MS);

/** Started and known to be bad: it will not become healthy without somebody doing something. */
const isStuck = (service: ServiceView, recovering: boolean): boolean =>
  service.state === 'failed' ||
  service.failures >= CRASH_LOOP_FAILURES ||
  (!recovering &&
    (service.state === 'stopped' ||
      service.state === 'paused' ||
      (service.state === 'running' && service.health === 'unhealthy')));

/** Whether starting is over: all are up, or what is not waits for something that is stuck. */
export function isSettled(state: EngineState & { readonly fleet: FleetView }, nowMs: number): boolean {
  const { fleet } = state;
  const recovering = isRecovering(state, nowMs);
  // The fleet's own state may be told a moment before that of its last service.
  if (fleet.state === 'healthy' && fleet.services.every(isServiceUp)) return true;
  const bad = fleet.services.filter((one) => !isServiceUp(one) && isStuck(one, recovering));
  const stuck = new Set(bad.map((one) => one.id));
  const pending = fleet.services.filter((one) => !isServiceUp(one) && !stuck.has(one.id));
  const waitsForStuck = (one: ServiceView): boolean =>
    one.state === 'waiting' &&
    one.waitsFor.some((id) => stuck.has(id) || fleet.services.some((two) => two.id === id && waitsForStuck(two)));
  return stuck.size > 0 && pending.every(waitsForStuck);
}

/** How long it may still end as one does that ends at once; 0 where a health check tells. */
const youngMs = ({ state, health, startedAt }: ServiceView, nowMs: number): number =>
  state === 'running' && health === 'none' && startedAt !== null
    ? Math.max(0, YOUNG_MS - (nowMs - Date.parse(startedAt)))
    : 0;

/** How long to wait until it is known of every service that it did not end at once. */
export const unsureForMs = (fleet: FleetView, nowMs: number): number =>
  Math.max(0, ...fleet.services.map((one) => youngMs(one, nowMs)));

/** One line for each service when it is up, or in trouble; none is told twice the same. And what its images do meanwhile. */
export class Progress {
  readonly #told = new Map<string, string>();
  readonly #beganMs = Date.now();
  readonly #images = new ImageLines();

  show(state: EngineState): void {
    const nowMs = Date.now();
    const recovering = isRecovering(state, nowMs);
    this.#images.show(state.fleet?.images ?? [], nowMs, () => {
      for (const service of state.fleet?.services ?? []) this.#tell(service, recovering);
    });
  }

  #tell(service: ServiceView, recovering: boolean): void {
    const line = this.#line(service, recovering);
    if (line === null || this.#told.get(service.id) === line.key) return;
    this.#told.set(service.id, line.key);
    note(line.text);
  }

  #line(service: ServiceView, recovering: boolean): { key: string; text: string } | null {
    const name = service.id.padEnd(16);
    if (isServiceUp(service)) {
      if (youngMs(service, Date.now()) > 0) return null;
      const at = formatMs(Date.now() - this.#beganMs);
      return {
        key: 'up',
        text: `  ${paint('green', '✓', process.stderr)} ${name} ${paint('grey', at, process.stderr)}`,
      };
    }
    const trouble = isStuck(service, recovering) || service.state === 'backoff';
    if (!trouble || service.reason === null) return null;
    // What it says of itself may be a little different each time: that is no news.
    const key = `${service.state} ${service.health}`;
    return { key, text: `  ${paint('red', '✗', process.stderr)} ${name} ${service.reason}` };
  }
}
