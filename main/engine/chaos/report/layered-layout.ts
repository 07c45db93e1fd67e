import { groupBy } from '../../group-by.ts';

export interface GraphNode {
  readonly id: string;
  /** Stores, brokers and what is outside: they stand in the last column. */
  readonly isStore: boolean;
}
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
}

const SWEEPS = 8;

/**
 * Columns of nodes from callers to callees, each ordered so that edges cross little: layers by longest paths, order by the
 * barycentre of neighbours (Sugiyama, Tagawa, Toda, 1981). Calls that close a circle are left out of account.
 */
export function layeredLayout(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): string[][] {
  const stores = new Set(nodes.filter((one) => one.isStore).map((one) => one.id));
  const layers = layersOf(
    nodes.filter((one) => !one.isStore).map((one) => one.id),
    edges.filter(({ from, to }) => !stores.has(from) && !stores.has(to)),
  );
  const deepest = Math.max(-1, ...layers.values());
  const columns: string[][] = Array.from({ length: deepest + 1 + (stores.size > 0 ? 1 : 0) }, () => []);
  for (const [id, layer] of layers) columns[layer]?.push(id);
  for (const id of stores) columns[deepest + 1]?.push(id);
  const neighbours = neighboursOf(edges);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const order = sweep % 2 === 0 ? columns : [...columns].reverse();
    for (const column of order) sortByNeighbours(column, columns, neighbours);
  }
  return columns;
}

function layersOf(ids: readonly string[], edges: readonly GraphEdge[]): Map<string, number> {
  const callees = groupBy(edges, (edge) => edge.from);
  const called = new Set(edges.filter(({ from, to }) => from !== to).map((edge) => edge.to));
  const layers = new Map<string, number>();
  const visit = (id: string, layer: number, path: ReadonlySet<string>): void => {
    if (path.has(id) || layer > ids.length || (layers.get(id) ?? -1) >= layer) return;
    layers.set(id, layer);
    const next = new Set(path).add(id);
    for (const { to } of callees.get(id) ?? []) visit(to, layer + 1, next);
  };
  // Those that call others and are not called begin; what stands alone, as a consumer does, joins the last of them.
  const roots = ids.filter((id) => !called.has(id) && callees.has(id));
  for (const id of roots) visit(id, 0, new Set());
  for (const id of ids) if (!layers.has(id) && callees.has(id)) visit(id, 0, new Set());
  const last = Math.max(0, ...layers.values());
  for (const id of ids) if (!layers.has(id)) layers.set(id, last);
  return layers;
}

function neighboursOf(edges: readonly GraphEdge[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (from: string, to: string): void => {
    const list = found.get(from) ?? [];
    list.push(to);
    found.set(from, list);
  };
  for (const { from, to } of edges) {
    add(from, to);
    add(to, from);
  }
  return found;
}

function sortByNeighbours(column: string[], columns: string[][], neighbours: Map<string, string[]>): void {
  const places = new Map(columns.flatMap((one) => one.map((id, at) => [id, (at + 0.5) / one.length] as const)));
  const weight = (id: string): number => {
    const found = (neighbours.get(id) ?? []).map((other) => places.get(other) ?? 0.5);
    return found.length === 0 ? (places.get(id) ?? 0.5) : found.reduce((sum, one) => sum + one, 0) / found.length;
  };
  const weights = new Map(column.map((id) => [id, weight(id)]));
  column.sort((a, b) => (weights.get(a) ?? 0) - (weights.get(b) ?? 0));
}
