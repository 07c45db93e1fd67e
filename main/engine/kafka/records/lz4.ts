const MAGIC = 0x184d2204;
const BLOCK_CHECKSUM = 0x10;
const CONTENT_SIZE = 0x08;
const DICTIONARY_ID = 0x01;
const UNCOMPRESSED = 0x80000000;
const FIRST_OUTPUT_BYTES = 64 * 1024;

/** An output that grows as needed, up to a bound. */
class Output {
  buffer: Buffer;
  length = 0;
  private readonly maxBytes: number;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
    this.buffer = Buffer.alloc(Math.min(FIRST_OUTPUT_BYTES, maxBytes));
  }

  reserve(bytes: number): number {
    const start = this.length;
    const end = start + bytes;
    if (end > this.maxBytes) throw new Error('lz4: the content is too large');
    if (end > this.buffer.length) {
      const larger = Buffer.alloc(Math.min(this.maxBytes, Math.max(end, this.buffer.length * 2)));
      this.buffer.copy(larger, 0, 0, start);
      this.buffer = larger;
    }
    this.length = end;
    return start;
  }
}

/**
 * Unpacks an LZ4 frame, as Kafka's clients write it (checksums are not looked at: the batch has its own). Format: "LZ4
 * Frame Format" and "LZ4 Block Format" of the lz4 project.
 * @throws Error when the input is damaged or grows beyond `maxBytes`.
 */
export function unpackLz4(input: Buffer, maxBytes: number): Buffer {
  if (input.readUInt32LE(0) !== MAGIC) throw new Error('lz4: not a frame');
  const flags = input.readUInt8(4);
  let position = 6;
  if ((flags & CONTENT_SIZE) !== 0) position += 8;
  if ((flags & DICTIONARY_ID) !== 0) position += 4;
  position += 1;
  const output = new Output(maxBytes);
  for (;;) {
    const field = input.readUInt32LE(position);
    position += 4;
    if (field === 0) break;
    const size = field % UNCOMPRESSED;
    if (position + size > input.length) throw new Error('lz4: a block is cut short');
    const block = input.subarray(position, position + size);
    if (field >= UNCOMPRESSED) block.copy(output.buffer, output.reserve(size));
    else unpackBlock(block, output);
    position += size + ((flags & BLOCK_CHECKSUM) !== 0 ? 4 : 0);
  }
  return output.buffer.subarray(0, output.length);
}

function unpackBlock(block: Buffer, output: Output): void {
  let from = 0;
  const length = (short: number): number => {
    let total = short;
    if (short < 15) return total;
    for (;;) {
      const byte = block.readUInt8(from);
      from += 1;
      total += byte;
      if (byte < 255) return total;
    }
  };
  while (from < block.length) {
    const token = block.readUInt8(from);
    from += 1;
    const literals = length(token >>> 4);
    if (from + literals > block.length) throw new Error('lz4: a literal is cut short');
    const start = output.reserve(literals);
    block.copy(output.buffer, start, from, from + literals);
    from += literals;
    if (from >= block.length) return;
    const offset = block.readUInt16LE(from);
    from += 2;
    const size = length(token & 0x0f) + 4;
    if (offset === 0 || offset > output.length) throw new Error('lz4: a copy points outside');
    const at = output.reserve(size);
    // Byte by byte: a copy may overlap what it writes, and repeats it then.
    for (let to = at; to < at + size; to += 1) output.buffer[to] = output.buffer.readUInt8(to - offset);
  }
}
