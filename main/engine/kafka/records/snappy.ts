/** The stream header of the Java library, which Kafka's clients write: magic, version, oldest compatible version. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

/**
 * Unpacks Snappy as it stands in Kafka's record batches: raw, or in the Java library's stream of chunks (a 32-bit size
 * each). Format: "Snappy compressed format description" of the snappy project.
 * @throws Error when the input is damaged or grows beyond `maxBytes`.
 */
export function unpackSnappy(input: Buffer, maxBytes: number): Buffer {
  if (!input.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return unpackBlock(input, maxBytes);
  const chunks: Buffer[] = [];
  let total = 0;
  for (let position = XERIAL_HEADER_BYTES; position < input.length; ) {
    const size = input.readInt32BE(position);
    const start = position + 4;
    if (size < 0 || start + size > input.length) throw new Error('snappy: a chunk is cut short');
    const chunk = unpackBlock(input.subarray(start, start + size), maxBytes - total);
    chunks.push(chunk);
    total += chunk.length;
    position = start + size;
  }
  return Buffer.concat(chunks, total);
}

function readLength(input: Buffer): { length: number; next: number } {
  let length = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = input.readUInt8(index);
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { length, next: index + 1 };
  }
  throw new Error('snappy: the length is damaged');
}

function unpackBlock(input: Buffer, maxBytes: number): Buffer {
  const { length, next } = readLength(input);
  if (length > maxBytes) throw new Error('snappy: the content is too large');
  const output = Buffer.alloc(length);
  let from = next;
  let to = 0;
  while (from < input.length) {
    const tag = input.readUInt8(from);
    const kind = tag & 0x03;
    from += 1;
    if (kind === 0) {
      const short = tag >>> 2;
      const extra = Math.max(0, short - 59);
      const size = (extra === 0 ? short : input.readUIntLE(from, extra)) + 1;
      from += extra;
      if (from + size > input.length || to + size > length) throw new Error('snappy: a literal is cut short');
      input.copy(output, to, from, from + size);
      from += size;
      to += size;
      continue;
    }
    const size = kind === 1 ? ((tag >>> 2) & 0x07) + 4 : (tag >>> 2) + 1;
    const offsetBytes = kind === 1 ? 1 : kind === 2 ? 2 : 4;
    const low = input.readUIntLE(from, offsetBytes);
    const offset = kind === 1 ? ((tag >>> 5) << 8) | low : low;
    from += offsetBytes;
    if (offset === 0 || offset > to || to + size > length) throw new Error('snappy: a copy points outside');
    // Byte by byte: a copy may overlap what it writes, and repeats it then.
    for (let left = size; left > 0; left -= 1, to += 1) output[to] = output.readUInt8(to - offset);
  }
  if (to !== length) throw new Error('snappy: the content is cut short');
  return output;
}
