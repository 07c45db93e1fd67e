import type { DeclaredEdge } from '../../fleet/index.ts';
import type { FleetModel, ServiceSpec } from '../../fleet/model.ts';
import type { Graph } from './graph.ts';

/**
 * Adds the edges that the fleet's file declares and no traffic has shown. An address of a database server whose URL names the
 * database is an edge to that database; one of a broker vanishes once messages to or from one of its topics were seen.
 */
export function declareEdges(graph: Graph, model: FleetModel | null, declared: readonly DeclaredEdge[]): void {
  const services = new Map((model?.services ?? []).map((service): [string, ServiceSpec] => [service.id, service]));
  for (const edge of declared) {
    const to = services.get(edge.to);
    const holdsOthers = to?.kind === 'database' || to?.kind === 'broker' || to?.kind === 'queue';
    const database = to?.kind === 'database' ? databaseOf(services.get(edge.from), edge) : null;
    const child = database === null ? null : `${edge.to}/${database}`;
    if (child !== null && graph.hasNode(child)) {
      if (!graph.seenBetween(edge.from, child, false)) graph.declareEdge(edge.from, child, edge.protocol);
    } else if (!graph.seenBetween(edge.from, edge.to, holdsOthers)) {
      graph.declareEdge(edge.from, edge.to, edge.protocol);
    }
  }
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
