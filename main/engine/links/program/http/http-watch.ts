import type { RequestFaults } from './request-faults.ts';

export type StatusClass = '1xx' | '2xx' | '3xx' | '4xx' | '5xx';

/** What was seen of HTTP on a link, faults' own answers included. */
export interface HttpCounters {
  requests: number;
  readonly responses: Record<StatusClass, number>;
  /** gRPC answers with a status other than OK. */
  grpcErrors: number;
  /** Requests that a fault acted on. */
  faults: number;
}

/** The connection's side of a watch. Bytes given here stay valid only during the call. */
export interface HttpSide {
  toUpstream(chunk: Buffer): void;
  toClient(chunk: Buffer): void;
  endUpstream(): void;
  endClient(): void;
  /** A source that had to wait may be read on. */
  relieved(): void;
  close(): void;
  reset(): void;
}

/** What a watch knows of its link. */
export interface HttpContext {
  readonly faults: RequestFaults;
  readonly counters: HttpCounters;
  /** Whether there are HTTP faults, or requests are counted. */
  isWanted(): boolean;
}

/** Follows HTTP on a connection: all bytes of both directions go through it, changed or not. */
export interface HttpWatch {
  fromClient(chunk: Buffer): void;
  fromUpstream(chunk: Buffer): void;
  clientEnded(): void;
  upstreamEnded(): void;
  /** The link's HTTP faults changed: what only a removed one holds goes on. */
  changed(): void;
  /** The client, or upstream, should not be read on. */
  readonly isUpstreamBlocked: boolean;
  readonly isDownstreamBlocked: boolean;
  /** It has no more to do: bytes may go past it from here on. */
  readonly isOpaque: boolean;
  dispose(): void;
}

const classes: readonly StatusClass[] = ['1xx', '2xx', '3xx', '4xx', '5xx'];

/** Counts an answer. */
export function countResponse(counters: HttpCounters, status: number): void {
  const kind = classes[Math.floor(status / 100) - 1];
  if (kind !== undefined) counters.responses[kind] += 1;
}
