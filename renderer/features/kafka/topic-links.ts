import type { Topology } from '../../../main/contract/index.ts';

export interface TopicLinks {
  readonly producers: readonly string[];
  readonly consumers: readonly string[];
}

/** Who writes to a topic and who reads from it, as far as the topology knows. */
export function topicLinks(topology: Topology | undefined, topic: string): TopicLinks {
  const node = topology?.nodes.find((one) => one.kind === 'topic' && one.label === topic);
  if (!topology || !node) return { producers: [], consumers: [] };
  const sorted = (ids: readonly string[]): string[] => [...new Set(ids)].sort();
  return {
    producers: sorted(topology.edges.filter((edge) => edge.to === node.id).map((edge) => edge.from)),
    consumers: sorted(topology.edges.filter((edge) => edge.from === node.id).map((edge) => edge.to)),
  };
}
