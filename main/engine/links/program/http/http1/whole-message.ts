/** What `wholeResponse` says of bytes that need a closer look. */
export const NEEDS_A_LOOK = 0;

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;
/** Letters in lower case differ from those in upper case by this bit. */
const LOWER = 0x20;
/** As long as a number may be that stays exact. */
const MAX_DIGITS = 15;

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const VERSION = bytesOf('HTTP/1.');
const CONTENT_LENGTH = bytesOf('content-length:');
const TRANSFER_ENCODING = bytesOf('transfer-encoding:');

// What one look at a head tells, kept here: this runs for each message of a fleet, and an object for each would cost more than it.
let headEnd = 0;
let contentLength = -1;

/**
 * Whether the chunk is exactly one request of HTTP/1 whose answer ends as its fields say (RFC 9112). Its bytes are looked at as they
 * lie there, which is enough for most; false is for what has to be read: several messages, a part of one, chunks, HEAD.
 */
export function isWholeRequest(chunk: Buffer): boolean {
  const at = afterRequestLine(chunk);
  return at > 0 && readFields(chunk, at) && headEnd + Math.max(0, contentLength) === chunk.length;
}

/** The status of the chunk when it is one whole response with a Content-Length, to such a request; else `NEEDS_A_LOOK`. */
export function wholeResponse(chunk: Buffer): number {
  const status = statusAt(chunk);
  // The body of these ends elsewhere than their fields say, or is followed by another answer.
  if (status < 200 || status === 204 || status === 304) return NEEDS_A_LOOK;
  const at = lineEnd(chunk, VERSION.length + 5);
  if (at === 0 || !readFields(chunk, at) || contentLength < 0) return NEEDS_A_LOOK;
  return headEnd + contentLength === chunk.length ? status : NEEDS_A_LOOK;
}

/** Where the fields begin behind `GET /path HTTP/1.1`; 0: it is none of this kind. */
function afterRequestLine(chunk: Buffer): number {
  const first = chunk[0] ?? 0;
  // HEAD and CONNECT are the ones whose answers end differently.
  if (first < 0x41 || first > 0x5a || first === 0x48 || first === 0x43) return 0;
  let at = 1;
  while (isUpperCase(chunk[at])) at += 1;
  if (chunk[at] !== SPACE) return 0;
  at += 1;
  const target = at;
  while (isVisible(chunk[at])) at += 1;
  if (at === target || chunk[at] !== SPACE) return 0;
  return versionAt(chunk, at + 1) ? lineEnd(chunk, at + 2 + VERSION.length) : 0;
}

/** The status of `HTTP/1.1 200 OK`; 0: it is no answer. */
function statusAt(chunk: Buffer): number {
  if (!versionAt(chunk, 0) || chunk[VERSION.length + 1] !== SPACE) return 0;
  let status = 0;
  for (let at = VERSION.length + 2; at < VERSION.length + 5; at += 1) {
    const byte = chunk[at] ?? 0;
    if (byte < ZERO || byte > NINE) return 0;
    status = status * 10 + byte - ZERO;
  }
  const next = chunk[VERSION.length + 5];
  return status < 600 && (next === SPACE || next === CR) ? status : 0;
}

function versionAt(chunk: Buffer, at: number): boolean {
  const minor = chunk[at + VERSION.length];
  return isTextAt(chunk, at, VERSION, 0) && (minor === ZERO || minor === ZERO + 1);
}

/** Reads the fields up to the empty line; false where they are odd, or say in no simple way where the body ends. */
function readFields(chunk: Buffer, from: number): boolean {
  contentLength = -1;
  let at = from;
  while (chunk[at] !== CR) {
    const first = (chunk[at] ?? 0) | LOWER;
    if (first === 0x63 && isTextAt(chunk, at, CONTENT_LENGTH, LOWER)) {
      if (contentLength >= 0 || !readLength(chunk, at + CONTENT_LENGTH.length)) return false;
    } else if (first === 0x74 && isTextAt(chunk, at, TRANSFER_ENCODING, LOWER)) return false;
    const value = nameEnd(chunk, at);
    at = value === 0 ? 0 : lineEnd(chunk, value);
    if (at === 0) return false;
  }
  headEnd = at + 2;
  return chunk[at + 1] === LF;
}

function readLength(chunk: Buffer, from: number): boolean {
  let at = from;
  while (chunk[at] === SPACE || chunk[at] === TAB) at += 1;
  const first = at;
  let value = 0;
  for (let byte = chunk[at] ?? 0; byte >= ZERO && byte <= NINE; byte = chunk[at] ?? 0) {
    value = value * 10 + byte - ZERO;
    at += 1;
  }
  contentLength = value;
  return at > first && at - first <= MAX_DIGITS && chunk[at] === CR;
}

/** Where a field's value begins; 0: there is no name. */
function nameEnd(chunk: Buffer, from: number): number {
  let at = from;
  while (isVisible(chunk[at]) && chunk[at] !== COLON) at += 1;
  return at > from && chunk[at] === COLON ? at + 1 : 0;
}

/** Where the next line begins; 0: this one does not end as it should. */
function lineEnd(chunk: Buffer, from: number): number {
  let at = from;
  while (at < chunk.length && chunk[at] !== CR && chunk[at] !== LF) at += 1;
  return chunk[at] === CR && chunk[at + 1] === LF ? at + 2 : 0;
}

function isTextAt(chunk: Buffer, at: number, text: Uint8Array, bit: number): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (((chunk[at + index] ?? 0) | bit) !== ((text[index] ?? 0) | bit)) return false;
  }
  return true;
}

const isUpperCase = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x41 && byte <= 0x5a;
const isVisible = (byte: number | undefined): boolean => byte !== undefined && byte > SPACE && byte < 0x7f;
