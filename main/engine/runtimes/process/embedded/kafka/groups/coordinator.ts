import { ErrorCode, Reader } from '../../../../../kafka-protocol/index.ts';
import type { Settings } from '../settings.ts';
import { Group } from './group.ts';
import { joinError } from './group-answers.ts';
import type { JoinRequest } from './group-requests.ts';
import type { JoinAnswer } from './member.ts';
import type { OffsetStore } from './offset-store.ts';

const MAX_GROUPS = 10_000;
const CONSUMER_PROTOCOL = 'consumer';

/** All groups of the broker. A group exists while it has members or committed offsets. */
export class Coordinator {
  readonly offsets: OffsetStore;
  private readonly settings: Settings;
  private readonly groups = new Map<string, Group>();

  constructor(settings: Settings, offsets: OffsetStore) {
    this.settings = settings;
    this.offsets = offsets;
    for (const id of offsets.groupIds()) this.open(id);
  }

  all(): Group[] {
    return [...this.groups.values()];
  }

  get(id: string): Group | undefined {
    return this.groups.get(id);
  }

  /** The group of this id, created if need be; null when there are too many. */
  open(id: string): Group | null {
    const known = this.groups.get(id);
    if (known !== undefined) return known;
    if (this.groups.size >= MAX_GROUPS) return null;
    const group = new Group(id, this.settings.groupInitialRebalanceDelayMs);
    this.groups.set(id, group);
    return group;
  }

  join(groupId: string, request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    if (groupId === '') return joinError(ErrorCode.INVALID_GROUP_ID, request.memberId);
    const { groupMinSessionTimeoutMs: shortest, groupMaxSessionTimeoutMs: longest } = this.settings;
    if (request.sessionTimeoutMs < shortest || request.sessionTimeoutMs > longest) {
      return joinError(ErrorCode.INVALID_SESSION_TIMEOUT, request.memberId);
    }
    if (request.memberId !== '' && !this.groups.has(groupId)) {
      return joinError(ErrorCode.UNKNOWN_MEMBER_ID, request.memberId);
    }
    const group = this.open(groupId);
    return group === null ? joinError(ErrorCode.GROUP_MAX_SIZE_REACHED, request.memberId) : group.join(request);
  }

  /** @returns the error code of deleting a group: only one without members can be. */
  delete(id: string): number {
    const group = this.groups.get(id);
    if (group === undefined) return ErrorCode.GROUP_ID_NOT_FOUND;
    if (group.allMembers().length > 0) return ErrorCode.NON_EMPTY_GROUP;
    this.remove(group);
    return ErrorCode.NONE;
  }

  private remove(group: Group): void {
    group.close();
    this.groups.delete(group.id);
    this.offsets.deleteGroup(group.id);
  }

  /** Forgets offsets of groups that have been without members for the retention time, and groups that have nothing left. */
  expire(nowMs: number): void {
    for (const group of this.all()) {
      if (group.state !== 'Empty') continue;
      const keptSince = nowMs - this.settings.offsetsRetentionMs;
      if (group.emptySinceMs < keptSince) this.offsets.expire(group.id, keptSince);
      if (!this.offsets.has(group.id) && !group.expectsMembers) this.remove(group);
    }
  }

  close(): void {
    for (const group of this.groups.values()) group.close();
    this.offsets.close();
  }
}

/**
 * The topics that the members of a group subscribe to, by the consumer protocol's metadata (version, then the names), or
 * null where that cannot be told.
 */
export function subscribedTopics(group: Group): ReadonlySet<string> | null {
  if (group.protocolType !== CONSUMER_PROTOCOL) return null;
  const topics = new Set<string>();
  try {
    for (const member of group.allMembers()) {
      const reader = new Reader(member.metadataFor(group.protocolName));
      reader.int16();
      for (let left = reader.int32(); left > 0; left -= 1) topics.add(reader.utf8(reader.int16()));
    }
  } catch {
    return null;
  }
  return topics;
}
