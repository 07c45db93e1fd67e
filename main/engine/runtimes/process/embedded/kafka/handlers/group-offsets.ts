import { ErrorCode, offsetCommit, offsetDelete, offsetFetch } from '../../../../../kafka-protocol/index.ts';
import { type Coordinator, subscribedTopics } from '../groups/coordinator.ts';
import { type Route, route } from '../net/route.ts';
import type { Topics } from '../topics.ts';

/** Kafka's `offset.metadata.max.bytes`. */
const MAX_METADATA_BYTES = 4096;
const NOTHING = { committedOffset: -1, committedLeaderEpoch: -1, metadata: '' };

type AskedTopics = { name: string; partitionIndexes: number[] }[] | null;
type CommitRequest = ReturnType<typeof offsetCommit.decodeRequest>;
type Commit = CommitRequest['topics'][number]['partitions'][number];

/** OffsetCommit, OffsetFetch and OffsetDelete. */
export function groupOffsetRoutes(groups: Coordinator, topics: Topics): Route[] {
  const { offsets } = groups;

  function groupError(request: CommitRequest): number {
    const { groupId, memberId, groupInstanceId, generationId } = request;
    if (groupId === '') return ErrorCode.INVALID_GROUP_ID;
    const known = groups.get(groupId);
    if (known === undefined && generationId >= 0) return ErrorCode.ILLEGAL_GENERATION;
    const group = known ?? groups.open(groupId);
    return group?.commitError(memberId, groupInstanceId, generationId) ?? ErrorCode.COORDINATOR_NOT_AVAILABLE;
  }

  function commit(group: string, topic: string, asked: Commit, commitMs: number): number {
    if (topics.partition(topic, asked.partitionIndex) === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    if (Buffer.byteLength(asked.committedMetadata ?? '') > MAX_METADATA_BYTES)
      return ErrorCode.OFFSET_METADATA_TOO_LARGE;
    const { committedOffset: offset, committedLeaderEpoch: leaderEpoch, committedMetadata: metadata } = asked;
    offsets.commit(group, topic, asked.partitionIndex, { offset, leaderEpoch, metadata, commitMs });
    return ErrorCode.NONE;
  }

  function read(group: string, name: string, partitionIndex: number) {
    const found = offsets.get(group, name, partitionIndex);
    const committed =
      found === undefined
        ? NOTHING
        : { committedOffset: found.offset, committedLeaderEpoch: found.leaderEpoch, metadata: found.metadata ?? '' };
    return { partitionIndex, ...committed, errorCode: ErrorCode.NONE };
  }

  function fetched(group: string, asked: AskedTopics) {
    if (asked !== null) {
      return asked.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((index) => read(group, name, index)),
      }));
    }
    return [...offsets.topicsOf(group)].map(([name, partitions]) => ({
      name,
      partitions: [...partitions.keys()].map((index) => read(group, name, index)),
    }));
  }

  return [
    route(offsetCommit, (request) => {
      const refused = groupError(request);
      const now = Date.now();
      return {
        topics: request.topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map((asked) => ({
            partitionIndex: asked.partitionIndex,
            errorCode: refused !== ErrorCode.NONE ? refused : commit(request.groupId, name, asked, now),
          })),
        })),
      };
    }),
    route(offsetFetch, (request, { version }) => {
      if (version < 8) return { topics: fetched(request.groupId, request.topics), errorCode: ErrorCode.NONE };
      const answered = request.groups.map(({ groupId, topics: asked }) => {
        return { groupId, topics: fetched(groupId, asked), errorCode: ErrorCode.NONE };
      });
      return { groups: answered };
    }),
    route(offsetDelete, (request) => {
      const group = groups.get(request.groupId);
      if (group === undefined) return { errorCode: ErrorCode.GROUP_ID_NOT_FOUND, topics: [] };
      const busy = group.allMembers().length > 0;
      const subscribed = subscribedTopics(group);
      if (busy && subscribed === null) return { errorCode: ErrorCode.NON_EMPTY_GROUP, topics: [] };
      const remove = (name: string, partitionIndex: number): number => {
        if (busy && subscribed?.has(name)) return ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC;
        if (topics.partition(name, partitionIndex) === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
        offsets.delete(request.groupId, name, partitionIndex);
        return ErrorCode.NONE;
      };
      const answered = request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: remove(name, partitionIndex),
        })),
      }));
      return { errorCode: ErrorCode.NONE, topics: answered };
    }),
  ];
}
