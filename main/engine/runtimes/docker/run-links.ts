import type { ServiceId } from '../../../contract/index.ts';
import type { FleetModel, ServiceSpec } from '../../fleet/index.ts';
import { type InstanceRef, instanceId, type LinkEdge, type RunContext, type WantedLink } from '../runtime.ts';
import { isOurs } from './connection/index.ts';
import { callingVariables } from './container-environment.ts';
import type { RunEngine } from './containers.ts';
import { type BrokerEdge, brokerEdges, nameOf } from './kafka-clients.ts';
import type { AddedListener } from './kafka-listeners.ts';
import { type LinkPlace, linkPlace, type Surroundings } from './link-places.ts';
import type { PortPlan } from './port-plan.ts';
import type { Project } from './project.ts';

const HOST = '127.0.0.1';

/** A link of the run, as it is kept for an engine after this one; its port is among the run's ports. */
export type RunLink = BrokerEdge & LinkPlace;

export interface RunLinksParts {
  readonly engine: RunEngine;
  readonly model: FleetModel;
  readonly context: Pick<RunContext, 'links' | 'rewriteAddresses'>;
  readonly project: Project;
  readonly ports: PortPlan;
}

/** The links that calls between the services of a run pass: where they listen, where they lead, who is told of them. */
export class DockerRunLinks {
  readonly #parts: RunLinksParts;
  #links: readonly RunLink[] = [];
  #opened = '';
  #refreshing: Promise<void> = Promise.resolve();

  constructor(parts: RunLinksParts) {
    this.#parts = parts;
  }

  /** Decides which there are. To be called before ports are chosen, as brokers get some more. */
  async plan(gateways: ReadonlyMap<string, string>): Promise<void> {
    const { links } = this.#parts.context;
    const around = links === undefined ? null : await this.#around(gateways);
    if (links === undefined || around === null) return;
    const called = this.#called();
    const edges = links.edges.filter((edge) => called.has(nameOf(edge)));
    const place = ({ from, to }: Pick<LinkEdge, 'from' | 'to'>): LinkPlace | null => {
      const [caller, callee] = [this.#spec(from), this.#spec(to)];
      return caller === undefined || callee === undefined ? null : linkPlace(caller, callee, around);
    };
    const { services } = this.#parts.model;
    const possible = brokerEdges(services, edges, (from, to) => place({ from, to }) !== null);
    this.#set(
      possible.flatMap((edge) => {
        const at = place(edge);
        return at === null ? [] : [{ ...edge, ...at }];
      }),
    );
  }

  /** Those of the run as an engine before this one has left it. */
  resume(links: readonly RunLink[]): void {
    if (this.#parts.context.links !== undefined) this.#set(links);
  }

  saved(): readonly RunLink[] {
    return this.#links;
  }

  /** Makes them; to be called once ports are chosen. @throws FlotillaError LINKS_FAILED, LINKS_REFUSED */
  async open(): Promise<void> {
    const { ports } = this.#parts.ports;
    for (const link of this.#links) await ports.choose(keyOf(link), null, link.listenHost);
    await ports.release(this.#links.map(keyOf));
    const wanted = this.#wanted();
    this.#opened = JSON.stringify(wanted);
    await this.#parts.context.links?.open(wanted);
  }

  /**
   * Makes those anew that are others now, as a network that somebody removed came back with another gateway, or a container
   * with another port.
   */
  refresh(gateways: ReadonlyMap<string, string>): Promise<void> {
    const refreshed = this.#refreshing.then(async () => {
      this.#links = this.#links.map((link) => {
        const gateway = gateways.get(link.network ?? '') ?? link.listenHost;
        return link.network === null ? link : { ...link, listenHost: gateway, callerHost: gateway };
      });
      if (JSON.stringify(this.#wanted()) !== this.#opened) await this.open();
    });
    this.#refreshing = refreshed.catch(() => undefined);
    return refreshed;
  }

  /** A service's variables with links in the place of those that it calls. */
  rewrite(service: ServiceId, environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    if (this.#links.length === 0) return environment;
    const address = (to: ServiceId, port: number): string | null => this.address(service, to, port);
    return this.#parts.context.rewriteAddresses(service, environment, address);
  }

  /** What a caller is told instead of the callee's own address; null: no link is in between. */
  address(from: ServiceId, to: ServiceId, containerPort: number): string | null {
    const link = this.#links.find((one) => one.from === from && one.to === to && one.containerPort === containerPort);
    return link === undefined ? null : this.#calledAt(link);
  }

  /** Those addresses, by the callee. */
  addresses(): Map<string, { readonly service: ServiceId }> {
    return new Map(this.#links.map((link) => [this.#calledAt(link), { service: link.to }]));
  }

  /** The listeners that a broker has for clients with links. */
  listeners(broker: ServiceId): AddedListener[] {
    return this.#links.flatMap((link) =>
      link.to === broker && link.listener !== null ? [{ ...link.listener, advertised: this.#calledAt(link) }] : [],
    );
  }

  #set(links: readonly RunLink[]): void {
    this.#links = links;
    for (const { to, listener } of links) {
      if (listener !== null) this.#parts.ports.publish(to, listener.containerPort);
    }
  }

  #wanted(): WantedLink[] {
    return this.#links.map((link) => {
      const { from, to, containerPort, protocol, listenHost } = link;
      const upstream = this.#upstream(link);
      return { from, to, containerPort, protocol, listen: `${listenHost}:${this.#port(link)}`, upstream };
    });
  }

  #upstream({ to, containerPort, listener }: RunLink): string {
    const { ports } = this.#parts;
    const copies = Array.from({ length: this.#spec(to)?.replicas ?? 1 }, (_, n) => ({ service: to, index: n + 1 }));
    const at = (ref: InstanceRef): number | null | undefined =>
      listener === null ? ports.reach(ref, String(containerPort))?.port : ports.published(ref, listener.containerPort);
    const addresses = copies.flatMap((ref) => {
      const port = at(ref);
      return port === null || port === undefined ? [] : [`${HOST}:${port}`];
    });
    return addresses.join(',');
  }

  #calledAt(link: RunLink): string {
    return `${link.callerHost}:${this.#port(link)}`;
  }

  #port(link: RunLink): number {
    return this.#parts.ports.ports.of(keyOf(link)) ?? 0;
  }

  /** By name, the edges whose addresses containers are given: those of processes alone are not among them. */
  #called(): Set<string> {
    const called = new Set<string>();
    for (const spec of this.#parts.model.services) {
      this.#parts.context.rewriteAddresses(spec.id, callingVariables(spec), (to, containerPort) => {
        called.add(nameOf({ from: spec.id, to, containerPort, protocol: '' }));
        return null;
      });
    }
    return called;
  }

  /** Null: containers do not reach this machine, or this machine does not reach them. */
  async #around(gateways: ReadonlyMap<string, string>): Promise<Surroundings | null> {
    const { engine, model, project } = this.#parts;
    const way = wayOf(engine);
    if (way === null) return null;
    const own = await Promise.all([...gateways].map(async ([name, at]) => ((await isOurs(at)) ? [[name, at]] : [])));
    return {
      services: model.services,
      way,
      gateways: new Map(own.flat() as [string, string][]),
      publishing: project.publishing,
      attachments: (spec) => project.attachments(spec, instanceId({ service: spec.id, index: 1 })),
    };
  }

  #spec(service: ServiceId): ServiceSpec | undefined {
    return this.#parts.model.services.find((one) => one.id === service);
  }
}

const keyOf = (link: LinkEdge): string => `link/${nameOf(link)}`;

function wayOf({ local, remote, address, operatingSystem }: RunEngine): Surroundings['way'] | null {
  if (local) return 'gateway';
  // Engines in a machine of their own know its name; a rootless one, or one at the other end of a tunnel, may lead nowhere.
  const isHere = remote !== true && /^(unix|npipe):/.test(address);
  return isHere && (process.platform !== 'linux' || operatingSystem === 'Docker Desktop') ? 'name' : null;
}
