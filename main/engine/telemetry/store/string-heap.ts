import { isUtf8 } from 'node:buffer';

/** Strings up to this many bytes lie in DuckDB's 16-byte string record itself; longer ones behind a pointer. */
const inlineBytes = 12;

/** 0: a byte that JSON text takes as it is. 1: part of a character beyond ASCII. 2: needs an escape. */
const byteClass = new Uint8Array(256);
byteClass.fill(2, 0, 0x20);
byteClass.fill(1, 0x80);
byteClass[0x22] = 2;
byteClass[0x5c] = 2;

const hexDigits = new TextEncoder().encode('0123456789abcdef');
const shortEscapes: Record<number, number> = { 8: 0x62, 9: 0x74, 10: 0x6e, 12: 0x66, 13: 0x72, 34: 0x22, 92: 0x5c };
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Valid UTF-8 without NUL: what is not becomes U+FFFD, as TextDecoder has it. */
function repaired(source: Uint8Array, from: number, to: number): Uint8Array {
  return encoder.encode(decoder.decode(source.subarray(from, to)).replaceAll('\0', '\ufffd'));
}

/**
 * The characters of all strings of a batch of rows, one after the other, always valid UTF-8. Columns refer to it by string
 * records of four 32-bit words: length, first four bytes, and then eight more bytes or an offset into this heap. It is
 * DuckDB's own `duckdb_string_t` (duckdb.h) with an offset in the pointer's place, so that a whole batch can be handed over with
 * one call per column instead of one per string.
 */
export class StringHeap {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity = 1 << 20) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Makes room for `count` more bytes. `bytes` may be another array afterwards. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    let capacity = this.bytes.length * 2;
    while (capacity < needed) capacity *= 2;
    const grown = new Uint8Array(capacity);
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  /** Forgets everything, and gives back what an unusually large batch has taken. */
  clear(keepCapacity: number): void {
    this.length = 0;
    if (this.bytes.length > keepCapacity) this.bytes = new Uint8Array(keepCapacity);
  }

  /** Copies bytes that are known to be valid, such as a part of this batch's own JSON. */
  copy(source: Uint8Array, from: number, to: number): void {
    const count = to - from;
    this.reserve(count);
    const target = this.bytes;
    let at = this.length;
    if (count > 64) target.set(source.subarray(from, to), at);
    else for (let i = from; i < to; i++) target[at++] = source[i] as number;
    this.length += count;
  }

  /** Copies text as it is, repairing what is not UTF-8. */
  text(source: Uint8Array, from: number, to: number): void {
    this.reserve((to - from) * 3);
    const target = this.bytes;
    let at = this.length;
    for (let i = from; i < to; i++) {
      const byte = source[i] as number;
      if (byte === 0 || byte >= 0x80) {
        const part = source.subarray(i, to);
        const valid = isUtf8(part) && !part.includes(0) ? part : repaired(source, i, to);
        target.set(valid, at);
        this.length = at + valid.length;
        return;
      }
      target[at++] = byte;
    }
    this.length = at;
  }

  /** Appends one byte. */
  byte(value: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Appends a JavaScript string as it is. */
  string(value: string): void {
    this.reserve(value.length * 3);
    this.length += encoder.encodeInto(value, this.bytes.subarray(this.length)).written;
  }

  /** Appends text between quotes, escaped as JSON wants it. */
  json(source: Uint8Array, from: number, to: number): void {
    this.reserve((to - from) * 6 + 2);
    const target = this.bytes;
    let at = this.length;
    target[at++] = 0x22;
    for (let i = from; i < to; i++) {
      const byte = source[i] as number;
      if (byteClass[byte] !== 0) {
        this.length = at;
        this.jsonRest(source, i, to);
        return;
      }
      target[at++] = byte;
    }
    target[at++] = 0x22;
    this.length = at;
  }

  private jsonRest(from: Uint8Array, start: number, end: number): void {
    const part = from.subarray(start, end);
    const source = isUtf8(part) ? part : encoder.encode(decoder.decode(part));
    this.reserve(source.length * 6 + 1);
    const target = this.bytes;
    let at = this.length;
    for (const byte of source) {
      if (byteClass[byte] !== 2) {
        target[at++] = byte;
        continue;
      }
      target[at++] = 0x5c;
      const short = shortEscapes[byte];
      if (short !== undefined) {
        target[at++] = short;
        continue;
      }
      target[at++] = 0x75;
      target[at++] = 0x30;
      target[at++] = 0x30;
      target[at++] = hexDigits[byte >> 4] as number;
      target[at++] = hexDigits[byte & 15] as number;
    }
    target[at++] = 0x22;
    this.length = at;
  }

  /** Writes the record of the string that lies from `start` to the heap's end into four words of a column. */
  record(words: Uint32Array, row: number, start: number): void {
    const bytes = this.bytes;
    const length = this.length - start;
    const at = row * 4;
    words[at] = length;
    if (length > inlineBytes) {
      words[at + 1] = word(bytes, start);
      words[at + 2] = start;
      words[at + 3] = 0;
      return;
    }
    let word1 = 0;
    let word2 = 0;
    let word3 = 0;
    for (let i = 0; i < length; i++) {
      const byte = (bytes[start + i] as number) << ((i & 3) * 8);
      if (i < 4) word1 |= byte;
      else if (i < 8) word2 |= byte;
      else word3 |= byte;
    }
    words[at + 1] = word1;
    words[at + 2] = word2;
    words[at + 3] = word3;
    this.length = start;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
