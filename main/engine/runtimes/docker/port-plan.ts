import type { Endpoint, ServiceId } from '../../../contract/index.ts';
import type { FleetModel, PortSpec, Publication, ServiceSpec } from '../../fleet/index.ts';
import { Ports, type SavedPort } from '../ports/ports.ts';
import { type InstanceRef, instanceId, type Reach } from '../runtime.ts';
import { type Binding, hasPorts } from './container-create.ts';
import { isKafkaBroker, listenerPort } from './kafka-listeners.ts';

const HOST = '127.0.0.1';
const ANY: Publication = { hostIp: HOST, hostPorts: null };
/** Published there means reached at 127.0.0.1 too. */
const COVERS_HOST: ReadonlySet<string> = new Set([HOST, '0.0.0.0', 'localhost']);

interface Planned extends Omit<Binding, 'hostPort'> {
  readonly key: string;
  readonly publication: Publication;
}

/**
 * Where the ports of containers are published. Each port that the fleet knows is published on 127.0.0.1, so that it can be
 * probed and looked into, on a port that is chosen before the container is made and stays; what the file asks for is
 * honoured besides.
 */
export class PortPlan {
  readonly ports: Ports;
  readonly #model: FleetModel;
  /** Ports that the file does not know, by service. */
  readonly #inner = new Map<ServiceId, number[]>();

  constructor(model: FleetModel, saved: Readonly<Record<string, SavedPort>>, home: string) {
    this.#model = model;
    this.ports = new Ports(saved, home);
  }

  /** Publishes a TCP port of every copy of a service on 127.0.0.1 besides; to be said before ports are chosen. */
  publish(service: ServiceId, containerPort: number): void {
    this.#inner.set(service, [...(this.#inner.get(service) ?? []), containerPort]);
  }

  /** Where a port that `publish` was told of is published. */
  published(ref: InstanceRef, containerPort: number): number | null {
    return this.ports.of(keyOf(ref, containerPort, 'tcp', 0));
  }

  /** Chooses a port for everything, so that every address is known before anything is started. */
  async choose(): Promise<void> {
    for (const spec of this.#model.services) {
      for (let index = 1; index <= spec.replicas; index += 1) {
        for (const { key, publication } of this.#planned({ service: spec.id, index })) {
          const { hostPorts } = publication;
          if (hostPorts === null) await this.ports.choose(key, null);
          else if (hostPorts.from < hostPorts.to) await this.ports.chooseOf(key, hostPorts.from, hostPorts.to);
          // Two containers cannot have one port: the asked one is the first copy's.
          else await this.ports.choose(key, index === 1 ? hostPorts.from : null);
        }
      }
    }
  }

  keys(ref: InstanceRef): string[] {
    return this.#planned(ref).map(({ key }) => key);
  }

  /**
   * Those that can be tried by listening on 127.0.0.1, each number once: one may be published by TCP and by UDP, or at
   * several addresses.
   */
  tried(ref: InstanceRef): string[] {
    const numbers = new Set<number | null>();
    const found = this.#planned(ref).filter(({ key, protocol, hostIp }) => {
      const number = this.ports.of(key);
      return protocol === 'tcp' && COVERS_HOST.has(hostIp) && !numbers.has(number) && numbers.add(number);
    });
    return found.map(({ key }) => key);
  }

  bindings(ref: InstanceRef): Binding[] {
    return this.#planned(ref).flatMap(({ key, containerPort, protocol, hostIp }) => {
      const hostPort = this.ports.of(key);
      return hostPort === null ? [] : [{ containerPort, protocol, hostIp, hostPort }];
    });
  }

  /** Of a Kafka broker, the listener that this machine is sent to. */
  listener(ref: InstanceRef): { containerPort: number; hostPort: number } | null {
    const spec = this.#spec(ref.service);
    if (spec === undefined || !hasListener(spec)) return null;
    const containerPort = brokerPort(spec);
    const hostPort = this.ports.of(keyOf(ref, containerPort, 'tcp', 0));
    return hostPort === null ? null : { containerPort, hostPort };
  }

  reach(ref: InstanceRef, name: string): Reach | null {
    const spec = this.#spec(ref.service);
    const port =
      spec?.ports.find((one) => one.name === name) ?? spec?.ports.find((one) => String(one.containerPort) === name);
    if (spec === undefined || port === undefined) return null;
    const owner = this.#networkOwner(spec);
    if (sharesHost(owner)) return { host: HOST, port: port.containerPort };
    const number = this.#hostPort(owner === spec ? ref : { service: owner.id, index: 1 }, owner, port);
    return number === null ? null : { host: HOST, port: number, proxied: true };
  }

  endpoints(spec: ServiceSpec): Endpoint[] {
    const endpoints: Endpoint[] = [];
    for (let index = 1; index <= spec.replicas; index += 1) {
      for (const { name, protocol, containerPort } of spec.ports) {
        const at = this.reach({ service: spec.id, index }, name);
        if (at === null) continue;
        const url = `${protocol}://${at.host}:${at.port}`;
        endpoints.push({ name: index === 1 ? name : `${name} (${index})`, url, protocol, containerPort });
      }
    }
    return endpoints;
  }

  #hostPort(ref: InstanceRef, spec: ServiceSpec, port: PortSpec): number | null {
    // A client that comes by another listener would be sent to names that mean nothing here.
    if (port.protocol === 'kafka' && hasListener(spec)) return this.listener(ref)?.hostPort ?? null;
    const planned = this.#planned(ref).find(
      ({ containerPort, protocol, hostIp }) =>
        containerPort === port.containerPort && protocol === transport(port) && COVERS_HOST.has(hostIp),
    );
    return planned === undefined ? null : this.ports.of(planned.key);
  }

  #planned(ref: InstanceRef): Planned[] {
    const spec = this.#spec(ref.service);
    if (spec === undefined || !hasPorts(spec)) return [];
    const planned = this.#portsBehind(spec, ref.index).flatMap((port) => {
      const protocol = transport(port);
      return publicationsOf(port).map((publication, n) => ({
        key: keyOf(ref, port.containerPort, protocol, n),
        containerPort: port.containerPort,
        protocol,
        hostIp: publication.hostIp ?? HOST,
        publication,
      }));
    });
    const inner = [...(hasListener(spec) ? [brokerPort(spec)] : []), ...(this.#inner.get(spec.id) ?? [])];
    return [
      ...planned,
      ...inner.map((containerPort) => ({
        key: keyOf(ref, containerPort, 'tcp', 0),
        containerPort,
        protocol: 'tcp' as const,
        hostIp: HOST,
        publication: ANY,
      })),
    ];
  }

  /** Its own ports, and of its first copy those of the services that share its network, which can publish none. */
  #portsBehind(spec: ServiceSpec, index: number): PortSpec[] {
    const inside = this.#model.services.filter((one) => this.#networkOwner(one) === spec && one !== spec);
    const ports = new Map<string, PortSpec>();
    for (const port of [spec, ...(index === 1 ? inside : [])].flatMap((one) => one.ports)) {
      const key = `${port.containerPort}/${transport(port)}`;
      const known = ports.get(key);
      if (known === undefined || (port.published && !known.published)) ports.set(key, port);
    }
    return [...ports.values()];
  }

  /** The service itself, or the one whose network it shares. */
  #networkOwner(spec: ServiceSpec): ServiceSpec {
    let owner = spec;
    for (let mode = owner.container.networkMode; mode?.kind === 'service'; mode = owner.container.networkMode) {
      const other = this.#spec(mode.service);
      // The reader refuses services that share in a circle.
      if (other === undefined || other === spec) break;
      owner = other;
    }
    return owner;
  }

  #spec(service: ServiceId): ServiceSpec | undefined {
    return this.#model.services.find((one) => one.id === service);
  }
}

const transport = (port: PortSpec): 'tcp' | 'udp' => (port.protocol === 'udp' ? 'udp' : 'tcp');
const hasListener = (spec: ServiceSpec): boolean => isKafkaBroker(spec) && spec.container.networkMode === null;

function sharesHost({ container: { networkMode } }: ServiceSpec): boolean {
  return networkMode?.kind === 'other' && networkMode.mode === 'host';
}

function brokerPort(spec: ServiceSpec): number {
  return listenerPort(Object.fromEntries(Object.entries(spec.environment).map(([name, { value }]) => [name, value])));
}

function keyOf(ref: InstanceRef, port: number, protocol: 'tcp' | 'udp', n: number): string {
  return `${instanceId(ref)}:${port}/${protocol}${n === 0 ? '' : `#${n}`}`;
}

/** Those of the file, and one on 127.0.0.1 where none of them is reached there. */
function publicationsOf(port: PortSpec): readonly Publication[] {
  const asked: readonly Publication[] =
    port.publications.length > 0 || !port.published || port.hostPort === null
      ? port.publications
      : [{ hostIp: null, hostPorts: { from: port.hostPort, to: port.hostPort } }];
  if (asked.some(({ hostIp }) => COVERS_HOST.has(hostIp ?? HOST))) return asked;
  return [...asked, ANY];
}
