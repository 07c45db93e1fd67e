import { decodeHuffman } from './huffman.ts';
import { staticTable } from './static-table.ts';

export type HeaderField = readonly [name: string, value: string];

/** Every entry counts 32 bytes more than its text (RFC 7541, 4.1). */
const ENTRY_OVERHEAD = 32;
const INITIAL_TABLE_BYTES = 4096;
/** More is not decoded: a header block that unpacks to more than this breaks the connection. */
const MAX_DECODED_BYTES = 1024 * 1024;

/** Decodes the header blocks of one direction of a connection (RFC 7541). All of them have to pass, in order. */
export class HpackDecoder {
  /** What the receiver allows the table to be: its SETTINGS_HEADER_TABLE_SIZE. */
  limit = INITIAL_TABLE_BYTES;
  #entries: HeaderField[] = [];
  #bytes = 0;
  #maxBytes = INITIAL_TABLE_BYTES;
  #block: Buffer = Buffer.alloc(0);
  #at = 0;

  /** @throws Error when the block is none: nothing after it can be decoded either */
  decode(block: Buffer): HeaderField[] {
    this.#block = block;
    this.#at = 0;
    const fields: HeaderField[] = [];
    let decoded = 0;
    while (this.#at < block.length) {
      const field = this.#field(block[this.#at] ?? 0);
      if (!field) continue;
      fields.push(field);
      decoded += field[0].length + field[1].length + ENTRY_OVERHEAD;
      if (decoded > MAX_DECODED_BYTES) throw new Error('header block is too large');
    }
    return fields;
  }

  #field(first: number): HeaderField | null {
    if (first & 0x80) return this.#entry(this.#integer(7));
    if (first & 0x40) {
      const field = this.#literal(6);
      this.#insert(field);
      return field;
    }
    if ((first & 0xe0) === 0x20) {
      this.#resize(this.#integer(5));
      return null;
    }
    return this.#literal(4);
  }

  #literal(prefix: number): HeaderField {
    const index = this.#integer(prefix);
    const name = index === 0 ? this.#string() : this.#entry(index)[0];
    return [name, this.#string()];
  }

  #entry(index: number): HeaderField {
    const entry = index <= staticTable.length ? staticTable[index - 1] : this.#entries[index - staticTable.length - 1];
    if (!entry) throw new Error(`no header at index ${index}`);
    return entry;
  }

  #insert(field: HeaderField): void {
    this.#bytes += field[0].length + field[1].length + ENTRY_OVERHEAD;
    this.#entries.unshift(field);
    this.#evict();
  }

  #resize(bytes: number): void {
    if (bytes > this.limit) throw new Error(`table size ${bytes} is more than the ${this.limit} allowed`);
    this.#maxBytes = bytes;
    this.#evict();
  }

  #evict(): void {
    while (this.#bytes > this.#maxBytes) {
      const oldest = this.#entries.pop();
      if (!oldest) return;
      this.#bytes -= oldest[0].length + oldest[1].length + ENTRY_OVERHEAD;
    }
  }

  /** An integer whose first byte has `prefix` bits of it (RFC 7541, 5.1). */
  #integer(prefix: number): number {
    const mask = 2 ** prefix - 1;
    let value = this.#byte() & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new Error('integer is too large');
  }

  #string(): string {
    const isHuffman = ((this.#block[this.#at] ?? 0) & 0x80) !== 0;
    const length = this.#integer(7);
    const end = this.#at + length;
    if (end > this.#block.length) throw new Error('string is cut off');
    const bytes = this.#block.subarray(this.#at, end);
    this.#at = end;
    return isHuffman ? decodeHuffman(bytes) : bytes.toString('latin1');
  }

  #byte(): number {
    const byte = this.#block[this.#at];
    if (byte === undefined) throw new Error('header block is cut off');
    this.#at += 1;
    return byte;
  }
}

function integer(value: number, prefix: number): number[] {
  const mask = 2 ** prefix - 1;
  if (value < mask) return [value];
  const bytes = [mask];
  let rest = value - mask;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return [...bytes, rest];
}

/**
 * Encodes headers without touching the receiver's table (literals without indexing, no Huffman), so that it fits between
 * blocks of another encoder.
 */
export function encodeHeaders(fields: readonly HeaderField[]): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of fields) {
    for (const [text, first] of [
      [name, [0]],
      [value, []],
    ] as const) {
      const bytes = Buffer.from(text, 'latin1');
      parts.push(Buffer.from([...first, ...integer(bytes.length, 7)]), bytes);
    }
  }
  return Buffer.concat(parts);
}
