import { BATCH_HEADER_BYTES, sealBatch, Writer } from '../../kafka-protocol/index.ts';

export interface NewRecord {
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly { readonly name: string; readonly value: Buffer }[];
}

/** One record as a batch of its own (format 2), uncompressed, of no particular producer. */
export function writeBatch(record: NewRecord): Buffer {
  const body = new Writer();
  body.int8(0);
  body.varint(0);
  body.varint(0);
  writeBytes(body, record.key);
  writeBytes(body, record.value);
  body.varint(record.headers.length);
  for (const { name, value } of record.headers) {
    writeBytes(body, Buffer.from(name));
    writeBytes(body, value);
  }
  const length = new Writer(8);
  length.varint(body.length);
  const batch = Buffer.concat([Buffer.alloc(BATCH_HEADER_BYTES), ...length.chunks(), ...body.chunks()]);
  sealBatch(batch, { recordCount: 1, timestamp: record.timestamp });
  return batch;
}

function writeBytes(writer: Writer, value: Buffer | null): void {
  writer.varint(value === null ? -1 : value.length);
  if (value !== null) writer.bytes(value);
}
