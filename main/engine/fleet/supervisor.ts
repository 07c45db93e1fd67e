import {
  type EngineChange,
  type FleetPhase,
  FlotillaError,
  type NewLogRecord,
  type ServiceAction,
  type ServiceId,
  type ServiceView,
  type TimelineMark,
  toErrorView,
} from '../../contract/index.ts';
import {
  type FleetRun,
  type InstanceEvent,
  type InstanceRef,
  type InstanceStats,
  instanceId,
  type RunningInstance,
  type Runtime,
} from '../runtimes/index.ts';
import { Prober, type Standing } from './health/prober.ts';
import { type Blocker, blockersOf, dependentsOf, isStuck } from './lifecycle/dependencies.ts';
import { explain } from './lifecycle/explain.ts';
import {
  type Life,
  type LifeEffect,
  type LifeEvent,
  type LifeNote,
  type LifeRules,
  newLife,
} from './lifecycle/life.ts';
import { fleetPhase, type ServiceStatus, serviceStatus } from './lifecycle/service-status.ts';
import { serviceView, type Usage } from './lifecycle/service-view.ts';
import { isUp, step } from './lifecycle/step.ts';
import type { FleetModel, Healthcheck, ServiceSpec } from './model.ts';

/** What an instance was told by people, which a new engine has to know too. */
export interface SavedInstance {
  readonly id: string;
  readonly stoppedByUser: boolean;
  readonly restarts: number;
}

export interface SupervisorOptions {
  readonly model: FleetModel;
  readonly runtime: Pick<Runtime, 'kind' | 'capabilities'>;
  onChange(change: EngineChange): void;
  onLogs(lines: NewLogRecord[]): void;
  /** The phase changed, or what is to be saved did. */
  onPhase(phase: FleetPhase): void;
}

interface Cell {
  readonly spec: ServiceSpec;
  readonly rules: LifeRules;
  readonly healthcheck: Healthcheck | null;
  life: Life;
  /** What the runtime is asked to do with the instance, one thing after the other. */
  queue: Promise<void>;
  prober: Prober | null;
  timer: NodeJS.Timeout | null;
}

const EMIT_MS = 25;

/**
 * Keeps a fleet as it is wanted: carries out what the pure lifecycle (`lifecycle/`) decides, on a run of any runtime, and
 * tells what came of it.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #specs: ReadonlyMap<ServiceId, ServiceSpec>;
  readonly #services: ReadonlyMap<ServiceId, readonly Cell[]>;
  readonly #cells: ReadonlyMap<string, Cell>;
  readonly #run: FleetRun;
  readonly #usage = new Map<string, Usage>();
  readonly #emitted = new Map<ServiceId, string>();
  readonly #waiters = new Set<() => void>();
  #phase: FleetPhase = 'starting';
  #stopping = false;
  #closed = false;
  #emitTimer: NodeJS.Timeout | null = null;
  #settling = false;
  #marks = 0;

  constructor(options: SupervisorOptions, run: FleetRun) {
    this.#options = options;
    this.#run = run;
    this.#specs = new Map(options.model.services.map((spec) => [spec.id, spec]));
    this.#services = new Map(options.model.services.map((spec) => [spec.id, cellsOf(spec, run)]));
    this.#cells = new Map([...this.#services.values()].flat().map((cell) => [instanceId(cell.life.ref), cell]));
  }

  get phase(): FleetPhase {
    return this.#phase;
  }

  /** Wants every service of the fleet, or those that are not running already and were not stopped by a user. */
  startAll(): void {
    for (const cell of this.#cells.values()) {
      if (!cell.life.stoppedByUser && !isUp(cell.life)) this.#dispatch(cell, { kind: 'want' });
    }
    this.#settle();
  }

  /** Takes over what runs already, with what was known of it. */
  adopt(running: readonly RunningInstance[], saved: readonly SavedInstance[]): void {
    for (const { id, stoppedByUser, restarts } of saved) {
      const cell = this.#cells.get(id);
      if (cell) cell.life = { ...cell.life, stoppedByUser, restarts };
    }
    for (const one of running) {
      const cell = this.#cells.get(instanceId(one.instance));
      if (cell) this.#dispatch(cell, { kind: 'adopted', running: one });
    }
  }

  saved(): SavedInstance[] {
    return [...this.#cells].map(([id, { life }]) => ({
      id,
      stoppedByUser: life.stoppedByUser,
      restarts: life.restarts,
    }));
  }

  /** What the run tells about an instance. */
  observe(event: InstanceEvent): void {
    const cell = this.#cells.get(instanceId(event.instance));
    if (cell === undefined || this.#closed) return;
    if (event.kind === 'exited') this.#dispatch(cell, event);
    else this.#dispatch(cell, { kind: event.running.paused ? 'paused' : 'resumed' });
  }

  measured(stats: readonly InstanceStats[]): void {
    if (this.#closed) return;
    for (const { instance, cpuPercent, memoryBytes } of stats) {
      this.#usage.set(instanceId(instance), { cpuPercent, memoryBytes });
    }
    const told = stats.map(({ instance, cpuPercent, memoryBytes }) => ({
      service: instance.service,
      instance: instanceId(instance),
      cpuPercent,
      memoryBytes,
    }));
    this.#options.onChange({ kind: 'stats', stats: told });
  }

  /** Of a service with several copies the first healthy one, else one that runs, else the first. */
  pickInstance(service: ServiceId): number {
    const lives = (this.#services.get(service) ?? []).map((cell) => cell.life);
    const best = lives.find((life) => life.health === 'healthy') ?? lives.find(isUp) ?? lives[0];
    return best?.ref.index ?? 1;
  }

  views(): ServiceView[] {
    return [...this.#services.keys()].map((service) => this.#view(service));
  }

  view(service: ServiceId): ServiceView {
    this.#cellsOf(service);
    return this.#view(service);
  }

  status(service: ServiceId): ServiceStatus {
    return serviceStatus(this.#cellsOf(service).map((cell) => cell.life));
  }

  /**
   * Does what a user asks for; resolves when it is done as far as it can be (a start: when it has begun).
   * @throws FlotillaError SERVICE_UNKNOWN, SERVICE_NOT_RUNNING, RUNTIME_CANNOT
   */
  async act(service: ServiceId, action: ServiceAction): Promise<ServiceView> {
    const cells = this.#cellsOf(service);
    this.#refuse(service, action, cells);
    if (action !== 'restart') this.#mark({ kind: 'action', level: 'info', text: actionText(service, action) }, service);
    const before = new Map(cells.map((cell) => [cell, cell.life] as const));
    for (const cell of cells) this.#dispatch(cell, { kind: action === 'start' ? 'want' : action });
    await this.#until(() => cells.every((cell) => isDone(action, before.get(cell), cell.life)));
    return this.#view(service);
  }

  /** Stops everything, each service after those that depend on it. */
  async stopAll(): Promise<void> {
    this.#stopping = true;
    this.#settle();
    const dependents = dependentsOf(this.#options.model.services);
    const stops = new Map<ServiceId, Promise<void>>();
    const stop = (service: ServiceId): Promise<void> => {
      const begun = stops.get(service);
      if (begun !== undefined) return begun;
      const done = Promise.all((dependents.get(service) ?? []).map(stop)).then(() => this.#stopService(service));
      stops.set(service, done);
      return done;
    };
    await Promise.all([...this.#services.keys()].map(stop));
  }

  async #stopService(service: ServiceId): Promise<void> {
    const cells = this.#cellsOf(service);
    for (const cell of cells) this.#dispatch(cell, { kind: 'stop' });
    await this.#until(() => cells.every((cell) => cell.life.state === 'stopped'));
  }

  /** Ends all watching; what runs goes on. */
  close(): void {
    this.#flush();
    this.#closed = true;
    if (this.#emitTimer !== null) clearTimeout(this.#emitTimer);
    for (const cell of this.#cells.values()) {
      cell.prober?.stop();
      if (cell.timer !== null) clearTimeout(cell.timer);
    }
    for (const waiter of [...this.#waiters]) waiter();
  }

  #refuse(service: ServiceId, action: ServiceAction, cells: readonly Cell[]): void {
    const runtime = this.#options.runtime;
    const pause = runtime.capabilities.find((one) => one.name === 'pause');
    if ((action === 'pause' || action === 'resume') && pause?.available === false) {
      const detail = pause.reason ?? 'it has no way to do so';
      throw new FlotillaError('RUNTIME_CANNOT', { runtime: runtime.kind, action, detail, remedy: 'Stop it instead.' });
    }
    if (this.#stopping) throw new FlotillaError('FLEET_BUSY', { state: 'stopping' });
    const needsLife = action === 'kill' || action === 'pause' || action === 'resume';
    const alive = cells.some((cell) => isUp(cell.life) || cell.life.state === 'stopping');
    if (needsLife && !alive) throw new FlotillaError('SERVICE_NOT_RUNNING', { service });
  }

  #cellsOf(service: ServiceId): readonly Cell[] {
    const cells = this.#services.get(service);
    if (cells !== undefined) return cells;
    throw new FlotillaError('SERVICE_UNKNOWN', { service, known: [...this.#services.keys()].join(', ') });
  }

  #dispatch(cell: Cell, event: LifeEvent): void {
    if (this.#closed) return;
    const before = cell.life;
    const { life, effects, notes } = step(before, event, cell.rules, Date.now());
    cell.life = life;
    for (const note of notes) this.#note(cell, note);
    for (const effect of effects) this.#perform(cell, effect);
    this.#watchHealth(cell, before);
    this.#watchBackoff(cell, before);
    this.#settle();
  }

  #perform(cell: Cell, effect: LifeEffect): void {
    const { ref } = cell.life;
    // A kill does not wait for a stop that is taking its time.
    if (effect === 'kill') {
      void this.#run.kill(ref).catch((error: unknown) => this.#defect(cell, effect, error));
      return;
    }
    cell.queue = cell.queue
      .then(() => this.#carryOut(cell, effect, ref))
      .catch((error: unknown) => this.#defect(cell, effect, error));
  }

  async #carryOut(cell: Cell, effect: Exclude<LifeEffect, 'kill'>, ref: InstanceRef): Promise<void> {
    if (this.#closed) return;
    switch (effect) {
      case 'spawn':
        // Stopped again before its turn came.
        if (cell.life.state !== 'starting') return this.#dispatch(cell, { kind: 'gone' });
        return this.#spawn(cell, ref);
      case 'stop':
        await this.#run.stop(ref).finally(() => this.#dispatch(cell, { kind: 'gone' }));
        return;
      case 'pause':
        await this.#run.pause(ref);
        return this.#dispatch(cell, { kind: 'paused' });
      case 'resume':
        await this.#run.resume(ref);
        return this.#dispatch(cell, { kind: 'resumed' });
    }
  }

  async #spawn(cell: Cell, ref: InstanceRef): Promise<void> {
    try {
      const running = await this.#run.start(ref);
      this.#dispatch(cell, { kind: 'spawned', running });
    } catch (error) {
      this.#dispatch(cell, { kind: 'spawn-failed', error: toErrorView(error) });
    }
  }

  #defect(cell: Cell, effect: LifeEffect, error: unknown): void {
    const text = `${instanceId(cell.life.ref)}: ${effect} failed: ${toErrorView(error).message}`;
    this.#note(cell, { kind: 'action', level: 'error', text });
  }

  /** Asks about its health for as long as it runs, and no longer. */
  #watchHealth(cell: Cell, before: Life): void {
    const { life, healthcheck } = cell;
    const asked = (one: Life): boolean =>
      (one.state === 'starting' || one.state === 'running') && one.startedAtMs !== null;
    const another = before.startedAtMs !== life.startedAtMs;
    if (cell.prober !== null && (another || !asked(life))) {
      cell.prober.stop();
      cell.prober = null;
    }
    if (cell.prober !== null || healthcheck === null || !asked(life)) return;
    cell.prober = new Prober(this.#run, life.ref, healthcheck, ({ ok, detail }) => {
      this.#dispatch(cell, { kind: 'probed', ok, detail });
      return standing(cell.life);
    });
  }

  #watchBackoff(cell: Cell, before: Life): void {
    const { nextStartAtMs } = cell.life;
    if (before.nextStartAtMs === nextStartAtMs) return;
    if (cell.timer !== null) clearTimeout(cell.timer);
    cell.timer = null;
    if (nextStartAtMs === null) return;
    const waitMs = Math.max(0, nextStartAtMs - Date.now());
    cell.timer = setTimeout(() => this.#dispatch(cell, { kind: 'proceed' }), waitMs);
    cell.timer.unref();
  }

  /** Lets go on what waited for what just happened, and tells. Calls from within itself are part of the same pass. */
  #settle(): void {
    if (this.#settling || this.#closed) return;
    this.#settling = true;
    for (let changed = true; changed; ) {
      changed = false;
      for (const [service, cells] of this.#services) {
        if (this.#stopping || !cells.some((cell) => cell.life.state === 'waiting')) continue;
        if (this.#blockers(service).length > 0) continue;
        for (const cell of cells) if (cell.life.state === 'waiting') this.#dispatch(cell, { kind: 'proceed' });
        changed = true;
      }
    }
    this.#settling = false;
    this.#updatePhase();
    for (const waiter of [...this.#waiters]) waiter();
    this.#emitTimer ??= setTimeout(() => this.#flush(), EMIT_MS);
  }

  #blockers(service: ServiceId): Blocker[] {
    const cells = this.#services.get(service) ?? [];
    const spec = cells[0]?.spec;
    if (spec === undefined || !cells.some((cell) => cell.life.state === 'waiting')) return [];
    return blockersOf(spec, (other) => {
      const found = this.#services.get(other);
      return found && serviceStatus(found.map((cell) => cell.life));
    });
  }

  #updatePhase(): void {
    // A service that the file wants no copies of is neither well nor not.
    const wanted = [...this.#services].filter(([, cells]) => cells.length > 0);
    const services = wanted.map(([service, cells]) => ({
      status: serviceStatus(cells.map((cell) => cell.life)),
      stuck: isStuck(this.#blockers(service), (other) => this.#blockers(other)),
      troubled: cells.some((cell) => cell.life.exits > 0),
    }));
    const phase = this.#stopping ? 'stopping' : fleetPhase(services);
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#options.onPhase(phase);
  }

  #flush(): void {
    if (this.#emitTimer !== null) clearTimeout(this.#emitTimer);
    this.#emitTimer = null;
    if (this.#closed) return;
    for (const service of this.#services.keys()) {
      const view = this.#view(service);
      // What a service uses travels as `stats`; it alone is no reason to send the whole service.
      const shown = JSON.stringify(view, (key, value) =>
        key === 'cpuPercent' || key === 'memoryBytes' ? null : value,
      );
      if (this.#emitted.get(service) === shown) continue;
      this.#emitted.set(service, shown);
      this.#options.onChange({ kind: 'service', service: view });
    }
  }

  #view(service: ServiceId): ServiceView {
    const cells = this.#cellsOf(service);
    const spec = this.#specs.get(service);
    if (spec === undefined) throw new FlotillaError('SERVICE_UNKNOWN', { service, known: '' });
    const lives = cells.map((cell) => cell.life);
    const blockers = this.#blockers(service);
    return serviceView({
      spec,
      lives,
      usage: this.#usage,
      endpoints: this.#run.endpoints(spec),
      waitsFor: blockers.map((one) => one.service),
      explanation: explain(spec, lives, blockers, cells[0]?.healthcheck ?? null),
      canPause: this.#options.runtime.capabilities.some((one) => one.name === 'pause' && one.available),
    });
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition() && !this.#closed) return;
        this.#waiters.delete(look);
        resolve();
      };
      this.#waiters.add(look);
      look();
    });
  }

  #note(cell: Cell, note: LifeNote): void {
    this.#mark(note, cell.spec.id);
    this.#options.onLogs([
      {
        timeMs: Date.now(),
        service: cell.spec.id,
        instance: instanceId(cell.life.ref),
        level: note.level,
        message: note.text,
        traceId: null,
        spanId: null,
        attributes: {},
        source: 'flotilla',
      },
    ]);
  }

  #mark(note: LifeNote, service: ServiceId): void {
    this.#marks += 1;
    const atMs = Date.now();
    const id = `${atMs}-${this.#marks}`;
    const mark: TimelineMark = { id, kind: note.kind, atMs, untilMs: null, service, text: note.text };
    this.#options.onChange({ kind: 'mark', mark });
  }
}

function cellsOf(spec: ServiceSpec, run: FleetRun): Cell[] {
  const healthcheck = run.healthcheck(spec);
  return Array.from({ length: spec.replicas }, (_, n) => ({
    spec,
    rules: { restart: spec.restart, healthcheck },
    healthcheck,
    life: newLife({ service: spec.id, index: n + 1 }),
    queue: Promise.resolve(),
    prober: null,
    timer: null,
  }));
}

function standing(life: Life): Standing {
  if (life.state !== 'starting' && life.state !== 'running') return null;
  if (life.health === 'healthy') return 'healthy';
  return life.state === 'starting' ? 'starting' : 'unhealthy';
}

const ACTION_WORDS: Readonly<Record<ServiceAction, string>> = {
  start: 'is started',
  stop: 'is stopped',
  restart: 'is restarted',
  kill: 'is killed',
  pause: 'is paused',
  resume: 'goes on',
};

const actionText = (service: ServiceId, action: ServiceAction): string => `${service} ${ACTION_WORDS[action]} by hand`;

/** Whether an action has taken effect on an instance: `before` is how it was when the action was asked for. */
function isDone(action: ServiceAction, before: Life | undefined, now: Life): boolean {
  switch (action) {
    case 'start':
      return true;
    case 'stop':
      return now.state === 'stopped';
    case 'restart':
      return now.state !== 'stopping' && !(now.state === 'starting' && now.startedAtMs === null);
    case 'kill':
      return before === undefined || before.startedAtMs === null || now.startedAtMs !== before.startedAtMs;
    case 'pause':
      return now.state === 'paused' || !isUp(now);
    case 'resume':
      return now.state !== 'paused';
  }
}
