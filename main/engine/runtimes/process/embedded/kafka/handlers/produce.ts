import { ErrorCode, produce, readBatch } from '../../../../../kafka-protocol/index.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { type Route, route } from '../net/route.ts';
import type { Topic, Topics } from '../topics.ts';

interface Outcome {
  readonly errorCode: number;
  readonly baseOffset: number;
  readonly logAppendTimeMs: number;
  readonly errorMessage: string | null;
}

const refused = (errorCode: number, errorMessage: string | null = null): Outcome => ({
  errorCode,
  baseOffset: -1,
  logAppendTimeMs: -1,
  errorMessage,
});

const PROBLEMS = {
  truncated: [ErrorCode.CORRUPT_MESSAGE, 'the batch is shorter than it says'],
  magic: [ErrorCode.INVALID_RECORD, 'only record batches of format 2 are accepted'],
  crc: [ErrorCode.CORRUPT_MESSAGE, 'the checksum of the batch does not match'],
  counts: [ErrorCode.INVALID_RECORD, 'the record count of the batch does not match its offsets'],
} as const;

function append(topic: Topic, partition: PartitionLog, records: Buffer): Outcome {
  const appendTimeMs = topic.policy.appendTime ? Date.now() : null;
  let first = -1;
  for (let position = 0; position < records.length; ) {
    const header = readBatch(records, position);
    if (typeof header === 'string') {
      const [errorCode, message] = PROBLEMS[header];
      return refused(errorCode, message);
    }
    if (header.bytes > topic.policy.maxMessageBytes) {
      const message = `The batch has ${header.bytes} bytes, the topic takes ${topic.policy.maxMessageBytes}.`;
      return refused(ErrorCode.MESSAGE_TOO_LARGE, message);
    }
    if (header.control) return refused(ErrorCode.INVALID_RECORD, 'clients may not write control records');
    if (header.transactional) return refused(ErrorCode.INVALID_TXN_STATE, 'this broker offers no transactions');
    const result = partition.append(records, position, header, appendTimeMs);
    if ('errorCode' in result) return refused(result.errorCode);
    if (first < 0) first = result.baseOffset;
    position += header.bytes;
  }
  return { errorCode: ErrorCode.NONE, baseOffset: first, logAppendTimeMs: appendTimeMs ?? -1, errorMessage: null };
}

/** Produce: batches are checked (length, format, CRC-32C, sequence) and appended as they are, compressed or not. */
export function produceRoutes(topics: Topics): Route[] {
  function write(
    topic: Topic | undefined,
    byId: boolean,
    acks: number,
    index: number,
    records: Buffer | null,
  ): Outcome {
    if (acks < -1 || acks > 1) return refused(ErrorCode.INVALID_REQUIRED_ACKS);
    const partition = topic?.partitions[index];
    if (topic === undefined || partition === undefined) {
      return refused(byId && topic === undefined ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }
    if (records === null || records.length === 0) return refused(ErrorCode.INVALID_RECORD, 'there are no records');
    return append(topic, partition, records);
  }

  return [
    route(produce, (request, context) => {
      const byId = context.version >= 13;
      const responses = request.topics.map((data) => {
        const topic = byId ? topics.getById(data.topicId) : topics.get(data.name);
        return {
          name: data.name,
          topicId: data.topicId,
          partitions: data.partitions.map(({ index, records }) => ({
            index,
            ...write(topic, byId, request.acks, index, records),
            logStartOffset: topic?.partitions[index]?.logStartOffset ?? -1,
          })),
        };
      });
      return request.acks === 0 ? null : { responses };
    }),
  ];
}
