import { crc32c } from './crc32c.ts';

/** Where the fields of a record batch lie (magic 2; "Record Batch" in Kafka's message format). */
const AT = {
  baseOffset: 0,
  batchLength: 8,
  partitionLeaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
} as const;

/** Base offset and length: what stands before the part that the length counts. */
export const BATCH_PREFIX_BYTES = 12;
export const BATCH_HEADER_BYTES = 61;

const TWO_POW_32 = 2 ** 32;
const COMPRESSION_MASK = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

export const Compression = { NONE: 0, GZIP: 1, SNAPPY: 2, LZ4: 3, ZSTD: 4 } as const;

/** The header of one batch, as read from `buffer` at `start`. */
export interface BatchHeader {
  readonly baseOffset: number;
  /** Of the whole batch, its prefix included. */
  readonly bytes: number;
  readonly compression: number;
  readonly transactional: boolean;
  readonly control: boolean;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

function readInt64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * TWO_POW_32 + buffer.readUInt32BE(at + 4);
}

function writeInt64(buffer: Buffer, value: number, at: number): void {
  const high = Math.floor(value / TWO_POW_32);
  buffer.writeInt32BE(high, at);
  buffer.writeUInt32BE(value - high * TWO_POW_32, at + 4);
}

export const baseOffsetAt = (buffer: Buffer, start: number): number => readInt64(buffer, start + AT.baseOffset);
export const batchBytesAt = (buffer: Buffer, start: number): number =>
  buffer.readInt32BE(start + AT.batchLength) + BATCH_PREFIX_BYTES;
export const lastOffsetAt = (buffer: Buffer, start: number): number =>
  baseOffsetAt(buffer, start) + buffer.readInt32BE(start + AT.lastOffsetDelta);
export const maxTimestampAt = (buffer: Buffer, start: number): number => readInt64(buffer, start + AT.maxTimestamp);

export type BatchProblem = 'truncated' | 'magic' | 'crc' | 'counts';

/**
 * Reads and checks the batch at `start`: its length, its format, its CRC-32C and that the counts agree. The records
 * inside stay as they are, compressed or not.
 */
export function readBatch(buffer: Buffer, start: number): BatchHeader | BatchProblem {
  if (buffer.length - start < BATCH_HEADER_BYTES) return 'truncated';
  const bytes = batchBytesAt(buffer, start);
  if (bytes < BATCH_HEADER_BYTES || bytes > buffer.length - start) return 'truncated';
  if (buffer.readInt8(start + AT.magic) !== 2) return 'magic';
  const covered = buffer.subarray(start + AT.attributes, start + bytes);
  if (crc32c(covered) !== buffer.readUInt32BE(start + AT.crc)) return 'crc';
  const header = readHeader(buffer, start);
  if (header.recordCount < 1 || header.lastOffsetDelta !== header.recordCount - 1) return 'counts';
  return header;
}

/** Reads the header of a batch that is known to be whole. */
export function readHeader(buffer: Buffer, start: number): BatchHeader {
  const attributes = buffer.readInt16BE(start + AT.attributes);
  return {
    baseOffset: baseOffsetAt(buffer, start),
    bytes: batchBytesAt(buffer, start),
    compression: attributes & COMPRESSION_MASK,
    transactional: (attributes & TRANSACTIONAL) !== 0,
    control: (attributes & CONTROL) !== 0,
    lastOffsetDelta: buffer.readInt32BE(start + AT.lastOffsetDelta),
    baseTimestamp: readInt64(buffer, start + AT.baseTimestamp),
    maxTimestamp: readInt64(buffer, start + AT.maxTimestamp),
    producerId: readInt64(buffer, start + AT.producerId),
    producerEpoch: buffer.readInt16BE(start + AT.producerEpoch),
    baseSequence: buffer.readInt32BE(start + AT.baseSequence),
    recordCount: buffer.readInt32BE(start + AT.recordCount),
  };
}

/** Puts the batch at its place in the log. Neither field is covered by the CRC. */
export function placeBatch(buffer: Buffer, start: number, baseOffset: number): void {
  writeInt64(buffer, baseOffset, start + AT.baseOffset);
  buffer.writeInt32BE(0, start + AT.partitionLeaderEpoch);
}

/** Marks the batch with the broker's time (`message.timestamp.type=LogAppendTime`); the CRC covers it and is renewed. */
export function stampAppendTime(buffer: Buffer, start: number, timeMs: number): void {
  buffer.writeInt16BE(buffer.readInt16BE(start + AT.attributes) | LOG_APPEND_TIME, start + AT.attributes);
  writeInt64(buffer, timeMs, start + AT.maxTimestamp);
  const end = start + batchBytesAt(buffer, start);
  buffer.writeUInt32BE(crc32c(buffer.subarray(start + AT.attributes, end)), start + AT.crc);
}

export const usesAppendTime = (buffer: Buffer, start: number): boolean =>
  (buffer.readInt16BE(start + AT.attributes) & LOG_APPEND_TIME) !== 0;

/**
 * Fills in the header of a batch of uncompressed records that belongs to no producer: all records have the same
 * timestamp (epoch ms), the offsets count from 0.
 */
export function sealBatch(batch: Buffer, about: { readonly recordCount: number; readonly timestamp: number }): void {
  writeInt64(batch, 0, AT.baseOffset);
  batch.writeInt32BE(batch.length - BATCH_PREFIX_BYTES, AT.batchLength);
  batch.writeInt32BE(-1, AT.partitionLeaderEpoch);
  batch.writeInt8(2, AT.magic);
  batch.writeInt16BE(0, AT.attributes);
  batch.writeInt32BE(about.recordCount - 1, AT.lastOffsetDelta);
  writeInt64(batch, about.timestamp, AT.baseTimestamp);
  writeInt64(batch, about.timestamp, AT.maxTimestamp);
  writeInt64(batch, -1, AT.producerId);
  batch.writeInt16BE(-1, AT.producerEpoch);
  batch.writeInt32BE(-1, AT.baseSequence);
  batch.writeInt32BE(about.recordCount, AT.recordCount);
  batch.writeUInt32BE(crc32c(batch, AT.attributes), AT.crc);
}
