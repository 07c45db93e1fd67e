import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KafkaMessage, KafkaMessagePage, KafkaMessageQuery } from '../../contract/index.ts';
import { ErrorCode, OffsetSpec } from '../kafka-protocol/index.ts';
import {
  BrokerRefusedError,
  type KafkaClient,
  type LedPartition,
  partitionKey,
  type TopicInfo,
} from './client/kafka-client.ts';
import { toMessage, unreadableMessage } from './message.ts';
import { type RawRecord, readBatches } from './records/read-records.ts';

export const MAX_SCANNED = 50_000;
const MAX_BROWSE_MS = 5000;
/** What matches is held until all have been looked at: keys, values and headers, as they came. */
export const MAX_HELD_BYTES = 16 * 1024 * 1024;
/** How far one step goes back per partition when only some messages match. */
const BACKWARD_STEP = 2000;
/** How far the first step goes: where messages are large, time would be up before a longer one came to the newest. */
const FIRST_STEP = 64;
const STEP_GROWTH = 4;

/** A message that matched, not yet decoded for a person: only those that are shown are. */
interface Match {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly record: RawRecord | null;
  readonly problem: string | null;
}

type Accept = (record: RawRecord) => boolean;

type Bound = NonNullable<KafkaMessagePage['stoppedBy']>;

/** The bounds of one call: what was looked at, how long, and whether anybody still waits. */
class Budget {
  scanned = 0;
  /** More matched than may be held at once. */
  isFull = false;
  private readonly deadlineMs = performance.now() + MAX_BROWSE_MS;
  private readonly signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  /** The bound that was met; null while it may go on. */
  get met(): Bound | null {
    if (this.isFull) return 'bytes';
    if (this.scanned >= MAX_SCANNED) return 'messages';
    return this.signal.aborted || performance.now() > this.deadlineMs ? 'time' : null;
  }

  get spent(): boolean {
    return this.met !== null;
  }
}

/** The matches so far, in the order in which they were found, and no more of them than may be held. */
class Held {
  matches: Match[] = [];
  /** Whether some had to be let go: then it makes no sense to look for older ones. */
  wasFull = false;
  #bytes = 0;
  readonly #budget: Budget;
  readonly #keepsNewest: boolean;

  constructor(budget: Budget, keepsNewest: boolean) {
    this.#budget = budget;
    this.#keepsNewest = keepsNewest;
  }

  add(match: Match): void {
    const own = { ...match, record: match.record && copyOf(match.record) };
    this.matches.push(own);
    this.#bytes += bytesOf(own);
    if (this.#bytes <= MAX_HELD_BYTES) return;
    if (this.#keepsNewest) this.#dropOldest();
    else this.#budget.isFull = true;
  }

  /** Lets go what was found in these stretches. */
  drop(stretches: readonly Pick<Stretch, 'partition' | 'start' | 'to'>[]): void {
    this.matches = this.matches.filter(
      (match) =>
        !stretches.some(
          (one) => one.partition === match.partition && match.offset >= one.start && match.offset < one.to,
        ),
    );
  }

  /** Down to three quarters, so that not every message that comes has them sorted. */
  #dropOldest(): void {
    this.wasFull = true;
    this.matches.sort(byTime);
    let gone = 0;
    while (this.#bytes > (MAX_HELD_BYTES * 3) / 4 && gone < this.matches.length - 1) {
      const oldest = this.matches[gone];
      if (oldest !== undefined) this.#bytes -= bytesOf(oldest);
      gone += 1;
    }
    this.matches = this.matches.slice(gone);
  }
}

/** What an entry costs besides its bytes. */
const ENTRY_BYTES = 200;

function bytesOf({ record }: Match): number {
  if (record === null) return ENTRY_BYTES;
  const headers = record.headers.reduce((sum, { name, value }) => sum + name.length + (value?.length ?? 0), 0);
  return ENTRY_BYTES + (record.key?.length ?? 0) + (record.value?.length ?? 0) + headers;
}

/** A record as it is read is a view on a whole answer of the broker, and would keep that in memory. */
function copyOf(record: RawRecord): RawRecord {
  const copy = (bytes: Buffer | null): Buffer | null => bytes && Buffer.from(bytes);
  const headers = record.headers.map(({ name, value }) => ({ name, value: copy(value) }));
  return { ...record, key: copy(record.key), value: copy(record.value), headers };
}

function acceptor(query: KafkaMessageQuery): Accept | null {
  const { key } = query;
  const text = query.text?.toLowerCase();
  if (key === undefined && !text) return null;
  const contains = (bytes: Buffer | null) =>
    bytes
      ?.toString('utf8')
      .toLowerCase()
      .includes(text ?? '') ?? false;
  return (record) => {
    if (key !== undefined && record.key?.toString('utf8') !== key) return false;
    if (!text) return true;
    if (contains(record.value) || contains(record.key)) return true;
    return record.headers.some(({ name, value }) => name.toLowerCase().includes(text) || contains(value));
  };
}

/** One partition's stretch that is still to be looked at: offsets `from` up to, not including, `to`. */
interface Stretch extends LedPartition {
  readonly start: number;
  from: number;
  readonly to: number;
  matched: number;
}

/**
 * Reads stretches side by side, one fetch for all of them at a time, until each is at its end or has `limit` matches, or
 * the budget is spent. Stops between batches to let the engine breathe.
 */
async function scan(
  client: KafkaClient,
  topic: string,
  stretches: readonly Stretch[],
  accept: Accept | null,
  limit: number,
  budget: Budget,
  held: Held,
): Promise<void> {
  const unfinished = () => stretches.filter(({ from, to, matched }) => from < to && matched < limit);
  for (let open = unfinished(); open.length > 0 && !budget.spent; open = unfinished()) {
    const asked = open.map(({ partition, leader, from }) => ({ topic, partition, leader, offset: from }));
    const fetched = await client.fetch(topic, asked);
    const before = asked.map(({ offset }) => offset);
    for (const stretch of open) {
      const answer = fetched.get(stretch.partition);
      if (answer === undefined || answer.errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) {
        // Retention took the rest while we were reading.
        stretch.from = Math.max(stretch.from, answer?.logStartOffset ?? stretch.to);
        if (answer === undefined || answer.logStartOffset <= stretch.from) stretch.from = stretch.to;
        continue;
      }
      if (answer.errorCode !== ErrorCode.NONE) throw new BrokerRefusedError(answer.errorCode);
      await scanBatches(answer.records, stretch, accept, limit, budget, held);
    }
    // An answer has room for some partitions only: one without records says nothing while others still bring some. When none
    // does, the ends were overtaken by compaction or by the log's end.
    const stuck = open.every(({ from }, index) => from === before[index]);
    if (stuck && !budget.spent) for (const stretch of open) stretch.from = stretch.to;
  }
}

async function scanBatches(
  data: Buffer,
  stretch: Stretch,
  accept: Accept | null,
  limit: number,
  budget: Budget,
  held: Held,
): Promise<void> {
  const { partition } = stretch;
  for (const batch of readBatches(data)) {
    if (stretch.from >= stretch.to || stretch.matched >= limit || budget.spent) break;
    if (batch.problem !== null) {
      budget.scanned += batch.recordCount;
      stretch.from = Math.max(stretch.from, batch.lastOffset + 1);
      if (accept === null) {
        const { firstOffset: offset, maxTimestamp: timestamp, problem } = batch;
        held.add({ partition, offset, timestamp, record: null, problem });
        stretch.matched += 1;
      }
    }
    for (const record of batch.records) {
      if (record.offset < stretch.from || record.offset >= stretch.to || stretch.matched >= limit) continue;
      if (budget.isFull) return;
      budget.scanned += 1;
      stretch.from = record.offset + 1;
      if (accept !== null && !accept(record)) continue;
      held.add({ partition, offset: record.offset, timestamp: record.timestamp, record, problem: null });
      stretch.matched += 1;
    }
    if (stretch.matched < limit) stretch.from = Math.max(stretch.from, batch.lastOffset + 1);
    await nextTurn();
  }
}

const byTime = (a: Match, b: Match): number =>
  a.timestamp - b.timestamp || a.partition - b.partition || a.offset - b.offset;

function show(topic: string, matches: readonly Match[]): KafkaMessage[] {
  return matches.map(({ partition, offset, timestamp, record, problem }) =>
    record === null
      ? unreadableMessage(topic, partition, offset, timestamp, problem ?? '')
      : toMessage(topic, partition, record),
  );
}

type Bounds = ReadonlyMap<number, { readonly low: number; readonly high: number }>;

async function boundsOf(client: KafkaClient, partitions: readonly LedPartition[]): Promise<Bounds> {
  const [lows, highs] = await Promise.all([
    client.offsets(partitions, OffsetSpec.EARLIEST),
    client.offsets(partitions, OffsetSpec.LATEST),
  ]);
  return new Map(
    partitions.map(({ topic, partition }) => {
      const key = partitionKey(topic, partition);
      return [partition, { low: lows.get(key) ?? 0, high: highs.get(key) ?? 0 }];
    }),
  );
}

/** The newest `limit` that match, newest first: steps back from the end of each partition. */
async function browseBackward(
  client: KafkaClient,
  topic: string,
  partitions: readonly LedPartition[],
  bounds: Bounds,
  query: KafkaMessageQuery,
  budget: Budget,
): Promise<KafkaMessagePage> {
  const accept = acceptor(query);
  const longest = accept === null ? query.limit : Math.max(query.limit, BACKWARD_STEP);
  let step = Math.min(FIRST_STEP, longest);
  const ends = new Map(partitions.map(({ partition }) => [partition, bounds.get(partition)?.high ?? 0]));
  const counts = new Map<number, number>();
  const held = new Held(budget, true);
  let met: Bound | null = null;
  for (;;) {
    const stretches = partitions.flatMap((led): Stretch[] => {
      const to = ends.get(led.partition) ?? 0;
      const low = bounds.get(led.partition)?.low ?? 0;
      const enough = (counts.get(led.partition) ?? 0) >= query.limit;
      const start = Math.max(low, to - step);
      return to <= low || enough ? [] : [{ ...led, start, from: start, to, matched: 0 }];
    });
    if (stretches.length === 0) break;
    met = held.wasFull ? 'bytes' : budget.met;
    if (met !== null) break;
    for (const { partition, start } of stretches) ends.set(partition, start);
    await scan(client, topic, stretches, accept, Number.POSITIVE_INFINITY, budget, held);
    for (const { partition, matched } of stretches) counts.set(partition, (counts.get(partition) ?? 0) + matched);
    // A batch that cannot be unpacked may begin before this step: it is passed over whole, or every step would find it anew.
    for (const { partition, offset } of held.matches) ends.set(partition, Math.min(ends.get(partition) ?? 0, offset));
    const cut = stretches.filter(({ from, to }) => from < to);
    if (cut.length > 0) {
      met = budget.met;
      // What was read of this step lies behind a gap; that of the first is better than nothing.
      if (step > FIRST_STEP) held.drop(cut);
      break;
    }
    step = Math.min(longest, step * STEP_GROWTH);
  }
  if (held.wasFull) met = 'bytes';
  const isAll = partitions.every(({ partition }) => (ends.get(partition) ?? 0) <= (bounds.get(partition)?.low ?? 0));
  if (met === null && (!isAll || held.matches.length > query.limit)) met = 'limit';
  const newest = held.matches.sort(byTime).reverse().slice(0, query.limit);
  return pageOf(topic, newest, budget, met);
}

function pageOf(topic: string, matches: readonly Match[], { scanned }: Budget, met: Bound | null): KafkaMessagePage {
  const page = { messages: show(topic, matches), scanned, complete: met === null };
  return met === null ? page : { ...page, stoppedBy: met };
}

async function startsOf(
  client: KafkaClient,
  partitions: readonly LedPartition[],
  bounds: Bounds,
  from: KafkaMessageQuery['from'],
): Promise<Map<number, number>> {
  const times = from.at === 'time' ? await client.offsets(partitions, Math.max(0, Math.floor(from.timeMs))) : new Map();
  return new Map(
    partitions.map(({ topic, partition }) => {
      const { low, high } = bounds.get(partition) ?? { low: 0, high: 0 };
      if (from.at === 'offset') return [partition, Math.min(high, Math.max(low, Number(from.offset)))];
      if (from.at !== 'time') return [partition, low];
      // Nothing is that young: -1.
      const at = times.get(partitionKey(topic, partition)) ?? -1;
      return [partition, at < 0 ? high : Math.max(low, at)];
    }),
  );
}

/** The first `limit` that match from a place on, oldest first. */
async function browseForward(
  client: KafkaClient,
  topic: string,
  partitions: readonly LedPartition[],
  bounds: Bounds,
  query: KafkaMessageQuery,
  budget: Budget,
): Promise<KafkaMessagePage> {
  const starts = await startsOf(client, partitions, bounds, query.from);
  const stretches = partitions.map((led): Stretch => {
    const to = bounds.get(led.partition)?.high ?? 0;
    const start = starts.get(led.partition) ?? to;
    return { ...led, start, from: start, to, matched: 0 };
  });
  const since = query.from.at === 'time' ? query.from.timeMs : Number.NEGATIVE_INFINITY;
  const accept = acceptor(query);
  const inTime: Accept | null =
    since === Number.NEGATIVE_INFINITY ? accept : (record) => record.timestamp >= since && (accept?.(record) ?? true);
  const held = new Held(budget, false);
  await scan(client, topic, stretches, inTime, query.limit, budget, held);
  const isAll = stretches.every(({ from, to }) => from >= to) && held.matches.length <= query.limit;
  const met = isAll ? null : held.matches.length >= query.limit ? 'limit' : (budget.met ?? 'limit');
  return pageOf(topic, held.matches.sort(byTime).slice(0, query.limit), budget, met);
}

/**
 * Browses a topic by plain fetches: no group is joined, nothing is committed. Newest first for `latest`, else oldest
 * first. Looks at 50,000 messages and for 5 s at most, and holds 16 MiB of them; `complete` says whether these are all that
 * match.
 */
export async function browse(
  client: KafkaClient,
  topic: TopicInfo,
  query: KafkaMessageQuery,
  signal: AbortSignal,
): Promise<KafkaMessagePage> {
  const partitions = topic.partitions
    .filter(({ partition, leader }) => leader >= 0 && (query.partition === undefined || partition === query.partition))
    .map(({ partition, leader }) => ({ topic: topic.name, partition, leader }));
  const bounds = await boundsOf(client, partitions);
  const browseFrom = query.from.at === 'latest' ? browseBackward : browseForward;
  return browseFrom(client, topic.name, partitions, bounds, query, new Budget(signal));
}
