const TWO_POW_32 = 2 ** 32;
/** Smaller byte fields are copied: a chunk of its own costs more than the copy. */
const COPY_BELOW = 1024;

/**
 * Writes Kafka's primitive types. Large byte fields are kept by reference, so that a fetch response carries the log's
 * own buffers to the socket; `chunks` gives the pieces in order.
 */
export class Writer {
  private buffer: Buffer;
  private position = 0;
  /** Where the part of `buffer` that is not yet among the chunks begins. */
  private pendingFrom = 0;
  private readonly done: Buffer[] = [];
  private doneBytes = 0;

  constructor(initialBytes = 256) {
    this.buffer = Buffer.allocUnsafe(initialBytes);
  }

  get length(): number {
    return this.doneBytes + this.position - this.pendingFrom;
  }

  private reserve(bytes: number): number {
    if (this.position + bytes > this.buffer.length) {
      const pending = this.buffer.subarray(this.pendingFrom, this.position);
      const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, pending.length + bytes));
      pending.copy(larger);
      this.buffer = larger;
      this.position = pending.length;
      this.pendingFrom = 0;
    }
    const start = this.position;
    this.position += bytes;
    return start;
  }

  int8(value: number): void {
    const start = this.reserve(1);
    this.buffer.writeInt8(value, start);
  }

  int16(value: number): void {
    const start = this.reserve(2);
    this.buffer.writeInt16BE(value, start);
  }

  int32(value: number): void {
    const start = this.reserve(4);
    this.buffer.writeInt32BE(value, start);
  }

  int64(value: number): void {
    const start = this.reserve(8);
    const high = Math.floor(value / TWO_POW_32);
    this.buffer.writeInt32BE(high, start);
    this.buffer.writeUInt32BE(value - high * TWO_POW_32, start + 4);
  }

  unsignedVarint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      const start = this.reserve(1);
      this.buffer[start] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    const start = this.reserve(1);
    this.buffer[start] = rest;
  }

  /** A zigzag integer, as records use it. */
  varint(value: number): void {
    this.unsignedVarint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  bytes(value: Buffer): void {
    if (value.length < COPY_BELOW) {
      const start = this.reserve(value.length);
      value.copy(this.buffer, start);
      return;
    }
    this.closeChunk();
    this.done.push(value);
    this.doneBytes += value.length;
  }

  utf8(value: string, byteLength: number): void {
    const start = this.reserve(byteLength);
    this.buffer.write(value, start, byteLength, 'utf8');
  }

  uuid(value: string): void {
    const start = this.reserve(16);
    this.buffer.fill(0, start, start + 16);
    this.buffer.write(value, start, 16, 'base64url');
  }

  private closeChunk(): void {
    if (this.position === this.pendingFrom) return;
    const pending = this.buffer.subarray(this.pendingFrom, this.position);
    this.done.push(pending);
    this.doneBytes += pending.length;
    this.pendingFrom = this.position;
  }

  /** Everything written, in order. The writer must not be used afterwards. */
  chunks(): Buffer[] {
    this.closeChunk();
    return this.done;
  }
}
