import type Dockerode from 'dockerode';
import {
  type Endpoint,
  type EnvironmentEntry,
  FlotillaError,
  type ImageProgress,
  type ServiceId,
} from '../../../contract/index.ts';
import type { FleetModel, Healthcheck, ServiceSpec } from '../../fleet/index.ts';
import {
  type ExecCommand,
  type ExecResult,
  type FleetRun,
  type InstanceExit,
  type InstanceRef,
  instanceId,
  type Reach,
  type ReportedHealth,
  type RunContext,
  type RunningInstance,
  type TerminalProcess,
  type TerminalSize,
} from '../runtime.ts';
import { environmentEntries } from '../variables.ts';
import { thisMachine } from './connection/index.ts';
import { execIn, openContainerShell } from './container-exec.ts';
import { listFolder, readFile } from './container-files.ts';
import { ContainerLog } from './container-log.ts';
import { ContainerMaker } from './container-maker.ts';
import { type Contained, containedOf, exitOf, healthOf, runningOf, touchOf } from './container-state.ts';
import { ContainerStats } from './container-stats.ts';
import { engineError, engineGone, isGone, isMissing, statusOf } from './docker-errors.ts';
import { type ContainerEvent, EventFeed } from './event-feed.ts';
import { FirstHealth } from './first-health.ts';
import { FleetImages } from './images/index.ts';
import { maskedInspect } from './inspect.ts';
import { COMPOSE, RUN_LABEL } from './names.ts';
import { PortPlan } from './port-plan.ts';
import { Project } from './project.ts';
import { DockerRunFolder, type DockerRunState } from './run-state.ts';
import { TelemetryAddresses } from './telemetry-addresses.ts';

export interface RunEngine {
  readonly docker: Dockerode;
  readonly address: string;
  readonly local: boolean;
}

const STATS_MS = 2000;
/** After the signal of someone else a container may take this long beyond its grace period to end by it. */
const TOUCH_MS = 15_000;
/** Between the end of a container and its removal by the same command. */
const REMOVAL_MS = 150;
const REMOVE_AT_ONCE = 6;
const REMOVE_MS = 15_000;

type Inspected = Dockerode.ContainerInspectInfo;

/** A fleet as containers, which outlive the engine that started them. The container engine's events say what they do. */
export class DockerRun implements FleetRun {
  readonly #engine: RunEngine;
  readonly #model: FleetModel;
  readonly #context: RunContext;
  readonly #folder: DockerRunFolder;
  readonly #before: DockerRunState | null;
  readonly #project: Project;
  readonly #ports: PortPlan;
  readonly #telemetry: TelemetryAddresses;
  readonly #images: FleetImages;
  readonly #maker: ContainerMaker;
  readonly #events: EventFeed;
  readonly #stats: ContainerStats;
  readonly #firstHealth: FirstHealth;
  readonly #running = new Map<string, Contained>();
  readonly #logs = new Map<string, ContainerLog>();
  readonly #lanes = new Map<string, Promise<unknown>>();
  readonly #endings = new Map<string, Set<() => void>>();
  readonly #statsTimer: NodeJS.Timeout;
  /** What an engine before this one has seen running, while nobody can be asked: the containers, by instance. */
  readonly #assumed = new Map<string, string>();
  #gateways: ReadonlyMap<string, string> = new Map();
  #sampling = false;
  #isFollowed = false;
  #closed = false;

  constructor(engine: RunEngine, model: FleetModel, context: RunContext) {
    this.#engine = engine;
    this.#model = model;
    this.#context = context;
    const { docker, local } = engine;
    const { runId } = context;
    this.#folder = new DockerRunFolder(context.home, runId);
    this.#before = this.#folder.readState();
    this.#project = new Project(docker, model, runId);
    this.#ports = new PortPlan(model, this.#before?.ports ?? {});
    this.#telemetry = new TelemetryAddresses(context, local);
    const machine = thisMachine();
    const onProgress = (progress: ImageProgress): void => context.listener.image?.(progress);
    this.#images = new FleetImages({ docker, model, machine, rebuild: context.rebuild ?? false, onProgress });
    this.#maker = new ContainerMaker({
      docker,
      model,
      runId,
      project: this.#project,
      ports: this.#ports,
      telemetry: this.#telemetry,
      imageOf: (service) => this.#images.imageOf(service),
    });
    this.#events = new EventFeed(docker, `${RUN_LABEL}=${runId}`, {
      event: (event) => this.#take(event),
      connected: () => this.#connected(),
      lost: (detail) => this.#lost(detail),
    });
    this.#stats = new ContainerStats(docker, local);
    this.#firstHealth = new FirstHealth(docker, (ref, containerId, health) => this.#told(ref, containerId, health));
    this.#statsTimer = setInterval(() => void this.#sample(), STATS_MS);
    this.#statsTimer.unref();
  }

  /**
   * Makes the networks and chooses ports; starts nothing. For a run that was before, the engine need not be there.
   * @throws FlotillaError PROJECT_TAKEN, CONTAINER_REFUSED, RUNTIME_UNAVAILABLE
   */
  async setUp(): Promise<void> {
    if (this.#before === null) {
      await this.#refuseForeign();
      this.#gateways = await this.#project.ensureNetworks();
      await this.#ports.choose();
    } else {
      this.#gateways = new Map(Object.entries(this.#before.gateways));
    }
    await this.#telemetry.listen(this.#gateways);
    this.#save();
    await this.#events.start();
  }

  /** Pulls or builds the service's image where that has to be. */
  async prepare(service: ServiceId): Promise<void> {
    await this.#images.ready(service);
  }

  /** Containers of the project that are not of this run belong to someone who would not expect us to touch them. */
  async #refuseForeign(): Promise<void> {
    const filters = { label: [`${COMPOSE.project}=${this.#project.name}`] };
    const found = await this.#engine.docker.listContainers({ all: true, filters }).catch((error: unknown) => {
      throw engineError(error, `the project ${this.#project.name}`);
    });
    const foreign = found.filter((one) => one.Labels[RUN_LABEL] !== this.#context.runId);
    if (foreign.length === 0) return;
    const containers = foreign.map((one) => one.Names[0]?.replace(/^\//, '') ?? one.Id.slice(0, 12)).join(', ');
    throw new FlotillaError('PROJECT_TAKEN', { project: this.#project.name, containers });
  }

  async adopt(): Promise<readonly RunningInstance[]> {
    try {
      await this.#resync(false);
    } catch (error) {
      if (!isGone(error)) throw error;
      // The engine is away: what ran is taken to run until it is back and can be asked.
      return (this.#before?.instances ?? []).map(({ service, index, ...known }) => {
        const ref = { service, index };
        this.#assumed.set(instanceId(ref), known.containerId);
        return { instance: ref, pid: null, ...known };
      });
    }
    // In the file's order, whatever order the engine has.
    const order = new Map(this.#model.services.map((spec, n) => [spec.id, n] as const));
    const place = ({ ref }: Contained): number => (order.get(ref.service) ?? 0) * 10_000 + ref.index;
    return [...this.#running.values()].toSorted((a, b) => place(a) - place(b)).map(runningOf);
  }

  start(ref: InstanceRef): Promise<RunningInstance> {
    return this.#inLane(ref, async () => {
      const already = this.#running.get(instanceId(ref));
      if (already !== undefined) return runningOf(already);
      await this.#images.ensure(ref.service);
      const info = await this.#maker.start(ref);
      const contained = this.#watch(ref, info);
      this.#save();
      return runningOf(contained);
    });
  }

  async stop(ref: InstanceRef): Promise<void> {
    const running = this.#running.get(instanceId(ref));
    if (running === undefined) return;
    running.ending = true;
    const { stopSignal, stopGracePeriodMs } = this.#spec(ref.service);
    await this.#signal(running, stopSignal);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), stopGracePeriodMs);
    });
    const outcome = await Promise.race([this.#ending(ref), patience]);
    clearTimeout(timer);
    if (outcome === 'late') await this.kill(ref);
  }

  async kill(ref: InstanceRef): Promise<void> {
    const running = this.#running.get(instanceId(ref));
    if (running === undefined) return;
    running.ending = true;
    await this.#signal(running, 'SIGKILL');
    await this.#ending(ref);
  }

  async #signal(running: Contained, signal: string): Promise<void> {
    const container = this.#container(running);
    try {
      await container.kill({ signal });
      // One that stands still does not hear it before it goes on.
      if (running.paused) await container.unpause().catch(() => undefined);
    } catch (error) {
      // Ended or removed already: the events say so.
      if (!isMissing(error) && statusOf(error) !== 409) throw engineError(error, `a signal to ${running.name}`);
    }
  }

  async pause(ref: InstanceRef): Promise<void> {
    const running = this.#found(ref);
    running.paused = true;
    await this.#container(running)
      .pause()
      .catch((error: unknown) => {
        running.paused = false;
        throw engineError(error, `to pause ${running.name}`);
      });
  }

  async resume(ref: InstanceRef): Promise<void> {
    const running = this.#found(ref);
    await this.#container(running)
      .unpause()
      .catch((error: unknown) => {
        throw engineError(error, `to resume ${running.name}`);
      });
    running.paused = false;
  }

  healthcheck(spec: ServiceSpec): Healthcheck | null {
    const { healthcheck } = spec;
    return healthcheck?.http || healthcheck?.tcp ? healthcheck : null;
  }

  reach(ref: InstanceRef, port: string): Reach | null {
    return this.#ports.reach(ref, port);
  }

  endpoints(spec: ServiceSpec): readonly Endpoint[] {
    return this.#ports.endpoints(spec);
  }

  address(_from: ServiceId, to: ServiceId, containerPort: number): string | null {
    const known = this.#spec(to).ports.some((port) => port.containerPort === containerPort);
    return known ? `${to}:${containerPort}` : null;
  }

  addresses(): ReadonlyMap<string, { readonly service: ServiceId }> {
    const found = new Map<string, { service: ServiceId }>();
    for (const { ref, name, containerId, addresses } of this.#running.values()) {
      for (const { containerPort } of this.#spec(ref.service).ports) {
        for (const host of [...addresses, name, containerId.slice(0, 12)]) {
          if (host !== '') found.set(`${host}:${containerPort}`, { service: ref.service });
        }
      }
    }
    return found;
  }

  async environment(spec: ServiceSpec, reveal: boolean): Promise<readonly EnvironmentEntry[]> {
    return environmentEntries(this.#maker.variables({ service: spec.id, index: 1 }), reveal);
  }

  async exec(ref: InstanceRef, command: ExecCommand): Promise<ExecResult> {
    const running = this.#running.get(instanceId(ref));
    if (running === undefined) return { exitCode: null, output: `${instanceId(ref)} is not running` };
    return execIn(this.#engine.docker, running.containerId, command);
  }

  async openTerminal(ref: InstanceRef, size: TerminalSize, command?: readonly string[]): Promise<TerminalProcess> {
    const { containerId: id } = this.#found(ref);
    const container = { id, service: ref.service, image: this.#images.imageOf(ref.service) };
    return openContainerShell(this.#engine.docker, container, size, command);
  }

  async inspect(ref: InstanceRef, reveal: boolean): Promise<Record<string, unknown>> {
    return maskedInspect(await this.#inspectNamed(ref), reveal);
  }

  async listFolder(ref: InstanceRef, path: string) {
    const { Id, State } = await this.#inspectNamed(ref);
    return listFolder(this.#engine.docker, { id: Id, isRunning: State.Running && !State.Paused }, path);
  }

  async readFile(ref: InstanceRef, path: string, maxBytes: number) {
    const { Id } = await this.#inspectNamed(ref);
    return readFile(this.#engine.docker, Id, path, maxBytes);
  }

  async down({ keepData }: { readonly keepData: boolean }): Promise<void> {
    const { docker } = this.#engine;
    await this.#images.close();
    const filters = { label: [`${RUN_LABEL}=${this.#context.runId}`] };
    const found = await docker.listContainers({ all: true, filters }).catch((error: unknown) => {
      throw engineError(error, 'to list its containers');
    });
    for (let at = 0; at < found.length; at += REMOVE_AT_ONCE) {
      await Promise.all(found.slice(at, at + REMOVE_AT_ONCE).map(({ Id }) => this.#remove(Id)));
    }
    const [left] = await this.#project.remove(keepData);
    await this.close();
    await this.#folder.remove();
    if (left !== undefined) this.#context.listener.problem?.(left.toView());
  }

  async #remove(containerId: string): Promise<void> {
    const deadlineMs = Date.now() + REMOVE_MS;
    for (;;) {
      try {
        await this.#engine.docker.getContainer(containerId).remove({ force: true, v: true });
        return;
      } catch (error) {
        if (isMissing(error)) return;
        // 409: it is being removed just now, and what it used with it.
        const busy = statusOf(error) === 409 && Date.now() < deadlineMs;
        if (!busy) throw engineError(error, `to remove ${containerId.slice(0, 12)}`);
        await new Promise((resolve) => setTimeout(resolve, REMOVAL_MS));
      }
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#save();
    this.#closed = true;
    clearInterval(this.#statsTimer);
    this.#events.close();
    this.#firstHealth.close();
    for (const waiters of this.#endings.values()) for (const done of waiters) done();
    await this.#images.close();
    await Promise.all([...this.#logs.values()].map((log) => log.close()));
    await this.#ports.ports.close();
  }

  // What happens to containers

  #take(event: ContainerEvent): void {
    const ref = this.#refOf(event.attributes);
    if (ref === null || this.#closed) return;
    void this.#inLane(ref, () => this.#handle(ref, event)).catch(() => {
      // The engine went away in the middle of it: once it is back all is looked at anew.
    });
  }

  async #handle(ref: InstanceRef, event: ContainerEvent): Promise<void> {
    if (this.#closed) return;
    const known = this.#running.get(instanceId(ref));
    // Of a container that was there before, or of the time before this start.
    const mine = known?.containerId === event.containerId && event.timeMs >= known.startedAtMs - 1 ? known : undefined;
    const { action, attributes, timeMs } = event;
    if (action === 'start') return this.#lookAt(ref, event.containerId);
    if (mine === undefined) return;
    if (action === 'oom') mine.oom = true;
    else if (action === 'kill') this.#noteSignal(mine, attributes.signal ?? '', timeMs);
    else if (action === 'die') await this.#ended(mine, Number(attributes.exitCode ?? Number.NaN), timeMs);
    else if (action === 'destroy') await this.#ended(mine, Number.NaN, timeMs);
    else if (action !== 'stop') await this.#lookAt(ref, event.containerId);
  }

  #noteSignal(running: Contained, signal: string, atMs: number): void {
    const how = touchOf(signal, this.#spec(running.ref.service).stopSignal);
    // A stop that took force was a stop.
    if (how !== null && !running.ending) running.touched = { atMs, how: running.touched?.how ?? how };
  }

  /** Compares what is known with how a container stands, and tells the difference. */
  async #lookAt(ref: InstanceRef, containerId: string): Promise<void> {
    const info = await this.#inspect(containerId);
    const known = this.#running.get(instanceId(ref));
    if (known !== undefined && (info === null || known.startedAtMs !== Date.parse(info.State.StartedAt))) {
      // It ended without our being told; of a container that runs again nobody knows how.
      await this.#ended(known, info === null || info.State.Running ? Number.NaN : info.State.ExitCode, Date.now());
    } else if (known !== undefined && info !== null && !info.State.Running) {
      await this.#ended(known, info.State.ExitCode, Date.parse(info.State.FinishedAt));
      return;
    }
    if (info === null || !info.State.Running || this.#closed) return;
    const { listener } = this.#context;
    const again = this.#running.get(instanceId(ref));
    if (again === undefined) {
      const found = this.#watch(ref, info);
      this.#save();
      listener.event({ kind: 'observed', instance: ref, running: runningOf(found) });
      return;
    }
    const wasPaused = again.paused;
    again.paused = info.State.Paused;
    if (wasPaused !== again.paused) listener.event({ kind: 'observed', instance: ref, running: runningOf(again) });
    const health = healthOf(info);
    if (health === null || again.paused) return;
    this.#told(ref, again.containerId, health);
    if (health.status === 'starting' && wasPaused) this.#firstHealth.watch(again, info, this.#spec(ref.service));
  }

  #told(ref: InstanceRef, containerId: string, health: ReportedHealth): void {
    const running = this.#running.get(instanceId(ref));
    if (running === undefined || running.containerId !== containerId || this.#closed) return;
    running.health = health;
    if (health.status !== 'starting') this.#firstHealth.stop(instanceId(ref));
    this.#context.listener.event({ kind: 'health', instance: ref, health });
  }

  /** @param code NaN where nobody knows it */
  async #ended(running: Contained, code: number, atMs: number): Promise<void> {
    const { ref, containerId } = running;
    const id = instanceId(ref);
    this.#firstHealth.stop(id);
    await this.#logs.get(id)?.drain();
    let info = await this.#inspect(containerId);
    if (info !== null && running.touched !== null && !running.ending) {
      // `docker rm --force` kills first and removes then.
      await new Promise((resolve) => setTimeout(resolve, REMOVAL_MS));
      info = await this.#inspect(containerId);
    }
    if (this.#closed || this.#running.get(id) !== running) return;
    this.#running.delete(id);
    this.#save();
    const exit = this.#exit(running, code, atMs, info);
    this.#context.listener.event({ kind: 'exited', instance: ref, exit });
    for (const done of this.#endings.get(id) ?? []) done();
    this.#endings.delete(id);
  }

  #exit(running: Contained, code: number, atMs: number, info: Inspected | null): InstanceExit {
    const known = Number.isNaN(code) ? { code: null, signal: null } : exitOf(code);
    const same = info !== null && !info.State.Running;
    const oomKilled = code !== 0 && (running.oom || (same && info.State.OOMKilled));
    const base = { atMs, ...known, oomKilled, portTaken: null };
    if (running.ending) return base;
    if (info === null) return { ...base, outside: 'removed' };
    const { touched, ref } = running;
    const late = this.#spec(ref.service).stopGracePeriodMs + TOUCH_MS;
    return touched !== null && atMs - touched.atMs < late && !oomKilled ? { ...base, outside: touched.how } : base;
  }

  // The engine itself

  #connected(): void {
    this.#context.listener.problem?.(null);
    const again = this.#isFollowed;
    this.#isFollowed = true;
    if (again) void this.#resync(true).catch(() => undefined);
  }

  #lost(detail: string): void {
    this.#isFollowed = true;
    const view = engineGone(`its engine is gone (${detail}); the fleet is left as it is`).toView();
    this.#context.listener.problem?.(view);
  }

  /** Finds all containers of the run. What has changed is told, or, in the beginning, only taken over. */
  async #resync(tell: boolean): Promise<void> {
    const filters = { label: [`${RUN_LABEL}=${this.#context.runId}`] };
    const found = await this.#engine.docker.listContainers({ all: true, filters });
    const containers = new Map<string, { ref: InstanceRef; containerId: string }>();
    for (const { Id, Labels } of found) {
      const ref = this.#refOf(Labels);
      if (ref !== null) containers.set(instanceId(ref), { ref, containerId: Id });
    }
    for (const [id, { ref, containerId }] of this.#running) {
      if (!containers.has(id)) containers.set(id, { ref, containerId });
    }
    for (const { service, index, containerId } of this.#before?.instances ?? []) {
      const ref = { service, index };
      const id = instanceId(ref);
      if (this.#assumed.has(id) && !containers.has(id)) containers.set(id, { ref, containerId });
    }
    const look = ({ ref, containerId }: { ref: InstanceRef; containerId: string }) =>
      this.#inLane(ref, () => (tell ? this.#lookAgain(ref, containerId) : this.#takeOver(ref, containerId)));
    await Promise.all([...containers.values()].map(look));
  }

  async #lookAgain(ref: InstanceRef, containerId: string): Promise<void> {
    const id = instanceId(ref);
    await this.#lookAt(ref, containerId);
    // Their streams have ended with the engine.
    if (this.#running.has(id)) this.#logs.get(id)?.follow();
    else if (this.#assumed.has(id)) await this.#tellAssumed(ref, containerId);
    this.#assumed.delete(id);
  }

  /** It was taken to run, and has ended before anybody could ask. */
  async #tellAssumed(ref: InstanceRef, containerId: string): Promise<void> {
    const info = await this.#inspect(containerId);
    if (info !== null) await this.#logOf(ref, info).drain();
    if (this.#closed) return;
    const known = info === null ? { code: null, signal: null } : exitOf(info.State.ExitCode);
    const atMs = info === null ? Date.now() : Date.parse(info.State.FinishedAt);
    const oomKilled = info?.State.OOMKilled ?? false;
    const outside = info === null ? { outside: 'removed' as const } : {};
    const exit = { atMs, ...known, oomKilled, portTaken: null, ...outside };
    this.#context.listener.event({ kind: 'exited', instance: ref, exit });
  }

  async #takeOver(ref: InstanceRef, containerId: string): Promise<void> {
    const info = await this.#inspect(containerId);
    if (info === null || this.#running.has(instanceId(ref))) return;
    if (info.State.Running) {
      this.#watch(ref, info);
      return;
    }
    // It ended while nobody watched: what it wrote is read.
    if (this.#before?.instances.some((one) => one.containerId === containerId)) {
      await this.#logOf(ref, info).drain();
    }
  }

  #watch(ref: InstanceRef, info: Inspected): Contained {
    const contained = containedOf(ref, info);
    this.#running.set(instanceId(ref), contained);
    this.#logOf(ref, info).follow();
    if (contained.health?.status === 'starting') this.#firstHealth.watch(contained, info, this.#spec(ref.service));
    return contained;
  }

  #logOf(ref: InstanceRef, info: Inspected): ContainerLog {
    const id = instanceId(ref);
    const known = this.#logs.get(id);
    if (known?.containerId === info.Id) return known;
    void known?.close();
    const log = new ContainerLog({
      docker: this.#engine.docker,
      instance: ref,
      containerId: info.Id,
      tty: info.Config.Tty,
      positionFile: this.#folder.positionFile(id),
      log: (chunk) => this.#context.listener.log(chunk),
    });
    this.#logs.set(id, log);
    return log;
  }

  async #sample(): Promise<void> {
    if (this.#sampling || this.#running.size === 0 || this.#closed) return;
    this.#sampling = true;
    try {
      const containers = [...this.#running].map(([id, one]) => ({ id, ...one }));
      const stats = await this.#stats.pass(containers);
      if (stats.length > 0 && !this.#closed) this.#context.listener.stats(stats);
    } catch {
      // The engine is gone, which its events tell.
    } finally {
      this.#sampling = false;
    }
  }

  // Helpers

  async #inspect(containerId: string): Promise<Inspected | null> {
    try {
      return await this.#engine.docker.getContainer(containerId).inspect();
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /** The container of an instance, whether it runs or not. @throws FlotillaError SERVICE_NOT_RUNNING, RUNTIME_UNAVAILABLE */
  async #inspectNamed(ref: InstanceRef): Promise<Inspected> {
    const id = this.#running.get(instanceId(ref))?.containerId ?? this.#maker.name(ref);
    const info = await this.#inspect(id).catch((error: unknown) => {
      throw engineError(error, `to inspect ${instanceId(ref)}`);
    });
    if (info === null) throw new FlotillaError('SERVICE_NOT_RUNNING', { service: ref.service });
    return info;
  }

  #container({ containerId }: Contained): Dockerode.Container {
    return this.#engine.docker.getContainer(containerId);
  }

  #found(ref: InstanceRef): Contained {
    const running = this.#running.get(instanceId(ref));
    if (running === undefined) throw new FlotillaError('SERVICE_NOT_RUNNING', { service: ref.service });
    return running;
  }

  #spec(service: ServiceId): ServiceSpec {
    const { services } = this.#model;
    const spec = services.find((one) => one.id === service);
    if (spec !== undefined) return spec;
    throw new FlotillaError('SERVICE_UNKNOWN', { service, known: services.map((one) => one.id).join(', ') });
  }

  #refOf(labels: Readonly<Record<string, string>>): InstanceRef | null {
    const spec = this.#model.services.find((one) => one.id === labels[COMPOSE.service]);
    const index = Number(labels[COMPOSE.number]);
    return spec === undefined || !Number.isInteger(index) ? null : { service: spec.id, index };
  }

  #ending(ref: InstanceRef): Promise<void> {
    const id = instanceId(ref);
    if (!this.#running.has(id)) return Promise.resolve();
    return new Promise((resolve) => {
      const waiters = this.#endings.get(id) ?? new Set();
      this.#endings.set(id, waiters.add(resolve));
    });
  }

  /** What concerns one instance happens one after the other. */
  #inLane<T>(ref: InstanceRef, work: () => Promise<T>): Promise<T> {
    const id = instanceId(ref);
    const done = (this.#lanes.get(id) ?? Promise.resolve()).then(work, work);
    this.#lanes.set(
      id,
      done.catch(() => undefined),
    );
    return done;
  }

  /** What cannot be written now, as the disk is full, is written with the next change. */
  #save(): void {
    if (this.#closed) return;
    const instances = [...this.#running.values()].map(({ ref, containerId, startedAtMs, paused }) => ({
      ...ref,
      containerId,
      startedAtMs,
      paused,
    }));
    const ports = this.#ports.ports.saved();
    const { runId } = this.#context;
    const gateways = Object.fromEntries(this.#gateways);
    try {
      this.#folder.writeState({ version: 1, runId, address: this.#engine.address, ports, gateways, instances });
    } catch {
      // Of use only to an engine after this one, and then only while the container engine is away.
    }
  }
}
