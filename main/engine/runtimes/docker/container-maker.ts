import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type Dockerode from 'dockerode';
import { pack } from 'tar-stream';
import { FlotillaError, ServiceId } from '../../../contract/index.ts';
import type { FleetModel, GrantedFile, Mount, ServiceSpec } from '../../fleet/index.ts';
import { type InstanceRef, instanceId } from '../runtime.ts';
import type { Variable } from '../variables.ts';
import { type AnonymousVolume, anonymousVolumes, removeVolumes, withInherited } from './anonymous-volumes.ts';
import { type Attachment, configHash, containerCreate, endpoint } from './container-create.ts';
import { containerVariables } from './container-environment.ts';
import { engineError, engineWords, isMissing, startTrouble, statusOf } from './docker-errors.ts';
import { LISTENER } from './kafka-listeners.ts';
import { COMPOSE, containerLabels, containerName, RUN_LABEL } from './names.ts';
import type { PortPlan } from './port-plan.ts';
import type { Project } from './project.ts';
import type { DockerRunLinks } from './run-links.ts';
import type { TelemetryAddresses } from './telemetry-addresses.ts';

export interface MakerParts {
  readonly docker: Dockerode;
  readonly model: FleetModel;
  readonly runId: string;
  readonly project: Project;
  readonly ports: PortPlan;
  readonly telemetry: TelemetryAddresses;
  readonly links: DockerRunLinks;
  imageOf(service: ServiceId): string;
  /** Makes the networks that are not there, once it is settled at which ports an instance is published. */
  ensureNetworks(): Promise<void>;
}

/** What a container is to be made from. */
interface Plan {
  readonly options: Dockerode.ContainerCreateOptions;
  readonly attachments: readonly Attachment[];
  /** Files that are put into it before it starts. */
  readonly archive: Buffer | null;
  /** Where it has volumes that nobody named. */
  readonly anonymous: ReadonlySet<string>;
}

const PLAIN_FILE_MODE = 0o444;

/** A file that is not there is an error of the fleet's file, and no folder is made in its place. */
const FILE_MOUNT: Mount['options'] = {
  createHostPath: false,
  propagation: null,
  selinux: null,
  noCopy: false,
  subpath: null,
  sizeBytes: null,
  mode: null,
  flags: [],
};

/** Makes the containers of instances and starts them. */
export class ContainerMaker {
  readonly #parts: MakerParts;
  /** Of instances whose container was taken away, and that have no new one yet. */
  readonly #orphans = new Map<string, readonly AnonymousVolume[]>();

  constructor(parts: MakerParts) {
    this.#parts = parts;
  }

  name(ref: InstanceRef): string {
    return containerName(this.#parts.model, this.#spec(ref), ref.index);
  }

  /** Names of anonymous volumes that no container has, as the one that was to go on with them could not be made. */
  orphanedVolumes(): string[] {
    return [...this.#orphans.values()].flat().map(({ name }) => name);
  }

  /** The variables that an instance is given. */
  variables(ref: InstanceRef): Variable[] {
    const { telemetry, project, ports, links } = this.#parts;
    const spec = this.#spec(ref);
    const { otlp } = telemetry.of(spec, project.attachments(spec, this.name(ref)));
    const own = ports.listener(ref);
    const forUs =
      own === null
        ? []
        : [{ name: LISTENER, containerPort: own.containerPort, advertised: `127.0.0.1:${own.hostPort}` }];
    const listeners = [...forUs, ...links.listeners(spec.id)];
    const rewrite = (environment: Readonly<Record<string, string>>) => links.rewrite(spec.id, environment);
    return containerVariables({ spec, instance: instanceId(ref), otlp, listeners, rewrite });
  }

  /**
   * Starts an instance in the container that it has had, or in a new one where it is to be made from something else now.
   * @throws FlotillaError PORT_TAKEN, SERVICE_COMMAND_MISSING, PROJECT_TAKEN, CONTAINER_REFUSED, RUNTIME_UNAVAILABLE
   */
  async start(ref: InstanceRef): Promise<Dockerode.ContainerInspectInfo> {
    const { project, ports } = this.#parts;
    const spec = this.#spec(ref);
    await project.ensureVolumes(spec);
    for (const key of ports.tried(ref)) await this.#secure(key, ref);
    await this.#parts.ensureNetworks();
    const container = await this.#made(ref, spec, 'reuse');
    await ports.ports.release(ports.keys(ref));
    try {
      return await this.#run(container);
    } catch (error) {
      if (!isNeighbourGone(error)) throw await this.#startFailure(ref, spec, error);
    }
    const anew = await this.#made(ref, spec, 'anew');
    return this.#run(anew).catch(async (error: unknown) => {
      throw await this.#startFailure(ref, spec, error);
    });
  }

  async #run(container: Dockerode.Container): Promise<Dockerode.ContainerInspectInfo> {
    await container.start().catch((error: unknown) => {
      // Started by somebody else in between.
      if (statusOf(error) !== 304) throw error;
    });
    return container.inspect();
  }

  #made(ref: InstanceRef, spec: ServiceSpec, how: 'reuse' | 'anew'): Promise<Dockerode.Container> {
    return this.#container(ref, spec, how).catch((error: unknown) => {
      throw engineError(error, `the container of ${spec.id}`);
    });
  }

  async #secure(key: string, ref: InstanceRef): Promise<void> {
    try {
      await this.#parts.ports.ports.secure(key, ref.service);
    } catch (error) {
      if (!(error instanceof FlotillaError) || error.code !== 'PORT_TAKEN') throw error;
      throw await this.#portTaken(ref, Number(error.details.port), String(error.details.holder));
    }
  }

  /** A port that an engine has published is held by its proxy: the container says more. */
  async #portTaken(ref: InstanceRef, port: number, holder: string): Promise<FlotillaError> {
    const found = await this.#parts.docker
      .listContainers({ filters: { publish: [String(port)] } })
      .catch((): Dockerode.ContainerInfo[] => []);
    const name = found.flatMap((one) => one.Names)[0]?.replace(/^\//, '');
    const who = name === undefined ? holder : ` by the container ${name}`;
    return new FlotillaError('PORT_TAKEN', { port, holder: who, service: ref.service });
  }

  async #startFailure(ref: InstanceRef, spec: ServiceSpec, error: unknown): Promise<unknown> {
    const words = engineWords(error);
    const trouble = startTrouble(words);
    const { file } = this.#parts.model;
    if (trouble.kind === 'command') {
      const details = { service: spec.id, command: trouble.command, file };
      return new FlotillaError('SERVICE_COMMAND_MISSING', details, { cause: error });
    }
    if (trouble.kind === 'port') {
      const own = this.#parts.ports.bindings(ref).map(({ hostPort }) => hostPort);
      const port = trouble.port ?? own[0] ?? 0;
      const taken = await this.#parts.ports.ports.taken(this.#parts.ports.tried(ref));
      return this.#portTaken(ref, taken?.port ?? port, taken?.holder ?? '');
    }
    return engineError(error, `the start of ${spec.id}`);
  }

  async #container(ref: InstanceRef, spec: ServiceSpec, how: 'reuse' | 'anew'): Promise<Dockerode.Container> {
    const { docker, runId } = this.#parts;
    const plan = await this.#plan(ref, spec);
    const name = this.name(ref);
    const known = await this.#named(name);
    if (known !== null) {
      const labels = known.Config.Labels ?? {};
      if (labels[RUN_LABEL] !== runId) {
        throw new FlotillaError('PROJECT_TAKEN', { project: this.#parts.project.name, containers: name });
      }
      const found = docker.getContainer(known.Id);
      const isSame = labels[COMPOSE.hash] === plan.options.Labels?.[COMPOSE.hash];
      if (how === 'reuse' && isSame && isWhole(known)) return found;
      // As with Compose, what is in anonymous volumes outlives the container.
      const volumes = anonymousVolumes(known.Mounts);
      const kept = volumes.filter(({ target }) => plan.anonymous.has(target));
      if (kept.length > 0) this.#orphans.set(instanceId(ref), kept);
      await found.remove({ force: true });
      const rest = volumes.filter((one) => !kept.includes(one));
      await removeVolumes(
        docker,
        rest.map((one) => one.name),
      );
    }
    const made = await this.#create(spec, plan, this.#orphans.get(instanceId(ref)) ?? []);
    this.#orphans.delete(instanceId(ref));
    return made;
  }

  /** The engine also finds a container by the beginning of its id, which a name such as `db` may be. */
  async #named(name: string): Promise<Dockerode.ContainerInspectInfo | null> {
    try {
      const found = await this.#parts.docker.getContainer(name).inspect();
      return found.Name === `/${name}` || found.Name === name ? found : null;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /** In all its networks and with all its files, or not at all: nobody could tell a half-made one from a whole one. */
  async #create(
    spec: ServiceSpec,
    { options, attachments, archive }: Plan,
    inherited: readonly AnonymousVolume[],
  ): Promise<Dockerode.Container> {
    const { docker, model } = this.#parts;
    const made = await docker.createContainer(withInherited(options, inherited)).catch((error: unknown) => {
      if (isMissing(error) && /no such image/i.test(engineWords(error))) {
        throw new FlotillaError('IMAGE_MISSING', { image: options.Image ?? '', service: spec.id, file: model.file });
      }
      throw error;
    });
    try {
      for (const one of attachments.slice(1)) {
        const settings = endpoint(spec, one, (service) => this.#firstOf(service));
        await docker.getNetwork(one.network).connect({ Container: made.id, EndpointConfig: settings });
      }
      if (archive !== null) await made.putArchive(archive, { path: '/' });
      return made;
    } catch (error) {
      await made.remove({ force: true, v: true }).catch(() => undefined);
      throw error;
    }
  }

  #firstOf(service: string): string {
    return this.name({ service: ServiceId.parse(service), index: 1 });
  }

  async #plan(ref: InstanceRef, spec: ServiceSpec): Promise<Plan> {
    const { docker, model, runId, project, ports, telemetry } = this.#parts;
    const image = this.#parts.imageOf(spec.id);
    const found = await docker
      .getImage(image)
      .inspect()
      .catch(() => null);
    const name = this.name(ref);
    const attachments = project.attachments(spec, name);
    // What is mounted follows its file; what needs an owner or a mode of its own is put into the container.
    const mounted = spec.files.filter((file) => isPlain(file));
    const archive = await archiveOf(
      spec,
      spec.files.filter((file) => !isPlain(file)),
    );
    const variables = this.variables(ref);
    const options = containerCreate({
      spec: { ...spec, mounts: [...spec.mounts, ...mounted.map(mountOf)] },
      name,
      image,
      labels: containerLabels(model, spec, ref, runId, found?.Id ?? ''),
      environment: Object.fromEntries(variables.map((one) => [one.name, one.value])),
      bindings: ports.bindings(ref),
      attachments,
      extraHosts: telemetry.of(spec, attachments).extraHosts,
      volumeName: (key) => project.volumeName(key),
      containerOf: (service) => this.#firstOf(service),
    });
    const files: Record<string, string> =
      archive === null ? {} : { files: createHash('sha256').update(archive).digest('hex') };
    const hash = configHash({ ...options, Labels: { ...options.Labels, ...files } });
    const anonymous = new Set(Object.keys({ ...found?.Config?.Volumes, ...options.Volumes }));
    for (const { kind, source, target } of spec.mounts)
      if (kind !== 'volume' || source !== null) anonymous.delete(target);
    return {
      options: { ...options, Labels: { ...options.Labels, [COMPOSE.hash]: hash } },
      attachments,
      archive,
      anonymous,
    };
  }

  #spec(ref: InstanceRef): ServiceSpec {
    const { services } = this.#parts.model;
    const spec = services.find((one) => one.id === ref.service);
    if (spec !== undefined) return spec;
    throw new FlotillaError('SERVICE_UNKNOWN', {
      service: ref.service,
      known: services.map((one) => one.id).join(', '),
    });
  }
}

function isPlain({ source, uid, gid, mode }: GrantedFile): boolean {
  return 'file' in source && uid === null && gid === null && mode === null;
}

function mountOf({ source, target }: GrantedFile): Mount {
  const file = 'file' in source ? source.file : '';
  return { kind: 'bind', source: file, target, readOnly: true, options: FILE_MOUNT };
}

/** One that was never started may lack networks or files: whoever made it may have been ended in between. */
const isWhole = ({ State }: Dockerode.ContainerInspectInfo): boolean => !State.Dead && State.Status !== 'created';

/** Containers know their networks, and those that they share with, by ids: what was made anew has another one. */
const isNeighbourGone = (error: unknown): boolean =>
  isMissing(error) && /network \S+ not found|no such container/i.test(engineWords(error));

/** Null where nothing is to be put into the container. */
async function archiveOf(spec: ServiceSpec, files: readonly GrantedFile[]): Promise<Buffer | null> {
  const [first] = files;
  if (first === undefined) return null;
  if (spec.container.readOnly) {
    const detail = 'nothing can be put into a container with read_only; give it as a file, without uid, gid and mode';
    throw new FlotillaError('CONTAINER_REFUSED', { what: `the ${first.kind} ${first.name} of ${spec.id}`, detail });
  }
  const archive = pack();
  for (const file of files) {
    const { target, uid, gid, mode } = file;
    const content = await contentOf(spec, file);
    const header = { name: target.replace(/^\/+/, ''), mode: mode ?? PLAIN_FILE_MODE, uid: idOf(uid), gid: idOf(gid) };
    archive.entry({ ...header, mtime: new Date(0) }, content);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive as unknown as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function contentOf(spec: ServiceSpec, { kind, name, source }: GrantedFile): Promise<Buffer> {
  if (!('file' in source)) return Promise.resolve(Buffer.from(source.content));
  return readFile(source.file).catch((error: NodeJS.ErrnoException) => {
    const detail = `its file ${source.file} cannot be read (${error.code ?? error.message})`;
    throw new FlotillaError('CONTAINER_REFUSED', { what: `the ${kind} ${name} of ${spec.id}`, detail });
  });
}

const idOf = (id: string | null): number => (id !== null && /^\d+$/.test(id) ? Number(id) : 0);
