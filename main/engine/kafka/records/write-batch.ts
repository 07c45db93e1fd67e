import { BATCH_HEADER_BYTES, sealBatch, Writer } from '../../kafka-protocol/index.ts';

export interface NewRecord {
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly { readonly name: string; readonly value: Buffer }[];
}

/** Records of one moment as a batch (format 2), uncompressed, of no particular producer. */
export function writeBatch(...all: readonly NewRecord[]): Buffer {
  const parts = all.flatMap(recordChunks);
  const batch = Buffer.concat([Buffer.alloc(BATCH_HEADER_BYTES), ...parts]);
  sealBatch(batch, { recordCount: all.length, timestamp: all[0]?.timestamp ?? 0 });
  return batch;
}

function recordChunks(record: NewRecord, offsetDelta: number): Buffer[] {
  const body = new Writer();
  body.int8(0);
  body.varint(0);
  body.varint(offsetDelta);
  writeBytes(body, record.key);
  writeBytes(body, record.value);
  body.varint(record.headers.length);
  for (const { name, value } of record.headers) {
    writeBytes(body, Buffer.from(name));
    writeBytes(body, value);
  }
  const length = new Writer(8);
  length.varint(body.length);
  return [...length.chunks(), ...body.chunks()];
}

function writeBytes(writer: Writer, value: Buffer | null): void {
  writer.varint(value === null ? -1 : value.length);
  if (value !== null) writer.bytes(value);
}
