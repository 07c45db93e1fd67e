import { randomUUID } from 'node:crypto';
import { ErrorCode } from '../../../../../kafka-protocol/index.ts';
import { type JoinAnswer, Member, type MemberOptions, type Protocol, type SyncAnswer } from './member.ts';

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';

export const MAX_MEMBERS = 1000;
const NO_BYTES = Buffer.alloc(0);

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

/**
 * One consumer group of the classic protocol (KIP-62, with static members of KIP-345): its members meet in
 * PreparingRebalance, one of them assigns in CompletingRebalance, all work in Stable.
 */
export class Group {
  readonly id: string;
  state: GroupState = 'Empty';
  generationId = 0;
  protocolType: string | null = null;
  protocolName: string | null = null;
  leaderId: string | null = null;
  /** When it last became empty (epoch ms): committed offsets are kept for a while from then on. */
  emptySinceMs = Date.now();
  private readonly initialDelayMs: number;
  private readonly members = new Map<string, Member>();
  private readonly staticIds = new Map<string, string>();
  /** Ids given out by KIP-394 that have not joined yet. */
  private readonly pending = new Map<string, NodeJS.Timeout>();
  private joinTimer: NodeJS.Timeout | null = null;
  private syncTimer: NodeJS.Timeout | null = null;
  private gathering = false;

  constructor(id: string, initialDelayMs: number) {
    this.id = id;
    this.initialDelayMs = initialDelayMs;
  }

  allMembers(): Member[] {
    return [...this.members.values()];
  }

  /** Whether someone was given an id and has not joined with it yet. */
  get expectsMembers(): boolean {
    return this.pending.size > 0;
  }

  join(request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    if (!this.supports(request)) return joinError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, request.memberId);
    if (request.memberId === '') return this.joinNew(request);
    const fenced = this.identityError(request.memberId, request.instanceId);
    const member = this.members.get(request.memberId);
    if (member === undefined) {
      const timer = this.pending.get(request.memberId);
      if (timer === undefined) return joinError(fenced, request.memberId);
      clearTimeout(timer);
      this.pending.delete(request.memberId);
      return this.addMember(request.memberId, request);
    }
    if (fenced !== ErrorCode.NONE) return joinError(fenced, request.memberId);
    return this.rejoin(member, request);
  }

  private joinNew(request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    if (this.members.size + this.pending.size >= MAX_MEMBERS) {
      return joinError(ErrorCode.GROUP_MAX_SIZE_REACHED, '');
    }
    const known = request.instanceId === null ? undefined : this.staticIds.get(request.instanceId);
    const member = known === undefined ? undefined : this.members.get(known);
    const newId = `${request.instanceId ?? request.clientId}-${randomUUID()}`;
    if (member !== undefined) return this.replaceStatic(member, newId, request);
    if (request.instanceId === null && request.needsMemberId) {
      const forget = () => {
        this.pending.delete(newId);
        this.completeJoinIfAllHere();
      };
      this.pending.set(newId, setTimeout(forget, request.sessionTimeoutMs));
      return joinError(ErrorCode.MEMBER_ID_REQUIRED, newId);
    }
    return this.addMember(newId, request);
  }

  private addMember(id: string, request: JoinRequest): Promise<JoinAnswer> {
    const member = new Member(optionsOf(id, request));
    this.members.set(id, member);
    if (request.instanceId !== null) this.staticIds.set(request.instanceId, id);
    this.leaderId ??= id;
    if (this.state === 'Empty') this.protocolType = request.protocolType;
    return this.awaitRebalance(member);
  }

  private awaitRebalance(member: Member): Promise<JoinAnswer> {
    const answer = member.awaitJoin(joinError(ErrorCode.REBALANCE_IN_PROGRESS, member.id));
    if (this.state === 'PreparingRebalance') this.completeJoinIfAllHere();
    else this.prepareRebalance();
    return answer;
  }

  private rejoin(member: Member, request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    const unchanged = member.hasProtocols(request.protocols);
    const keepsGeneration =
      (this.state === 'CompletingRebalance' && unchanged) ||
      (this.state === 'Stable' && unchanged && member.id !== this.leaderId);
    if (keepsGeneration) {
      this.touch(member);
      return this.joinAnswer(member);
    }
    if (this.state === 'Empty') return joinError(ErrorCode.UNKNOWN_MEMBER_ID, member.id);
    member.update(optionsOf(member.id, request));
    return this.awaitRebalance(member);
  }

  /** A static member came back under a new id: it takes the old one's place, and its assignment if nothing else changed. */
  private replaceStatic(member: Member, newId: string, request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    const oldId = member.id;
    const unchanged = member.hasProtocols(request.protocols);
    member.answerJoin(joinError(ErrorCode.FENCED_INSTANCE_ID, oldId));
    member.answerSync(syncError(ErrorCode.FENCED_INSTANCE_ID));
    const previousLeader = this.leaderId;
    this.members.delete(oldId);
    member.id = newId;
    member.update(optionsOf(newId, request));
    this.members.set(newId, member);
    if (member.instanceId !== null) this.staticIds.set(member.instanceId, newId);
    if (previousLeader === oldId) this.leaderId = newId;
    if (this.state !== 'Stable' || !unchanged) return this.awaitRebalance(member);
    this.touch(member);
    const answer = this.joinAnswer(member);
    if (previousLeader !== oldId) return answer;
    // An old client that is told it leads would assign again, and nobody would be there to hear it.
    return request.canSkipAssignment ? { ...answer, skipAssignment: true } : { ...answer, leader: oldId, members: [] };
  }

  private supports(request: JoinRequest): boolean {
    if (request.protocolType === '' || request.protocols.length === 0) return false;
    if (this.members.size === 0) return true;
    if (request.protocolType !== this.protocolType) return false;
    const others = this.allMembers().filter(({ id }) => id !== request.memberId);
    return request.protocols.some(({ name }) =>
      others.every((other) => other.protocols.some((own) => own.name === name)),
    );
  }

  private identityError(memberId: string, instanceId: string | null): number {
    if (instanceId !== null) {
      const current = this.staticIds.get(instanceId);
      if (current === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
      if (current !== memberId) return ErrorCode.FENCED_INSTANCE_ID;
    }
    return this.members.has(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
  }

  private prepareRebalance(): void {
    if (this.state === 'CompletingRebalance') {
      for (const member of this.members.values()) {
        member.assignment = NO_BYTES;
        if (!member.awaitsSync) continue;
        member.answerSync(syncError(ErrorCode.REBALANCE_IN_PROGRESS));
        this.touch(member);
      }
    }
    this.clearTimers();
    this.gathering = this.state === 'Empty' && this.initialDelayMs > 0;
    this.state = 'PreparingRebalance';
    if (this.gathering) this.gather(this.initialDelayMs, this.longestRebalanceMs(), this.members.size);
    else {
      this.joinTimer = setTimeout(() => this.completeJoin(), this.longestRebalanceMs());
      this.completeJoinIfAllHere();
    }
  }

  /** The first members of a group wait for each other: each newcomer prolongs it, up to the rebalance timeout. */
  private gather(delayMs: number, leftMs: number, seen: number): void {
    const wait = Math.min(delayMs, leftMs);
    this.joinTimer = setTimeout(() => {
      if (this.members.size > seen && leftMs > wait) this.gather(delayMs, leftMs - wait, this.members.size);
      else this.completeJoin();
    }, wait);
  }

  private longestRebalanceMs(): number {
    let longest = 0;
    for (const member of this.members.values()) longest = Math.max(longest, member.rebalanceTimeoutMs);
    return longest;
  }

  private completeJoinIfAllHere(): void {
    if (this.state !== 'PreparingRebalance' || this.gathering || this.pending.size > 0) return;
    if (this.allMembers().every((member) => member.awaitsJoin)) this.completeJoin();
  }

  private completeJoin(): void {
    this.clearTimers();
    this.gathering = false;
    for (const member of this.allMembers()) {
      if (!member.awaitsJoin && member.instanceId === null) this.forget(member);
    }
    const joined = this.allMembers().filter((member) => member.awaitsJoin);
    const leader = joined.find(({ id }) => id === this.leaderId) ?? joined[0];
    if (leader === undefined && this.members.size > 0) {
      // Only static members, all away: they have until their sessions end.
      this.joinTimer = setTimeout(() => this.completeJoin(), this.longestRebalanceMs());
      return;
    }
    this.generationId += 1;
    this.leaderId = leader?.id ?? null;
    if (leader === undefined) {
      this.becomeEmpty();
      return;
    }
    this.protocolName = this.electProtocol();
    this.state = 'CompletingRebalance';
    this.syncTimer = setTimeout(() => this.dropUnsynced(), this.longestRebalanceMs());
    for (const member of joined) {
      this.touch(member);
      member.answerJoin(this.joinAnswer(member));
    }
  }

  private becomeEmpty(): void {
    this.state = 'Empty';
    this.protocolName = null;
    this.leaderId = null;
    this.emptySinceMs = Date.now();
  }

  private dropUnsynced(): void {
    if (this.state !== 'CompletingRebalance') return;
    for (const member of this.allMembers()) if (!member.awaitsSync) this.forget(member);
    this.prepareRebalance();
  }

  /** The protocol that all members speak and most of them name first. */
  private electProtocol(): string | null {
    const members = this.allMembers();
    const votes = new Map<string, number>();
    for (const member of members) {
      const choice = member.protocols.find(({ name }) =>
        members.every((other) => other.protocols.some((own) => own.name === name)),
      );
      if (choice !== undefined) votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1);
    }
    let elected: string | null = null;
    for (const [name, count] of votes) if (elected === null || count > (votes.get(elected) ?? 0)) elected = name;
    return elected;
  }

  private joinAnswer(member: Member): JoinAnswer {
    const leads = member.id === this.leaderId;
    const describe = (other: Member) => ({
      memberId: other.id,
      groupInstanceId: other.instanceId,
      metadata: other.metadataFor(this.protocolName),
    });
    return {
      errorCode: ErrorCode.NONE,
      generationId: this.generationId,
      protocolType: this.protocolType,
      protocolName: this.protocolName,
      leader: this.leaderId ?? '',
      skipAssignment: false,
      memberId: member.id,
      members: leads ? this.allMembers().map(describe) : [],
    };
  }

  sync(request: SyncRequest): SyncAnswer | Promise<SyncAnswer> {
    const identity = this.identityError(request.memberId, request.instanceId);
    if (identity !== ErrorCode.NONE) return syncError(identity);
    const member = this.members.get(request.memberId);
    if (member === undefined || this.state === 'Empty') return syncError(ErrorCode.UNKNOWN_MEMBER_ID);
    if (request.generationId !== this.generationId) return syncError(ErrorCode.ILLEGAL_GENERATION);
    const otherType = request.protocolType !== null && request.protocolType !== this.protocolType;
    const otherName = request.protocolName !== null && request.protocolName !== this.protocolName;
    if (otherType || otherName) return syncError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    if (this.state === 'PreparingRebalance') return syncError(ErrorCode.REBALANCE_IN_PROGRESS);
    if (this.state === 'Stable') {
      this.touch(member);
      return this.syncAnswer(member);
    }
    const answer = member.awaitSync(syncError(ErrorCode.REBALANCE_IN_PROGRESS));
    if (member.id === this.leaderId) this.becomeStable(request.assignments);
    return answer;
  }

  private becomeStable(assignments: SyncRequest['assignments']): void {
    const byMember = new Map(assignments.map(({ memberId, assignment }) => [memberId, Buffer.from(assignment)]));
    this.clearTimers();
    this.state = 'Stable';
    // Who has not asked for its assignment yet may still do so while its session runs.
    for (const member of this.members.values()) {
      member.assignment = byMember.get(member.id) ?? NO_BYTES;
      if (!member.awaitsJoin) this.touch(member);
      member.answerSync(this.syncAnswer(member));
    }
  }

  private syncAnswer(member: Member): SyncAnswer {
    const { protocolType, protocolName } = this;
    return { errorCode: ErrorCode.NONE, protocolType, protocolName, assignment: member.assignment };
  }

  /** @returns the error code of a heartbeat. */
  heartbeat(memberId: string, instanceId: string | null, generationId: number): number {
    const identity = this.identityError(memberId, instanceId);
    const member = this.members.get(memberId);
    if (identity !== ErrorCode.NONE || member === undefined) return identity;
    if (this.state === 'Empty') return ErrorCode.UNKNOWN_MEMBER_ID;
    if (generationId !== this.generationId) return ErrorCode.ILLEGAL_GENERATION;
    this.touch(member);
    return this.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  }

  /** @returns the error code for one member that leaves. An instance id alone names a static member. */
  leave(memberId: string, instanceId: string | null): number {
    const id = memberId === '' && instanceId !== null ? this.staticIds.get(instanceId) : memberId;
    if (id === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    const timer = this.pending.get(id);
    if (timer !== undefined) {
      clearTimeout(timer);
      this.pending.delete(id);
      this.completeJoinIfAllHere();
      return ErrorCode.NONE;
    }
    const identity = this.identityError(id, instanceId);
    const member = this.members.get(id);
    if (identity !== ErrorCode.NONE || member === undefined) return identity;
    this.remove(member);
    return ErrorCode.NONE;
  }

  /** @returns whether offsets may be committed with this identity. */
  commitError(memberId: string, instanceId: string | null, generationId: number): number {
    // Without a generation it is a tool or a consumer that assigns itself: fine while nobody is in the group.
    if (generationId < 0 && memberId === '' && instanceId === null) {
      return this.members.size === 0 ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
    }
    const identity = this.identityError(memberId, instanceId);
    if (identity !== ErrorCode.NONE) return identity;
    if (generationId !== this.generationId) return ErrorCode.ILLEGAL_GENERATION;
    if (this.state === 'CompletingRebalance') return ErrorCode.REBALANCE_IN_PROGRESS;
    const member = this.members.get(memberId);
    if (member !== undefined) this.touch(member);
    return ErrorCode.NONE;
  }

  private touch(member: Member): void {
    if (!member.awaitsJoin || this.state !== 'PreparingRebalance') member.startSession(() => this.expire(member));
  }

  private expire(member: Member): void {
    if (!member.awaitsJoin && this.members.get(member.id) === member) this.remove(member);
  }

  private remove(member: Member): void {
    this.forget(member);
    if (this.state === 'PreparingRebalance') this.completeJoinIfAllHere();
    else if (this.state === 'Stable' || this.state === 'CompletingRebalance') this.prepareRebalance();
  }

  private forget(member: Member): void {
    member.stopSession();
    member.answerJoin(joinError(ErrorCode.UNKNOWN_MEMBER_ID, member.id));
    member.answerSync(syncError(ErrorCode.UNKNOWN_MEMBER_ID));
    this.members.delete(member.id);
    if (member.instanceId !== null) this.staticIds.delete(member.instanceId);
    if (this.leaderId === member.id) this.leaderId = this.allMembers()[0]?.id ?? null;
  }

  private clearTimers(): void {
    if (this.joinTimer !== null) clearTimeout(this.joinTimer);
    if (this.syncTimer !== null) clearTimeout(this.syncTimer);
    this.joinTimer = null;
    this.syncTimer = null;
  }

  /** Ends everything that waits: the group is deleted, or the broker stops. */
  close(): void {
    this.clearTimers();
    for (const timer of this.pending.values()) clearTimeout(timer);
    this.pending.clear();
    for (const member of this.allMembers()) this.forget(member);
    this.state = 'Dead';
  }
}

function optionsOf(id: string, request: JoinRequest): MemberOptions {
  // The metadata outlives the request: a view would keep the whole network buffer alive.
  const protocols = request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) }));
  const { instanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs } = request;
  return { id, instanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs, protocols };
}

export function joinError(errorCode: number, memberId: string): JoinAnswer {
  return {
    errorCode,
    generationId: -1,
    protocolType: null,
    protocolName: '',
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  };
}

export function syncError(errorCode: number): SyncAnswer {
  return { errorCode, protocolType: null, protocolName: null, assignment: NO_BYTES };
}
