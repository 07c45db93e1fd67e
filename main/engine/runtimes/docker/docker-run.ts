import {
  type Endpoint,
  type EnvironmentEntry,
  FlotillaError,
  type ImageProgress,
  type ServiceId,
} from '../../../contract/index.ts';
import type { FleetModel, Healthcheck, ServiceSpec } from '../../fleet/index.ts';
import {
  type FleetRun,
  type InstanceRef,
  instanceId,
  type Reach,
  type RunContext,
  type RunningInstance,
} from '../runtime.ts';
import { environmentEntries } from '../variables.ts';
import { inheritedVolumes, removeVolumes } from './anonymous-volumes.ts';
import { thisMachine } from './connection/index.ts';
import { ContainerMaker } from './container-maker.ts';
import { ContainerRun } from './container-run.ts';
import { runningOf } from './container-state.ts';
import { Containers, type Found, type RunEngine } from './containers.ts';
import { engineError, isMissing, statusOf } from './docker-errors.ts';
import { FleetImages } from './images/index.ts';
import { COMPOSE, RUN_LABEL } from './names.ts';
import { PortPlan } from './port-plan.ts';
import { Project } from './project.ts';
import { DockerRunLinks } from './run-links.ts';
import { DockerRunFolder, type DockerRunState } from './run-state.ts';
import { TelemetryAddresses } from './telemetry-addresses.ts';

const REMOVE_AT_ONCE = 6;
const REMOVE_MS = 15_000;
const REMOVE_AGAIN_MS = 150;

/** A fleet as containers that we make, and that outlive the engine that started them. */
export class DockerRun extends ContainerRun implements FleetRun {
  protected readonly containers: Containers;
  readonly #model: FleetModel;
  readonly #context: RunContext;
  readonly #folder: DockerRunFolder;
  readonly #before: DockerRunState | null;
  readonly #project: Project;
  readonly #ports: PortPlan;
  readonly #telemetry: TelemetryAddresses;
  readonly #links: DockerRunLinks;
  readonly #images: FleetImages;
  readonly #maker: ContainerMaker;
  #gateways: ReadonlyMap<string, string> = new Map();
  #closed = false;

  constructor(engine: RunEngine, model: FleetModel, context: RunContext) {
    super(engine);
    this.#model = model;
    this.#context = context;
    const { docker, local } = engine;
    const { runId, listener } = context;
    this.#folder = new DockerRunFolder(context.home, runId);
    this.#before = this.#folder.readState();
    this.#project = new Project(docker, model, runId);
    this.#ports = new PortPlan(model, this.#before?.ports ?? {}, context.home);
    this.#telemetry = new TelemetryAddresses(context, local);
    this.#links = new DockerRunLinks({ engine, model, context, project: this.#project, ports: this.#ports });
    const machine = thisMachine();
    const onProgress = (progress: ImageProgress): void => listener.image?.(progress);
    this.#images = new FleetImages({ docker, model, machine, rebuild: context.rebuild ?? false, onProgress });
    this.#maker = new ContainerMaker({
      docker,
      model,
      runId,
      project: this.#project,
      ports: this.#ports,
      telemetry: this.#telemetry,
      links: this.#links,
      imageOf: (service) => this.#images.imageOf(service),
      ensureNetworks: () => this.#ensureNetworks(),
    });
    this.containers = new Containers({
      engine,
      listener,
      folder: this.#folder,
      filters: { label: [`${RUN_LABEL}=${runId}`] },
      before: this.#before?.instances ?? [],
      list: () => this.#list(),
      refOf: (_id, labels) => this.#refOf(labels),
      spec: (service) => this.spec(service),
      nameOf: (ref) => this.#maker.name(ref),
      changed: () => this.#save(),
    });
  }

  /**
   * Makes the networks, chooses ports and opens links; starts nothing. For a run that was before, the engine need not be there.
   * @throws FlotillaError PROJECT_TAKEN, CONTAINER_REFUSED, RUNTIME_UNAVAILABLE, LINKS_FAILED, LINKS_REFUSED
   */
  async setUp(): Promise<void> {
    if (this.#before === null) {
      await this.#refuseForeign();
      this.#gateways = await this.#project.ensureNetworks();
      await this.#links.plan(this.#gateways);
      await this.#ports.choose();
    } else {
      this.#gateways = new Map(Object.entries(this.#before.gateways));
      this.#links.resume(this.#before.links);
    }
    await Promise.all([this.#telemetry.listen(this.#gateways), this.#links.open()]);
    this.#save();
    await this.containers.start();
  }

  /** What was told of networks and ports is told again where it is not so any more. */
  async #ensureNetworks(): Promise<void> {
    this.#gateways = await this.#project.ensureNetworks();
    await Promise.all([this.#telemetry.listen(this.#gateways), this.#links.refresh(this.#gateways)]);
  }

  /** Pulls or builds the service's image where that has to be. */
  async prepare(service: ServiceId): Promise<void> {
    await this.#images.ready(service);
  }

  /** Containers of the project that are not of this run belong to someone who would not expect us to touch them. */
  async #refuseForeign(): Promise<void> {
    const filters = { label: [`${COMPOSE.project}=${this.#project.name}`] };
    const found = await this.engine.docker.listContainers({ all: true, filters }).catch((error: unknown) => {
      throw engineError(error, `the project ${this.#project.name}`);
    });
    const foreign = found.filter((one) => one.Labels[RUN_LABEL] !== this.#context.runId);
    if (foreign.length === 0) return;
    const containers = foreign.map((one) => one.Names[0]?.replace(/^\//, '') ?? one.Id.slice(0, 12)).join(', ');
    throw new FlotillaError('PROJECT_TAKEN', { project: this.#project.name, containers });
  }

  async adopt(): Promise<readonly RunningInstance[]> {
    const running = await this.containers.adopt();
    // In the file's order, whatever order the engine has.
    const order = new Map(this.#model.services.map((spec, n) => [spec.id, n] as const));
    const place = (ref: InstanceRef): number => (order.get(ref.service) ?? 0) * 10_000 + ref.index;
    return running.toSorted((a, b) => place(a.instance) - place(b.instance));
  }

  start(ref: InstanceRef): Promise<RunningInstance> {
    return this.containers.inLane(ref, async () => {
      const already = this.containers.running.get(instanceId(ref));
      if (already !== undefined) return runningOf(already);
      await this.#images.ensure(ref.service);
      const info = await this.#maker.start(ref);
      const contained = this.containers.watch(ref, info);
      this.#save();
      return runningOf(contained);
    });
  }

  async stop(ref: InstanceRef): Promise<void> {
    const running = this.containers.running.get(instanceId(ref));
    if (running === undefined) return;
    const { stopSignal, stopGracePeriodMs } = this.spec(ref.service);
    await this.containers.signal(running, stopSignal);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), stopGracePeriodMs);
    });
    const outcome = await Promise.race([this.containers.ending(ref), patience]);
    clearTimeout(timer);
    if (outcome === 'late') await this.kill(ref);
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

  override address(from: ServiceId, to: ServiceId, containerPort: number): string | null {
    return this.#links.address(from, to, containerPort) ?? super.address(from, to, containerPort);
  }

  override addresses(): ReadonlyMap<string, { readonly service: ServiceId }> {
    return new Map([...super.addresses(), ...this.#links.addresses()]);
  }

  async environment(spec: ServiceSpec, reveal: boolean): Promise<readonly EnvironmentEntry[]> {
    return environmentEntries(this.#maker.variables({ service: spec.id, index: 1 }), reveal);
  }

  async down({ keepData }: { readonly keepData: boolean }): Promise<void> {
    const { docker } = this.engine;
    await this.#images.close();
    const filters = { label: [`${RUN_LABEL}=${this.#context.runId}`] };
    const found = await docker.listContainers({ all: true, filters }).catch((error: unknown) => {
      throw engineError(error, 'to list its containers');
    });
    for (let at = 0; at < found.length; at += REMOVE_AT_ONCE) {
      await Promise.all(found.slice(at, at + REMOVE_AT_ONCE).map(({ Id }) => this.#remove(Id)));
    }
    const inherited = found.flatMap(({ Labels }) => inheritedVolumes(Labels));
    await removeVolumes(docker, [...inherited, ...this.#maker.orphanedVolumes()]);
    const [left] = await this.#project.remove(keepData);
    await this.close();
    await this.#folder.remove();
    if (left !== undefined) this.#context.listener.problem?.(left.toView());
  }

  async #remove(containerId: string): Promise<void> {
    const deadlineMs = Date.now() + REMOVE_MS;
    for (;;) {
      try {
        await this.engine.docker.getContainer(containerId).remove({ force: true, v: true });
        return;
      } catch (error) {
        if (isMissing(error)) return;
        // 409: it is being removed just now, and what it used with it.
        const busy = statusOf(error) === 409 && Date.now() < deadlineMs;
        if (!busy) throw engineError(error, `to remove ${containerId.slice(0, 12)}`);
        await new Promise((resolve) => setTimeout(resolve, REMOVE_AGAIN_MS));
      }
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#save();
    this.#closed = true;
    await Promise.all([this.#images.close(), this.containers.close()]);
    await this.#ports.ports.close();
  }

  protected spec(service: ServiceId): ServiceSpec {
    const { services } = this.#model;
    const spec = services.find((one) => one.id === service);
    if (spec !== undefined) return spec;
    throw new FlotillaError('SERVICE_UNKNOWN', { service, known: services.map((one) => one.id).join(', ') });
  }

  protected imageOf(service: ServiceId): string {
    return this.#images.imageOf(service);
  }

  async #list(): Promise<Found[]> {
    const filters = { label: [`${RUN_LABEL}=${this.#context.runId}`] };
    const found = await this.engine.docker.listContainers({ all: true, filters });
    return found.flatMap(({ Id, Labels }) => {
      const ref = this.#refOf(Labels);
      return ref === null ? [] : [{ ref, containerId: Id }];
    });
  }

  #refOf(labels: Readonly<Record<string, string>>): InstanceRef | null {
    const spec = this.#model.services.find((one) => one.id === labels[COMPOSE.service]);
    const index = Number(labels[COMPOSE.number]);
    return spec === undefined || !Number.isInteger(index) ? null : { service: spec.id, index };
  }

  /** What cannot be written now, as the disk is full, is written with the next change. */
  #save(): void {
    if (this.#closed) return;
    const instances = this.containers.saved();
    const ports = this.#ports.ports.saved();
    const { runId } = this.#context;
    const gateways = Object.fromEntries(this.#gateways);
    const links = [...this.#links.saved()];
    try {
      this.#folder.writeState({ version: 1, runId, address: this.engine.address, ports, gateways, links, instances });
    } catch {
      // Of use only to an engine after this one, and then only while the container engine is away.
    }
  }
}
