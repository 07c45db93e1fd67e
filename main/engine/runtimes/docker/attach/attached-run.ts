import type Dockerode from 'dockerode';
import {
  type Attachment,
  type AttachTarget,
  type Endpoint,
  type EnvironmentEntry,
  FlotillaError,
  type ServiceId,
} from '../../../../contract/index.ts';
import type { FleetModel, ServiceSpec } from '../../../fleet/index.ts';
import {
  type FleetRun,
  type InstanceRef,
  instanceId,
  type Reach,
  type RunContext,
  type RunningInstance,
} from '../../runtime.ts';
import { environmentEntries } from '../../variables.ts';
import { ContainerRun } from '../container-run.ts';
import { runningOf } from '../container-state.ts';
import { Containers, type Found, type RunEngine } from '../containers.ts';
import { engineError, isAlready, isMissing } from '../docker-errors.ts';
import type { ContainerEvent } from '../event-feed.ts';
import { DockerRunFolder } from '../run-state.ts';
import { eventFilters, inspectAll, membersOf, targetName } from './members.ts';
import { modelOfContainers, withGone } from './model-of-containers.ts';
import { TelemetryHint } from './telemetry-hint.ts';

/** So much of the past of a container that is seen for the first time. */
const PAST_LINES = 2000;

/**
 * Containers that somebody else started, as a fleet. They are found by their project or their names, also those that come
 * later; what people ask for is done by the engine's own calls, and nothing is made, removed or started besides.
 */
export class AttachedRun extends ContainerRun implements FleetRun {
  protected readonly containers: Containers;
  readonly #target: AttachTarget;
  readonly #context: RunContext;
  readonly #folder: DockerRunFolder;
  readonly #hint: TelemetryHint;
  #model: FleetModel;
  #instances = new Map<string, InstanceRef>();
  #containerIds = new Map<string, string>();
  #told = '';
  /** The look that is under way, or was last, and the one that waits for it. */
  #looking: Promise<unknown> = Promise.resolve();
  #nextLook: Promise<Found[]> | null = null;
  #closed = false;

  constructor(engine: RunEngine, target: AttachTarget, model: FleetModel, context: RunContext) {
    super(engine);
    this.#target = target;
    this.#model = model;
    this.#context = context;
    this.#folder = new DockerRunFolder(context.home, context.runId);
    const before = this.#folder.readState();
    this.#hint = new TelemetryHint(engine, context, before?.gateways ?? {});
    this.containers = new Containers({
      engine,
      listener: context.listener,
      folder: this.#folder,
      filters: eventFilters(target),
      before: before?.instances ?? [],
      foreign: true,
      pastLines: PAST_LINES,
      list: () => this.#refresh(),
      refOf: (containerId) => this.#instances.get(containerId) ?? null,
      spec: (service) => this.spec(service),
      nameOf: (ref) => this.#containerIds.get(instanceId(ref)) ?? null,
      changed: () => this.#save(),
      happened: (event) => this.#happened(event),
    });
  }

  async adopt(): Promise<readonly RunningInstance[]> {
    await this.#hint.listenAgain();
    await this.containers.start();
    const running = await this.containers.adopt();
    // While the engine is away what it has said before is all that is known.
    if (this.#told !== '') this.#save();
    return running;
  }

  attachment(): Attachment {
    return {
      project: 'project' in this.#target ? this.#target.project : null,
      ...this.#hint.hint(),
    };
  }

  /** @throws FlotillaError CONTAINER_GONE, CONTAINER_REFUSED, RUNTIME_UNAVAILABLE */
  start(ref: InstanceRef): Promise<RunningInstance> {
    return this.containers.inLane(ref, async () => {
      const already = this.containers.running.get(instanceId(ref));
      if (already !== undefined) return runningOf(already);
      const id = this.#containerIds.get(instanceId(ref));
      const gone = new FlotillaError('CONTAINER_GONE', { service: ref.service });
      if (id === undefined) throw gone;
      await this.engine.docker
        .getContainer(id)
        .start()
        .catch((error: unknown) => {
          if (isMissing(error)) throw gone;
          if (!isAlready(error)) throw engineError(error, `the start of ${instanceId(ref)}`);
        });
      const info = await this.#started(id);
      if (info === null) throw gone;
      const contained = this.containers.watch(ref, info);
      this.#save();
      return runningOf(contained);
    });
  }

  /** One that waits for its restart policy runs already, as its engine has it: it need not wait any longer. */
  async #started(id: string): Promise<Dockerode.ContainerInspectInfo | null> {
    const info = await this.containers.inspect(id);
    if (!info?.State.Restarting) return info;
    const container = this.engine.docker.getContainer(id);
    await container.restart().catch((error: unknown) => {
      throw engineError(error, `the start of ${info.Name.slice(1)}`);
    });
    return this.containers.inspect(id);
  }

  /** With the container's own signal and its own time to end. */
  async stop(ref: InstanceRef): Promise<void> {
    await this.#end(ref, 'stop');
  }

  async restart(ref: InstanceRef): Promise<void> {
    await this.#end(ref, 'restart');
  }

  async #end(ref: InstanceRef, how: 'stop' | 'restart'): Promise<void> {
    const running = this.containers.running.get(instanceId(ref));
    if (running === undefined) {
      // It may wait for its restart policy, which is told to let it be.
      const id = this.#containerIds.get(instanceId(ref));
      if (id !== undefined) await this.#ask(id, how, instanceId(ref));
      return;
    }
    running.ending = true;
    // Before it is asked for: it may run again by the time the engine answers.
    const ended = this.containers.ending(ref);
    await this.#ask(running.containerId, how, running.name).catch((error: unknown) => {
      running.ending = false;
      throw error;
    });
    await ended;
  }

  async #ask(id: string, how: 'stop' | 'restart', name: string): Promise<void> {
    const container = this.engine.docker.getContainer(id);
    await (how === 'stop' ? container.stop() : container.restart()).catch((error: unknown) => {
      if (!isMissing(error) && !isAlready(error)) throw engineError(error, `to ${how} ${name}`);
    });
  }

  /** What checks them is their engine. */
  healthcheck(): null {
    return null;
  }

  reach(ref: InstanceRef, name: string): Reach | null {
    const running = this.containers.running.get(instanceId(ref));
    if (running === undefined || this.engine.remote) return null;
    const { ports } = this.spec(ref.service);
    const port = ports.find((one) => one.name === name) ?? ports.find((one) => String(one.containerPort) === name);
    if (port === undefined) return null;
    if (running.sharesHost) return this.engine.local ? { host: '127.0.0.1', port: port.containerPort } : null;
    const at = running.published.get(`${port.containerPort}/${port.protocol === 'udp' ? 'udp' : 'tcp'}`);
    return at === undefined ? null : { ...at, proxied: true };
  }

  endpoints(spec: ServiceSpec): readonly Endpoint[] {
    return (spec.attached?.copies ?? []).flatMap((index, n) =>
      spec.ports.flatMap(({ name, protocol, containerPort }) => {
        const at = this.reach({ service: spec.id, index }, name);
        if (at === null) return [];
        const url = `${protocol}://${at.host}:${at.port}`;
        return [{ name: n === 0 ? name : `${name} (${index})`, url, protocol, containerPort }];
      }),
    );
  }

  async environment(spec: ServiceSpec, reveal: boolean): Promise<readonly EnvironmentEntry[]> {
    const variables = Object.entries(spec.environment).map(([name, { value }]) => ({
      name,
      value,
      source: 'compose' as const,
    }));
    return environmentEntries(variables, reveal);
  }

  /** Lets go of it; all of it stays as it is. */
  async down(): Promise<void> {
    await this.close();
    await this.#folder.remove();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#save();
    this.#closed = true;
    await this.containers.close();
  }

  protected spec(service: ServiceId): ServiceSpec {
    const { services } = this.#model;
    const spec = services.find((one) => one.id === service);
    if (spec !== undefined) return spec;
    throw new FlotillaError('SERVICE_UNKNOWN', { service, known: services.map((one) => one.id).join(', ') });
  }

  protected imageOf(service: ServiceId): string {
    return this.spec(service).image ?? '';
  }

  /** Containers that are new, and those that are gone, make it another fleet. */
  #happened({ action, containerId }: ContainerEvent): void {
    const isNew = action === 'start' && !this.#instances.has(containerId);
    if (!isNew && action !== 'destroy') return;
    const refreshed = this.#refresh().then(async (found) => {
      const started = found.find((one) => one.containerId === containerId);
      if (isNew && started !== undefined) await this.containers.look(started);
    });
    // The engine is gone: once it is back all is looked at anew.
    refreshed.catch(() => undefined);
  }

  /** Looks what there is, one time after the other; all who ask while one look is under way share the next. */
  #refresh(): Promise<Found[]> {
    this.#nextLook ??= this.#lookNext();
    return this.#nextLook;
  }

  async #lookNext(): Promise<Found[]> {
    await this.#looking;
    const looked = this.#lookUp();
    this.#looking = looked.catch(() => undefined);
    this.#nextLook = null;
    return looked;
  }

  async #lookUp(): Promise<Found[]> {
    const { docker } = this.engine;
    const members = await membersOf(docker, this.#target);
    const infos = await inspectAll(
      docker,
      members.map(({ Id }) => Id),
    );
    const { model, instances } = modelOfContainers(targetName(this.#target), infos);
    await this.#hint.look(model);
    if (this.#closed) return [];
    this.#model = withGone(model, this.#model);
    this.#instances = new Map(instances.map(({ instance, containerId }) => [containerId, instance]));
    this.#containerIds = new Map(instances.map(({ instance, containerId }) => [instanceId(instance), containerId]));
    const told = JSON.stringify([this.#model, this.attachment()]);
    if (told !== this.#told) this.#context.listener.model?.(this.#model);
    this.#told = told;
    return instances.map(({ instance, containerId }) => ({ ref: instance, containerId }));
  }

  #save(): void {
    if (this.#closed) return;
    const { runId } = this.#context;
    const instances = this.containers.saved();
    const gateways = this.#hint.gateways();
    try {
      this.#folder.writeState({
        version: 1,
        runId,
        address: this.engine.address,
        ports: {},
        gateways,
        links: [],
        instances,
      });
    } catch {
      // Of use only to an engine after this one, and then only while the container engine is away.
    }
  }
}
