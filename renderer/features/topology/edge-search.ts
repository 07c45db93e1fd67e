import type { NodeKind, TraceSummary } from '../../../main/contract/index.ts';
import { quoteWord } from '../../app/use-log-tail.ts';

export interface EdgeSearch {
  /** In the search language. */
  readonly query: string;
  /** Of what the search finds, only traces that have both services. */
  readonly only: (trace: TraceSummary) => boolean;
}

interface End {
  readonly id: string;
  readonly kind: NodeKind;
  readonly label: string;
}

/** How to find traces that went over an edge. A search is about one span, so the edge's ends are matched by what each kind leaves on it. */
export function edgeSearch(from: End, to: End): EdgeSearch {
  const any = (): boolean => true;
  const topic = (node: End): string => `@messaging.destination.name:${quoteWord(node.label)}`;
  const service = (node: End): string => `service:${quoteWord(node.id)}`;
  if (to.kind === 'topic' || to.kind === 'queue') return { query: `${service(from)} ${topic(to)}`, only: any };
  if (from.kind === 'topic' || from.kind === 'queue') return { query: `${service(to)} ${topic(from)}`, only: any };
  if (to.kind === 'service') {
    return { query: service(to), only: (trace) => trace.services.includes(from.id) && trace.services.includes(to.id) };
  }
  return { query: `${service(from)} kind:client`, only: any };
}
