import {
  describeProducers,
  ErrorCode,
  initProducerId,
  listOffsets,
  OffsetSpec,
  offsetForLeaderEpoch,
} from '../../../../../kafka-protocol/index.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import type { TimedOffset } from '../log/record-times.ts';
import { type Route, route } from '../net/route.ts';
import type { Topics } from '../topics.ts';

const LEADER_EPOCH = 0;
const NOWHERE: TimedOffset = { offset: -1, timestamp: -1 };

function lookUp(log: PartitionLog, timestamp: number): TimedOffset {
  switch (timestamp) {
    case OffsetSpec.LATEST:
      return { offset: log.nextOffset, timestamp: -1 };
    case OffsetSpec.EARLIEST:
    case OffsetSpec.EARLIEST_LOCAL:
      return { offset: log.logStartOffset, timestamp: -1 };
    case OffsetSpec.MAX_TIMESTAMP:
      return log.maxTimestampOffset() ?? NOWHERE;
    case OffsetSpec.LATEST_TIERED:
      return NOWHERE;
    default:
      return log.offsetForTime(timestamp) ?? NOWHERE;
  }
}

/** Ids are never given twice, not even by the next run of a broker without files: they start at the clock. */
function producerIds(): () => number {
  let next = Date.now();
  return () => {
    next += 1;
    return next;
  };
}

function unknownPartition(partitionIndex: number) {
  const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  return { partitionIndex, errorCode, timestamp: -1, offset: -1, leaderEpoch: -1 };
}

/** ListOffsets, OffsetForLeaderEpoch, and what concerns producers: InitProducerId, DescribeProducers. */
export function offsetsInLogRoutes(topics: Topics): Route[] {
  const nextProducerId = producerIds();
  return [
    route(listOffsets, (request) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, timestamp }) => {
          const log = topics.partition(name, partitionIndex);
          if (log === undefined) return unknownPartition(partitionIndex);
          const found = lookUp(log, timestamp);
          const leaderEpoch = found.offset < 0 ? -1 : LEADER_EPOCH;
          return { partitionIndex, errorCode: ErrorCode.NONE, ...found, leaderEpoch };
        }),
      })),
    })),
    route(offsetForLeaderEpoch, (request) => ({
      topics: request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition, leaderEpoch }) => {
          const log = topics.partition(topic, partition);
          if (log === undefined) {
            return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, partition, leaderEpoch: -1, endOffset: -1 };
          }
          const known = leaderEpoch === LEADER_EPOCH;
          return {
            errorCode: ErrorCode.NONE,
            partition,
            leaderEpoch: known ? LEADER_EPOCH : -1,
            endOffset: known ? log.nextOffset : -1,
          };
        }),
      })),
    })),
    route(initProducerId, (request) => {
      // A transaction needs APIs that this broker does not announce; better said here than after the first send.
      if (request.transactionalId !== null) {
        return { errorCode: ErrorCode.INVALID_REQUEST, producerId: -1, producerEpoch: -1 };
      }
      const keeps = request.producerId >= 0 && request.producerEpoch >= 0 && request.producerEpoch < 32_766;
      return keeps
        ? { errorCode: ErrorCode.NONE, producerId: request.producerId, producerEpoch: request.producerEpoch + 1 }
        : { errorCode: ErrorCode.NONE, producerId: nextProducerId(), producerEpoch: 0 };
    }),
    route(describeProducers, (request) => ({
      topics: request.topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => {
          const log = topics.partition(name, partitionIndex);
          return {
            partitionIndex,
            errorCode: log === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.NONE,
            activeProducers: log?.producers.active() ?? [],
          };
        }),
      })),
    })),
  ];
}
