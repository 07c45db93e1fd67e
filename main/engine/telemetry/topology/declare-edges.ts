import { linkName } from '../../../contract/index.ts';
import type { DeclaredEdge, LinkTraffic } from '../../fleet/index.ts';
import type { FleetModel, ServiceSpec } from '../../fleet/model.ts';
import type { Graph } from './graph.ts';

/**
 * Adds the edges that the fleet's file declares and no traffic has shown. An address of a database server whose URL names the
 * database is an edge to that database; one of a broker vanishes once messages to or from one of its topics were seen. What the
 * edge's link has counted is its traffic, unless calls to several databases pass the same link.
 */
export function declareEdges(
  graph: Graph,
  model: FleetModel | null,
  declared: readonly DeclaredEdge[],
  links: ReadonlyMap<string, LinkTraffic>,
): void {
  const unseen = unseenEdges(graph, model, declared);
  const targets = new Map<string, Set<string>>();
  for (const { link, to } of unseen) targets.set(link, (targets.get(link) ?? new Set()).add(to));
  for (const { edge, link, to } of unseen) {
    const counted = targets.get(link)?.size === 1 ? links.get(link) : undefined;
    // Another variable with the same address is the same link.
    targets.delete(link);
    graph.declareEdge(edge.from, to, edge.protocol, counted);
  }
}

interface UnseenEdge {
  readonly edge: DeclaredEdge;
  /** The id of a node. */
  readonly to: string;
  readonly link: string;
}

function unseenEdges(graph: Graph, model: FleetModel | null, declared: readonly DeclaredEdge[]): UnseenEdge[] {
  const unseen: UnseenEdge[] = [];
  const services = new Map((model?.services ?? []).map((service): [string, ServiceSpec] => [service.id, service]));
  for (const edge of declared) {
    const kind = services.get(edge.to)?.kind;
    const holdsOthers = kind === 'database' || kind === 'broker' || kind === 'queue';
    const database = kind === 'database' ? databaseOf(services.get(edge.from), edge) : null;
    const child = database === null ? null : `${edge.to}/${database}`;
    const isInside = child !== null && graph.hasNode(child);
    const to = isInside ? child : edge.to;
    if (graph.seenBetween(edge.from, to, !isInside && holdsOthers)) continue;
    unseen.push({ edge, to, link: linkName(edge.from, edge.to, edge.port.containerPort) });
  }
  return unseen;
}

/** The database that a variable's URL names (`postgres://orders:…@postgres:5432/orders`), or a variable beside it (`DB_NAME`). */
function databaseOf(service: ServiceSpec | undefined, { to, port, variable }: DeclaredEdge): string | null {
  const environment = { ...plainValues(service), ...service?.process?.environment };
  const value = environment[variable] ?? '';
  for (const address of [`${to}:${port.containerPort}`, to]) {
    const at = value.lastIndexOf(`${address}/`);
    const name = at < 0 ? undefined : /^[^/?#;,\s]+/.exec(value.slice(at + address.length + 1))?.[0];
    if (name !== undefined) return safeDecode(name);
  }
  const prefix = /^(.*?)_?(HOST|HOSTNAME|SERVER|ADDR|ADDRESS)$/i.exec(variable)?.[1];
  if (prefix === undefined) return null;
  const beside = ['NAME', 'DATABASE', 'DB'].map((end) => environment[prefix === '' ? end : `${prefix}_${end}`]);
  return beside.find((name) => name !== undefined && name !== '') ?? null;
}

function plainValues(service: ServiceSpec | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(service?.environment ?? {}).map(([name, { value }]) => [name, value]));
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
