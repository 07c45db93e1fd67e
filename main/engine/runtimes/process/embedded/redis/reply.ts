/**
 * Replies and their encoding in RESP2 and RESP3 (redis.io/docs/reference/protocol-spec). Redis strings are bytes; here they
 * are JavaScript strings with one character per byte (latin1), which V8 stores as such and which can be keys of a Map.
 */
export type Reply =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly Reply[]
  | Status
  | RedisError
  | DoubleReply
  | MapReply
  | SetReply
  | PushReply
  | NilArray
  | Replies;

/** `+OK`: a status, told apart from a string of data. */
export class Status {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** An error reply; commands throw it. */
export class RedisError extends Error {}

export class DoubleReply {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** Keys and values in turn; a flat array in RESP2. */
export class MapReply {
  readonly items: readonly Reply[];
  constructor(items: readonly Reply[]) {
    this.items = items;
  }
}

export class SetReply {
  readonly items: readonly Reply[];
  constructor(items: readonly Reply[]) {
    this.items = items;
  }
}

/** A message that answers no request, such as one of a channel. */
export class PushReply {
  readonly items: readonly Reply[];
  constructor(items: readonly Reply[]) {
    this.items = items;
  }
}

/** Where RESP2 tells an absent array from an absent string. */
export class NilArray {}

/** Several replies to one command, as SUBSCRIBE to several channels gives; none at all is possible. */
export class Replies {
  readonly items: readonly Reply[];
  constructor(items: readonly Reply[]) {
    this.items = items;
  }
}

export const OK = new Status('OK');
export const QUEUED = new Status('QUEUED');
export const NIL_ARRAY = new NilArray();

export type ProtocolVersion = 2 | 3;

/** A score or float as Redis prints it. */
export function formatDouble(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  return Object.is(value, -0) ? '-0' : String(value);
}

const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;

function aggregate(sign: string, length: number, items: readonly Reply[], version: ProtocolVersion): string {
  let text = `${sign}${length}\r\n`;
  for (const item of items) text += encodeReply(item, version);
  return text;
}

/** Newlines would end a line of the protocol early. */
const oneLine = (text: string): string => text.replace(/[\r\n]/g, ' ');

/** The bytes of a reply, one character each. */
export function encodeReply(reply: Reply, version: ProtocolVersion): string {
  if (typeof reply === 'string') return bulk(reply);
  if (typeof reply === 'number' || typeof reply === 'bigint') return `:${reply}\r\n`;
  if (reply === null) return version === 3 ? '_\r\n' : '$-1\r\n';
  if (typeof reply === 'boolean') {
    if (version === 3) return reply ? '#t\r\n' : '#f\r\n';
    return reply ? ':1\r\n' : ':0\r\n';
  }
  if (reply instanceof Status) return `+${reply.text}\r\n`;
  if (reply instanceof RedisError) return `-${oneLine(reply.message)}\r\n`;
  if (reply instanceof NilArray) return version === 3 ? '_\r\n' : '*-1\r\n';
  if (reply instanceof DoubleReply) {
    const text = formatDouble(reply.value);
    return version === 3 ? `,${text}\r\n` : bulk(text);
  }
  if (reply instanceof Replies) return reply.items.map((item) => encodeReply(item, version)).join('');
  if (reply instanceof MapReply) {
    const { items } = reply;
    return version === 3
      ? aggregate('%', items.length / 2, items, version)
      : aggregate('*', items.length, items, version);
  }
  if (reply instanceof SetReply) return aggregate(version === 3 ? '~' : '*', reply.items.length, reply.items, version);
  if (reply instanceof PushReply) return aggregate(version === 3 ? '>' : '*', reply.items.length, reply.items, version);
  return aggregate('*', reply.length, reply, version);
}
