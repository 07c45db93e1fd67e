import { findAddresses, protocolOfScheme } from '../addresses.ts';
import { hostPairs, plainEnvironment } from '../edges.ts';
import type { PortSpec, ServiceSpec } from '../model.ts';

/**
 * The services with the ports that others call without the file naming them: between containers every port is open, so a
 * URL such as `http://web:8080` is enough for Compose, and so it is here. Plain `name:number` is not, as it may be an
 * image's tag.
 */
export function withReferencedPorts(services: readonly ServiceSpec[]): ServiceSpec[] {
  const added = new Map<string, PortSpec[]>();
  const byId = new Map<string, ServiceSpec>(services.map((service) => [service.id, service]));
  const add = (from: ServiceSpec, host: string, port: number, scheme: string | null) => {
    const to = byId.get(host);
    if (!to || to.id === from.id) return;
    const own = added.get(host) ?? [];
    if ([...to.ports, ...own].some((known) => known.containerPort === port)) return;
    const spec = { name: String(port), containerPort: port, protocol: protocolOfScheme(scheme), hostPort: null };
    added.set(host, [...own, { ...spec, published: false, publications: [], env: null }]);
  };
  for (const from of services) {
    const environment = plainEnvironment(from);
    for (const value of Object.values(environment)) {
      for (const { host, port, scheme } of findAddresses(value)) if (scheme !== null) add(from, host, port, scheme);
    }
    for (const { host, port } of hostPairs(environment, (name) => byId.has(name))) add(from, host, port, null);
  }
  return services.map((service) => ({ ...service, ports: [...service.ports, ...(added.get(service.id) ?? [])] }));
}
