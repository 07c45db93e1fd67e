import { MalformedError } from './malformed-error.ts';

/** Kafka's `socket.request.max.bytes`. */
export const MAX_FRAME_BYTES = 100 * 1024 * 1024;
const SIZE_BYTES = 4;

/**
 * Cuts a stream of bytes into the frames that it carries: a 32-bit size, then that many bytes. A frame that arrives in
 * one piece is given as a view; one that spans pieces is joined once, when it is complete.
 */
export class FrameSplitter {
  private parts: Buffer[] = [];
  private buffered = 0;
  /** Bytes that must be there before the next step makes sense: the size, or the size and its frame. */
  private wanted = SIZE_BYTES;

  /** @throws MalformedError for a size that no frame can have. */
  push(chunk: Buffer): Buffer[] {
    this.parts.push(chunk);
    this.buffered += chunk.length;
    if (this.buffered < this.wanted) return [];
    const first = this.parts[0];
    const data = this.parts.length === 1 && first !== undefined ? first : Buffer.concat(this.parts, this.buffered);
    const frames: Buffer[] = [];
    let position = 0;
    this.wanted = SIZE_BYTES;
    while (data.length - position >= SIZE_BYTES) {
      const size = data.readInt32BE(position);
      if (size < 0 || size > MAX_FRAME_BYTES) throw new MalformedError(`a frame of ${size} bytes`);
      const end = position + SIZE_BYTES + size;
      if (end > data.length) {
        this.wanted = SIZE_BYTES + size;
        break;
      }
      frames.push(data.subarray(position + SIZE_BYTES, end));
      position = end;
    }
    this.buffered = data.length - position;
    this.parts = this.buffered > 0 ? [data.subarray(position)] : [];
    return frames;
  }
}
