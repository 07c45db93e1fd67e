import type { PortSpec, ServiceSpec } from '../model.ts';
import { knownImage } from './images.ts';
import { invalid } from './place.ts';
import type { ServiceExtension } from './x-flotilla.ts';

interface Sources {
  readonly image: string | null;
  readonly published: readonly PortSpec[];
  readonly exposed: readonly PortSpec[];
  readonly extension: ServiceExtension;
  readonly environment: ServiceSpec['environment'];
}

/** `PORT`, `GRPC_PORT` and the like when its value is this very port: what tells the program where to listen. */
function portVariable(port: number, environment: ServiceSpec['environment']): string | null {
  const names = Object.keys(environment).filter((name) => /(^|_)PORT$/i.test(name));
  const matching = names.filter((name) => environment[name]?.value === String(port));
  return matching.length === 1 ? (matching[0] ?? null) : null;
}

/**
 * All ports of a service, one per number: what `x-flotilla.ports` names, then `ports`, then `expose`, then the port that
 * its image is known to listen on, unless x-flotilla names any. The first that names a port decides on its name and protocol.
 */
export function joinPorts({ image, published, exposed, extension, environment }: Sources): PortSpec[] {
  const known = knownImage(image);
  const ports = new Map<number, PortSpec>();
  const protocolOf = (number: number, said: string) =>
    said === 'tcp' && known?.port === number ? known.protocol : said;
  for (const { name, port, protocol, env, place } of extension.ports) {
    const publication = published.find((one) => one.containerPort === port);
    if (publication?.protocol === 'udp') throw invalid(place, `port ${port} is published for UDP`, 'a TCP port');
    ports.set(port, {
      name,
      containerPort: port,
      protocol: protocol ?? protocolOf(port, publication?.protocol ?? 'tcp'),
      hostPort: publication?.hostPort ?? null,
      published: publication !== undefined,
      env: env ?? portVariable(port, environment),
    });
  }
  const names = new Set(extension.ports.map((port) => port.name));
  for (const port of [...published, ...exposed]) {
    const number = port.containerPort;
    if (ports.has(number)) continue;
    const name = names.has(port.name) ? String(number) : port.name;
    names.add(name);
    const env = port.protocol === 'udp' ? null : portVariable(number, environment);
    ports.set(number, { ...port, name, protocol: protocolOf(number, port.protocol), env });
  }
  if (known && !ports.has(known.port) && extension.ports.length === 0) {
    ports.set(known.port, {
      name: known.protocol === 'tcp' ? String(known.port) : known.protocol,
      containerPort: known.port,
      protocol: known.protocol,
      hostPort: null,
      published: false,
      env: null,
    });
  }
  return [...ports.values()];
}
