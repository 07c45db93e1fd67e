import {
  type BatchHeader,
  baseOffsetAt,
  batchBytesAt,
  ErrorCode,
  lastOffsetAt,
  maxTimestampAt,
  readBatch,
} from '../../../../../kafka-protocol/index.ts';
import { ProducerStates } from './producer-states.ts';
import { findRecord, type TimedOffset } from './record-times.ts';
import { Segment } from './segment.ts';
import type { LogStorage, StoredSegment } from './storage.ts';

const FIRST_SEGMENT_BYTES = 16 * 1024;
const LARGEST_SEGMENT_BYTES = 1024 * 1024;

/** What the partitions of a broker share: the bytes they take together, and where they are stored. */
export interface LogHost {
  readonly storage: LogStorage | null;
  /** Called before a segment of `bytes` is added (or with a negative number after one went). */
  reserve(bytes: number): void;
  log(line: string): void;
}

/** Someone who waits for this partition to grow. */
export interface GrowthListener {
  grew(bytes: number): void;
  gone(): void;
}

export type AppendResult = { readonly baseOffset: number } | { readonly errorCode: number };

/**
 * The log of one partition: segments of raw batches in memory, each with a file behind it where there is a data folder.
 * Nothing inside a batch is looked at when it is appended or fetched.
 */
export class PartitionLog {
  readonly topicId: string;
  readonly partition: number;
  readonly listeners = new Set<GrowthListener>();
  readonly producers = new ProducerStates();
  private readonly host: LogHost;
  private readonly segments: Segment[] = [];
  private startOffset = 0;
  private endOffset = 0;

  constructor(topicId: string, partition: number, host: LogHost) {
    this.topicId = topicId;
    this.partition = partition;
    this.host = host;
  }

  /** The first offset that can be read. */
  get logStartOffset(): number {
    return this.startOffset;
  }

  /** The offset that the next record gets; with one replica it is the high watermark as well. */
  get nextOffset(): number {
    return this.endOffset;
  }

  /** Bytes of the batches that are kept. */
  get sizeBytes(): number {
    let total = 0;
    for (const segment of this.segments) total += segment.length;
    return total;
  }

  /** When the oldest segment was last appended to (epoch ms), or null when there is nothing to drop. */
  get oldestAppendMs(): number | null {
    const first = this.segments[0];
    return first === undefined || first.length === 0 ? null : first.lastAppendMs;
  }

  /** Appends one checked batch of `source`. Answers storage trouble as Kafka does; it never throws. */
  append(source: Buffer, start: number, header: BatchHeader, appendTimeMs: number | null): AppendResult {
    const seen = this.producers.check(header);
    if (seen !== null) return 'duplicateOf' in seen ? { baseOffset: seen.duplicateOf } : seen;
    const baseOffset = this.endOffset;
    try {
      this.segmentFor(header.bytes).append(source, start, header, baseOffset, appendTimeMs);
    } catch (error) {
      this.host.log(`cannot write partition ${this.partition}: ${error instanceof Error ? error.message : error}`);
      return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR };
    }
    this.producers.record(header, baseOffset);
    this.endOffset = baseOffset + header.lastOffsetDelta + 1;
    for (const listener of this.listeners) listener.grew(header.bytes);
    return { baseOffset };
  }

  private segmentFor(bytes: number): Segment {
    const last = this.segments.at(-1);
    if (last?.hasRoomFor(bytes)) return last;
    const doubled = last === undefined ? FIRST_SEGMENT_BYTES : last.buffer.length * 2;
    const capacity = Math.max(bytes, Math.min(LARGEST_SEGMENT_BYTES, Math.max(FIRST_SEGMENT_BYTES, doubled)));
    this.host.reserve(capacity);
    return this.addSegment(capacity);
  }

  private addSegment(capacity: number): Segment {
    const last = this.segments.at(-1);
    if (last?.baseOffset === this.endOffset) {
      // An empty one, left behind by `dropOldest`: its file would have the same name.
      this.segments.pop();
      this.host.reserve(-last.buffer.length);
    }
    const file = this.host.storage?.createSegment(this.topicId, this.partition, this.endOffset) ?? null;
    this.segments.at(-1)?.file?.close();
    // Not from Node's shared pool: dropping the segment must free exactly its bytes.
    const segment = new Segment(this.endOffset, Buffer.allocUnsafeSlow(capacity), file);
    this.segments.push(segment);
    return segment;
  }

  /** Whole batches from the one that holds `offset`, at most `maxBytes` of them (one at least if `atLeastOne`). */
  read(offset: number, maxBytes: number, atLeastOne: boolean): Buffer[] {
    const parts: Buffer[] = [];
    let index = this.segmentIndexOf(offset);
    let left = maxBytes;
    for (let from = offset; left > 0 || (atLeastOne && parts.length === 0); index += 1) {
      const segment = this.segments[index];
      if (segment === undefined) break;
      const start = segment.positionOf(from);
      const end = segment.endBefore(start, start + left, atLeastOne && parts.length === 0);
      if (end > start) parts.push(segment.buffer.subarray(start, end));
      if (end < segment.length) break;
      left -= end - start;
      from = 0;
    }
    return parts;
  }

  /** Bytes that a reader at `offset` could have now, counted up to `enough`. */
  bytesAfter(offset: number, enough: number): number {
    let available = 0;
    for (let index = this.segmentIndexOf(offset); index < this.segments.length && available < enough; index += 1) {
      const segment = this.segments[index];
      if (segment !== undefined) available += segment.length - segment.positionOf(offset);
    }
    return available;
  }

  /** The last segment that begins at `offset` or before. */
  private segmentIndexOf(offset: number): number {
    let low = 0;
    let high = this.segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.segments[middle]?.baseOffset ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  /**
   * The first record with this timestamp (epoch ms) or a later one, or null. In a batch that the broker cannot unpack
   * (Snappy, LZ4, Zstandard) it is the batch's first record: never too late, at most one batch too early.
   */
  offsetForTime(timestamp: number): TimedOffset | null {
    for (const segment of this.segments) {
      if (segment.maxTimestamp < timestamp) continue;
      for (const position of segment.positions()) {
        if (maxTimestampAt(segment.buffer, position) < timestamp) continue;
        if (lastOffsetAt(segment.buffer, position) < this.startOffset) continue;
        const accept = (record: TimedOffset) => record.timestamp >= timestamp && record.offset >= this.startOffset;
        return this.recordIn(segment, position, accept, baseOffsetAt(segment.buffer, position));
      }
    }
    return null;
  }

  /** The record with the greatest timestamp, or null in an empty log. */
  maxTimestampOffset(): TimedOffset | null {
    let best: { segment: Segment; position: number; timestamp: number } | null = null;
    for (const segment of this.segments) {
      if (segment.maxTimestamp <= (best?.timestamp ?? -1)) continue;
      for (const position of segment.positions()) {
        const timestamp = maxTimestampAt(segment.buffer, position);
        if (timestamp > (best?.timestamp ?? -1)) best = { segment, position, timestamp };
      }
    }
    if (best === null) return null;
    const { segment, position, timestamp } = best;
    return this.recordIn(
      segment,
      position,
      (record) => record.timestamp === timestamp,
      lastOffsetAt(segment.buffer, position),
    );
  }

  private recordIn(
    segment: Segment,
    position: number,
    accept: (record: TimedOffset) => boolean,
    otherwise: number,
  ): TimedOffset {
    const batch = segment.buffer.subarray(position, position + batchBytesAt(segment.buffer, position));
    const found = findRecord(batch, accept);
    return (
      found ?? { offset: Math.max(otherwise, this.startOffset), timestamp: maxTimestampAt(segment.buffer, position) }
    );
  }

  /** Makes everything before `offset` unreadable and drops the segments that lie wholly before it. */
  deleteBefore(offset: number): void {
    this.startOffset = Math.max(this.startOffset, Math.min(offset, this.endOffset));
    while (this.segments.length > 1 && (this.segments[1]?.baseOffset ?? Number.POSITIVE_INFINITY) <= this.startOffset) {
      this.dropOldest();
    }
  }

  /** Drops segments that are too old, then as many as it takes to be within `maxBytes` (both may be -1: no limit). */
  retain(retentionMs: number, maxBytes: number, nowMs: number): void {
    if (retentionMs >= 0) {
      for (let first = this.segments[0]; first !== undefined && first.length > 0; first = this.segments[0]) {
        if (first.maxTimestamp >= nowMs - retentionMs) break;
        this.dropOldest();
      }
    }
    if (maxBytes >= 0) while (this.segments.length > 1 && this.sizeBytes > maxBytes) this.dropOldest();
  }

  /** Drops the oldest segment. The last one leaves an empty one behind: the log's end must outlive its content. */
  dropOldest(): void {
    if (this.segments.length === 1) {
      this.addSegment(0);
    }
    const dropped = this.segments.shift();
    if (dropped === undefined) return;
    dropped.file?.remove();
    this.host.reserve(-dropped.buffer.length);
    this.startOffset = Math.max(this.startOffset, this.segments[0]?.baseOffset ?? this.endOffset);
  }

  /** The topic is deleted: frees the memory and wakes whoever waits. The files go with the topic's folder. */
  discard(): void {
    for (const segment of this.segments) {
      segment.file?.close();
      this.host.reserve(-segment.buffer.length);
    }
    this.segments.length = 0;
    for (const listener of [...this.listeners]) listener.gone();
  }

  /** Takes over what an earlier run stored. A tail that is torn or does not check is cut off. */
  restore(stored: readonly StoredSegment[], logStartOffset: number): void {
    for (const { baseOffset, bytes, file } of stored) {
      const segment = new Segment(baseOffset, bytes, file);
      this.endOffset = Math.max(this.endOffset, baseOffset);
      for (let position = 0; position < bytes.length; ) {
        const header = readBatch(bytes, position);
        if (typeof header === 'string') {
          this.host.log(
            `partition ${this.partition}: cut ${bytes.length - position} bytes at offset ${this.endOffset} (${header})`,
          );
          file.truncate(position);
          break;
        }
        segment.admit(position, header.bytes);
        this.producers.record(header, header.baseOffset);
        this.endOffset = header.baseOffset + header.lastOffsetDelta + 1;
        position += header.bytes;
      }
      this.host.reserve(bytes.length);
      segment.lastAppendMs = Math.max(0, segment.maxTimestamp);
      this.segments.push(segment);
    }
    this.startOffset = Math.max(logStartOffset, this.segments[0]?.baseOffset ?? 0);
    this.endOffset = Math.max(this.endOffset, this.startOffset);
  }
}
