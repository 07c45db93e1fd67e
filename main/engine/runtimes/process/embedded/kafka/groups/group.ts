import { randomUUID } from 'node:crypto';
import { ErrorCode } from '../../../../../kafka-protocol/index.ts';
import { joinError, NO_BYTES, syncError } from './group-answers.ts';
import { type JoinRequest, optionsOf, type SyncRequest } from './group-requests.ts';
import { type JoinAnswer, Member, type SyncAnswer } from './member.ts';
import { Roster } from './roster.ts';

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';

export const MAX_MEMBERS = 1000;

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
  /** When it last became empty (epoch ms): committed offsets are kept for a while from then on. */
  emptySinceMs = Date.now();
  private readonly initialDelayMs: number;
  private readonly roster = new Roster();
  private joinTimer: NodeJS.Timeout | null = null;
  private syncTimer: NodeJS.Timeout | null = null;
  private gathering = false;

  constructor(id: string, initialDelayMs: number) {
    this.id = id;
    this.initialDelayMs = initialDelayMs;
  }

  allMembers(): Member[] {
    return this.roster.all();
  }

  get leaderId(): string | null {
    return this.roster.leaderId;
  }

  /** Whether someone was given an id and has not joined with it yet. */
  get expectsMembers(): boolean {
    return this.roster.expected > 0;
  }

  join(request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    if (!this.supports(request)) return joinError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, request.memberId);
    if (request.memberId === '') return this.joinNew(request);
    const fenced = this.roster.identityError(request.memberId, request.instanceId);
    const member = this.roster.get(request.memberId);
    if (member === undefined) {
      if (!this.roster.claim(request.memberId)) return joinError(fenced, request.memberId);
      return this.addMember(request.memberId, request);
    }
    if (fenced !== ErrorCode.NONE) return joinError(fenced, request.memberId);
    return this.rejoin(member, request);
  }

  private joinNew(request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    if (this.roster.size + this.roster.expected >= MAX_MEMBERS) {
      return joinError(ErrorCode.GROUP_MAX_SIZE_REACHED, '');
    }
    const member = this.roster.memberOfInstance(request.instanceId);
    const newId = `${request.instanceId ?? request.clientId}-${randomUUID()}`;
    if (member !== undefined) return this.replaceStatic(member, newId, request);
    if (request.instanceId === null && request.needsMemberId) {
      this.roster.reserve(newId, request.sessionTimeoutMs, () => this.completeJoinIfAllHere());
      return joinError(ErrorCode.MEMBER_ID_REQUIRED, newId);
    }
    return this.addMember(newId, request);
  }

  private addMember(id: string, request: JoinRequest): Promise<JoinAnswer> {
    const member = new Member(optionsOf(id, request));
    this.roster.add(member);
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
    const led = this.leaderId === oldId;
    this.roster.rename(member, newId);
    member.update(optionsOf(newId, request));
    if (this.state !== 'Stable' || !unchanged) return this.awaitRebalance(member);
    this.touch(member);
    const answer = this.joinAnswer(member);
    if (!led) return answer;
    // An old client that is told it leads would assign again, and nobody would be there to hear it.
    return request.canSkipAssignment ? { ...answer, skipAssignment: true } : { ...answer, leader: oldId, members: [] };
  }

  private supports(request: JoinRequest): boolean {
    if (request.protocolType === '' || request.protocols.length === 0) return false;
    if (this.roster.size === 0) return true;
    if (request.protocolType !== this.protocolType) return false;
    return this.roster.othersSpeakOneOf(request.protocols, request.memberId);
  }

  private prepareRebalance(): void {
    if (this.state === 'CompletingRebalance') {
      for (const member of this.allMembers()) {
        member.assignment = NO_BYTES;
        if (!member.awaitsSync) continue;
        member.answerSync(syncError(ErrorCode.REBALANCE_IN_PROGRESS));
        this.touch(member);
      }
    }
    this.clearTimers();
    this.gathering = this.state === 'Empty' && this.initialDelayMs > 0;
    this.state = 'PreparingRebalance';
    if (this.gathering) this.gather(this.initialDelayMs, this.roster.longestRebalanceMs(), this.roster.size);
    else {
      this.joinTimer = setTimeout(() => this.completeJoin(), this.roster.longestRebalanceMs());
      this.completeJoinIfAllHere();
    }
  }

  /** The first members of a group wait for each other: each newcomer prolongs it, up to the rebalance timeout. */
  private gather(delayMs: number, leftMs: number, seen: number): void {
    const wait = Math.min(delayMs, leftMs);
    this.joinTimer = setTimeout(() => {
      if (this.roster.size > seen && leftMs > wait) this.gather(delayMs, leftMs - wait, this.roster.size);
      else this.completeJoin();
    }, wait);
  }

  private completeJoinIfAllHere(): void {
    if (this.state !== 'PreparingRebalance' || this.gathering || this.expectsMembers) return;
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
    if (leader === undefined && this.roster.size > 0) {
      // Only static members, all away: they have until their sessions end.
      this.joinTimer = setTimeout(() => this.completeJoin(), this.roster.longestRebalanceMs());
      return;
    }
    this.generationId += 1;
    this.roster.leaderId = leader?.id ?? null;
    if (leader === undefined) {
      this.becomeEmpty();
      return;
    }
    this.protocolName = this.roster.electProtocol();
    this.state = 'CompletingRebalance';
    this.syncTimer = setTimeout(() => this.dropUnsynced(), this.roster.longestRebalanceMs());
    for (const member of joined) {
      this.touch(member);
      member.answerJoin(this.joinAnswer(member));
    }
  }

  private becomeEmpty(): void {
    this.state = 'Empty';
    this.protocolName = null;
    this.roster.leaderId = null;
    this.emptySinceMs = Date.now();
  }

  private dropUnsynced(): void {
    if (this.state !== 'CompletingRebalance') return;
    for (const member of this.allMembers()) if (!member.awaitsSync) this.forget(member);
    this.prepareRebalance();
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
    const identity = this.roster.identityError(request.memberId, request.instanceId);
    if (identity !== ErrorCode.NONE) return syncError(identity);
    const member = this.roster.get(request.memberId);
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
    for (const member of this.allMembers()) {
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
    const identity = this.roster.identityError(memberId, instanceId);
    const member = this.roster.get(memberId);
    if (identity !== ErrorCode.NONE || member === undefined) return identity;
    if (this.state === 'Empty') return ErrorCode.UNKNOWN_MEMBER_ID;
    if (generationId !== this.generationId) return ErrorCode.ILLEGAL_GENERATION;
    this.touch(member);
    return this.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  }

  /** @returns the error code for one member that leaves. An instance id alone names a static member. */
  leave(memberId: string, instanceId: string | null): number {
    const id = memberId === '' && instanceId !== null ? this.roster.idOfInstance(instanceId) : memberId;
    if (id === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    if (this.roster.claim(id)) {
      this.completeJoinIfAllHere();
      return ErrorCode.NONE;
    }
    const identity = this.roster.identityError(id, instanceId);
    const member = this.roster.get(id);
    if (identity !== ErrorCode.NONE || member === undefined) return identity;
    this.remove(member);
    return ErrorCode.NONE;
  }

  /** @returns whether offsets may be committed with this identity. */
  commitError(memberId: string, instanceId: string | null, generationId: number): number {
    // Without a generation it is a tool or a consumer that assigns itself: fine while nobody is in the group.
    if (generationId < 0 && memberId === '' && instanceId === null) {
      return this.roster.size === 0 ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
    }
    const identity = this.roster.identityError(memberId, instanceId);
    if (identity !== ErrorCode.NONE) return identity;
    if (generationId !== this.generationId) return ErrorCode.ILLEGAL_GENERATION;
    if (this.state === 'CompletingRebalance') return ErrorCode.REBALANCE_IN_PROGRESS;
    const member = this.roster.get(memberId);
    if (member !== undefined) this.touch(member);
    return ErrorCode.NONE;
  }

  private touch(member: Member): void {
    if (!member.awaitsJoin || this.state !== 'PreparingRebalance') member.startSession(() => this.expire(member));
  }

  private expire(member: Member): void {
    if (!member.awaitsJoin && this.roster.get(member.id) === member) this.remove(member);
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
    this.roster.remove(member);
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
    this.roster.clearReservations();
    for (const member of this.allMembers()) this.forget(member);
    this.state = 'Dead';
  }
}
