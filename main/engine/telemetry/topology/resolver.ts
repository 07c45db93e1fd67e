import type { FleetModel, ServiceSpec } from '../../fleet/model.ts';
import { protocolOfSystem } from './systems.ts';

/** Which service listens at `127.0.0.1:20412`, as the runtime has told it. */
export type Addresses = ReadonlyMap<string, { readonly service: string }>;

/** Finds the service of the fleet that a span means. */
export interface Resolver {
  /** By host and port: an address of the runtime, or a name in the fleet's network with or without its domain. */
  byAddress(host: string, port: number): ServiceSpec | undefined;
  /** The only service of the fleet that speaks the system's protocol, for spans that do not say where. */
  bySystem(system: string): ServiceSpec | undefined;
  byId(id: string): ServiceSpec | undefined;
}

const loopback = new Set(['localhost', '::1', '[::1]', '0.0.0.0', '127.0.0.1', '::ffff:127.0.0.1']);

export function isLoopback(host: string): boolean {
  return loopback.has(host);
}

export function createResolver(model: FleetModel | null, addresses: Addresses): Resolver {
  const services = new Map<string, ServiceSpec>();
  for (const service of model?.services ?? []) services.set(service.id, service);
  const aliases = new Map<string, ServiceSpec>();
  for (const service of services.values()) {
    for (const alias of Object.values(service.networks).flat()) aliases.set(alias, service);
  }
  const byName = (name: string): ServiceSpec | undefined => services.get(name) ?? aliases.get(name);
  return {
    byId: (id) => services.get(id),
    byAddress(host, port) {
      if (host === '') return undefined;
      const known = addresses.get(`${isLoopback(host) ? '127.0.0.1' : host}:${port}`);
      if (known !== undefined) return services.get(known.service);
      // `orders.shop.svc.cluster.local`: in a cluster the first label names the service.
      return (
        byName(host) ?? (host.includes('.') && !/^[\d.]+$/.test(host) ? byName(host.split('.')[0] ?? '') : undefined)
      );
    },
    bySystem(system) {
      const protocol = protocolOfSystem(system);
      const speakers = [...services.values()].filter((service) =>
        service.ports.some((port) => port.protocol === protocol || port.protocol === system),
      );
      return speakers.length === 1 ? speakers[0] : undefined;
    },
  };
}
