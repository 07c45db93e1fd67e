import { Slices } from '../slices.ts';
import { type FrameHeader, FrameReader, flag, frameType, headerFragment, headerFrames, windowFrame } from './frames.ts';
import { encodeHeaders, type HeaderField, HpackDecoder } from './hpack.ts';

/** A header block as it came: the frames that carried it, and what they say. */
export interface HeaderBlock {
  readonly type: number;
  readonly stream: number;
  readonly flags: number;
  /** Of a PUSH_PROMISE, the promised stream. */
  readonly prefix: Buffer;
  readonly raw: Buffer;
  readonly fields: HeaderField[];
}

/** What the two directions of a connection have to decide. */
export interface HalfListener {
  headers(block: HeaderBlock): void;
  /** Whether a DATA frame passes as it is. */
  passesData(header: FrameHeader): boolean;
  dataEnded(header: FrameHeader): void;
  /** Takes a DATA frame that does not pass. */
  data(header: FrameHeader, piece: Buffer): void;
  /** Any other frame; true: it passes. */
  control(header: FrameHeader, bytes: Buffer): boolean;
}

/** Size of the table 0 (RFC 7541, 6.3): later blocks refer to nothing in it. */
const EMPTY_TABLE = Buffer.from([0x20]);
const MAX_BLOCK = 1024 * 1024;
const MAX_BLOCK_FRAMES = 1000;

/** One direction of an HTTP/2 connection. */
export class Half {
  readonly decoder = new HpackDecoder();
  readonly #listener: HalfListener;
  readonly #reader: FrameReader;
  readonly #write: (chunk: Buffer) => void;
  readonly #out = new Slices();
  readonly #waiting: Buffer[] = [];
  #isReading = false;
  #passing: FrameHeader | null = null;
  #blockFrames: { header: FrameHeader; bytes: Buffer }[] = [];
  #recoding: 'no' | 'from now' | 'yes' = 'no';
  /** Bytes of DATA that were written here and that the other side does not know of: its window is that much smaller. */
  #debt = 0;

  constructor(listener: HalfListener, write: (chunk: Buffer) => void, prefaceBytes: number) {
    this.#listener = listener;
    this.#write = write;
    this.#reader = new FrameReader(
      {
        preface: (bytes) => this.#out.push(bytes),
        frame: (header, bytes) => this.#frame(header, bytes),
        dataBegins: (header, bytes) => this.#dataBegins(header, bytes),
        data: (header, piece) => this.#data(header, piece),
        dataEnds: (header) => this.#dataEnds(header),
      },
      prefaceBytes,
    );
  }

  /** Whether blocks are encoded anew, so that bytes can no longer pass unseen. */
  get isRecoding(): boolean {
    return this.#recoding !== 'no';
  }

  /** @throws Error when the bytes are not HTTP/2 */
  read(chunk: Buffer): void {
    this.#isReading = true;
    try {
      this.#reader.read(chunk);
    } finally {
      this.#isReading = false;
      this.#out.flush(this.#write);
    }
  }

  /** Writes what waits for the rest of a frame: nothing is followed from here on. */
  giveUp(): void {
    for (const { bytes } of this.#blockFrames) this.#out.push(bytes);
    this.#blockFrames = [];
    this.#out.push(this.#reader.takePartial());
    this.#out.flush(this.#write);
  }

  /** Writes frames of our own, as soon as they do not come between the bytes of another. */
  inject(frames: Buffer): void {
    if (this.#passing) this.#waiting.push(frames);
    else this.#out.push(frames);
    if (!this.#isReading) this.#out.flush(this.#write);
  }

  /** Writes a header block, as it came or encoded anew where an earlier one was kept back or changed. */
  writeBlock(block: HeaderBlock): void {
    if (this.#recoding === 'no') this.inject(block.raw);
    else this.writeFields(block.type, block.flags & flag.endStream, block.stream, block.fields, block.prefix);
  }

  /** Writes headers of our own. */
  writeFields(type: number, flags: number, stream: number, fields: readonly HeaderField[], prefix?: Buffer): void {
    let block = encodeHeaders(fields);
    if (this.#recoding === 'from now') {
      block = Buffer.concat([EMPTY_TABLE, block]);
      this.#recoding = 'yes';
    }
    this.inject(headerFrames(type, flags, stream, prefix ?? Buffer.alloc(0), block));
  }

  /** From now on the receiver's table is not what the sender thinks. */
  recode(): void {
    if (this.#recoding === 'no') this.#recoding = 'from now';
  }

  /** Writes DATA that the sender does not know of. */
  writeOwnData(frames: Buffer, bytes: number): void {
    this.#debt += bytes;
    this.inject(frames);
  }

  /** The window that goes back to the sender for `bytes` which it sent and the receiver never saw, or gave back. */
  settle(bytes: number): number {
    const paid = Math.min(this.#debt, bytes);
    this.#debt -= paid;
    return bytes - paid;
  }

  #frame(header: FrameHeader, bytes: Buffer): void {
    const { type } = header;
    if (type === frameType.headers || type === frameType.pushPromise || type === frameType.continuation) {
      this.#blockPart(header, bytes);
    } else if (this.#listener.control(header, bytes)) this.#out.push(bytes);
  }

  #blockPart(header: FrameHeader, bytes: Buffer): void {
    const parts = [...this.#blockFrames, { header, bytes }];
    const bytesSoFar = parts.reduce((sum, part) => sum + part.bytes.length, 0);
    if (bytesSoFar > MAX_BLOCK || parts.length > MAX_BLOCK_FRAMES) throw new Error('header block is too long');
    if (header.flags & flag.endHeaders) {
      this.#block(parts);
      this.#blockFrames = [];
    } else this.#blockFrames.push({ header, bytes: Buffer.from(bytes) });
  }

  #block(parts: { header: FrameHeader; bytes: Buffer }[]): void {
    const [first] = parts;
    if (!first) return;
    const { header, bytes } = first;
    const joined = parts.length === 1;
    const block = joined
      ? headerFragment(header, bytes)
      : Buffer.concat(parts.map((part) => headerFragment(part.header, part.bytes)));
    const promisedAt = 9 + (header.flags & flag.padded ? 1 : 0);
    this.#listener.headers({
      type: header.type,
      stream: header.stream,
      flags: header.flags,
      prefix: header.type === frameType.pushPromise ? bytes.subarray(promisedAt, promisedAt + 4) : Buffer.alloc(0),
      raw: joined ? bytes : Buffer.concat(parts.map((part) => part.bytes)),
      fields: this.decoder.decode(block),
    });
  }

  #dataBegins(header: FrameHeader, bytes: Buffer): void {
    if (!this.#listener.passesData(header)) return;
    this.#passing = header;
    this.#out.push(bytes);
  }

  #data(header: FrameHeader, piece: Buffer): void {
    if (this.#passing) this.#out.push(piece);
    else this.#listener.data(header, piece);
  }

  #dataEnds(header: FrameHeader): void {
    this.#passing = null;
    this.#listener.dataEnded(header);
    for (const frames of this.#waiting.splice(0)) this.#out.push(frames);
  }
}

/** WINDOW_UPDATE for the connection and, where it goes on, the stream. */
export function creditFrames(bytes: number, settled: number, stream: number): Buffer {
  const frames: Buffer[] = [];
  if (settled > 0) frames.push(windowFrame(0, settled));
  if (bytes > 0 && stream > 0) frames.push(windowFrame(stream, bytes));
  return Buffer.concat(frames);
}
