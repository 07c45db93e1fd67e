import type { FaultKind, FaultView, Topology } from '../../../main/contract/index.ts';
import { faultsOnEdge, faultsOnService, flagText } from '../../app/faults.ts';
import { edgeId } from './graph-model.ts';

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
  for (const node of topology.nodes) if (node.service) put(node.id, faultsOnService(faults, node.service));
  for (const edge of topology.edges) {
    const from = nodes.get(edge.from);
    const to = nodes.get(edge.to);
    if (from && to) put(edgeId(edge.from, edge.to), faultsOnEdge(faults, from, to));
  }
  return flags;
}
