import type { ContainerInspectInfo } from 'dockerode';
import { ServiceId } from '../../../../contract/index.ts';
import {
  type Dependency,
  type EnvironmentValue,
  type FleetModel,
  knownImage,
  PLAIN_CONTAINER,
  type PortSpec,
  type ServiceSpec,
  withReferencedPorts,
} from '../../../fleet/index.ts';
import type { InstanceRef } from '../../runtime.ts';
import { COMPOSE } from '../names.ts';

/** Containers that somebody else started, as a fleet: what each is, and which container is which instance. */
export interface AttachedFleet {
  readonly model: FleetModel;
  readonly instances: readonly { readonly instance: InstanceRef; readonly containerId: string }[];
}

/**
 * Reads a fleet off containers: services by Compose's labels, or by the container's name where it has none. Only what is
 * needed to show and handle what runs is filled in; nothing here could start it anew.
 */
export function modelOfContainers(name: string, containers: readonly ContainerInspectInfo[]): AttachedFleet {
  const services = new Map<string, ContainerInspectInfo[]>();
  const projects = new Set(containers.map(projectOf)).size;
  for (const container of containers) {
    // Of several projects the services may have the same names, the containers have not.
    const id = projects > 1 ? containerName(container) : serviceName(container);
    services.set(id, [...(services.get(id) ?? []), container]);
  }
  const instances: AttachedFleet['instances'][number][] = [];
  const specs = [...services].map(([id, all]): ServiceSpec => {
    const service = ServiceId.parse(id);
    const copies = copiesOf(all);
    for (const [index, copy] of copies) instances.push({ instance: { service, index }, containerId: copy.Id });
    return specOf(service, copies, new Set(services.keys()));
  });
  const labels = containers[0]?.Config.Labels ?? {};
  const files = (labels[COMPOSE.files] ?? '').split(',').filter((file) => file !== '');
  return {
    model: {
      name,
      file: files[0] ?? '',
      directory: labels[COMPOSE.directory] ?? '',
      files,
      // What nobody says it listens on, but others call.
      services: withReferencedPorts(specs),
      dial: null,
      resources: [],
      volumes: {},
      networks: {},
      warnings: [],
    },
    instances,
  };
}

/**
 * The fleet as it is now, with the services that it had before and of which no container is left: somebody who makes them
 * anew takes them away first, and who has taken them away for good is shown that they are gone.
 */
export function withGone(now: FleetModel, before: FleetModel): FleetModel {
  const found = new Map(now.services.map((spec) => [spec.id, spec]));
  const known = new Set(before.services.map(({ id }) => id));
  const services = [
    ...before.services.map((spec) => found.get(spec.id) ?? spec),
    ...now.services.filter(({ id }) => !known.has(id)),
  ];
  return now.services.length === 0 ? { ...before, services } : { ...now, services };
}

const LONGEST_NAME = 200;

/** Of a container without Compose's labels: its name. A label may be as long as anybody likes. */
function serviceName(container: ContainerInspectInfo): string {
  return container.Config.Labels?.[COMPOSE.service]?.slice(0, LONGEST_NAME) || containerName(container);
}

/** Docker gives it with a slash before it. */
function containerName({ Name }: ContainerInspectInfo): string {
  return Name.replace(/^\//, '');
}

function projectOf({ Config }: ContainerInspectInfo): string | null {
  return Config.Labels?.[COMPOSE.project] ?? null;
}

/** By their numbers. While a container is made anew there are two of one number: the one that runs, or the newer, counts. */
function copiesOf(containers: readonly ContainerInspectInfo[]): Map<number, ContainerInspectInfo> {
  const copies = new Map<number, ContainerInspectInfo>();
  const ordered = [...containers].sort((a, b) => numberOf(a) - numberOf(b));
  ordered.forEach((copy, at) => {
    const number = numberOf(copy) || at + 1;
    const other = copies.get(number);
    const isBetter = other === undefined || rank(copy) > rank(other);
    if (isBetter) copies.set(number, copy);
  });
  return copies;
}

function rank({ State, Created }: ContainerInspectInfo): number {
  return Date.parse(Created) + (State.Running ? Number.MAX_SAFE_INTEGER / 2 : 0);
}

/** 0 where it has none. */
function numberOf(container: ContainerInspectInfo): number {
  const label = container.Config.Labels?.[COMPOSE.number] ?? '';
  return /^\d{1,6}$/.test(label) ? Number(label) : 0;
}

function specOf(
  id: ServiceId,
  copies: ReadonlyMap<number, ContainerInspectInfo>,
  known: ReadonlySet<string>,
): ServiceSpec {
  const [first] = copies.values();
  if (first === undefined) throw new Error('a service has at least one container');
  const { Config, HostConfig } = first;
  // dockerode's types do not know how a container is stopped.
  const stopping = Config as { readonly StopSignal?: string; readonly StopTimeout?: number };
  const image = knownImage(Config.Image);
  return {
    id,
    kind: image?.kind ?? 'service',
    description: Config.Labels?.['org.opencontainers.image.description'] ?? '',
    image: Config.Image,
    build: null,
    command: Config.Cmd ?? null,
    entrypoint: typeof Config.Entrypoint === 'string' ? [Config.Entrypoint] : (Config.Entrypoint ?? null),
    environment: environmentOf(Config.Env ?? []),
    workingDir: Config.WorkingDir || null,
    user: Config.User || null,
    ports: portsOf(first),
    dependsOn: dependenciesOf(Config.Labels?.[COMPOSE.dependsOn] ?? '', known),
    healthcheck: null,
    // Who started them said how they restart, and their container engine does it.
    restart: { policy: 'no', maxRetries: null },
    stopSignal: (stopping.StopSignal || 'SIGTERM') as NodeJS.Signals,
    stopGracePeriodMs: (stopping.StopTimeout ?? 10) * 1000,
    replicas: copies.size,
    attached: { copies: [...copies.keys()] },
    limits: { cpus: (HostConfig.NanoCpus ?? 0) / 1e9 || null, memoryBytes: HostConfig.Memory || null },
    labels: Config.Labels ?? {},
    mounts: [],
    networks: Object.fromEntries(
      Object.entries(first.NetworkSettings.Networks ?? {}).map(([network, { Aliases }]) => [network, Aliases ?? []]),
    ),
    extraHosts: HostConfig.ExtraHosts ?? [],
    tty: Config.Tty,
    files: [],
    process: null,
    container: PLAIN_CONTAINER,
    position: { file: '', line: 1, column: 1 },
  };
}

function environmentOf(assignments: readonly string[]): Record<string, EnvironmentValue> {
  return Object.fromEntries(
    assignments.map((assignment) => {
      const equals = assignment.indexOf('=');
      const name = equals < 0 ? assignment : assignment.slice(0, equals);
      return [name, { value: equals < 0 ? '' : assignment.slice(equals + 1), source: 'compose' as const }];
    }),
  );
}

/** Ports that its image or whoever started it says it listens on, with where they are published. */
function portsOf(container: ContainerInspectInfo): PortSpec[] {
  const image = knownImage(container.Config.Image);
  const published = container.NetworkSettings.Ports ?? {};
  const names = new Set([...Object.keys(container.Config.ExposedPorts ?? {}), ...Object.keys(published)]);
  const ports = [...names].flatMap((key): PortSpec[] => {
    const [digits, transport] = key.split('/');
    const containerPort = Number(digits);
    if (!Number.isInteger(containerPort)) return [];
    const bindings = published[key] ?? [];
    const hostPort = bindings.length > 0 ? Number(bindings[0]?.HostPort) : null;
    const isKnown = image?.port === containerPort && transport !== 'udp';
    return [
      {
        name: isKnown && image.protocol !== 'tcp' ? image.protocol : transport === 'udp' ? key : String(containerPort),
        containerPort,
        protocol: transport === 'udp' ? 'udp' : isKnown ? image.protocol : usualProtocol(containerPort),
        hostPort,
        published: bindings.length > 0,
        publications: bindings.map((binding) => ({
          hostIp: binding.HostIp,
          hostPorts: { from: Number(binding.HostPort), to: Number(binding.HostPort) },
        })),
        env: null,
      },
    ];
  });
  return ports.sort((a, b) => a.containerPort - b.containerPort);
}

/** What speaks HTTP by the habits of ports; a guess that only decides how an address is written. */
function usualProtocol(port: number): string {
  const isWeb = port === 80 || port === 3000 || port === 5000 || (port >= 8000 && port <= 8099) || port === 15_672;
  return isWeb ? 'http' : 'tcp';
}

/** `db:service_healthy:false,cache:service_started:true`: service, condition, whether it is restarted with it. */
function dependenciesOf(label: string, known: ReadonlySet<string>): Dependency[] {
  return label.split(',').flatMap((entry): Dependency[] => {
    const [service = '', condition = '', restart = ''] = entry.split(':');
    if (!known.has(service)) return [];
    return [
      {
        service: ServiceId.parse(service),
        condition:
          condition === 'service_healthy' || condition === 'service_completed_successfully'
            ? condition
            : 'service_started',
        required: true,
        restart: restart === 'true',
      },
    ];
  });
}
