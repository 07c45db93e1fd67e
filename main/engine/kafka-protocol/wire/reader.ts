import { MalformedError } from './malformed-error.ts';

const TWO_POW_32 = 2 ** 32;

/**
 * Reads Kafka's primitive types from a buffer, front to back. Byte fields are views on the buffer, not copies.
 * 64-bit integers are given as numbers: offsets and times stay far below 2^53, larger values lose their lowest bits.
 * Every method throws `MalformedError` rather than read past the end.
 */
export class Reader {
  readonly buffer: Buffer;
  position: number;

  constructor(buffer: Buffer, position = 0) {
    this.buffer = buffer;
    this.position = position;
  }

  get remaining(): number {
    return this.buffer.length - this.position;
  }

  private take(bytes: number): number {
    const start = this.position;
    if (bytes < 0 || start + bytes > this.buffer.length) {
      throw new MalformedError(`${bytes} bytes wanted at ${start}, the message has ${this.buffer.length}`);
    }
    this.position = start + bytes;
    return start;
  }

  int8(): number {
    return this.buffer.readInt8(this.take(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.take(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.take(4));
  }

  uint32(): number {
    return this.buffer.readUInt32BE(this.take(4));
  }

  int64(): number {
    const start = this.take(8);
    return this.buffer.readInt32BE(start) * TWO_POW_32 + this.buffer.readUInt32BE(start + 4);
  }

  /** An unsigned LEB128 integer of at most 32 bits. */
  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer.readUInt8(this.take(1));
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new MalformedError('a varint is longer than 5 bytes');
  }

  /** A zigzag integer of at most 32 bits, as records use it. */
  varint(): number {
    const raw = this.unsignedVarint();
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
  }

  /** A zigzag integer of at most 64 bits, as records use it for timestamps. */
  varlong(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.buffer.readUInt8(this.take(1));
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new MalformedError('a varlong is longer than 10 bytes');
  }

  bytes(length: number): Buffer {
    const start = this.take(length);
    return this.buffer.subarray(start, start + length);
  }

  utf8(length: number): string {
    const start = this.take(length);
    return this.buffer.toString('utf8', start, start + length);
  }

  /** 16 bytes as the text that Kafka's tools show: base64url without padding. */
  uuid(): string {
    const start = this.take(16);
    return this.buffer.toString('base64url', start, start + 16);
  }

  skipTaggedFields(): void {
    const count = this.unsignedVarint();
    for (let index = 0; index < count; index += 1) {
      this.unsignedVarint();
      this.take(this.unsignedVarint());
    }
  }
}
