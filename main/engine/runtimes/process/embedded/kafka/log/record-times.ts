import { gunzipSync } from 'node:zlib';
import {
  BATCH_HEADER_BYTES,
  Compression,
  Reader,
  readHeader,
  usesAppendTime,
} from '../../../../../kafka-protocol/index.ts';

export interface TimedOffset {
  readonly offset: number;
  readonly timestamp: number;
}

/** A batch that grows beyond this when it is unpacked is answered by its header alone. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;

function recordsOf(batch: Buffer, compression: number): Buffer | null {
  const packed = batch.subarray(BATCH_HEADER_BYTES);
  if (compression === Compression.NONE) return packed;
  if (compression !== Compression.GZIP) return null;
  try {
    return gunzipSync(packed, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch {
    return null;
  }
}

/**
 * The first record of a batch that `accept` takes. Snappy, LZ4 and Zstandard are not unpacked by this broker: null says
 * that the caller must do with the batch's header.
 */
export function findRecord(batch: Buffer, accept: (record: TimedOffset) => boolean): TimedOffset | null {
  const header = readHeader(batch, 0);
  const records = recordsOf(batch, header.compression);
  if (records === null) return null;
  const appendTime = usesAppendTime(batch, 0);
  const reader = new Reader(records);
  try {
    for (let index = 0; index < header.recordCount; index += 1) {
      const length = reader.varint();
      const end = reader.position + length;
      reader.int8();
      const timestamp = header.baseTimestamp + reader.varlong();
      const offset = header.baseOffset + reader.varint();
      // What a producer wrote inside its batch is its own affair; if it makes no sense, the header still answers.
      if (offset < header.baseOffset || offset > header.baseOffset + header.lastOffsetDelta) return null;
      const record = { offset, timestamp: appendTime ? header.maxTimestamp : timestamp };
      if (accept(record)) return record;
      reader.bytes(end - reader.position);
    }
  } catch {
    return null;
  }
  return null;
}
