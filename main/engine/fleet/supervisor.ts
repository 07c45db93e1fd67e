import {
  type EngineChange,
  type FleetPhase,
  FlotillaError,
  type ImageProgress,
  type InstanceUsage,
  type NewLogRecord,
  type ServiceAction,
  type ServiceId,
  type ServiceView,
  type TimelineMark,
} from '../../contract/index.ts';
import { allSettled } from '../all-settled.ts';
import {
  type FleetRun,
  type InstanceEvent,
  type InstanceStats,
  instanceId,
  type RunningInstance,
  type Runtime,
} from '../runtimes/index.ts';
import { copyNumbers } from './copy-numbers.ts';
import { type Disturbance, isDisturbed } from './disturbance.ts';
import { Instance, type InstanceListener } from './instance.ts';
import { type Blocker, blockersOf, isStuck } from './lifecycle/dependencies.ts';
import { explain } from './lifecycle/explain.ts';
import type { Life, LifeNote } from './lifecycle/life.ts';
import { fleetPhase, serviceStatus } from './lifecycle/service-status.ts';
import { serviceView, USAGE_FIELDS, usageOf } from './lifecycle/service-view.ts';
import { isUp } from './lifecycle/step.ts';
import type { FleetModel, ServiceSpec } from './model.ts';
import { Preparations } from './preparations.ts';
import { stopInOrder } from './stop-order.ts';
import { actionEvent, actionText, isDone, refuseImpossible } from './user-action.ts';

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

const EMIT_MS = 25;
/** How long a fault's act may take, besides the service's own grace period. */
const DISTURB_MS = 15_000;

/**
 * Keeps a fleet as it is wanted: carries out what the pure lifecycle (`lifecycle/`) decides, on a run of any runtime, and
 * tells what came of it.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  #specs: ReadonlyMap<ServiceId, ServiceSpec> = new Map();
  #services: ReadonlyMap<ServiceId, readonly Instance[]> = new Map();
  #instances: ReadonlyMap<string, Instance> = new Map();
  readonly #run: FleetRun;
  readonly #preparations: Preparations;
  readonly #usage = new Map<string, InstanceUsage>();
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
    this.#preparations = new Preparations(run, {
      ready: () => this.#settle(),
      failed: (service, error) => {
        this.#together(() => {
          for (const instance of this.#copiesOf(service)) instance.dispatch({ kind: 'unready', error });
        });
      },
    });
    this.#fit(options.model);
  }

  /** Copies that are known stay as they are; those that the model does not have any more are let go of. */
  #fit({ services }: FleetModel): void {
    const listener: InstanceListener = {
      changed: () => this.#settle(),
      noted: (instance, note) => this.#note(instance, note),
    };
    const before = this.#instances;
    const copy = (spec: ServiceSpec, index: number): Instance =>
      before.get(instanceId({ service: spec.id, index })) ?? new Instance(this.#run, spec, index, listener);
    this.#specs = new Map(services.map((spec) => [spec.id, spec]));
    this.#services = new Map(services.map((spec) => [spec.id, copyNumbers(spec).map((index) => copy(spec, index))]));
    this.#instances = new Map([...this.#services.values()].flat().map((one) => [instanceId(one.ref), one]));
    for (const [id, instance] of before) {
      if (this.#instances.has(id)) continue;
      instance.close();
      this.#usage.delete(id);
    }
  }

  /** The fleet is another now: it runs without us, and somebody has changed it. */
  refit(model: FleetModel): void {
    this.#fit(model);
    this.#settle();
  }

  /** Tells at once how all stands, to whoever looks next. */
  tell(): void {
    this.#flush();
  }

  get phase(): FleetPhase {
    return this.#phase;
  }

  /** Wants every service that does not run already; those that a user stopped only when asked to. */
  startAll({ stoppedToo = false }: { stoppedToo?: boolean } = {}): void {
    this.#together(() => {
      for (const instance of this.#instances.values()) {
        const { stoppedByUser } = instance.life;
        if ((stoppedToo || !stoppedByUser) && !isUp(instance.life)) instance.dispatch({ kind: 'want' });
      }
    });
    // Whoever asked for this looks next how it goes, and is not to find what was before.
    this.#flush();
  }

  /** Lets several things happen as one: nobody is told of what is only so in between. */
  #together(happen: () => void): void {
    this.#settling = true;
    try {
      happen();
    } finally {
      this.#settling = false;
    }
    this.#settle();
  }

  /** Takes over what runs already, with what was known of it. */
  adopt(running: readonly RunningInstance[], saved: readonly SavedInstance[]): void {
    for (const { id, stoppedByUser, restarts } of saved) {
      const instance = this.#instances.get(id);
      instance?.recall({ stoppedByUser, restarts });
    }
    this.#together(() => {
      for (const one of running) {
        this.#instances.get(instanceId(one.instance))?.dispatch({ kind: 'adopted', running: one });
      }
    });
  }

  saved(): SavedInstance[] {
    return [...this.#instances].map(([id, { life }]) => ({
      id,
      stoppedByUser: life.stoppedByUser,
      restarts: life.restarts,
    }));
  }

  /** What the run tells about an instance. */
  observe(event: InstanceEvent): void {
    const instance = this.#instances.get(instanceId(event.instance));
    if (instance === undefined || this.#closed) return;
    instance.dispatch(event);
  }

  measured(stats: readonly InstanceStats[]): void {
    if (this.#closed) return;
    for (const one of stats) this.#usage.set(instanceId(one.instance), usageOf(one));
    const told = stats.map((one) => ({
      service: one.instance.service,
      instance: instanceId(one.instance),
      ...usageOf(one),
    }));
    this.#options.onChange({ kind: 'stats', stats: told });
  }

  /** How an image comes to be that a service waits for. */
  imaged(progress: ImageProgress): void {
    this.#preparations.told(progress);
    this.#settle();
  }

  /** Of a service with several copies the first healthy one, else one that runs, else the first. */
  pickInstance(service: ServiceId): number {
    const lives = (this.#services.get(service) ?? []).map((instance) => instance.life);
    const best = lives.find((life) => life.health === 'healthy') ?? lives.find(isUp) ?? lives[0];
    return best?.ref.index ?? 1;
  }

  views(): ServiceView[] {
    return [...this.#services.keys()].map((service) => this.#view(service));
  }

  view(service: ServiceId): ServiceView {
    this.#copiesOf(service);
    return this.#view(service);
  }

  /**
   * Does what a user asks for; resolves when it is done as far as it can be (a start: when it has begun).
   * @throws FlotillaError SERVICE_UNKNOWN, SERVICE_NOT_RUNNING, RUNTIME_CANNOT, and what its runtime gives
   */
  async act(service: ServiceId, action: ServiceAction): Promise<ServiceView> {
    const instances = this.#copiesOf(service);
    if (this.#stopping) throw new FlotillaError('FLEET_BUSY', { state: 'stopping' });
    const before = instances.map((instance) => instance.life);
    refuseImpossible(action, service, before, this.#options.runtime);
    // The instances themselves note that they are restarted.
    if (action !== 'restart') this.#mark({ kind: 'action', text: actionText(service, action) }, service, { action });
    const hasFailed = failuresFrom(instances);
    for (const instance of instances) instance.dispatch(actionEvent(action));
    const isDoneBy = (instance: Instance, n: number): boolean =>
      !(action === 'restart' && hasFailed(instance)) && isDone(action, before[n] ?? instance.life, instance.life);
    await this.#until(() => instances.every((instance, n) => isDoneBy(instance, n) || hasFailed(instance)));
    const failed = instances.find((instance, n) => hasFailed(instance) && !isDoneBy(instance, n));
    if (failed !== undefined && !this.#closed) throw failed.failure;
    if (action === 'restart') await this.#restartDependents(service);
    return this.#view(service);
  }

  /**
   * Does to copies of a service what a fault does; resolves when it is done. `fault`: its id, of one that pauses.
   * @throws FlotillaError SERVICE_UNKNOWN, and what its runtime gives
   */
  async disturb(service: ServiceId, copies: readonly number[], what: Disturbance, fault?: string): Promise<void> {
    const meant = this.#copiesOf(service).filter((instance) => copies.includes(instance.ref.index));
    if (what === 'pause' || what === 'resume') {
      await allSettled(meant.map((instance) => this.#still(instance, what, fault)));
      return;
    }
    const before = meant.map((instance) => instance.life);
    const hasFailed = failuresFrom(meant);
    this.#together(() => {
      for (const instance of meant) instance.dispatch({ kind: what });
    });
    const graceMs = this.#specs.get(service)?.stopGracePeriodMs ?? 0;
    const late = AbortSignal.timeout(graceMs + DISTURB_MS);
    late.addEventListener('abort', () => this.#settle());
    const isDoneBy = (one: Instance, n: number): boolean =>
      !(what === 'restart' && hasFailed(one)) && isDisturbed(what, before[n] ?? one.life, one.life);
    await this.#until(() => late.aborted || meant.every((one, n) => isDoneBy(one, n) || hasFailed(one)));
    if (meant.every(isDoneBy) || this.#closed) return;
    const failed = meant.find((one, n) => hasFailed(one) && !isDoneBy(one, n));
    if (failed !== undefined) throw failed.failure;
    const detail = `${service} did not ${what} within ${(graceMs + DISTURB_MS) / 1000} s`;
    throw new FlotillaError('INTERNAL', { detail });
  }

  /** Asks the runtime itself, which says so where it fails. */
  async #still({ ref, life }: Instance, what: 'pause' | 'resume', fault?: string): Promise<void> {
    const isPaused = life.state === 'paused';
    // It stands still as it is; only who keeps it so is another.
    if (what === 'pause' && isPaused) this.#instances.get(instanceId(ref))?.dispatch({ kind: 'paused', by: fault });
    const isMeant = what === 'pause' ? isUp(life) && !isPaused && life.startedAtMs !== null : isPaused;
    if (!isMeant) return;
    await this.#run[what](ref);
    const now = this.#instances.get(instanceId(ref));
    now?.dispatch(what === 'pause' ? { kind: 'paused', by: fault } : { kind: 'resumed' });
  }

  /** How the copies of a service stand. @throws FlotillaError SERVICE_UNKNOWN */
  lives(service: ServiceId): readonly Life[] {
    return this.#copiesOf(service).map((instance) => instance.life);
  }

  /** Compose's `depends_on.NAME.restart`: what a service holds of another is worth nothing after that one's restart. */
  async #restartDependents(service: ServiceId): Promise<void> {
    for (const { id, dependsOn, attached } of this.#specs.values()) {
      if (attached !== undefined) continue;
      const isRunning = this.#copiesOf(id).some(({ life }) => life.state === 'running');
      if (isRunning && dependsOn.some((one) => one.service === service && one.restart)) await this.act(id, 'restart');
    }
  }

  /** Stops everything, in the order of `stopInOrder`. */
  async stopAll(): Promise<void> {
    this.#stopping = true;
    this.#settle();
    await stopInOrder([...this.#specs.values()], (service) => this.#stopService(service));
  }

  async #stopService(service: ServiceId): Promise<void> {
    const instances = this.#copiesOf(service);
    const hasFailed = failuresFrom(instances);
    for (const instance of instances) instance.dispatch({ kind: 'stop' });
    // What could not be made to end is left to the end of the run, which takes what it finds.
    await this.#until(() => instances.every((one) => one.life.state === 'stopped' || hasFailed(one)));
  }

  /** Ends all watching; what runs goes on. */
  close(): void {
    this.#flush();
    this.#closed = true;
    if (this.#emitTimer !== null) clearTimeout(this.#emitTimer);
    for (const instance of this.#instances.values()) {
      instance.close();
    }
    for (const waiter of [...this.#waiters]) waiter();
  }

  #copiesOf(service: ServiceId): readonly Instance[] {
    const instances = this.#services.get(service);
    if (instances !== undefined) return instances;
    throw new FlotillaError('SERVICE_UNKNOWN', { service, known: [...this.#services.keys()].join(', ') });
  }

  /** Lets go on what waited for what just happened, and tells. Calls from within itself are part of the same pass. */
  #settle(): void {
    if (this.#settling || this.#closed) return;
    this.#settling = true;
    for (let changed = true; changed; ) {
      changed = false;
      for (const [service, instances] of this.#services) {
        if (this.#stopping || !instances.some((instance) => instance.life.state === 'waiting')) continue;
        // Asked first: what it needs is fetched while it waits for others.
        if (!this.#preparations.isReady(service) || this.#blockers(service).length > 0) continue;
        for (const instance of instances) if (instance.life.state === 'waiting') instance.dispatch({ kind: 'proceed' });
        this.#preparations.used(service);
        changed = true;
      }
    }
    this.#settling = false;
    this.#updatePhase();
    for (const waiter of [...this.#waiters]) waiter();
    this.#emitTimer ??= setTimeout(() => this.#flush(), EMIT_MS);
  }

  #blockers(service: ServiceId): Blocker[] {
    const instances = this.#services.get(service) ?? [];
    const spec = instances[0]?.spec;
    if (spec === undefined || !instances.some((instance) => instance.life.state === 'waiting')) return [];
    // Whoever starts what runs without us has seen for himself what it needs.
    if (spec.attached !== undefined) return [];
    return blockersOf(spec, (other) => {
      const found = this.#services.get(other);
      return found && serviceStatus(found.map((instance) => instance.life));
    });
  }

  #updatePhase(): void {
    // A service that the file wants no copies of is neither well nor not.
    const wanted = [...this.#services].filter(([, instances]) => instances.length > 0);
    const services = wanted.map(([service, instances]) => ({
      status: serviceStatus(instances.map((instance) => instance.life)),
      stuck: isStuck(this.#blockers(service), (other) => this.#blockers(other)),
      troubled: instances.some((instance) => instance.life.exits > 0),
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
      const shown = JSON.stringify(view, (key, value) => (USAGE_FIELDS.has(key) ? null : value));
      if (this.#emitted.get(service) === shown) continue;
      this.#emitted.set(service, shown);
      this.#options.onChange({ kind: 'service', service: view });
    }
  }

  #view(service: ServiceId): ServiceView {
    const instances = this.#copiesOf(service);
    const spec = this.#specs.get(service);
    if (spec === undefined) throw new FlotillaError('SERVICE_UNKNOWN', { service, known: '' });
    const lives = instances.map((instance) => instance.life);
    const blockers = this.#blockers(service);
    const preparing = this.#preparations.words(service);
    return serviceView({
      spec,
      lives,
      usage: this.#usage,
      endpoints: this.#run.endpoints(spec),
      waitsFor: blockers.map((one) => one.service),
      explanation: explain(spec, lives, blockers, instances[0]?.healthcheck ?? null, preparing),
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

  #note(instance: Instance, note: LifeNote): void {
    this.#mark(note, instance.spec.id, { instance: instanceId(instance.ref) });
    this.#options.onLogs([
      {
        timeMs: Date.now(),
        service: instance.spec.id,
        instance: instanceId(instance.ref),
        level: note.level,
        message: note.text,
        traceId: null,
        spanId: null,
        attributes: {},
        source: 'flotilla',
      },
    ]);
  }

  #mark(
    note: Pick<LifeNote, 'kind' | 'text'>,
    service: ServiceId,
    about: Pick<TimelineMark, 'instance' | 'action'>,
  ): void {
    this.#marks += 1;
    const atMs = Date.now();
    const id = `${atMs}-${this.#marks}`;
    const mark: TimelineMark = { id, kind: note.kind, atMs, untilMs: null, service, ...about, text: note.text };
    this.#options.onChange({ kind: 'mark', mark });
  }
}

/** Tells of instances whether the runtime could not do something with them from now on. */
function failuresFrom(instances: readonly Instance[]): (instance: Instance) => boolean {
  const before = new Map(instances.map((instance) => [instance, instance.failures]));
  return (instance) => instance.failures !== before.get(instance);
}
