import type { LinkStats } from '../links/index.ts';

/** What one link passed within a time. */
export interface LinkTraffic {
  /** Connections that are open at its end. */
  readonly open: number;
  readonly bytesPerSecond: number;
  /** Zero where its protocol has none that can be told apart. */
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Answers that are failures: 5xx, or a status of gRPC that is not OK. */
  readonly errors: number;
}

interface Counts {
  readonly open: number;
  readonly bytes: number;
  readonly requests: number;
  readonly errors: number;
}

interface Sample {
  readonly atMs: number;
  readonly links: ReadonlyMap<string, Counts>;
}

const KEPT = 300;

/** What links had counted at several times, so that what they passed in between can be told. */
export class LinkCounts {
  #samples: Sample[] = [];

  take(stats: Readonly<Record<string, LinkStats>>, atMs: number): void {
    const links = new Map(Object.entries(stats).map(([name, one]) => [name, countsOf(one)]));
    this.#samples.push({ atMs, links });
    if (this.#samples.length > KEPT) this.#samples.shift();
  }

  /** By the link's name, as far as the range was measured; empty where it was not. */
  between(fromMs: number, toMs: number): Map<string, LinkTraffic> {
    const last = this.#samples.findLast(({ atMs }) => atMs <= toMs);
    const first = this.#samples.findLast(({ atMs }) => atMs <= fromMs) ?? this.#samples[0];
    const found = new Map<string, LinkTraffic>();
    if (last === undefined || first === undefined || last.atMs <= first.atMs) return found;
    const seconds = (last.atMs - first.atMs) / 1000;
    for (const [name, now] of last.links) found.set(name, trafficOf(first.links.get(name), now, seconds));
    return found;
  }
}

function trafficOf(before: Counts | undefined, now: Counts, seconds: number): LinkTraffic {
  // Less than before: they were made anew and began at nothing.
  const isNew = before === undefined || now.bytes < before.bytes || now.requests < before.requests;
  const since = (pick: (counts: Counts) => number): number => pick(now) - (isNew ? 0 : pick(before));
  const requests = since((counts) => counts.requests);
  return {
    open: now.open,
    bytesPerSecond: since((counts) => counts.bytes) / seconds,
    requests,
    requestsPerSecond: requests / seconds,
    errors: since((counts) => counts.errors),
  };
}

function countsOf({ connections, bytes, http }: LinkStats): Counts {
  return {
    open: connections.open,
    bytes: bytes.upstream + bytes.downstream,
    requests: http.requests,
    errors: http.responses['5xx'] + http.grpcErrors,
  };
}
