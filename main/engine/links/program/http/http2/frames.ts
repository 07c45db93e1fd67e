/** Frame types, flags and error codes that matter here (RFC 9113, 6 and 7). */
export const frameType = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  windowUpdate: 8,
  continuation: 9,
} as const;
export const flag = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;
export const errorCode = { internal: 2, cancel: 8 } as const;

const HEADER_BYTES = 9;
/** The least that every receiver takes as one frame. */
const MAX_PAYLOAD = 16_384;
/** A frame other than DATA that is longer is not followed. */
const MAX_FRAME = 1024 * 1024;

export interface FrameHeader {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly length: number;
}

/** Builds a frame. */
export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

const number32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

export const resetFrame = (stream: number, code: number): Buffer =>
  frame(frameType.rstStream, 0, stream, number32(code));

export const windowFrame = (stream: number, increment: number): Buffer =>
  frame(frameType.windowUpdate, 0, stream, number32(increment));

export const dataFrame = (stream: number, payload: Buffer, endsStream: boolean): Buffer =>
  frame(frameType.data, endsStream ? flag.endStream : 0, stream, payload);

/** A header block as HEADERS (or PUSH_PROMISE, with its promised stream before the block) and CONTINUATION frames. */
export function headerFrames(type: number, flags: number, stream: number, prefix: Buffer, block: Buffer): Buffer {
  const payload = Buffer.concat([prefix, block]);
  const frames: Buffer[] = [];
  for (let at = 0; at === 0 || at < payload.length; at += MAX_PAYLOAD) {
    const isLast = at + MAX_PAYLOAD >= payload.length;
    const ends = isLast ? flag.endHeaders : 0;
    const part = payload.subarray(at, at + MAX_PAYLOAD);
    frames.push(frame(at === 0 ? type : frameType.continuation, (at === 0 ? flags : 0) | ends, stream, part));
  }
  return Buffer.concat(frames);
}

/** The fragment of a header block in a HEADERS, PUSH_PROMISE or CONTINUATION frame. @throws Error when it has none */
export function headerFragment({ type, flags }: FrameHeader, bytes: Buffer): Buffer {
  let from = HEADER_BYTES;
  let to = bytes.length;
  if (type !== frameType.continuation && flags & flag.padded) {
    to -= bytes[from] ?? 0;
    from += 1;
  }
  if (type === frameType.headers && flags & flag.priority) from += 5;
  if (type === frameType.pushPromise) from += 4;
  if (from > to) throw new Error('frame is too short for its padding');
  return bytes.subarray(from, to);
}

/** The settings of a SETTINGS frame, by identifier. */
export function settingsOf(bytes: Buffer): Map<number, number> {
  const settings = new Map<number, number>();
  for (let at = HEADER_BYTES; at + 6 <= bytes.length; at += 6) {
    settings.set(bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2));
  }
  return settings;
}

/** What a reader tells. DATA passes piece by piece, every other frame as a whole. */
export interface FrameListener {
  /** Bytes before the first frame: the client's preface. */
  preface(bytes: Buffer): void;
  frame(header: FrameHeader, bytes: Buffer): void;
  dataBegins(header: FrameHeader, bytes: Buffer): void;
  data(header: FrameHeader, piece: Buffer): void;
  dataEnds(header: FrameHeader): void;
}

/** Cuts one direction of a connection into frames, however the bytes arrive. */
export class FrameReader {
  readonly #listener: FrameListener;
  #prefaceLeft: number;
  #partial: Buffer | null = null;
  #data: FrameHeader | null = null;
  #dataLeft = 0;

  constructor(listener: FrameListener, prefaceBytes: number) {
    this.#listener = listener;
    this.#prefaceLeft = prefaceBytes;
  }

  /** The bytes of a frame that is not complete yet. */
  takePartial(): Buffer {
    const partial = this.#partial ?? Buffer.alloc(0);
    this.#partial = null;
    return partial;
  }

  /** @throws Error when this is not HTTP/2, or what the listener throws */
  read(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#partial) {
      bytes = Buffer.concat([this.#partial, chunk]);
      this.#partial = null;
    }
    let at = 0;
    while (at < bytes.length) {
      const taken = this.#tryPart(bytes, at);
      if (taken === 0) {
        this.#partial = Buffer.from(bytes.subarray(at));
        return;
      }
      at += taken;
    }
  }

  /** What cannot be read stays, for `takePartial`. */
  #tryPart(bytes: Buffer, at: number): number {
    try {
      return this.#readPart(bytes, at);
    } catch (error) {
      this.#partial = Buffer.from(bytes.subarray(at));
      throw error;
    }
  }

  #readPart(bytes: Buffer, at: number): number {
    if (this.#prefaceLeft > 0) {
      const taken = Math.min(bytes.length - at, this.#prefaceLeft);
      this.#prefaceLeft -= taken;
      this.#listener.preface(bytes.subarray(at, at + taken));
      return taken;
    }
    if (this.#data) {
      const taken = Math.min(bytes.length - at, this.#dataLeft);
      this.#listener.data(this.#data, bytes.subarray(at, at + taken));
      this.#dataLeft -= taken;
      if (this.#dataLeft === 0) this.#endData(this.#data);
      return taken;
    }
    return this.#readFrame(bytes, at);
  }

  #readFrame(bytes: Buffer, at: number): number {
    if (bytes.length - at < HEADER_BYTES) return 0;
    const header: FrameHeader = {
      length: bytes.readUIntBE(at, 3),
      type: bytes[at + 3] ?? 0,
      flags: bytes[at + 4] ?? 0,
      stream: bytes.readUInt32BE(at + 5) & 0x7fffffff,
    };
    if (header.type === frameType.data) {
      this.#data = header;
      this.#dataLeft = header.length;
      this.#listener.dataBegins(header, bytes.subarray(at, at + HEADER_BYTES));
      if (header.length === 0) this.#endData(header);
      return HEADER_BYTES;
    }
    if (header.length > MAX_FRAME) throw new Error('frame is too long');
    const total = HEADER_BYTES + header.length;
    if (bytes.length - at < total) return 0;
    this.#listener.frame(header, bytes.subarray(at, at + total));
    return total;
  }

  #endData(header: FrameHeader): void {
    this.#data = null;
    this.#listener.dataEnds(header);
  }
}
