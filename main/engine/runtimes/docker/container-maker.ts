import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type Dockerode from 'dockerode';
import { pack } from 'tar-stream';
import { FlotillaError, ServiceId } from '../../../contract/index.ts';
import type { FleetModel, GrantedFile, Mount, ServiceSpec } from '../../fleet/index.ts';
import { type InstanceRef, instanceId } from '../runtime.ts';
import type { Variable } from '../variables.ts';
import { configHash, containerCreate, endpoint } from './container-create.ts';
import { containerVariables } from './container-environment.ts';
import { engineError, engineWords, isMissing, startTrouble, statusOf } from './docker-errors.ts';
import { COMPOSE, containerLabels, containerName, RUN_LABEL } from './names.ts';
import type { PortPlan } from './port-plan.ts';
import type { Project } from './project.ts';
import type { TelemetryAddresses } from './telemetry-addresses.ts';

export interface MakerParts {
  readonly docker: Dockerode;
  readonly model: FleetModel;
  readonly runId: string;
  readonly project: Project;
  readonly ports: PortPlan;
  readonly telemetry: TelemetryAddresses;
  imageOf(service: ServiceId): string;
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

  constructor(parts: MakerParts) {
    this.#parts = parts;
  }

  name(ref: InstanceRef): string {
    return containerName(this.#parts.model, this.#spec(ref), ref.index);
  }

  /** The variables that an instance is given. */
  variables(ref: InstanceRef): Variable[] {
    const { telemetry, project, ports } = this.#parts;
    const spec = this.#spec(ref);
    const { otlp } = telemetry.of(spec, project.attachments(spec, this.name(ref)));
    return containerVariables({ spec, instance: instanceId(ref), otlp, listener: ports.listener(ref) });
  }

  /**
   * Starts an instance in the container that it has had, or in a new one where it is to be made from something else now.
   * @throws FlotillaError PORT_TAKEN, SERVICE_COMMAND_MISSING, PROJECT_TAKEN, CONTAINER_REFUSED, RUNTIME_UNAVAILABLE
   */
  async start(ref: InstanceRef): Promise<Dockerode.ContainerInspectInfo> {
    const { project, ports } = this.#parts;
    const spec = this.#spec(ref);
    await project.ensureNetworks();
    await project.ensureVolumes(spec);
    const keys = ports.keys(ref);
    for (const key of keys) await this.#secure(key, ref);
    const container = await this.#container(ref, spec).catch((error: unknown) => {
      throw engineError(error, `the container of ${spec.id}`);
    });
    await ports.ports.release(keys);
    try {
      await container.start();
      return await container.inspect();
    } catch (error) {
      // Started by somebody else in between.
      if (statusOf(error) === 304) return container.inspect();
      throw await this.#startFailure(ref, spec, error);
    }
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
      const taken = await this.#parts.ports.ports.taken(this.#parts.ports.keys(ref));
      return this.#portTaken(ref, taken?.port ?? port, taken?.holder ?? '');
    }
    return engineError(error, `the start of ${spec.id}`);
  }

  async #container(ref: InstanceRef, spec: ServiceSpec): Promise<Dockerode.Container> {
    const { docker, model, runId } = this.#parts;
    const { options, attachments, archived } = await this.#plan(ref, spec);
    const name = this.name(ref);
    const known = await docker
      .getContainer(name)
      .inspect()
      .catch((error: unknown) => {
        if (isMissing(error)) return null;
        throw error;
      });
    if (known !== null) {
      const labels = known.Config.Labels ?? {};
      if (labels[RUN_LABEL] !== runId) {
        throw new FlotillaError('PROJECT_TAKEN', { project: this.#parts.project.name, containers: name });
      }
      const found = docker.getContainer(known.Id);
      if (labels[COMPOSE.hash] === options.Labels?.[COMPOSE.hash] && !known.State.Dead) return found;
      await found.remove({ force: true, v: true });
    }
    const made = await docker.createContainer(options).catch((error: unknown) => {
      if (isMissing(error) && /no such image/i.test(engineWords(error))) {
        throw new FlotillaError('IMAGE_MISSING', { image: options.Image ?? '', service: spec.id, file: model.file });
      }
      throw error;
    });
    for (const one of attachments.slice(1)) {
      await docker.getNetwork(one.network).connect({ Container: made.id, EndpointConfig: endpoint(spec, one) });
    }
    if (archived.length > 0) await made.putArchive(await archiveOf(archived), { path: '/' });
    return made;
  }

  async #plan(ref: InstanceRef, spec: ServiceSpec) {
    const { docker, model, runId, project, ports, telemetry } = this.#parts;
    const image = this.#parts.imageOf(spec.id);
    const imageId = await docker
      .getImage(image)
      .inspect()
      .then(
        ({ Id }) => Id,
        () => '',
      );
    const name = this.name(ref);
    const attachments = project.attachments(spec, name);
    // What is mounted follows its file; what needs an owner or a mode of its own is put into the container.
    const mounted = spec.files.filter((file) => isPlain(file));
    const archived = spec.files.filter((file) => !isPlain(file));
    const variables = this.variables(ref);
    const options = containerCreate({
      spec: { ...spec, mounts: [...spec.mounts, ...mounted.map(mountOf)] },
      name,
      image,
      labels: containerLabels(model, spec, ref, runId, imageId),
      environment: Object.fromEntries(variables.map((one) => [one.name, one.value])),
      bindings: ports.bindings(ref),
      attachments,
      extraHosts: telemetry.of(spec, attachments).extraHosts,
      volumeName: (key) => project.volumeName(key),
      containerOf: (service) => this.name({ service: ServiceId.parse(service), index: 1 }),
    });
    const files = createHash('sha256').update(JSON.stringify(archived)).digest('hex');
    const hash = configHash({ ...options, Labels: { ...options.Labels, ...(archived.length > 0 ? { files } : {}) } });
    return { options: { ...options, Labels: { ...options.Labels, [COMPOSE.hash]: hash } }, attachments, archived };
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

async function archiveOf(files: readonly GrantedFile[]): Promise<Buffer> {
  const archive = pack();
  for (const { source, target, uid, gid, mode } of files) {
    const content = 'file' in source ? await readFile(source.file) : Buffer.from(source.content);
    const header = { name: target.replace(/^\/+/, ''), mode: mode ?? PLAIN_FILE_MODE, uid: idOf(uid), gid: idOf(gid) };
    archive.entry({ ...header, mtime: new Date(0) }, content);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive as unknown as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const idOf = (id: string | null): number => (id !== null && /^\d+$/.test(id) ? Number(id) : 0);
