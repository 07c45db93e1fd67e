import type Dockerode from 'dockerode';
import { FlotillaError } from '../../../contract/index.ts';
import type { ServiceSpec } from '../../fleet/index.ts';
import {
  type InstanceRef,
  instanceId,
  type ReportedHealth,
  type RunListener,
  type RunningInstance,
} from '../runtime.ts';
import { exitOfUnwatched, exitOfWatched } from './container-exit.ts';
import { ContainerLogs } from './container-logs.ts';
import { type Contained, containedOf, healthOf, isRunning, runningOf, touchOf } from './container-state.ts';
import { engineError, engineGone, isGone, isMissing, statusOf } from './docker-errors.ts';
import { type ContainerEvent, EventFeed } from './event-feed.ts';
import { FirstHealth } from './first-health.ts';
import { Lanes } from './lanes.ts';
import type { DockerRunFolder, DockerRunState } from './run-state.ts';
import { UsageSampler } from './usage-sampler.ts';

export interface RunEngine {
  readonly docker: Dockerode;
  readonly address: string;
  readonly local: boolean;
  /** On another machine: what it publishes is not reached here. */
  readonly remote?: boolean | undefined;
  /** As it says itself; absent where it could not be asked. */
  readonly operatingSystem?: string | undefined;
}

/** A container of a run, whether it runs or not. */
export interface Found {
  readonly ref: InstanceRef;
  readonly containerId: string;
}

/** Whose containers these are. */
export interface ContainersOptions {
  readonly engine: RunEngine;
  readonly listener: RunListener;
  readonly folder: DockerRunFolder;
  /** Of which containers the engine's events are told, in its own words: `{ label: ['a=b'] }`. */
  readonly filters: Readonly<Record<string, readonly string[]>>;
  /** As an engine before this one has left them. */
  readonly before: DockerRunState['instances'];
  /** They are somebody else's: how those that have ended stand is told, and nothing is run in them unasked. */
  readonly foreign?: boolean | undefined;
  /** Of the log of a container that is seen for the first time, so many of the last lines; all of it when absent. */
  readonly pastLines?: number | undefined;
  /** All there are. @throws what the engine throws */
  list(): Promise<readonly Found[]>;
  /** Which instance a container is; null: none that is known. */
  refOf(containerId: string, labels: Readonly<Record<string, string>>): InstanceRef | null;
  /** @throws FlotillaError SERVICE_UNKNOWN */
  spec(service: InstanceRef['service']): ServiceSpec;
  /** Name or id of the container of an instance that does not run. */
  nameOf(ref: InstanceRef): string | null;
  /** Those that run are others now. */
  changed(): void;
  /** Something happened, and what it means for an instance that is known has been told. */
  happened?(event: ContainerEvent): void;
}

/** Between the end of a container and its removal by the same command. */
const REMOVAL_MS = 150;

type Inspected = Dockerode.ContainerInspectInfo;

/**
 * The containers of a run, whoever made them: which of them run, what happens to them, what they write and use. The
 * engine's events lead to an inspection of what they are about; the rest is told to the run's listener.
 */
export class Containers {
  readonly #options: ContainersOptions;
  readonly #docker: Dockerode;
  readonly #events: EventFeed;
  readonly #sampler: UsageSampler;
  readonly #firstHealth: FirstHealth;
  readonly #running = new Map<string, Contained>();
  readonly #logs: ContainerLogs;
  readonly #lanes = new Lanes();
  readonly #endings = new Map<string, Set<() => void>>();
  /** What an engine before this one has seen running, while nobody can be asked: the containers, by instance. */
  readonly #assumed = new Map<string, string>();
  #isAdopted = false;
  #isFollowed = false;
  #closed = false;

  constructor(options: ContainersOptions) {
    const { engine, listener, filters } = options;
    this.#options = options;
    this.#docker = engine.docker;
    this.#events = new EventFeed(engine.docker, filters, {
      event: (event) => this.#take(event),
      connected: () => this.#connected(),
      lost: (detail) => this.#lost(detail),
    });
    this.#logs = new ContainerLogs({
      docker: engine.docker,
      folder: options.folder,
      listener,
      pastLines: options.pastLines,
      runs: (instance, containerId) => this.#running.get(instance)?.containerId === containerId,
    });
    this.#sampler = new UsageSampler(
      engine,
      () => this.#running,
      (stats) => listener.stats(stats),
    );
    this.#firstHealth = new FirstHealth(engine.docker, (ref, containerId, health) =>
      this.#told(ref, containerId, health),
    );
  }

  /** Those that run, by instance. */
  get running(): ReadonlyMap<string, Contained> {
    return this.#running;
  }

  /** Resolves when the engine's events are followed, or when it has turned out to be gone. */
  start(): Promise<void> {
    return this.#events.start();
  }

  /** Finds what runs already, and watches it. While the engine is away it is what an engine before this one has seen. */
  async adopt(): Promise<readonly RunningInstance[]> {
    try {
      await this.#resync(false);
      this.#isAdopted = true;
      return [...this.#running.values()].map(runningOf);
    } catch (error) {
      if (!isGone(error)) throw error;
      // It is taken to run until the engine is back and can be asked.
      this.#isAdopted = true;
      return this.#options.before.map(({ service, index, ...known }) => {
        const ref = { service, index };
        this.#assumed.set(instanceId(ref), known.containerId);
        return { instance: ref, pid: null, ...known };
      });
    }
  }

  /** What runs, as it is kept for an engine after this one; of what nobody could be asked about yet, what was kept before. */
  saved(): DockerRunState['instances'] {
    const running = [...this.#running.values()].map(({ ref, containerId, startedAtMs, paused }) => ({
      ...ref,
      containerId,
      startedAtMs,
      paused,
    }));
    const unasked = this.#options.before.filter((one) => {
      const id = instanceId(one);
      return !this.#running.has(id) && (!this.#isAdopted || this.#assumed.has(id));
    });
    return [...running, ...unasked];
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#sampler.close();
    this.#events.close();
    this.#firstHealth.close();
    for (const waiters of this.#endings.values()) for (const done of waiters) done();
    await this.#logs.close();
  }

  /** @throws FlotillaError SERVICE_NOT_RUNNING */
  found(ref: InstanceRef): Contained {
    const running = this.#running.get(instanceId(ref));
    if (running === undefined) throw new FlotillaError('SERVICE_NOT_RUNNING', { service: ref.service });
    return running;
  }

  container({ containerId }: Contained): Dockerode.Container {
    return this.#docker.getContainer(containerId);
  }

  /** Sends a signal by which it is to end, so that its end is ours. */
  async signal(running: Contained, signal: string): Promise<void> {
    running.ending = true;
    const container = this.container(running);
    try {
      await container.kill({ signal });
      // One that stands still does not hear it before it goes on.
      if (running.paused) await container.unpause().catch(() => undefined);
    } catch (error) {
      // Ended or removed already: the events say so.
      if (isMissing(error) || statusOf(error) === 409) return;
      running.ending = false;
      throw engineError(error, `a signal to ${running.name}`);
    }
  }

  /** Resolves when it has ended and that is told. */
  ending(ref: InstanceRef): Promise<void> {
    const id = instanceId(ref);
    if (!this.#running.has(id)) return Promise.resolve();
    return new Promise((resolve) => {
      const waiters = this.#endings.get(id) ?? new Set();
      this.#endings.set(id, waiters.add(resolve));
    });
  }

  /** What concerns one instance happens one after the other. */
  inLane<T>(ref: InstanceRef, work: () => Promise<T>): Promise<T> {
    return this.#lanes.run(ref, work);
  }

  /** It runs for the instance from now on. */
  watch(ref: InstanceRef, info: Inspected): Contained {
    const contained = containedOf(ref, info);
    this.#running.set(instanceId(ref), contained);
    this.#logs.of(ref, info).follow();
    this.#askFirst(contained, info);
    return contained;
  }

  /** Compares what is known with how a container stands, and tells the difference. */
  look({ ref, containerId }: Found): Promise<void> {
    return this.inLane(ref, () => this.#lookAt(ref, containerId));
  }

  /** Null: there is no such container. @throws what the engine throws */
  async inspect(containerId: string): Promise<Inspected | null> {
    try {
      return await this.#docker.getContainer(containerId).inspect();
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /** The container of an instance, whether it runs or not. @throws FlotillaError SERVICE_NOT_RUNNING, RUNTIME_UNAVAILABLE */
  async inspectNamed(ref: InstanceRef): Promise<Inspected> {
    const id = this.#running.get(instanceId(ref))?.containerId ?? this.#options.nameOf(ref);
    const asked = id === null ? null : this.inspect(id);
    const info = await asked?.catch((error: unknown) => {
      throw engineError(error, `to inspect ${instanceId(ref)}`);
    });
    // The engine also finds a container by the beginning of its id.
    const isIt = info && (info.Id === id || info.Name.replace(/^\//, '') === id);
    if (!isIt) throw new FlotillaError('SERVICE_NOT_RUNNING', { service: ref.service });
    return info;
  }

  // What happens to containers

  #take(event: ContainerEvent): void {
    if (this.#closed) return;
    const ref = this.#options.refOf(event.containerId, event.attributes);
    const handled = ref === null ? Promise.resolve() : this.inLane(ref, () => this.#handle(ref, event));
    handled.then(
      () => this.#closed || this.#options.happened?.(event),
      () => {
        // The engine went away in the middle of it: once it is back all is looked at anew.
      },
    );
  }

  async #handle(ref: InstanceRef, event: ContainerEvent): Promise<void> {
    if (this.#closed) return;
    const known = this.#running.get(instanceId(ref));
    // Of a container that was there before, or of the time before this start.
    const mine = known?.containerId === event.containerId && event.timeMs >= known.startedAtMs - 1 ? known : undefined;
    const { action, attributes, timeMs } = event;
    if (action === 'start') return this.#lookAt(ref, event.containerId);
    if (mine === undefined) return;
    if (action === 'oom') mine.oomAtMs = timeMs;
    else if (action === 'kill') this.#noteSignal(mine, attributes.signal ?? '', timeMs);
    else if (action === 'die') await this.#ended(mine, Number(attributes.exitCode ?? Number.NaN), timeMs);
    else if (action === 'destroy') await this.#ended(mine, Number.NaN, timeMs);
    else if (action !== 'stop') await this.#lookAt(ref, event.containerId);
  }

  #noteSignal(running: Contained, signal: string, atMs: number): void {
    const how = touchOf(signal, this.#options.spec(running.ref.service).stopSignal);
    // A stop that took force was a stop.
    if (how !== null && !running.ending) running.touched = { atMs, how: running.touched?.how ?? how };
  }

  async #lookAt(ref: InstanceRef, containerId: string): Promise<void> {
    const info = await this.inspect(containerId);
    const known = this.#running.get(instanceId(ref));
    if (known !== undefined && (info === null || known.startedAtMs !== Date.parse(info.State.StartedAt))) {
      // It ended without our being told; of a container that runs again nobody knows how.
      await this.#ended(known, info === null || isRunning(info) ? Number.NaN : info.State.ExitCode, Date.now());
    } else if (known !== undefined && info !== null && !isRunning(info)) {
      await this.#ended(known, info.State.ExitCode, Date.parse(info.State.FinishedAt));
      return;
    }
    if (info === null || !isRunning(info) || this.#closed) return;
    const { listener } = this.#options;
    const again = this.#running.get(instanceId(ref));
    if (again === undefined) {
      const found = this.watch(ref, info);
      this.#options.changed();
      listener.event({ kind: 'observed', instance: ref, running: runningOf(found) });
      return;
    }
    const wasPaused = again.paused;
    again.paused = info.State.Paused;
    if (wasPaused !== again.paused) listener.event({ kind: 'observed', instance: ref, running: runningOf(again) });
    const health = healthOf(info);
    if (health === null || again.paused) return;
    this.#told(ref, again.containerId, health);
    if (wasPaused) this.#askFirst(again, info);
  }

  /** Carries out the engine's check while a container starts, as the engine itself takes its time. */
  #askFirst(contained: Contained, info: Inspected): void {
    if (this.#options.foreign || contained.health?.status !== 'starting') return;
    this.#firstHealth.watch(contained, info, this.#options.spec(contained.ref.service));
  }

  #told(ref: InstanceRef, containerId: string, health: ReportedHealth): void {
    const running = this.#running.get(instanceId(ref));
    if (running === undefined || running.containerId !== containerId || this.#closed) return;
    running.health = health;
    if (health.status !== 'starting') this.#firstHealth.stop(instanceId(ref));
    this.#options.listener.event({ kind: 'health', instance: ref, health });
  }

  /** @param code NaN where nobody knows it */
  async #ended(running: Contained, code: number, atMs: number): Promise<void> {
    const { ref, containerId } = running;
    const id = instanceId(ref);
    this.#firstHealth.stop(id);
    await this.#logs.known(id)?.drain();
    let info = await this.inspect(containerId);
    if (info !== null && running.touched !== null && !running.ending) {
      // `docker rm --force` kills first and removes then.
      await new Promise((resolve) => setTimeout(resolve, REMOVAL_MS));
      info = await this.inspect(containerId);
    }
    if (this.#closed || this.#running.get(id) !== running) return;
    this.#running.delete(id);
    this.#options.changed();
    const graceMs = this.#options.spec(ref.service).stopGracePeriodMs;
    const exit = exitOfWatched(running, { code, atMs, info, graceMs });
    this.#options.listener.event({ kind: 'exited', instance: ref, exit });
    for (const done of this.#endings.get(id) ?? []) done();
    this.#endings.delete(id);
  }

  // The engine itself

  #connected(): void {
    this.#options.listener.problem?.(null);
    const again = this.#isFollowed;
    this.#isFollowed = true;
    if (again) void this.#resync(true).catch(() => undefined);
  }

  #lost(detail: string): void {
    this.#isFollowed = true;
    const view = engineGone(`its engine is gone (${detail}); the fleet is left as it is`).toView();
    this.#options.listener.problem?.(view);
  }

  /** Finds all containers of the run. What has changed is told, or, in the beginning, only taken over. */
  async #resync(tell: boolean): Promise<void> {
    const containers = new Map<string, Found>();
    for (const found of await this.#options.list()) containers.set(instanceId(found.ref), found);
    for (const [id, { ref, containerId }] of this.#running) {
      if (!containers.has(id)) containers.set(id, { ref, containerId });
    }
    for (const { service, index, containerId } of this.#options.before) {
      const ref = { service, index };
      const id = instanceId(ref);
      if (this.#assumed.has(id) && !containers.has(id)) containers.set(id, { ref, containerId });
    }
    const look = ({ ref, containerId }: Found) =>
      this.inLane(ref, () => (tell ? this.#lookAgain(ref, containerId) : this.#takeOver(ref, containerId)));
    await Promise.all([...containers.values()].map(look));
  }

  async #lookAgain(ref: InstanceRef, containerId: string): Promise<void> {
    const id = instanceId(ref);
    await this.#lookAt(ref, containerId);
    // Their streams have ended with the engine.
    if (this.#running.has(id)) this.#logs.known(id)?.follow();
    else if (this.#assumed.has(id)) await this.#tellAssumed(ref, containerId);
    this.#assumed.delete(id);
  }

  /** It was taken to run, and has ended before anybody could ask. */
  async #tellAssumed(ref: InstanceRef, containerId: string): Promise<void> {
    const info = await this.inspect(containerId);
    if (info !== null) await this.#logs.of(ref, info).drain();
    if (this.#closed) return;
    this.#options.listener.event({ kind: 'exited', instance: ref, exit: exitOfUnwatched(info) });
  }

  async #takeOver(ref: InstanceRef, containerId: string): Promise<void> {
    const info = await this.inspect(containerId);
    if (info === null || this.#running.has(instanceId(ref))) return;
    if (isRunning(info)) {
      this.watch(ref, info);
      return;
    }
    const { foreign, before, listener } = this.#options;
    const hasRun = foreign === true && info.State.Status !== 'created';
    if (hasRun) {
      const startedAtMs = Date.parse(info.State.StartedAt);
      listener.event({ kind: 'ended', instance: ref, exit: exitOfUnwatched(info), startedAtMs });
    }
    // It ended while nobody watched: what it wrote is read.
    if (hasRun || before.some((one) => one.containerId === containerId)) await this.#logs.of(ref, info).drain();
  }
}
