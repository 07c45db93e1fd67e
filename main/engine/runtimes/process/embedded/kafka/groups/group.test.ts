import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ErrorCode } from '../../../../../kafka-protocol/index.ts';
import { Group } from './group.ts';
import type { JoinRequest } from './group-requests.ts';
import type { JoinAnswer } from './member.ts';

const SESSION_MS = 10_000;
const REBALANCE_MS = 30_000;
let group: Group;

beforeEach(() => {
  vi.useFakeTimers();
  group = new Group('g', 0);
});
afterEach(() => {
  group.close();
  vi.useRealTimers();
});

const request = (given: Partial<JoinRequest> = {}): JoinRequest => ({
  memberId: '',
  instanceId: null,
  clientId: 'client',
  clientHost: '/127.0.0.1',
  sessionTimeoutMs: SESSION_MS,
  rebalanceTimeoutMs: REBALANCE_MS,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: Buffer.from('topics') }],
  needsMemberId: false,
  canSkipAssignment: true,
  ...given,
});

const sync = (answer: JoinAnswer, assignments: [string, string][] = [], instanceId: string | null = null) =>
  group.sync({
    memberId: answer.memberId,
    instanceId,
    generationId: answer.generationId,
    protocolType: null,
    protocolName: null,
    assignments: assignments.map(([memberId, text]) => ({ memberId, assignment: Buffer.from(text) })),
  });

/** Two members, both with their assignments. */
async function settleTwo(): Promise<{ leader: JoinAnswer; other: JoinAnswer }> {
  const alone = await group.join(request());
  await sync(alone, [[alone.memberId, 'all']]);
  const joining = group.join(request());
  expect(group.heartbeat(alone.memberId, null, alone.generationId)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  const rejoining = group.join(request({ memberId: alone.memberId }));
  const [leader, other] = await Promise.all([rejoining, joining]);
  const waiting = sync(other);
  await sync(leader, [
    [leader.memberId, 'first'],
    [other.memberId, 'second'],
  ]);
  expect((await waiting).assignment.toString()).toBe('second');
  return { leader, other };
}

test('a newcomer is first given an id, and joins with it', async () => {
  const refused = await group.join(request({ needsMemberId: true }));
  expect(refused.errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED);
  expect(refused.memberId).toMatch(/^client-/);
  const joined = await group.join(request({ needsMemberId: true, memberId: refused.memberId }));
  expect(joined).toMatchObject({ errorCode: 0, memberId: refused.memberId, leader: refused.memberId, generationId: 1 });
  const invented = await group.join(request({ memberId: 'client-invented' }));
  expect(invented.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
});

test('an id that is never used does not hold up a rebalance for longer than its session', async () => {
  const alone = await group.join(request());
  await sync(alone, [[alone.memberId, 'all']]);
  await group.join(request({ needsMemberId: true }));
  const rejoining = group.join(
    request({ memberId: alone.memberId, protocols: [{ name: 'range', metadata: Buffer.from('new') }] }),
  );
  let answered = false;
  void Promise.resolve(rejoining).then(() => {
    answered = true;
  });
  await vi.advanceTimersByTimeAsync(SESSION_MS - 1);
  expect(answered).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(answered).toBe(true);
});

test('members meet, the leader assigns, everybody has its part', async () => {
  const { leader, other } = await settleTwo();
  expect(leader).toMatchObject({ generationId: 2, leader: leader.memberId, protocolName: 'range' });
  expect(leader.members.map(({ memberId }) => memberId).sort()).toEqual([leader.memberId, other.memberId].sort());
  expect(other).toMatchObject({ generationId: 2, leader: leader.memberId, members: [] });
  expect(group.state).toBe('Stable');
  expect((await sync(leader)).assignment.toString()).toBe('first');
});

test('old generations, strangers and impostors are told off', async () => {
  const { leader } = await settleTwo();
  const { memberId } = leader;
  expect(group.heartbeat(memberId, null, 1)).toBe(ErrorCode.ILLEGAL_GENERATION);
  expect(group.heartbeat('nobody', null, 2)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  expect(group.commitError(memberId, null, 1)).toBe(ErrorCode.ILLEGAL_GENERATION);
  expect(group.commitError(memberId, null, 2)).toBe(ErrorCode.NONE);
  expect(group.commitError('', null, -1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  expect((await sync({ ...leader, generationId: 1 })).errorCode).toBe(ErrorCode.ILLEGAL_GENERATION);
  const foreign = request({ protocolType: 'connect' });
  expect((await group.join(foreign)).errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  const unknown = request({ protocols: [{ name: 'sticky', metadata: Buffer.alloc(0) }] });
  expect((await group.join(unknown)).errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
});

test('a member that falls silent is dropped after its session, heartbeats keep the other', async () => {
  const { leader, other } = await settleTwo();
  for (let passed = 0; passed < SESSION_MS; passed += 2500) {
    await vi.advanceTimersByTimeAsync(2500);
    group.heartbeat(other.memberId, null, 2);
  }
  expect(group.state).toBe('PreparingRebalance');
  expect(group.heartbeat(leader.memberId, null, 2)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  const rejoined = await group.join(request({ memberId: other.memberId }));
  expect(rejoined).toMatchObject({ errorCode: 0, generationId: 3, leader: other.memberId });
});

test('who does not come back to a rebalance in time is out', async () => {
  const { leader, other } = await settleTwo();
  const third = group.join(request());
  const back = group.join(request({ memberId: other.memberId }));
  // The leader only sends heartbeats.
  for (let passed = 0; passed < REBALANCE_MS; passed += 5000) {
    group.heartbeat(leader.memberId, null, 2);
    await vi.advanceTimersByTimeAsync(5000);
  }
  const answers = await Promise.all([third, back]);
  expect(answers.map(({ generationId }) => generationId)).toEqual([3, 3]);
  expect(group.allMembers()).toHaveLength(2);
  expect(group.heartbeat(leader.memberId, null, 2)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
});

test('who joins but never asks for its assignment is out after the rebalance timeout', async () => {
  const alone = await group.join(request({ sessionTimeoutMs: 60_000 }));
  expect(group.state).toBe('CompletingRebalance');
  expect(group.commitError(alone.memberId, null, alone.generationId)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  await vi.advanceTimersByTimeAsync(REBALANCE_MS);
  expect(group.state).toBe('Empty');
  expect(group.commitError('', null, -1)).toBe(ErrorCode.NONE);
});

test('leaving starts a rebalance, the last one leaves an empty group', async () => {
  const { leader, other } = await settleTwo();
  expect(group.leave(leader.memberId, null)).toBe(ErrorCode.NONE);
  expect(group.heartbeat(other.memberId, null, 2)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  const rejoined = await group.join(request({ memberId: other.memberId }));
  await sync(rejoined, [[other.memberId, 'all']]);
  expect(group.leave(other.memberId, null)).toBe(ErrorCode.NONE);
  expect(group.state).toBe('Empty');
  expect(group.leave(other.memberId, null)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
});

test('a static member comes back to its assignment without a rebalance, its old self is fenced', async () => {
  const first = await group.join(request({ instanceId: 'i-1' }));
  await sync(first, [[first.memberId, 'all']], 'i-1');
  const back = await group.join(request({ instanceId: 'i-1' }));
  expect(back).toMatchObject({ errorCode: 0, generationId: 1, leader: back.memberId, skipAssignment: true });
  expect(back.memberId).not.toBe(first.memberId);
  expect(group.state).toBe('Stable');
  expect((await sync(back, [], 'i-1')).assignment.toString()).toBe('all');
  expect(group.heartbeat(first.memberId, 'i-1', 1)).toBe(ErrorCode.FENCED_INSTANCE_ID);
  expect(group.commitError(first.memberId, 'i-1', 1)).toBe(ErrorCode.FENCED_INSTANCE_ID);
  expect((await group.join(request({ memberId: first.memberId, instanceId: 'i-1' }))).errorCode).toBe(
    ErrorCode.FENCED_INSTANCE_ID,
  );
  // It may be removed by its instance id alone, as tools do.
  expect(group.leave('', 'i-1')).toBe(ErrorCode.NONE);
  expect(group.state).toBe('Empty');
});

test('an old client that leads as a static member is not told to lead again', async () => {
  const first = await group.join(request({ instanceId: 'i-1', canSkipAssignment: false }));
  await sync(first, [[first.memberId, 'all']], 'i-1');
  const back = await group.join(request({ instanceId: 'i-1', canSkipAssignment: false }));
  expect(back).toMatchObject({ leader: first.memberId, skipAssignment: false, members: [] });
});

test('the first members wait for each other as long as they are told to', async () => {
  group.close();
  group = new Group('g', 3000);
  const first = group.join(request());
  await vi.advanceTimersByTimeAsync(2000);
  const second = group.join(request());
  await vi.advanceTimersByTimeAsync(2000);
  expect(group.state).toBe('PreparingRebalance');
  await vi.advanceTimersByTimeAsync(2000);
  const answers = await Promise.all([first, second]);
  expect(answers.map(({ generationId }) => generationId)).toEqual([1, 1]);
});

test('the protocol that most members prefer among those of all is chosen', async () => {
  const named = (...names: string[]) => names.map((name) => ({ name, metadata: Buffer.alloc(0) }));
  group.close();
  group = new Group('g', 1000);
  const joining = [named('sticky', 'range'), named('range', 'sticky'), named('new', 'range', 'sticky')].map(
    (protocols) => group.join(request({ protocols })),
  );
  await vi.advanceTimersByTimeAsync(2000);
  const [answer] = await Promise.all(joining);
  expect(answer?.protocolName).toBe('range');
});
