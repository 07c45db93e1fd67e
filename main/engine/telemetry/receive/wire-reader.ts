/** Input that is not valid protobuf, or not what OTLP allows; the message says what is wrong and where. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}

/** How deep values may be nested in each other. */
export const maxDepth = 32;

/**
 * Reads Protocol Buffers' wire format (https://protobuf.dev/programming-guides/encoding) without making objects. The caller
 * keeps track of where a message ends; every read checks that it stays inside.
 */
export class WireReader {
  bytes: Uint8Array = new Uint8Array(0);
  position = 0;
  /** Of the last varint64 or fixed64, as unsigned 32-bit halves. */
  low = 0;
  high = 0;

  reset(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.position = 0;
  }

  /** A field's number and wire type, as one number: `number * 8 + type`. */
  tag(end: number): number {
    const tag = this.varint32(end);
    if (tag < 8) throw new MalformedError(`a field has the number 0 at byte ${this.position}`);
    return tag;
  }

  /** The low 32 bits of a varint, unsigned. */
  varint32(end: number): number {
    if (this.position < end) {
      const first = this.bytes[this.position] as number;
      if (first < 0x80) {
        this.position++;
        return first;
      }
    }
    this.varint64(end);
    return this.low;
  }

  /** A varint, into `low` and `high`. */
  varint64(end: number): void {
    const bytes = this.bytes;
    let at = this.position;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) throw truncated(at);
      const byte = bytes[at++] as number;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else high |= bits << 31;
      if (byte < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        this.position = at;
        return;
      }
    }
    throw new MalformedError(`a number is longer than ten bytes at byte ${at}`);
  }

  /** A fixed64, into `low` and `high`. */
  fixed64(end: number): void {
    const at = this.position;
    if (at + 8 > end) throw truncated(at);
    this.low = this.word(at);
    this.high = this.word(at + 4);
    this.position = at + 8;
  }

  /** The length of a length-delimited field, checked: the value lies from `position` to `position + length`. */
  length(end: number): number {
    const length = this.varint32(end);
    if (length > end - this.position) throw truncated(this.position);
    return length;
  }

  /** Passes over the value of a field with this tag. */
  skip(tag: number, end: number): void {
    switch (tag & 7) {
      case 0:
        this.varint64(end);
        return;
      case 1:
        this.advance(8, end);
        return;
      case 2:
        this.advance(this.length(end), end);
        return;
      case 5:
        this.advance(4, end);
        return;
      default:
        throw new MalformedError(`wire type ${tag & 7} at byte ${this.position} is not used by OTLP`);
    }
  }

  /** Four bytes at an absolute position, little-endian, unsigned. */
  word(at: number): number {
    const bytes = this.bytes;
    return (
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24)) >>>
      0
    );
  }

  /** Four bytes at an absolute position, big-endian, unsigned. */
  wordBigEndian(at: number): number {
    const bytes = this.bytes;
    return (
      (((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number)) >>>
      0
    );
  }

  private advance(count: number, end: number): void {
    if (this.position + count > end) throw truncated(this.position);
    this.position += count;
  }
}

function truncated(at: number): MalformedError {
  return new MalformedError(`the message ends in the middle of a field at byte ${at}`);
}
