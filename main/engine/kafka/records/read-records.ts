import {
  BATCH_HEADER_BYTES,
  batchBytesAt,
  lastOffsetAt,
  Reader,
  readHeader,
  usesAppendTime,
} from '../../kafka-protocol/index.ts';
import { decompress } from './decompress.ts';

export interface RawRecord {
  readonly offset: number;
  /** Epoch ms. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly { readonly name: string; readonly value: Buffer | null }[];
}

/** The records of one batch; if they cannot be unpacked, `problem` says why and there are none. */
export interface RecordBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly recordCount: number;
  readonly maxTimestamp: number;
  readonly records: readonly RawRecord[];
  readonly problem: string | null;
}

/** Format 2, the only one that brokers have stored since Kafka 0.11 unless told otherwise. */
const MAGIC_AT = 16;
const FORMAT = 2;

/** The batches in the answer to a fetch, one by one. A last one that is cut short is left out, control batches are empty. */
export function* readBatches(data: Buffer): Generator<RecordBatch> {
  for (let position = 0; data.length - position >= BATCH_HEADER_BYTES; ) {
    const end = position + batchBytesAt(data, position);
    if (end > data.length || end - position < BATCH_HEADER_BYTES) return;
    yield readOne(data.subarray(position, end));
    position = end;
  }
}

function readOne(batch: Buffer): RecordBatch {
  if (batch.readInt8(MAGIC_AT) !== FORMAT) {
    const offset = readHeader(batch, 0).baseOffset;
    const problem = 'this message is in a format from before Kafka 0.11';
    return { firstOffset: offset, lastOffset: offset, recordCount: 1, maxTimestamp: -1, records: [], problem };
  }
  const { baseOffset, maxTimestamp, recordCount, control } = readHeader(batch, 0);
  const about = { firstOffset: baseOffset, lastOffset: lastOffsetAt(batch, 0), recordCount, maxTimestamp };
  if (control) return { ...about, recordCount: 0, records: [], problem: null };
  try {
    return { ...about, records: readRecords(batch), problem: null };
  } catch (error) {
    return { ...about, records: [], problem: error instanceof Error ? error.message : String(error) };
  }
}

function readRecords(batch: Buffer): RawRecord[] {
  const header = readHeader(batch, 0);
  const reader = new Reader(decompress(batch.subarray(BATCH_HEADER_BYTES), header.compression));
  const appendTime = usesAppendTime(batch, 0);
  const records: RawRecord[] = [];
  for (let index = 0; index < header.recordCount; index += 1) {
    reader.varint();
    reader.int8();
    const timestamp = header.baseTimestamp + reader.varlong();
    records.push({
      timestamp: appendTime ? header.maxTimestamp : timestamp,
      offset: header.baseOffset + reader.varint(),
      key: readBytes(reader),
      value: readBytes(reader),
      headers: readHeaders(reader),
    });
  }
  return records;
}

function readBytes(reader: Reader): Buffer | null {
  const length = reader.varint();
  return length < 0 ? null : reader.bytes(length);
}

function readHeaders(reader: Reader): RawRecord['headers'] {
  const headers: { name: string; value: Buffer | null }[] = [];
  for (let left = reader.varint(); left > 0; left -= 1) {
    headers.push({ name: reader.utf8(reader.varint()), value: readBytes(reader) });
  }
  return headers;
}
