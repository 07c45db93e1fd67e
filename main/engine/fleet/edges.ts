import { linkName, type ServiceId } from '../../contract/index.ts';
import type { LinkEdge } from '../runtimes/index.ts';
import { findAddresses, isNameChecked, protocolOfScheme } from './addresses.ts';
import type { FleetModel, PortSpec, ServiceSpec } from './model.ts';

/** One service's environment says where another is. */
export interface DeclaredEdge {
  readonly from: ServiceId;
  readonly to: ServiceId;
  readonly port: PortSpec;
  /** The environment variable that holds the address. */
  readonly variable: string;
  readonly protocol: string;
  /** The connection is encrypted for the name that the address has: nothing can stand in between. */
  readonly isNameChecked: boolean;
}

/** A variable that holds a service's name (`DB_HOST`) and the one that holds its port (`DB_PORT`). */
export interface HostPair {
  readonly hostVariable: string;
  readonly portVariable: string;
  readonly host: string;
  readonly port: number;
}

type Environment = Readonly<Record<string, string>>;

/** Gives the address to use instead, `127.0.0.1:20412`, or null to leave it. */
export type ResolveAddress = (service: string, containerPort: number) => string | null;

const HOST_VARIABLE = /^(.*?)_?(HOST|HOSTNAME|SERVER|ADDR|ADDRESS)$/i;

/** A service's environment as a process gets it, before addresses are rewritten. */
export function plainEnvironment(service: ServiceSpec): Record<string, string> {
  const own = Object.entries(service.environment).map(([name, { value }]) => [name, value] as const);
  return { ...Object.fromEntries(own), ...service.process?.environment };
}

/** Pairs such as `DB_HOST=postgres` and `DB_PORT=5432`: a host and a port that only together are an address. */
export function hostPairs(environment: Environment, isService: (host: string) => boolean): HostPair[] {
  const pairs: HostPair[] = [];
  for (const [hostVariable, host] of Object.entries(environment)) {
    const prefix = HOST_VARIABLE.exec(hostVariable)?.[1];
    if (prefix === undefined || !isService(host)) continue;
    const portVariable = [`${prefix}_PORT`, `${prefix}PORT`].find((name) => /^\d{1,5}$/.test(environment[name] ?? ''));
    if (portVariable === undefined) continue;
    pairs.push({ hostVariable, portVariable, host, port: Number(environment[portVariable]) });
  }
  return pairs;
}

/**
 * Who says to call whom: every address of another service of the fleet in an environment value, one edge per variable and
 * port, in the file's order. A service's own address is not an edge.
 */
export function declaredEdges(model: Pick<FleetModel, 'services'>): DeclaredEdge[] {
  const services = new Map<string, ServiceSpec>(model.services.map((service) => [service.id, service]));
  return model.services.flatMap((from) => {
    const environment = plainEnvironment(from);
    const edges = new Map<string, DeclaredEdge>();
    const add = (variable: string, host: string, number: number, scheme: string | null, isNameChecked = false) => {
      const to = services.get(host);
      const port = to?.ports.find((one) => one.containerPort === number);
      if (!to || !port || to.id === from.id) return;
      const protocol = port.protocol === 'tcp' ? protocolOfScheme(scheme) : port.protocol;
      const key = `${variable} ${host} ${number}`;
      if (!edges.has(key)) edges.set(key, { from: from.id, to: to.id, port, variable, protocol, isNameChecked });
    };
    for (const [variable, value] of Object.entries(environment)) {
      for (const { host, port, scheme } of findAddresses(value)) {
        add(variable, host, port, scheme, isNameChecked(scheme, value));
      }
    }
    for (const { hostVariable, host, port } of hostPairs(environment, (name) => services.has(name))) {
      add(hostVariable, host, port, null);
    }
    if (from.attached !== undefined) addDependencies(from, services, edges);
    return [...edges.values()];
  });
}

/**
 * The edges that a link can stand in, one for each caller, callee and port: not where the caller says that it wants none, where
 * the connection is encrypted, and for what is no TCP.
 */
export function linkEdges(model: Pick<FleetModel, 'services' | 'links'>): LinkEdge[] {
  if (model.links === false) return [];
  const without = new Set(model.services.filter((one) => one.links === false).map((one) => one.id));
  const edges = new Map<string, LinkEdge>();
  const left = new Set<string>();
  for (const { from, to, port, protocol, isNameChecked } of declaredEdges(model)) {
    const { containerPort } = port;
    const name = linkName(from, to, containerPort);
    if (isNameChecked) left.add(name);
    if (without.has(from) || protocol === 'udp' || edges.has(name)) continue;
    edges.set(name, { from, to, containerPort, protocol });
  }
  return [...edges].filter(([name]) => !left.has(name)).map(([, edge]) => edge);
}

/** Of a service that we know by its container alone, what it waits for is what it most likely calls. */
function addDependencies(
  from: ServiceSpec,
  services: ReadonlyMap<string, ServiceSpec>,
  edges: Map<string, DeclaredEdge>,
): void {
  const called = new Set([...edges.values()].map(({ to }) => to));
  for (const { service, condition } of from.dependsOn) {
    const port = services.get(service)?.ports[0];
    if (port === undefined || called.has(service) || condition === 'service_completed_successfully') continue;
    const { protocol } = port;
    edges.set(service, { from: from.id, to: service, port, variable: 'depends_on', protocol, isNameChecked: false });
  }
}

/** The value with every address that `resolve` knows replaced; all else stays as it is. */
export function rewriteAddresses(value: string, resolve: ResolveAddress): string {
  let result = '';
  let at = 0;
  for (const { host, port, start, end } of findAddresses(value)) {
    const address = resolve(host, port);
    if (address === null) continue;
    result += value.slice(at, start) + address;
    at = end;
  }
  return result + value.slice(at);
}

/** `rewriteAddresses` of every value, and of hosts and ports that stand in variables of their own. */
export function rewriteEnvironment(environment: Environment, resolve: ResolveAddress): Record<string, string> {
  const result = Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, rewriteAddresses(value, resolve)]),
  );
  for (const { hostVariable, portVariable, host, port } of hostPairs(environment, () => true)) {
    const address = resolve(host, port);
    const colon = address?.lastIndexOf(':') ?? -1;
    if (address === null || colon < 0) continue;
    result[hostVariable] = address.slice(0, colon);
    result[portVariable] = address.slice(colon + 1);
  }
  return result;
}
