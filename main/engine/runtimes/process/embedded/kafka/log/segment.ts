import {
  type BatchHeader,
  baseOffsetAt,
  batchBytesAt,
  lastOffsetAt,
  maxTimestampAt,
  placeBatch,
  stampAppendTime,
} from '../../../../../kafka-protocol/index.ts';
import type { SegmentFile } from './storage.ts';

/** One entry of the index stands for about this many bytes; batches in between are found by walking their headers. */
const INDEX_EVERY_BYTES = 4096;

/** A stretch of one partition's log: whole batches back to back in one buffer that only grows. */
export class Segment {
  readonly baseOffset: number;
  readonly buffer: Buffer;
  readonly file: SegmentFile | null;
  length = 0;
  maxTimestamp = -1;
  /** The newest time at which something was appended here (epoch ms): eviction takes the oldest first. */
  lastAppendMs = 0;
  /** Parallel lists: the base offsets and positions of some of the batches, ascending. */
  private readonly indexOffsets: number[] = [];
  private readonly indexPositions: number[] = [];

  constructor(baseOffset: number, buffer: Buffer, file: SegmentFile | null) {
    this.baseOffset = baseOffset;
    this.buffer = buffer;
    this.file = file;
  }

  hasRoomFor(bytes: number): boolean {
    return this.buffer.length - this.length >= bytes;
  }

  /**
   * Copies the batch at `start` of `source` to the end, at `baseOffset`, and to the file if there is one.
   * @param appendTimeMs the broker's time to stamp it with, or null to leave the producer's.
   * @throws the file system's error; the segment is as before then.
   */
  append(source: Buffer, start: number, header: BatchHeader, baseOffset: number, appendTimeMs: number | null): void {
    const position = this.length;
    source.copy(this.buffer, position, start, start + header.bytes);
    placeBatch(this.buffer, position, baseOffset);
    if (appendTimeMs !== null) stampAppendTime(this.buffer, position, appendTimeMs);
    this.file?.append(this.buffer.subarray(position, position + header.bytes));
    this.admit(position, header.bytes);
  }

  /** Counts the batch at `position`, already in the buffer, as part of the segment. */
  admit(position: number, bytes: number): void {
    const lastIndexed = this.indexPositions.at(-1);
    if (lastIndexed === undefined || position - lastIndexed >= INDEX_EVERY_BYTES) {
      this.indexOffsets.push(baseOffsetAt(this.buffer, position));
      this.indexPositions.push(position);
    }
    this.length = position + bytes;
    this.maxTimestamp = Math.max(this.maxTimestamp, maxTimestampAt(this.buffer, position));
    this.lastAppendMs = Date.now();
  }

  /** The position of the first batch that ends at `offset` or later, or the segment's length. */
  positionOf(offset: number): number {
    let position = this.indexed(this.indexOffsets, offset);
    while (position < this.length && lastOffsetAt(this.buffer, position) < offset) {
      position += batchBytesAt(this.buffer, position);
    }
    return position;
  }

  /** Where the last whole batch ends that lies before `limit`; at least one batch is taken if `atLeastOne`. */
  endBefore(start: number, limit: number, atLeastOne: boolean): number {
    if (limit >= this.length) return this.length;
    let end = Math.max(start, this.indexed(this.indexPositions, limit));
    while (end < this.length) {
      const next = end + batchBytesAt(this.buffer, end);
      if (next > limit && !(atLeastOne && end === start)) break;
      end = next;
    }
    return end;
  }

  /** The position of the last indexed batch whose entry in `list` is at most `wanted`. */
  private indexed(list: readonly number[], wanted: number): number {
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((list[middle] ?? 0) <= wanted) low = middle + 1;
      else high = middle;
    }
    return this.indexPositions[low - 1] ?? 0;
  }

  /** Positions of all batches, in order, from `start`. */
  *positions(start = 0): Generator<number> {
    for (let position = start; position < this.length; position += batchBytesAt(this.buffer, position)) yield position;
  }
}
