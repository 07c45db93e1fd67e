import type { TopologyEdge } from '../../main/contract/index.ts';
import { formatBytes, formatRate } from '../ui/format.ts';

/** How much goes over an edge: requests, or bytes where its link has counted nothing else. */
export function edgeRate({ count, ratePerSecond, link }: TopologyEdge): string {
  return link && count === 0 ? `${formatBytes(Math.round(link.bytesPerSecond))}/s` : formatRate(ratePerSecond);
}
