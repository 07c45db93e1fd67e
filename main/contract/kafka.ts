import { z } from 'zod';
import { IsoTime } from './time.ts';

export const KafkaPartition = z.object({
  partition: z.number().int(),
  leader: z.number().int(),
  replicas: z.array(z.number().int()),
  inSync: z.array(z.number().int()),
  /** Offsets are 64 bit: decimal text. */
  earliestOffset: z.string(),
  latestOffset: z.string(),
  bytes: z.number().nullable(),
});
export const KafkaTopic = z.object({
  name: z.string(),
  partitions: z.number().int(),
  messages: z.number(),
  /** Null where the broker does not tell. */
  bytes: z.number().nullable(),
  ratePerSecond: z.number().nullable(),
  internal: z.boolean(),
  /** What it is for, from the fleet file. */
  description: z.string(),
});
export type KafkaTopic = z.infer<typeof KafkaTopic>;
export const KafkaTopicDetail = KafkaTopic.extend({
  partitionList: z.array(KafkaPartition),
  configs: z.array(z.object({ name: z.string(), value: z.string(), isDefault: z.boolean() })),
});
export type KafkaTopicDetail = z.infer<typeof KafkaTopicDetail>;

export const KafkaGroup = z.object({
  id: z.string(),
  state: z.string(),
  members: z.number().int(),
  lag: z.number(),
  topics: z.array(z.string()),
});
export type KafkaGroup = z.infer<typeof KafkaGroup>;
export const KafkaGroupDetail = KafkaGroup.extend({
  protocol: z.string(),
  memberList: z.array(
    z.object({
      memberId: z.string(),
      clientId: z.string(),
      host: z.string(),
      assignments: z.array(z.object({ topic: z.string(), partitions: z.array(z.number().int()) })),
    }),
  ),
  offsets: z.array(
    z.object({
      topic: z.string(),
      partition: z.number().int(),
      committed: z.string().nullable(),
      latest: z.string(),
      lag: z.number(),
    }),
  ),
});
export type KafkaGroupDetail = z.infer<typeof KafkaGroupDetail>;

/** Bytes decoded for a person: `json` is pretty-printed text, `hex` is what is not text. */
export const DecodedBytes = z.object({
  format: z.enum(['json', 'text', 'hex', 'null']),
  text: z.string(),
  bytes: z.number().int(),
  truncated: z.boolean(),
});
export type DecodedBytes = z.infer<typeof DecodedBytes>;

export const KafkaMessage = z.object({
  topic: z.string(),
  partition: z.number().int(),
  offset: z.string(),
  timestamp: IsoTime,
  key: DecodedBytes,
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  value: DecodedBytes,
  /** From the `traceparent` header, so that a message leads to its trace. */
  traceId: z.string().nullable(),
});
export type KafkaMessage = z.infer<typeof KafkaMessage>;

export const KafkaMessageQuery = z.object({
  topic: z.string().min(1),
  /** All partitions when absent. */
  partition: z.number().int().nonnegative().optional(),
  /** Where to begin: the newest `limit`, the oldest, an offset (decimal text), or a time (epoch ms). */
  from: z.union([
    z.object({ at: z.literal('latest') }),
    z.object({ at: z.literal('earliest') }),
    z.object({ at: z.literal('offset'), offset: z.string().regex(/^\d+$/) }),
    z.object({ at: z.literal('time'), timeMs: z.number() }),
  ]),
  key: z.string().optional(),
  /** Text that the key, the value or a header contains, without regard to case. */
  text: z.string().optional(),
  limit: z.number().int().min(1).max(1000).default(100),
});
export type KafkaMessageQuery = z.infer<typeof KafkaMessageQuery>;
/**
 * `scanned` says how many were looked at, `complete` whether these are all that match, and `stoppedBy` which bound was met
 * where they are not: as many as were asked for, or as many as are looked at, waited for or held at once.
 */
export const KafkaMessagePage = z.object({
  messages: z.array(KafkaMessage),
  scanned: z.number().int(),
  complete: z.boolean(),
  stoppedBy: z.enum(['limit', 'messages', 'time', 'bytes']).optional(),
});
export type KafkaMessagePage = z.infer<typeof KafkaMessagePage>;

export const KafkaProduce = z.object({
  topic: z.string().min(1),
  partition: z.number().int().nonnegative().optional(),
  key: z.string().nullable(),
  value: z.string().nullable(),
  headers: z.array(z.object({ name: z.string().min(1), value: z.string() })).default([]),
});
export type KafkaProduce = z.infer<typeof KafkaProduce>;
