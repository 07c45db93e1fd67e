import { ErrorCode, fetch } from '../../../../../kafka-protocol/index.ts';
import type { GrowthListener, PartitionLog } from '../log/partition-log.ts';
import { type RequestContext, type Route, route } from '../net/route.ts';
import type { Topics } from '../topics.ts';

/** What one response carries at most, whatever the client allows. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
const MAX_WAIT_MS = 5 * 60_000;

type FetchRequest = ReturnType<typeof fetch.decodeRequest>;

interface Target {
  readonly partition: number;
  readonly log: PartitionLog | null;
  readonly errorCode: number;
  readonly offset: number;
  readonly maxBytes: number;
}

interface TopicTargets {
  readonly topic: string;
  readonly topicId: string;
  readonly partitions: readonly Target[];
}

function errorOf(log: PartitionLog, offset: number, leaderEpoch: number): number {
  if (leaderEpoch > 0) return ErrorCode.UNKNOWN_LEADER_EPOCH;
  if (offset < log.logStartOffset || offset > log.nextOffset) return ErrorCode.OFFSET_OUT_OF_RANGE;
  return ErrorCode.NONE;
}

function resolve(topics: Topics, request: FetchRequest, byId: boolean): TopicTargets[] {
  return request.topics.map(({ topic: name, topicId, partitions }) => {
    const topic = byId ? topics.getById(topicId) : topics.get(name);
    return {
      topic: name,
      topicId,
      partitions: partitions.map((asked) => {
        const log = topic?.partitions[asked.partition] ?? null;
        const unknown = byId && topic === undefined ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
        const errorCode = log === null ? unknown : errorOf(log, asked.fetchOffset, asked.currentLeaderEpoch);
        return {
          partition: asked.partition,
          log,
          errorCode,
          offset: asked.fetchOffset,
          maxBytes: asked.partitionMaxBytes,
        };
      }),
    };
  });
}

function respond(targets: readonly TopicTargets[], maxBytes: number) {
  let left = Math.min(maxBytes, MAX_RESPONSE_BYTES);
  let nothingYet = true;
  const read = ({ partition, log, errorCode, offset, maxBytes: partitionMaxBytes }: Target) => {
    // Retention may have moved the log's start while the fetch was waiting.
    const outcome = log !== null && errorCode === ErrorCode.NONE ? errorOf(log, offset, -1) : errorCode;
    const records =
      log === null || outcome !== ErrorCode.NONE || offset >= log.nextOffset
        ? []
        : log.read(offset, Math.min(left, partitionMaxBytes), nothingYet);
    for (const part of records) left = Math.max(0, left - part.length);
    if (records.length > 0) nothingYet = false;
    const end = log?.nextOffset ?? -1;
    return {
      partitionIndex: partition,
      errorCode: outcome,
      highWatermark: end,
      lastStableOffset: end,
      logStartOffset: log?.logStartOffset ?? -1,
      records,
    };
  };
  return {
    responses: targets.map(({ topic, topicId, partitions }) => ({ topic, topicId, partitions: partitions.map(read) })),
  };
}

function availableBytes(targets: readonly Target[], enough: number): number {
  let available = 0;
  for (const { log, offset } of targets) {
    if (available >= enough) break;
    available += log?.bytesAfter(offset, enough - available) ?? 0;
  }
  return available;
}

/** Resolves when `bytes` more have been appended to the targets, one of them is gone, the time is up or the client is. */
function growth(targets: readonly Target[], bytes: number, waitMs: number, context: RequestContext): Promise<void> {
  return new Promise((done) => {
    let missing = bytes;
    const finish = (): void => {
      clearTimeout(timer);
      forget();
      for (const { log } of targets) log?.listeners.delete(listener);
      done();
    };
    const listener: GrowthListener = {
      grew(appended) {
        missing -= appended;
        if (missing <= 0) finish();
      },
      gone: finish,
    };
    const timer = setTimeout(finish, Math.min(waitMs, MAX_WAIT_MS));
    const forget = context.whenClosed(finish);
    for (const { log } of targets) log?.listeners.add(listener);
  });
}

/** Fetch: whole batches straight from the log's buffers; waits on the server for `minBytes`, up to `maxWaitMs`. */
export function fetchRoutes(topics: Topics): Route[] {
  return [
    route(fetch, (request, context) => {
      // No sessions are kept: 0 in the answer tells the client to name all its partitions each time (KIP-227).
      if (request.sessionId !== 0) return { errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND, responses: [] };
      const targets = resolve(topics, request, context.version >= 13);
      const all = targets.flatMap(({ partitions }) => partitions);
      const missing = Math.max(0, request.minBytes) - availableBytes(all, request.minBytes);
      const failed = all.some(({ errorCode }) => errorCode !== ErrorCode.NONE);
      if (missing <= 0 || failed || all.length === 0 || request.maxWaitMs <= 0)
        return respond(targets, request.maxBytes);
      return growth(all, missing, request.maxWaitMs, context).then(() => respond(targets, request.maxBytes));
    }),
  ];
}
