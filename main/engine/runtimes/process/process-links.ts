import { FlotillaError, linkName, type ServiceId } from '../../../contract/index.ts';
import type { FleetModel, ServiceSpec } from '../../fleet/index.ts';
import type { Ports } from '../ports/ports.ts';
import { type InstanceRef, instanceId, type LinkEdge, type RunLinks, type WantedLink } from '../runtime.ts';
import { embeddedProgramFor } from './embedded/index.ts';

const HOST = '127.0.0.1';

/** Names a port of an instance among all of a run. */
export const portKey = (instance: string, containerPort: number): string => `${instance}:${containerPort}`;

/**
 * The links between processes. Each listens on a port of its own, which is chosen once for a run, as callers are told of it. A
 * broker tells its clients where it is: the embedded one has a port for each of them, which tells the link's address.
 */
export class ProcessLinks {
  readonly #model: FleetModel;
  readonly #links: RunLinks;
  readonly #ports: Ports;
  /** Where they listen, by name. */
  #listens: ReadonlyMap<string, string> = new Map();

  constructor(model: FleetModel, links: RunLinks, ports: Ports) {
    this.#model = model;
    this.#links = links;
    this.#ports = ports;
  }

  /** Chooses what is not chosen yet; the ports of the instances have to be. @throws FlotillaError LINKS_FAILED, LINKS_REFUSED */
  async open(): Promise<void> {
    const { edges } = this.#links;
    for (const edge of edges) {
      await this.#ports.choose(linkKey(edge), null);
      if (this.#isBroker(edge)) await this.#ports.choose(clientKey(edge), null);
    }
    this.#listens = await this.#opened();
    // Callers are told of the one, links of the other: they do not change any more.
    for (const key of edges.flatMap((edge) => [linkKey(edge), ...this.#upstreamKeys(edge)])) this.#ports.give(key);
  }

  /** Between choosing a port and listening on it somebody else may take it: then another one is chosen. */
  async #opened(): Promise<ReadonlyMap<string, string>> {
    const { edges } = this.#links;
    for (let again = 3; ; again -= 1) {
      await this.#ports.release(edges.map(linkKey));
      try {
        return await this.#links.open(edges.map((edge) => this.#wanted(edge)));
      } catch (error) {
        if (again === 0 || !(error instanceof FlotillaError) || error.code !== 'LINKS_REFUSED') throw error;
        for (const edge of edges) await this.#ports.secure(linkKey(edge), edge.to);
      }
    }
  }

  #wanted(edge: LinkEdge): WantedLink {
    const at = (key: string): string => `${HOST}:${this.#ports.of(key)}`;
    return { ...edge, listen: at(linkKey(edge)), upstream: this.#upstreamKeys(edge).map(at).join(',') };
  }

  /** Where this caller reaches that port; null where no link is in between. */
  address(from: ServiceId, to: ServiceId, containerPort: number): string | null {
    return this.#listens.get(linkName(from, to, containerPort)) ?? null;
  }

  /** The ports that an instance listens on for its clients' links, beside its own. */
  portKeys(ref: InstanceRef): string[] {
    return this.#clients(ref).map(clientKey);
  }

  /** What an embedded program has to be told of links. */
  variables(ref: InstanceRef): Record<string, string> {
    const clients = this.#clients(ref);
    if (clients.length === 0) return {};
    const listeners = clients.map((edge) => `${this.#ports.of(clientKey(edge))}=${this.#listens.get(nameOf(edge))}`);
    return { KAFKA_CLIENT_LISTENERS: listeners.join(',') };
  }

  #clients(ref: InstanceRef): LinkEdge[] {
    if (ref.index !== 1) return [];
    return this.#links.edges.filter((edge) => edge.to === ref.service && this.#isBroker(edge));
  }

  #upstreamKeys(edge: LinkEdge): string[] {
    if (this.#isBroker(edge)) return [clientKey(edge)];
    const copies = Array.from({ length: this.#spec(edge.to)?.replicas ?? 1 }, (_, n) => n + 1);
    return copies.map((index) => portKey(instanceId({ service: edge.to, index }), edge.containerPort));
  }

  /** The embedded broker listens on the first port of its service. */
  #isBroker({ to, containerPort }: LinkEdge): boolean {
    const spec = this.#spec(to);
    if (spec === undefined || spec.process !== null || embeddedProgramFor(spec.image) !== 'kafka') return false;
    return spec.ports[0]?.containerPort === containerPort;
  }

  #spec(service: ServiceId): ServiceSpec | undefined {
    return this.#model.services.find((one) => one.id === service);
  }
}

const nameOf = ({ from, to, containerPort }: LinkEdge): string => linkName(from, to, containerPort);
const linkKey = (edge: LinkEdge): string => `link ${nameOf(edge)}`;
const clientKey = (edge: LinkEdge): string => `client ${nameOf(edge)}`;
