import type { Healthcheck, PortSpec, ServiceSpec } from '../model.ts';
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

/** Of one port: every entry that publishes it for this transport. */
function publicationsOf(published: readonly PortSpec[], port: number, isUdp: boolean): PortSpec['publications'] {
  const same = published.filter((one) => one.containerPort === port && (one.protocol === 'udp') === isUdp);
  return same.flatMap((one) => one.publications);
}

/**
 * All ports of a service, one per number and transport: what `x-flotilla.ports` names, then `ports`, then `expose`, then
 * the port that its image is known to listen on, unless x-flotilla names any. The first that names a port decides on its
 * name and protocol.
 */
export function joinPorts({ image, published, exposed, extension, environment }: Sources): PortSpec[] {
  const known = knownImage(image);
  const ports = new Map<string, PortSpec>();
  const protocolOf = (number: number, said: string) =>
    said === 'tcp' ? ([known, known?.also].find((one) => one?.port === number)?.protocol ?? said) : said;
  for (const { name, port, protocol, env, place } of extension.ports) {
    const same = published.filter((one) => one.containerPort === port);
    const publication = same.find((one) => one.protocol !== 'udp');
    if (publication === undefined && same.length > 0) {
      throw invalid(place, `port ${port} is published for UDP`, 'a TCP port');
    }
    ports.set(String(port), {
      name,
      containerPort: port,
      protocol: protocol ?? protocolOf(port, publication?.protocol ?? 'tcp'),
      hostPort: publication?.hostPort ?? null,
      published: publication !== undefined,
      publications: publicationsOf(published, port, false),
      env: env ?? portVariable(port, environment),
    });
  }
  const names = new Set(extension.ports.map((port) => port.name));
  for (const port of [...published, ...exposed]) {
    const isUdp = port.protocol === 'udp';
    const number = port.containerPort;
    const key = isUdp ? `${number}/udp` : String(number);
    if (ports.has(key)) continue;
    const name = names.has(port.name) ? key : port.name;
    names.add(name);
    ports.set(key, {
      ...port,
      name,
      protocol: protocolOf(number, port.protocol),
      publications: publicationsOf(published, number, isUdp),
      env: isUdp ? null : portVariable(number, environment),
    });
  }
  if (known && extension.ports.length === 0) {
    const name = known.protocol === 'tcp' ? String(known.port) : known.protocol;
    for (const one of [{ ...known, name }, ...(known.also === undefined ? [] : [known.also])]) {
      if (!ports.has(String(one.port))) ports.set(String(one.port), ownPort(one));
    }
  }
  return [...ports.values()];
}

/** What a command asks of the service itself: `curl -f http://localhost:8080/health`. */
const OWN_HTTP = /\bhttp:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):(\d{1,5})\b/g;

/** The ports, with those that are asked for the service's health by HTTP, and of which nothing else is known, as what they are. */
export function withHttpOf(ports: readonly PortSpec[], health: Healthcheck | null): PortSpec[] {
  const asked = new Set([...(health?.test?.words.join(' ') ?? '').matchAll(OWN_HTTP)].map((match) => Number(match[1])));
  const isHttp = (port: PortSpec): boolean => port.name === health?.http?.port || asked.has(port.containerPort);
  return ports.map((port) => (port.protocol === 'tcp' && isHttp(port) ? { ...port, protocol: 'http' } : port));
}

/** A port that the image listens on though the file does not say so. */
function ownPort({ name, protocol, port }: { name: string; protocol: string; port: number }): PortSpec {
  return { name, containerPort: port, protocol, hostPort: null, published: false, publications: [], env: null };
}
