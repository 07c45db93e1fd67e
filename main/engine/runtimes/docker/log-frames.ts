/** A piece of what a container wrote, as the engine keeps it: with the time at which it was written. */
export interface LogPiece {
  readonly stream: 'stdout' | 'stderr';
  /** RFC 3339 with nanoseconds, always of the same length in UTC: it sorts as text. */
  readonly stamp: string;
  readonly bytes: Buffer;
  /** The line ends here; else the next piece of the stream goes on with it. */
  readonly ends: boolean;
}

const NEWLINE = 0x0a;
const SPACE = 0x20;
const RETURN = 0x0d;
const HEADER = 8;
const STDERR = 2;
/** Longer than any stamp and its space. */
const STAMP_WITHIN = 40;
/** Engines cut lines into pieces of this size (moby, daemon/logger/copier.go). */
const PIECE = 16 * 1024;
const LONGEST = 1024 * 1024;
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Of a container without a terminal: frames with a header of 8 bytes, stream and size, each with a stamp before it. */
export class MultiplexedReader {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): LogPiece[] {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const pieces: LogPiece[] = [];
    let at = 0;
    while (at + HEADER <= data.length) {
      const size = data.readUInt32BE(at + 4);
      if (at + HEADER + size > data.length) break;
      const stream = data[at] === STDERR ? 'stderr' : 'stdout';
      const piece = stamped(stream, data.subarray(at + HEADER, at + HEADER + size));
      if (piece !== null) pieces.push(piece);
      at += HEADER + size;
    }
    this.#rest = Buffer.from(data.subarray(at));
    return pieces;
  }
}

function stamped(stream: LogPiece['stream'], payload: Buffer): LogPiece | null {
  const space = payload.subarray(0, STAMP_WITHIN).indexOf(SPACE);
  if (space < 0) return null;
  const ends = payload.at(-1) === NEWLINE;
  const bytes = payload.subarray(space + 1, ends ? -1 : undefined);
  return { stream, stamp: canonicalStamp(payload.toString('latin1', 0, space)), bytes: Buffer.from(bytes), ends };
}

/**
 * Of a container with a terminal: lines one after the other, a stamp before each; a line that was kept in pieces has a
 * stamp before each piece, in the middle of the line.
 */
export class TerminalReader {
  #rest: Buffer = Buffer.alloc(0);
  #stamp = '';

  push(chunk: Buffer): LogPiece[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const pieces: LogPiece[] = [];
    for (let piece = this.#next(); piece !== null; piece = this.#next()) pieces.push(piece);
    this.#rest = Buffer.from(this.#rest);
    return pieces;
  }

  #next(): LogPiece | null {
    const data = this.#rest;
    const space = data.subarray(0, STAMP_WITHIN).indexOf(SPACE);
    if (space < 0 && data.length < STAMP_WITHIN) return null;
    const word = data.toString('latin1', 0, Math.max(0, space));
    if (!STAMP.test(word)) return this.#goOn();
    const from = space + 1;
    const stamp = canonicalStamp(word);
    this.#stamp = stamp;
    const newline = data.indexOf(NEWLINE, from);
    if (newline >= 0 && newline - from <= PIECE) return this.#cut(stamp, from, newline, true);
    // A whole piece without an end: it goes on behind another stamp, for which a few more bytes are needed.
    if (newline < 0 && data.length < from + PIECE + STAMP_WITHIN) return null;
    const next = data.toString('latin1', from + PIECE, from + PIECE + STAMP_WITHIN).split(' ')[0] ?? '';
    if (STAMP.test(next)) return this.#cut(stamp, from, from + PIECE, false);
    // An engine that does not cut lines.
    if (newline >= 0) return this.#cut(stamp, from, newline, true);
    return data.length < LONGEST ? null : this.#cut(stamp, from, data.length, false);
  }

  /** Where no stamp is, a line goes on that was too long to be waited for; of its beginning there may be nothing. */
  #goOn(): LogPiece | null {
    const newline = this.#rest.indexOf(NEWLINE);
    if (this.#stamp !== '') return this.#cut(this.#stamp, 0, newline < 0 ? this.#rest.length : newline, newline >= 0);
    this.#rest = this.#rest.subarray(newline < 0 ? this.#rest.length : newline + 1);
    return newline < 0 ? null : this.#next();
  }

  #cut(stamp: string, from: number, to: number, ends: boolean): LogPiece {
    // A terminal ends its lines with a carriage return too.
    const end = ends && to > from && this.#rest[to - 1] === RETURN ? to - 1 : to;
    const bytes = Buffer.from(this.#rest.subarray(from, end));
    this.#rest = this.#rest.subarray(ends ? to + 1 : to);
    return { stream: 'stdout', stamp, bytes, ends };
  }
}

/** With nine digits, which engines other than Docker may leave out. */
export function canonicalStamp(text: string): string {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (parts === null) return text;
  const [, seconds = '', fraction = '', zone = 'Z'] = parts;
  const utc = zone === 'Z' ? seconds : new Date(`${seconds}${zone}`).toISOString().slice(0, 19);
  return `${utc}.${fraction.padEnd(9, '0').slice(0, 9)}Z`;
}

/** As the engine takes a moment in a question: seconds and nanoseconds. */
export function stampSeconds(stamp: string): string {
  const seconds = Math.floor(Date.parse(`${stamp.slice(0, 19)}Z`) / 1000);
  return `${seconds}.${stamp.slice(20, 29)}`;
}

export function stampMs(stamp: string): number {
  return Date.parse(`${stamp.slice(0, 23)}Z`);
}

export interface StampedLine {
  readonly stream: LogPiece['stream'];
  readonly stamp: string;
  readonly text: string;
}

/** Puts the pieces of lines together. A line keeps at most 1 MB; the rest of it is passed over. */
export class LineAssembler {
  readonly #open = new Map<LogPiece['stream'], { stamp: string; pieces: Buffer[]; length: number }>();

  /** The line that ends with this piece; null when it goes on. */
  push({ stream, stamp, bytes, ends }: LogPiece): StampedLine | null {
    const begun = this.#open.get(stream);
    if (begun === undefined && ends) return { stream, stamp, text: bytes.toString('utf8', 0, LONGEST) };
    const line = begun ?? { stamp, pieces: [], length: 0 };
    const room = LONGEST - line.length;
    if (room > 0) {
      line.pieces.push(bytes.subarray(0, room));
      line.length += Math.min(room, bytes.length);
    }
    if (!ends) {
      this.#open.set(stream, line);
      return null;
    }
    this.#open.delete(stream);
    return { stream, stamp: line.stamp, text: Buffer.concat(line.pieces).toString('utf8') };
  }

  /** Lines that have begun and will not end. */
  flush(): StampedLine[] {
    const lines = [...this.#open].map(([stream, { stamp, pieces }]) => ({
      stream,
      stamp,
      text: Buffer.concat(pieces).toString('utf8'),
    }));
    this.#open.clear();
    return lines;
  }
}
