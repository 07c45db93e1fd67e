import { ErrorCode } from '../../../../../kafka-protocol/index.ts';
import type { Member, Protocol } from './member.ts';

/** Who is in a consumer group, under which ids, and what they have in common. */
export class Roster {
  /** Who assigns: the first to join, as long as it stays. */
  leaderId: string | null = null;
  private readonly members = new Map<string, Member>();
  /** The member of each static instance (KIP-345), by the instance's id. */
  private readonly staticIds = new Map<string, string>();
  /** Ids given out by KIP-394 that have not joined yet. */
  private readonly reserved = new Map<string, NodeJS.Timeout>();

  get size(): number {
    return this.members.size;
  }

  /** How many were given an id and have not joined with it yet. */
  get expected(): number {
    return this.reserved.size;
  }

  all(): Member[] {
    return [...this.members.values()];
  }

  get(id: string): Member | undefined {
    return this.members.get(id);
  }

  add(member: Member): void {
    this.members.set(member.id, member);
    if (member.instanceId !== null) this.staticIds.set(member.instanceId, member.id);
    this.leaderId ??= member.id;
  }

  remove(member: Member): void {
    this.members.delete(member.id);
    if (member.instanceId !== null) this.staticIds.delete(member.instanceId);
    if (this.leaderId === member.id) this.leaderId = this.all()[0]?.id ?? null;
  }

  /** Gives a member another id in the same place; who leads goes on to do so. */
  rename(member: Member, id: string): void {
    const led = this.leaderId === member.id;
    this.members.delete(member.id);
    member.id = id;
    this.members.set(id, member);
    if (member.instanceId !== null) this.staticIds.set(member.instanceId, id);
    if (led) this.leaderId = id;
  }

  idOfInstance(instanceId: string): string | undefined {
    return this.staticIds.get(instanceId);
  }

  memberOfInstance(instanceId: string | null): Member | undefined {
    const id = instanceId === null ? undefined : this.staticIds.get(instanceId);
    return id === undefined ? undefined : this.members.get(id);
  }

  /** Keeps an id for somebody who is to join with it; `expired` is called when nobody has. */
  reserve(id: string, ms: number, expired: () => void): void {
    const expire = (): void => {
      this.reserved.delete(id);
      expired();
    };
    this.reserved.set(id, setTimeout(expire, ms));
  }

  /** Whether the id was reserved; it is not any more. */
  claim(id: string): boolean {
    const timer = this.reserved.get(id);
    clearTimeout(timer);
    return this.reserved.delete(id);
  }

  clearReservations(): void {
    for (const timer of this.reserved.values()) clearTimeout(timer);
    this.reserved.clear();
  }

  /** NONE, or what is wrong with who somebody says to be. */
  identityError(memberId: string, instanceId: string | null): number {
    if (instanceId !== null) {
      const current = this.staticIds.get(instanceId);
      if (current === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
      if (current !== memberId) return ErrorCode.FENCED_INSTANCE_ID;
    }
    return this.members.has(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
  }

  /** Whether one of the protocols is spoken by all others than the member with this id. */
  othersSpeakOneOf(protocols: readonly Protocol[], memberId: string): boolean {
    const others = this.all().filter(({ id }) => id !== memberId);
    return protocols.some(({ name }) => others.every((other) => other.speaks(name)));
  }

  /** The protocol that all members speak and most of them name first. */
  electProtocol(): string | null {
    const members = this.all();
    const votes = new Map<string, number>();
    for (const member of members) {
      const choice = member.protocols.find(({ name }) => members.every((other) => other.speaks(name)));
      if (choice !== undefined) votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1);
    }
    let elected: string | null = null;
    for (const [name, count] of votes) if (elected === null || count > (votes.get(elected) ?? 0)) elected = name;
    return elected;
  }

  longestRebalanceMs(): number {
    return Math.max(0, ...this.all().map((member) => member.rebalanceTimeoutMs));
  }
}
