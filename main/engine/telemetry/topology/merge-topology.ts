import type { ServiceView, Topology, TopologyNode } from '../../../contract/index.ts';
import type { DeclaredEdge, LinkTraffic } from '../../fleet/index.ts';
import type { FleetModel, ResourceSpec, ServiceSpec } from '../../fleet/model.ts';
import { declareEdges } from './declare-edges.ts';
import { Graph, type NodeDraft } from './graph.ts';
import { type Addresses, createResolver, isLoopback, type Resolver } from './resolver.ts';
import type { SeenCall, SeenMessages, SeenTopology } from './seen.ts';
import { isQueueSystem, productName, protocolOfSystem, systemKind } from './systems.ts';

export interface TopologyParts {
  /** What spans tell. */
  readonly seen: SeenTopology;
  /** The fleet; null when none is loaded. */
  readonly model: FleetModel | null;
  readonly declared: readonly DeclaredEdge[];
  /** How its services are. */
  readonly services: readonly ServiceView[];
  /** How far consumer groups are behind. */
  readonly lag: readonly { readonly group: string; readonly topic: string; readonly lag: number }[];
  /** Who listens where, so that `127.0.0.1:20412` in a span is a service again. */
  readonly addresses: Addresses;
  /** What links have counted in the range, by their names (`linkName`). */
  readonly links?: ReadonlyMap<string, LinkTraffic>;
  /** Number of partitions by topic, where it is known. */
  readonly partitions?: ReadonlyMap<string, number>;
}

/**
 * One picture of what the fleet's file says, what the runtime knows and what spans have shown: a node for each service, for what
 * is inside one (topics, databases) and for what is called outside; an edge for each pair that talks or says that it would.
 */
export function mergeTopology(parts: TopologyParts): Topology {
  return new Merge(parts).run();
}

class Merge {
  readonly #parts: TopologyParts;
  readonly #graph = new Graph();
  readonly #resolver: Resolver;
  readonly #views: ReadonlyMap<string, ServiceView>;

  constructor(parts: TopologyParts) {
    this.#parts = parts;
    this.#resolver = createResolver(parts.model, parts.addresses);
    this.#views = new Map(parts.services.map((view): [string, ServiceView] => [view.id, view]));
  }

  run(): Topology {
    const { seen, model, declared } = this.#parts;
    for (const service of model?.services ?? []) this.#graph.addNode(this.#serviceNode(service));
    for (const resource of model?.resources ?? []) this.#resource(resource);
    for (const call of seen.calls) {
      const to = this.#target(call);
      if (to !== null) this.#graph.addTraffic(this.#service(call.caller), to, protocolOf(call), call);
    }
    for (const messages of seen.messages) this.#messages(messages);
    for (const { service } of seen.services) this.#service(service);
    this.#lag();
    declareEdges(this.#graph, model, declared, this.#counted());
    const served = new Map(seen.services.map((service) => [service.service, service]));
    return {
      range: { from: new Date(seen.fromMs).toISOString(), to: new Date(seen.toMs).toISOString() },
      nodes: this.#graph.nodes(seen.seconds, served),
      edges: this.#graph.edges(seen.seconds),
    };
  }

  /** What links have counted of services that send no spans: of the others, spans tell more. */
  #counted(): ReadonlyMap<string, LinkTraffic> {
    const { seen, links = new Map<string, LinkTraffic>() } = this.#parts;
    const told = new Set([
      ...seen.calls.map((call) => call.caller),
      ...[...seen.messages, ...seen.services].map((one) => one.service),
    ]);
    return new Map([...links].filter(([name]) => !told.has(name.slice(0, name.indexOf(':')))));
  }

  /** The node of a service by its id; one that is not of the fleet but sends spans gets a node too. */
  #service(id: string): string {
    const spec = this.#resolver.byId(id);
    if (spec !== undefined) return spec.id;
    return this.#graph.addNode({
      ...outside,
      id,
      kind: 'service',
      label: id,
      detail: this.#parts.model === null ? '' : 'not of this fleet',
    });
  }

  #serviceNode(service: ServiceSpec): NodeDraft {
    const protocols = [...new Set(service.ports.map((port) => port.protocol))].filter((protocol) => protocol !== 'tcp');
    const replicas = this.#views.get(service.id)?.instances.length ?? service.replicas;
    const names = service.kind === 'service' || service.kind === 'job' ? protocols : protocols.map(productName);
    return {
      id: service.id,
      kind: service.kind === 'job' ? 'service' : service.kind,
      label: service.id,
      detail: [names.join(', '), replicas > 1 ? `${replicas} replicas` : ''].filter((part) => part !== '').join(' · '),
      health: healthOf(this.#views.get(service.id)),
      service: service.id,
      parent: null,
    };
  }

  #resource(resource: ResourceSpec): void {
    const holder = this.#resolver.byId(resource.service);
    if (holder === undefined) return;
    const protocol = holder.ports.find((port) => port.protocol !== 'tcp')?.protocol ?? '';
    this.#graph.addNode(this.#inside(holder, resource.kind, resource.name, protocol));
  }

  /** A topic, queue or database inside a service of the fleet. */
  #inside(holder: ServiceSpec, kind: 'topic' | 'queue' | 'database', name: string, system: string): NodeDraft {
    const partitions = this.#parts.partitions?.get(name);
    const counted = partitions === 1 ? '1 partition' : `${partitions} partitions`;
    return {
      id: `${holder.id}/${name}`,
      kind,
      label: kind === 'database' ? `${name} db` : name,
      detail: kind !== 'database' && partitions !== undefined ? counted : productName(system),
      health: healthOf(this.#views.get(holder.id)),
      service: holder.id,
      parent: holder.id,
    };
  }

  /** The node that a call goes to; null when the span does not say. */
  #target(call: SeenCall): string | null {
    if (call.callee !== null) return this.#service(call.callee);
    const kind = systemKind(call.system);
    const stored = kind === 'database' || kind === 'cache';
    const found = this.#resolver.byAddress(call.peer, call.port);
    const service =
      found ??
      (stored && (call.peer === '' || isLoopback(call.peer)) ? this.#resolver.bySystem(call.system) : undefined);
    if (service !== undefined) {
      // A cache's databases are numbers that nobody thinks of as things of their own.
      const name = kind === 'database' ? databaseName(call) || this.#onlyDatabase(call) : '';
      return name === '' ? service.id : this.#graph.addNode(this.#inside(service, 'database', name, call.system));
    }
    const host = isLoopback(call.peer) && call.port > 0 ? `127.0.0.1:${call.port}` : call.peer;
    const id = host !== '' ? host : call.system;
    if (id === '') return null;
    if (kind === 'cache')
      return this.#graph.addNode({ ...outside, id, kind, label: id, detail: productName(call.system) });
    if (kind !== 'database')
      return this.#graph.addNode({ ...outside, id, kind: 'external', label: id, detail: protocolOf(call) });
    const name = databaseName(call);
    return this.#graph.addNode({
      ...outside,
      id: name === '' ? id : `${id}/${name}`,
      kind: 'database',
      label: name === '' ? id : `${name} db`,
      detail: productName(call.system),
    });
  }

  /** Spans of connecting name no database: they belong to the one that the caller uses otherwise, where it is one. */
  #onlyDatabase({ caller, system, peer, port }: SeenCall): string {
    const names = new Set<string>();
    for (const other of this.#parts.seen.calls) {
      const same = other.caller === caller && other.system === system && other.peer === peer && other.port === port;
      if (same && other.target !== '') names.add(databaseName(other));
    }
    return names.size === 1 ? [...names].join('') : '';
  }

  #messages(messages: SeenMessages): void {
    const { system, destination, peer, port } = messages;
    const broker = this.#resolver.byAddress(peer, port) ?? this.#resolver.bySystem(system);
    const kind = isQueueSystem(system) ? 'queue' : 'topic';
    const id = this.#graph.addNode(
      broker !== undefined
        ? this.#inside(broker, kind, destination, system)
        : {
            ...outside,
            id: `${system || 'messages'}/${destination}`,
            kind,
            label: destination,
            detail: productName(system),
          },
    );
    const service = this.#service(messages.service);
    const [from, to] = messages.direction === 'produce' ? [service, id] : [id, service];
    this.#graph.addTraffic(from, to, protocolOfSystem(system), messages);
  }

  /** A group belongs to the service whose spans name it, else to the one it is named after. */
  #lag(): void {
    const consumers = this.#parts.seen.messages.filter((messages) => messages.direction === 'consume');
    for (const { group, topic, lag } of this.#parts.lag) {
      const ofTopic = consumers.filter((messages) => messages.destination === topic);
      const consumer =
        ofTopic.find((messages) => messages.group === group) ??
        ofTopic.find((messages) => messages.service === group) ??
        ofTopic.find((messages) => messages.group === null && group.startsWith(messages.service));
      if (consumer === undefined) continue;
      const broker = this.#resolver.byAddress(consumer.peer, consumer.port) ?? this.#resolver.bySystem(consumer.system);
      if (broker !== undefined) this.#graph.setLag(`${broker.id}/${topic}`, consumer.service, lag);
    }
  }
}

const outside = { health: 'none', service: null, parent: null } as const;

/** PostgreSQL's namespace is `database|schema` where the schema is known. */
function databaseName(call: SeenCall): string {
  return call.target.split('|')[0] ?? call.target;
}

function protocolOf(call: SeenCall): string {
  if (call.graphql) return 'graphql';
  if (call.system !== '') return protocolOfSystem(call.system);
  return call.http ? 'http' : '';
}

function healthOf(view: ServiceView | undefined): TopologyNode['health'] {
  switch (view?.state) {
    case undefined:
      return 'unknown';
    case 'stopped':
    case 'exited':
      return 'stopped';
    case 'failed':
    case 'backoff':
      return 'unhealthy';
    case 'waiting':
    case 'starting':
      return 'starting';
    default:
      return view?.health ?? 'unknown';
  }
}
