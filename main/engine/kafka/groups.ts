import type { KafkaGroup, KafkaGroupDetail } from '../../contract/index.ts';
import { OffsetSpec } from '../kafka-protocol/index.ts';
import { readAssignment } from './assignment.ts';
import { type DescribedGroup, type KafkaClient, partitionKey, type TopicInfo } from './client/kafka-client.ts';
import { ledPartitions } from './topics.ts';

/** A group with everything that its views are made of. */
export interface GroupReading {
  readonly group: DescribedGroup;
  readonly offsets: KafkaGroupDetail['offsets'];
}

type Assignments = readonly { topic: string; partitions: number[] }[];

/** Every partition that a group has committed or is assigned, with the lag of those that it has committed. */
function offsetsOf(
  committed: readonly { topic: string; partition: number; offset: number }[],
  assigned: Assignments,
  latest: ReadonlyMap<string, number>,
): KafkaGroupDetail['offsets'] {
  const rows = new Map<string, KafkaGroupDetail['offsets'][number]>();
  const add = (topic: string, partition: number, offset: number | null): void => {
    const key = partitionKey(topic, partition);
    const end = latest.get(key) ?? 0;
    // Where nothing was committed, the consumer's own setting decides where it starts: no lag can be told.
    const lag = offset === null ? 0 : Math.max(0, end - offset);
    const known = offset === null ? null : String(offset);
    if (!rows.has(key)) rows.set(key, { topic, partition, committed: known, latest: String(end), lag });
  };
  for (const { topic, partition, offset } of committed) add(topic, partition, offset);
  for (const { topic, partitions } of assigned) for (const partition of partitions) add(topic, partition, null);
  return [...rows.values()].sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition);
}

/** Reads all groups, or one. */
export async function readGroups(client: KafkaClient, only: string | null = null): Promise<GroupReading[]> {
  // Topics first: it is this answer that tells which brokers there are.
  const topics = await client.topics();
  const listed = (await client.groups()).filter(({ id }) => only === null || id === only);
  const [described, committed] = await Promise.all([
    client.describeGroups(listed.map(({ id }) => id)),
    Promise.all(listed.map(async ({ id }) => [id, await client.committed(id)] as const)),
  ]);
  const latest = await latestOf(
    client,
    topics,
    described,
    committed.flatMap(([, offsets]) => offsets),
  );
  const committedBy = new Map(committed);
  const describedBy = new Map(described.map((group) => [group.id, group]));
  return listed.map(({ id, state }) => {
    // A group of a newer protocol is listed, but not described by the classic call.
    const group = describedBy.get(id) ?? { id, state: state === '' ? 'Unknown' : state, protocol: '', members: [] };
    const assigned = group.members.flatMap(({ assignment }) => readAssignment(assignment));
    return { group, offsets: offsetsOf(committedBy.get(id) ?? [], assigned, latest) };
  });
}

async function latestOf(
  client: KafkaClient,
  topics: readonly TopicInfo[],
  described: readonly DescribedGroup[],
  committed: readonly { topic: string }[],
): Promise<ReadonlyMap<string, number>> {
  const assigned = described.flatMap(({ members }) => members.flatMap(({ assignment }) => readAssignment(assignment)));
  const wanted = new Set([...committed, ...assigned].map(({ topic }) => topic));
  return client.offsets(ledPartitions(topics.filter(({ name }) => wanted.has(name))), OffsetSpec.LATEST);
}

export function viewGroup({ group, offsets }: GroupReading): KafkaGroup {
  return {
    id: group.id,
    state: group.state,
    members: group.members.length,
    lag: offsets.reduce((sum, { lag }) => sum + lag, 0),
    topics: [...new Set(offsets.map(({ topic }) => topic))],
  };
}

export function viewGroupDetail(reading: GroupReading): KafkaGroupDetail {
  return {
    ...viewGroup(reading),
    protocol: reading.group.protocol,
    memberList: reading.group.members.map(({ memberId, clientId, host, assignment }) => {
      return { memberId, clientId, host, assignments: readAssignment(assignment) };
    }),
    offsets: reading.offsets,
  };
}
