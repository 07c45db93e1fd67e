import type { MemberOptions, Protocol } from './member.ts';

export interface JoinRequest {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly Protocol[];
  /** KIP-394: a newcomer is first given an id, and joins with it in a second request. */
  readonly needsMemberId: boolean;
  /** KIP-814: a returning static leader is told not to assign again. */
  readonly canSkipAssignment: boolean;
}

export interface SyncRequest {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generationId: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignments: readonly { memberId: string; assignment: Buffer }[];
}

/** What a member is made of, or made anew of, when it joins. */
export function optionsOf(id: string, request: JoinRequest): MemberOptions {
  // The metadata outlives the request: a view would keep the whole network buffer alive.
  const protocols = request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) }));
  const { instanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs } = request;
  return { id, instanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs, protocols };
}
