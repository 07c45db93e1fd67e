import type { EngineChange, ExperimentResult, FaultView, ServiceView } from '../../../contract/index.ts';

type FaultTime = ExperimentResult['faults'][number];

const MOST_FAULTS = 1000;
const MOST_STATUSES = 20_000;

const DOWN: ReadonlySet<string> = new Set(['unhealthy', 'stopped', 'paused', 'failed', 'backoff']);

/** What became of services and which faults were on while an experiment ran, seen from the engine's changes. */
export class Witness {
  readonly #faults = new Map<string, FaultTime>();
  readonly #statuses: { readonly atMs: number; readonly service: string; readonly status: string }[] = [];
  readonly #last = new Map<string, string>();

  constructor(services: readonly ServiceView[], faults: readonly FaultView[]) {
    for (const service of services) this.#noteStatus(service);
    this.#noteFaults(faults);
  }

  note(change: EngineChange): void {
    if (change.kind === 'service') this.#noteStatus(change.service);
    if (change.kind === 'faults') this.#noteFaults(change.faults);
  }

  get faults(): FaultTime[] {
    return [...this.#faults.values()];
  }

  /** Kinds of the faults that were on then and that are meant. */
  faultsAt(atMs: number, isMeant: (target: FaultView['target']) => boolean): string[] {
    const on = this.faults.filter(({ fromMs, toMs }) => fromMs <= atMs && (toMs ?? Number.POSITIVE_INFINITY) >= atMs);
    return [...new Set(on.filter(({ fault }) => isMeant(fault.target)).map(({ fault }) => fault.kind))];
  }

  statusAt(service: string, atMs: number): string | null {
    return this.#statuses.findLast((one) => one.service === service && one.atMs <= atMs)?.status ?? null;
  }

  /** How many services were not up. */
  downAt(atMs: number): number {
    return [...this.#last.keys()].filter((service) => DOWN.has(this.statusAt(service, atMs) ?? '')).length;
  }

  #noteStatus({ id, state, health }: ServiceView): void {
    const status = state === 'running' && health !== 'none' ? health : state;
    if (this.#last.get(id) === status) return;
    this.#last.set(id, status);
    this.#statuses.push({ atMs: Date.now(), service: id, status });
    if (this.#statuses.length > MOST_STATUSES) this.#statuses.splice(0, MOST_STATUSES / 4);
  }

  #noteFaults(views: readonly FaultView[]): void {
    const on = new Set(views.map((one) => one.id));
    for (const [id, known] of this.#faults) {
      if (known.toMs === null && !on.has(id)) this.#faults.set(id, { ...known, toMs: Date.now() });
    }
    for (const fault of views) {
      const known = this.#faults.get(fault.id);
      if (known === undefined && this.#faults.size >= MOST_FAULTS) continue;
      this.#faults.set(fault.id, { fault, fromMs: known?.fromMs ?? Date.parse(fault.since), toMs: null });
    }
  }
}
