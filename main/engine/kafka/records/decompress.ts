import zlib from 'node:zlib';
import { Compression } from '../../kafka-protocol/index.ts';
import { unpackLz4 } from './lz4.ts';
import { unpackSnappy } from './snappy.ts';

/** A batch is at most about 1 MB on the wire; one that unpacks to more than this is not shown. */
export const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;

type Zstd = (input: Buffer, options: { maxOutputLength: number }) => Buffer;

/** Node has Zstandard from 22.15 on. */
function zstd(): Zstd | null {
  const known: unknown = Reflect.get(zlib, 'zstdDecompressSync');
  return typeof known === 'function' ? (known as Zstd) : null;
}

/**
 * The records of a batch without their compression.
 * @throws Error with one sentence when this Node cannot unpack them or they are damaged.
 */
export function decompress(packed: Buffer, compression: number): Buffer {
  switch (compression) {
    case Compression.NONE:
      return packed;
    case Compression.GZIP:
      return zlib.gunzipSync(packed, { maxOutputLength: MAX_UNPACKED_BYTES });
    case Compression.SNAPPY:
      return unpackSnappy(packed, MAX_UNPACKED_BYTES);
    case Compression.LZ4:
      return unpackLz4(packed, MAX_UNPACKED_BYTES);
    case Compression.ZSTD: {
      const unpack = zstd();
      if (unpack === null)
        throw new Error('this message is packed with Zstandard, which Node can unpack from 22.15 on');
      return unpack(packed, { maxOutputLength: MAX_UNPACKED_BYTES });
    }
    default:
      throw new Error(`this message is packed in an unknown way (${compression})`);
  }
}
