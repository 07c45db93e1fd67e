import {
  type ApiHandlers,
  type AttachTarget,
  applyEngineChange,
  type EngineChange,
  type EngineEvent,
  type EngineState,
  type FleetPhase,
  type FleetView,
  FlotillaError,
  type ImageProgress,
  type InstanceView,
  type ServiceAction,
  type ServiceId,
  type ServiceView,
  type TimelineMark,
  type TopologyNode,
} from '../../../../main/contract/index.ts';
import { attachable, CONTAINER_CAPABILITIES, imageMoments, PROCESS_CAPABILITIES, runtimeViews } from './containers.ts';
import { every } from './every.ts';
import { noise } from './random.ts';
import type { ShopService } from './shop.ts';
import type { World } from './world.ts';

type Answers = Pick<
  ApiHandlers,
  | 'engine.state'
  | 'engine.watch'
  | 'engine.stop'
  | 'fleet.up'
  | 'fleet.down'
  | 'fleet.dial'
  | 'runtimes.list'
  | 'attach.list'
  | 'fleet.attach'
  | 'service.act'
  | 'service.environment'
>;

export type StartPhase = 'none' | 'stopped' | 'healthy';

/** The fleet's life: starts in order of dependencies, acts on services, fails one when told to. */
export class SyntheticFleet {
  readonly #world: World;
  readonly #startStepMs: number;
  readonly #docker: boolean;
  readonly #failsImages: boolean;
  readonly #watchers = new Set<(event: EngineEvent) => void>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #state: EngineState;
  #seq = 1;
  #marks = 0;

  constructor(world: World, phase: StartPhase, startStepMs: number, docker = false, failsImages = false) {
    this.#docker = docker;
    this.#failsImages = failsImages;
    this.#world = world;
    this.#startStepMs = startStepMs;
    this.#state = {
      engine: { pid: 4242, version: '0.1.0', url: 'http://127.0.0.1:4400', startedAt: this.#iso(world.startedAtMs) },
      otlp: { http: 'http://127.0.0.1:4318', grpc: 'http://127.0.0.1:4317' },
      links: phase === 'none' ? null : { url: 'http://127.0.0.1:8474' },
      chaos: { faults: [], isBlocked: false, experiment: null },
      fleet: null,
      marks: [],
      problems: [],
    };
    if (phase !== 'none') this.#load(phase === 'healthy' ? 'healthy' : 'stopped');
    if (phase === 'healthy') {
      const at = (minutes: number): number => world.startedAtMs + minutes * 60_000;
      this.#mark('start', null, 'The shop was started.', at(0));
      this.#mark('healthy', null, 'The shop is healthy after 12 s.', at(0.2));
      this.#mark('restart', 'catalog', 'catalog was restarted.', at(5));
      this.#mark('healthy', 'catalog', 'catalog is healthy.', at(5.1));
      this.#mark('exit', 'inventory', 'inventory exited with code 1 and was started again.', at(9));
      this.#mark('healthy', 'inventory', 'inventory is healthy again.', at(9.5));
    }
  }

  get state(): EngineState {
    return this.#state;
  }

  healthOf = (id: string): TopologyNode['health'] => {
    const service = this.#find(id);
    if (!service || service.state === 'stopped') return 'stopped';
    if (service.state === 'waiting' || service.state === 'starting') return 'starting';
    if (service.state === 'backoff' || service.state === 'failed') return 'unhealthy';
    return service.health;
  };

  /** Breaks a service as a crash would: it is started again and again, and the calls to it fail. */
  fail(id: string): void {
    const now = this.#world.now();
    if (!this.#world.failures.some((one) => one.service === id && one.toMs === null))
      this.#world.failures.push({ service: id, fromMs: now, toMs: null });
    this.#mark('exit', id, `${id} exited with code 1.`);
    this.#patch(id, {
      state: 'backoff',
      health: 'unhealthy',
      exitCode: 1,
      restarts: (this.#find(id)?.restarts ?? 0) + 1,
      reason: `${id} exited with code 1 after 14 min, 3 times in the last minute: cannot reach its database.`,
      remedy: `Read its last log lines: flotilla logs ${id}`,
      nextStartAt: this.#iso(now + 8000),
      actions: ['start', 'stop'],
    });
    this.#phase('degraded');
  }

  heal(id: string): void {
    for (const failure of this.#world.failures)
      if (failure.service === id && failure.toMs === null) failure.toMs = this.#world.now();
    const spec = this.#world.services.find((one) => one.id === id);
    if (!spec || !this.#state.fleet) return;
    this.#put({ ...running(this.#world, spec, this.#world.now()), restarts: this.#find(id)?.restarts ?? 0 });
    this.#mark('healthy', id, `${id} is healthy again.`);
    this.#settle();
  }

  /** Tells of services that were added to the world. */
  announce(): void {
    if (!this.#state.fleet) return;
    for (const spec of this.#world.services)
      if (!this.#find(spec.id)) this.#put(running(this.#world, spec, this.#world.startedAtMs));
  }

  problem(message: string | null): void {
    this.#change({
      kind: 'problems',
      problems: message
        ? [
            {
              code: 'DISK_FULL',
              message,
              remedy: 'Free some space; telemetry is dropped until then, what is stored stays.',
            },
          ]
        : [],
    });
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  answers(): Answers {
    return {
      'engine.state': () => this.#state,
      'engine.watch': (_, signal) => this.#watch(signal),
      'engine.stop': () => {},
      'fleet.up': () => this.#up(),
      'fleet.down': () => this.#down(),
      'fleet.dial': ({ value }) => {
        this.#world.dial = value;
        const { fleet } = this.#state;
        if (fleet?.dial) this.#change({ kind: 'fleet', fleet: { ...fleet, dial: { ...fleet.dial, value } } });
      },
      'runtimes.list': () => runtimeViews(this.#docker),
      'attach.list': () => attachable(this.#docker),
      'fleet.attach': (target) => this.#attach(target),
      'service.act': ({ service, action }) => this.#act(service, action),
      'service.environment': ({ service, reveal }) => this.#environment(service, reveal),
    };
  }

  #iso(ms: number): string {
    return new Date(ms).toISOString();
  }

  #find(id: string): ServiceView | undefined {
    return this.#state.fleet?.services.find((service) => service.id === id);
  }

  /** Changes the state and tells whoever watches it. */
  change(change: EngineChange): void {
    this.#change(change);
  }

  #change(change: EngineChange): void {
    this.#state = applyEngineChange(this.#state, change);
    this.#seq++;
    for (const watcher of this.#watchers) watcher({ kind: 'change', seq: this.#seq, change });
  }

  #put(service: ServiceView): void {
    this.#change({ kind: 'service', service });
  }

  #patch(id: string, patch: Partial<ServiceView>): void {
    const service = this.#find(id);
    if (!service) return;
    const next = { ...service, ...patch };
    this.#put({
      ...next,
      instances: next.instances.map((one) => ({ ...one, state: next.state, health: next.health })),
    });
  }

  #phase(state: FleetPhase): void {
    if (this.#state.fleet && this.#state.fleet.state !== state)
      this.#change({ kind: 'fleet', fleet: { ...this.#state.fleet, state } });
  }

  #settle(): void {
    const services = this.#state.fleet?.services ?? [];
    if (services.every((one) => one.state === 'running' && one.health === 'healthy')) this.#phase('healthy');
    else if (services.some((one) => one.state === 'waiting' || one.state === 'starting')) this.#phase('starting');
    else this.#phase('degraded');
  }

  #mark(
    kind: TimelineMark['kind'],
    service: string | null,
    text: string,
    atMs = this.#world.now(),
    about: Pick<TimelineMark, 'action'> = {},
  ): void {
    this.#marks++;
    const id = `mark-${this.#marks}`;
    const mark = { id, kind, atMs, untilMs: null, service: service as ServiceId | null, ...about, text };
    this.#change({ kind: 'mark', mark });
  }

  #load(state: 'healthy' | 'stopped'): void {
    const { services, startedAtMs } = this.#world;
    this.#change({
      kind: 'fleet',
      fleet: {
        ...fleetView(this.#world, this.#docker),
        state,
        startedAt: state === 'healthy' ? this.#iso(startedAtMs) : null,
      },
    });
    for (const spec of services)
      this.#put(state === 'healthy' ? running(this.#world, spec, startedAtMs) : stopped(spec));
  }

  #after(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }

  #up(): void {
    if (this.#state.fleet && this.#state.fleet.state !== 'stopped')
      throw new FlotillaError('FLEET_BUSY', { state: this.#state.fleet.state });
    this.#load('stopped');
    this.#phase('starting');
    this.#mark('start', null, 'The shop was started.');
    for (const spec of this.#world.services)
      this.#put({ ...stopped(spec), state: 'waiting', waitsFor: spec.dependsOn as ServiceId[], actions: ['stop'] });
    if (this.#docker) this.#fetchImages(imageMoments(this.#failsImages));
    else for (const spec of this.#world.services) this.#tryStart(spec);
  }

  /** Nothing starts before its image is there. */
  #fetchImages([now, ...later]: readonly ImageProgress[][]): void {
    for (const image of now ?? []) this.#change({ kind: 'image', image });
    if (later.length > 0) this.#after(this.#startStepMs * 6, () => this.#fetchImages(later));
    else if (this.#failsImages) this.#phase('degraded');
    else for (const spec of this.#world.services) this.#tryStart(spec);
  }

  #tryStart(spec: ShopService): void {
    const service = this.#find(spec.id);
    if (service?.state !== 'waiting') return;
    const waitsFor = spec.dependsOn.filter((id) => this.#find(id)?.health !== 'healthy');
    this.#patch(spec.id, { waitsFor: waitsFor as ServiceId[] });
    if (waitsFor.length > 0) return;
    this.#patch(spec.id, { state: 'starting', health: 'starting' });
    this.#after(this.#startStepMs * (0.6 + noise(this.#world.seed, 'start', spec.id)), () => {
      if (this.#find(spec.id)?.state !== 'starting') return;
      this.#put(running(this.#world, spec, this.#world.now()));
      for (const other of this.#world.services) this.#tryStart(other);
      this.#settle();
    });
  }

  /** Another name of the shop, which runs already and sends nothing. */
  #attach(target: AttachTarget): void {
    const name = 'project' in target ? target.project : target.containers.join(', ');
    this.#load('healthy');
    const { fleet } = this.#state;
    if (!fleet) return;
    const environment = [
      { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://172.18.0.1:4318' },
      { name: 'OTEL_EXPORTER_OTLP_PROTOCOL', value: 'http/protobuf' },
    ];
    const attached = { project: name, environment, reason: null };
    this.#change({ kind: 'fleet', fleet: { ...fleet, name, file: '', dial: null, startedAt: null, attached } });
  }

  #down(): void {
    const { fleet } = this.#state;
    if (fleet?.attached) {
      this.#change({ kind: 'fleet', fleet: null });
      return;
    }
    if (!fleet) throw new FlotillaError('FLEET_NOT_LOADED');
    this.#phase('stopping');
    for (const service of fleet.services) this.#patch(service.id, { state: 'stopping', actions: [] });
    this.#after(this.#startStepMs, () => {
      for (const spec of this.#world.services) this.#put(stopped(spec));
      this.#phase('stopped');
    });
  }

  #act(id: ServiceId, action: ServiceAction): ServiceView {
    const spec = this.#world.services.find((one) => one.id === id);
    const service = this.#find(id);
    if (!spec || !service)
      throw new FlotillaError('SERVICE_UNKNOWN', {
        service: id,
        known: this.#world.services.map((one) => one.id).join(', '),
      });
    this.#mark(action === 'restart' ? 'restart' : 'action', id, `${id}: ${action}.`, this.#world.now(), { action });
    if (action === 'kill') this.fail(id);
    else if (action === 'pause')
      this.#patch(id, {
        state: 'paused',
        health: 'unhealthy',
        reason: `${id} was paused by hand.`,
        remedy: 'Resume it.',
        actions: ['resume', 'kill'],
      });
    else if (action === 'stop') {
      this.#put(stopped(spec));
    } else if (action === 'resume') this.heal(id);
    else {
      this.#patch(id, { state: 'starting', health: 'starting', reason: null, remedy: null, actions: ['stop', 'kill'] });
      this.#after(this.#startStepMs, () => this.heal(id));
    }
    this.#settle();
    return this.#find(id) ?? service;
  }

  #environment(id: ServiceId, reveal: boolean) {
    const spec = this.#world.services.find((one) => one.id === id);
    if (!spec) throw new FlotillaError('SERVICE_UNKNOWN', { service: id, known: '' });
    const secret = (name: string, value: string) => ({
      name,
      value: reveal ? value : '••••••••',
      masked: !reveal,
      source: 'compose' as const,
    });
    return [
      { name: 'LOG_LEVEL', value: 'info', masked: false, source: 'compose' as const },
      { name: 'OTEL_SERVICE_NAME', value: id, masked: false, source: 'flotilla' as const },
      {
        name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
        value: 'http://127.0.0.1:4318',
        masked: false,
        source: 'flotilla' as const,
      },
      { name: 'PORT', value: String(20000 + (spec.ports[0]?.port ?? 0)), masked: false, source: 'rewritten' as const },
      ...spec.dependsOn.map((other) => ({
        name: `${other.toUpperCase()}_ADDR`,
        value: `127.0.0.1:${20000 + other.length * 7}`,
        masked: false,
        source: 'rewritten' as const,
      })),
      ...(spec.dependsOn.includes('postgres')
        ? [secret('DATABASE_URL', `postgres://${id}:${id}@127.0.0.1:25432/${id}`)]
        : []),
      secret('CLIENT_SECRET', 'shop-client-secret'),
    ];
  }

  async *#watch(signal: AbortSignal): AsyncGenerator<EngineEvent> {
    const queue: EngineEvent[] = [{ kind: 'snapshot', seq: this.#seq, state: this.#state }];
    let wake: () => void = () => {};
    const watcher = (event: EngineEvent): void => {
      queue.push(event);
      wake();
    };
    this.#watchers.add(watcher);
    const stats = this.#measure(signal);
    signal.addEventListener('abort', () => wake());
    try {
      while (!signal.aborted) {
        const event = queue.shift();
        if (event) yield event;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      this.#watchers.delete(watcher);
      await stats;
    }
  }

  /** CPU and memory of what runs, every two seconds, once however many watch. */
  async #measure(signal: AbortSignal): Promise<void> {
    const mine = this.#watchers.size;
    for await (const _ of every(2000, signal)) {
      if (mine > 1 && this.#watchers.size > 1) continue;
      const now = this.#world.now();
      const stats = (this.#state.fleet?.services ?? [])
        .filter((one) => one.state === 'running')
        .flatMap((service) => {
          const spec = this.#world.services.find((one) => one.id === service.id);
          return spec
            ? service.instances.map((instance) => ({
                service: service.id,
                instance: instance.id,
                ...usage(this.#world, spec, instance.id, now),
              }))
            : [];
        });
      if (stats.length > 0) this.#change({ kind: 'stats', stats });
    }
  }
}

function usage(world: World, spec: ShopService, instance: string, atMs: number) {
  const wave = noise(world.seed, instance, Math.floor(atMs / 2000));
  return {
    cpuPercent: (spec.cpuPercent / spec.replicas) * (0.4 + world.dial / 40 + wave * 0.5),
    memoryBytes: Math.round(spec.memoryMb * 1024 * 1024 * (0.96 + wave * 0.06 + ((atMs / 1000) % 120) / 1500)),
    memoryLimitBytes: null,
    networkInBytesPerSecond: null,
    networkOutBytesPerSecond: null,
    diskReadBytesPerSecond: null,
    diskWriteBytesPerSecond: null,
  };
}

function fleetView(world: World, docker: boolean): Omit<FleetView, 'services'> {
  return {
    name: 'shop',
    file: '/home/you/flotilla/sample-fleet/compose.yaml',
    runtime: docker ? 'docker' : 'process',
    state: 'stopped',
    runtimeReason: docker
      ? 'It runs on Docker, which answers. Choose another with: flotilla up --runtime process'
      : 'Plain processes, because no Docker engine answers. Choose another with: flotilla up --runtime docker',
    capabilities: docker ? CONTAINER_CAPABILITIES : PROCESS_CAPABILITIES,
    startedAt: null,
    images: [],
    warnings: [],
    dial: { service: 'traffic' as ServiceId, unit: 'journeys/s', min: 0, max: 200, value: world.dial },
    attached: null,
  };
}

function stopped(spec: ShopService): ServiceView {
  return {
    id: spec.id as ServiceId,
    kind: spec.kind,
    description: spec.description,
    image: null,
    state: 'stopped',
    health: 'unknown',
    reason: null,
    remedy: null,
    waitsFor: [],
    dependsOn: spec.dependsOn as ServiceId[],
    restarts: 0,
    failures: 0,
    exitCode: null,
    startedAt: null,
    nextStartAt: null,
    cpuPercent: null,
    memoryBytes: null,
    endpoints: [],
    instances: [],
    actions: ['start'],
  };
}

function running(world: World, spec: ShopService, startedAtMs: number): ServiceView {
  const startedAt = new Date(startedAtMs).toISOString();
  const instances = Array.from({ length: spec.replicas }, (_, index): InstanceView => {
    const id = `${spec.id}-${index + 1}`;
    return {
      id,
      state: 'running',
      health: 'healthy',
      pid: 5000 + Math.floor(noise(world.seed, id) * 900),
      containerId: null,
      startedAt,
      ...usage(world, spec, id, world.now()),
    };
  });
  const total = (of: (one: InstanceView) => number | null): number =>
    instances.reduce((sum, one) => sum + (of(one) ?? 0), 0);
  return {
    ...stopped(spec),
    state: 'running',
    health: 'healthy',
    startedAt,
    instances,
    cpuPercent: total((one) => one.cpuPercent),
    memoryBytes: total((one) => one.memoryBytes),
    endpoints: spec.ports.map((port) => ({
      name: port.name,
      protocol: port.protocol,
      containerPort: port.port,
      url: `${port.protocol}://127.0.0.1:${20000 + port.port}`,
    })),
    actions: ['stop', 'restart', 'kill', 'pause'],
  };
}
