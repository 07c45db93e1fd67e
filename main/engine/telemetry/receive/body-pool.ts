const unit = 256 * 1024;
/** Larger buffers are for single requests and are not kept. */
const largestKept = 1 << 20;
const mostKept = 8;

/**
 * Buffers for request bodies that go to the worker and come back. At a high rate that saves the system hundreds of fresh buffers a
 * second, which would lie around as garbage for a while.
 */
export class BodyPool {
  private readonly free: ArrayBuffer[] = [];
  private readonly lent = new WeakSet<ArrayBuffer>();

  /** A view of `length` bytes, from the start of a buffer that nothing else uses. What is in it is not cleared. */
  take(length: number): Uint8Array<ArrayBuffer> {
    const at = this.free.findIndex((buffer) => buffer.byteLength >= length);
    const [kept] = at === -1 ? [] : this.free.splice(at, 1);
    const buffer = kept ?? new ArrayBuffer(Math.max(unit, Math.ceil(length / unit) * unit));
    this.lent.add(buffer);
    return new Uint8Array(buffer, 0, length);
  }

  /** Whether a buffer was taken from here, so that it may be transferred whole. */
  owns(buffer: ArrayBufferLike): buffer is ArrayBuffer {
    return buffer instanceof ArrayBuffer && this.lent.has(buffer);
  }

  /** Takes a buffer back, as it came out of a transfer. */
  give(buffer: ArrayBuffer): void {
    if (this.free.length < mostKept && buffer.byteLength <= largestKept) this.free.push(buffer);
  }
}
