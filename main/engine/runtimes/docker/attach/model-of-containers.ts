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
} from '../../../fleet/index.ts';
import type { InstanceRef } from '../../runtime.ts';
import { ComposeLabel } from './labels.ts';

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
  for (const container of containers) {
    const id = serviceName(container);
    services.set(id, [...(services.get(id) ?? []), container]);
  }
  const instances: AttachedFleet['instances'][number][] = [];
  const specs = [...services].map(([id, copies]): ServiceSpec => {
    const service = ServiceId.parse(id);
    const ordered = [...copies].sort((a, b) => numberOf(a) - numberOf(b));
    ordered.forEach((copy, at) => {
      instances.push({ instance: { service, index: numberOf(copy) || at + 1 }, containerId: copy.Id });
    });
    return specOf(service, ordered, new Set(services.keys()));
  });
  const labels = containers[0]?.Config.Labels ?? {};
  const files = (labels[ComposeLabel.configFiles] ?? '').split(',').filter((file) => file !== '');
  return {
    model: {
      name,
      file: files[0] ?? '',
      directory: labels[ComposeLabel.workingDir] ?? '',
      files,
      services: specs,
      dial: null,
      resources: [],
      volumes: {},
      networks: {},
      warnings: [],
    },
    instances,
  };
}

/** Of a container without Compose's labels: its name, which Docker gives with a slash before it. */
function serviceName(container: ContainerInspectInfo): string {
  return container.Config.Labels?.[ComposeLabel.service] ?? container.Name.replace(/^\//, '');
}

function numberOf(container: ContainerInspectInfo): number {
  return Number(container.Config.Labels?.[ComposeLabel.number] ?? 0);
}

function specOf(id: ServiceId, copies: readonly ContainerInspectInfo[], known: ReadonlySet<string>): ServiceSpec {
  const [first] = copies;
  if (first === undefined) throw new Error('a service has at least one container');
  const { Config, HostConfig } = first;
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
    dependsOn: dependenciesOf(Config.Labels?.[ComposeLabel.dependsOn] ?? '', known),
    healthcheck: null,
    // Who started them said how they restart, and their container engine does it.
    restart: { policy: 'no', maxRetries: null },
    // The container's own count when it is stopped; these are never used.
    stopSignal: 'SIGTERM',
    stopGracePeriodMs: 10_000,
    replicas: Math.max(...copies.map((copy, at) => numberOf(copy) || at + 1)),
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
