import { z } from 'zod';

/** A database, cache or queue of the fleet that can be looked into. */
export const PeekTarget = z.object({
  service: z.string(),
  kind: z.enum(['postgres', 'redis', 'rabbitmq']),
});
export type PeekTarget = z.infer<typeof PeekTarget>;

const PostgresDatabase = z.object({
  name: z.string(),
  sizeBytes: z.number(),
  connections: z.number().int(),
  /** Blocks found in memory, of all that were asked for: 0 to 1. Null before the first. */
  cacheHitRatio: z.number().nullable(),
  deadlocks: z.number().int(),
});
/** A connection of `pg_stat_activity` that is not the server's own. */
const PostgresActivity = z.object({
  pid: z.number().int(),
  database: z.string().nullable(),
  user: z.string().nullable(),
  application: z.string(),
  state: z.string().nullable(),
  /** `Lock: relation`; null when it waits for nothing. */
  wait: z.string().nullable(),
  /** Processes that hold what it waits for. */
  blockedBy: z.array(z.number().int()),
  /** How long the statement runs, or for how long it has been idle inside a transaction. Null when it does neither. */
  durationMs: z.number().nullable(),
  query: z.string(),
});
const PostgresStatement = z.object({
  database: z.string().nullable(),
  query: z.string(),
  calls: z.number(),
  meanMs: z.number(),
  maxMs: z.number(),
  totalMs: z.number(),
  rows: z.number(),
});
export const PostgresPeek = z.object({
  version: z.string(),
  startedAtMs: z.number(),
  connections: z.number().int(),
  maxConnections: z.number().int(),
  databases: z.array(PostgresDatabase),
  activity: z.array(PostgresActivity),
  /** The statements that took most time, from `pg_stat_statements`; `reason` says why there are none. */
  statements: z.object({ rows: z.array(PostgresStatement), reason: z.string().nullable() }),
});
export type PostgresPeek = z.infer<typeof PostgresPeek>;

export const PostgresTable = z.object({
  schema: z.string(),
  name: z.string(),
  /** As the server's statistics estimate them. */
  rows: z.number(),
  deadRows: z.number(),
  /** Table, indexes and what is stored out of line. */
  sizeBytes: z.number(),
  indexBytes: z.number(),
  sequentialScans: z.number(),
  indexScans: z.number(),
});
export type PostgresTable = z.infer<typeof PostgresTable>;

/** Some rows of a table, as text. */
export const PostgresRows = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.array(z.string().nullable())),
  /** There are more than were read. */
  cut: z.boolean(),
});
export type PostgresRows = z.infer<typeof PostgresRows>;

export const RedisPeek = z.object({
  version: z.string(),
  usedMemoryBytes: z.number(),
  /** Null: without a limit. */
  maxMemoryBytes: z.number().nullable(),
  clients: z.number(),
  /** Null where the server does not tell. */
  opsPerSecond: z.number().nullable(),
  /** Reads that found their key, of all reads since it started: 0 to 1. */
  hitRatio: z.number().nullable(),
  evictedKeys: z.number().nullable(),
  databases: z.array(z.object({ index: z.number().int(), keys: z.number(), expires: z.number() })),
});
export type RedisPeek = z.infer<typeof RedisPeek>;

const RedisKey = z.object({
  /** As text; bytes that are none are shown as U+FFFD. */
  name: z.string(),
  /** The same key to ask for, whatever its bytes: Base64 with the letters of addresses. */
  keyBase64: z.string(),
  type: z.string(),
  /** Null: it does not expire. */
  expiresInMs: z.number().nullable(),
  bytes: z.number().nullable(),
});
export const RedisKeys = z.object({
  keys: z.array(RedisKey),
  /** Gives the next page; null after the last. */
  cursor: z.string().nullable(),
});
export type RedisKeys = z.infer<typeof RedisKeys>;

export const RedisValue = RedisKey.extend({
  /** Elements of a list, set, hash, sorted set or stream; characters of a string. */
  length: z.number(),
  /** The first of them; `field` is a hash's field, a list's index, a member's score, an entry's id. */
  entries: z.array(z.object({ field: z.string().nullable(), value: z.string() })),
  cut: z.boolean(),
});
export type RedisValue = z.infer<typeof RedisValue>;

export const RabbitQueue = z.object({
  vhost: z.string(),
  name: z.string(),
  /** `classic`, `quorum` or `stream`. */
  type: z.string(),
  state: z.string(),
  durable: z.boolean(),
  ready: z.number(),
  /** Delivered and not acknowledged yet. */
  unacknowledged: z.number(),
  consumers: z.number().int(),
  publishPerSecond: z.number().nullable(),
  deliverPerSecond: z.number().nullable(),
  acknowledgePerSecond: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  /** Where rejected and expired messages go; null when they are dropped. */
  deadLetterExchange: z.string().nullable(),
  description: z.string(),
});
export type RabbitQueue = z.infer<typeof RabbitQueue>;

const RabbitConsumer = z.object({
  queue: z.string(),
  vhost: z.string(),
  tag: z.string(),
  connection: z.string(),
  /** Messages that it may hold unacknowledged; 0: any number. */
  prefetch: z.number().int(),
  acknowledges: z.boolean(),
});
export const RabbitPeek = z.object({
  version: z.string(),
  connections: z.number().int(),
  channels: z.number().int(),
  queues: z.array(RabbitQueue),
  consumers: z.array(RabbitConsumer),
});
export type RabbitPeek = z.infer<typeof RabbitPeek>;
