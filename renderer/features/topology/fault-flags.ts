import type { FaultKind, FaultView, Topology } from '../../../main/contract/index.ts';
import { faultsOnEdge, faultsOnService, flagText } from '../../app/faults.ts';
import { edgeId } from './graph-model.ts';

/** The parameters that name what lies inside a service: a fault on a topic is on no other. */
const PARTS = ['topic', 'database'];

/** Whether a fault on a service is on what is drawn for it or in its place: all of that, unless it names one that is drawn. */
function isIn(id: string, service: string, { parameters }: FaultView, nodes: ReadonlyMap<string, unknown>): boolean {
  const named = PARTS.flatMap((part) => (part in parameters ? [`${service}/${parameters[part]}`] : []));
  const drawn = named.filter((one) => nodes.has(one));
  return drawn.length === 0 || drawn.includes(id);
}

/**
 * The flags of what is injected, by the id of node or edge. What lies inside a service (its topics, its databases) carries the
 * service's, since it is drawn in its place.
 */
export function faultFlags(
  topology: Topology,
  faults: readonly FaultView[],
  kinds: readonly FaultKind[] | undefined,
  nowMs: number,
): Map<string, string> {
  const flags = new Map<string, string>();
  if (faults.length === 0) return flags;
  const put = (id: string, found: readonly FaultView[]): void => {
    const text = flagText(found, kinds, nowMs);
    if (text !== null) flags.set(id, text);
  };
  const nodes = new Map(topology.nodes.map((node) => [node.id as string, node]));
  for (const { id, service } of topology.nodes) {
    if (service)
      put(
        id,
        faultsOnService(faults, service).filter((fault) => isIn(id, service, fault, nodes)),
      );
  }
  for (const edge of topology.edges) {
    const from = nodes.get(edge.from);
    const to = nodes.get(edge.to);
    if (from && to) put(edgeId(edge.from, edge.to), faultsOnEdge(faults, from, to));
  }
  return flags;
}
