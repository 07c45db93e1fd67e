import { arg, formatFloat, inInt64, pairs, SYNTAX, toFloat, toInt64, toInteger } from '../arguments.ts';
import type { CommandContext, Commands } from '../command.ts';
import type { Keyspace } from '../keyspace.ts';
import { OK, RedisError, type Reply } from '../reply.ts';
import { clampRange, StringValue } from '../values.ts';
import { expiryMoment, isExpiryOption } from './expiry.ts';

const LONGEST = 64 * 1024 * 1024;

function read(db: Keyspace, key: string): string | null {
  return db.typed(key, 'string')?.text ?? null;
}

/** Changes the text of a key and keeps its expiry. */
function update(db: Keyspace, key: string, text: string): void {
  if (text.length > LONGEST) throw new RedisError('ERR string exceeds maximum allowed size (proto-max-bulk-len)');
  db.set(key, new StringValue(text), { keepExpiry: true });
}

interface SetOptions {
  expiresAtMs: number | null;
  keepExpiry: boolean;
  condition: 'nx' | 'xx' | null;
  returnsOld: boolean;
}

function setOptions(args: readonly string[]): SetOptions {
  const options: SetOptions = { expiresAtMs: null, keepExpiry: false, condition: null, returnsOld: false };
  for (let index = 2; index < args.length; index += 1) {
    const option = arg(args, index).toLowerCase();
    const hasExpiry = options.keepExpiry || options.expiresAtMs !== null;
    if (isExpiryOption(option) && !hasExpiry) {
      index += 1;
      options.expiresAtMs = expiryMoment(option, args[index], 'set');
    } else if (option === 'keepttl' && !hasExpiry) options.keepExpiry = true;
    else if ((option === 'nx' || option === 'xx') && options.condition === null) options.condition = option;
    else if (option === 'get') options.returnsOld = true;
    else throw new RedisError(SYNTAX);
  }
  return options;
}

function set(args: readonly string[], { db }: CommandContext): Reply {
  const [key, text] = [arg(args, 0), arg(args, 1)];
  const { expiresAtMs, keepExpiry, condition, returnsOld } = setOptions(args);
  const old = returnsOld ? read(db, key) : null;
  const exists = db.get(key) !== null;
  if (condition !== null && exists !== (condition === 'xx')) return old;
  db.set(key, new StringValue(text), { keepExpiry });
  if (expiresAtMs !== null) db.expireAt(key, expiresAtMs);
  return returnsOld ? old : OK;
}

function setWithExpiry(unit: 'ex' | 'px') {
  return (args: readonly string[], { db, name }: CommandContext): Reply => {
    const key = arg(args, 0);
    const atMs = expiryMoment(unit, args[1], name);
    db.set(key, new StringValue(arg(args, 2)));
    db.expireAt(key, atMs);
    return OK;
  };
}

function getex(args: readonly string[], { db }: CommandContext): Reply {
  const key = arg(args, 0);
  const value = read(db, key);
  const option = args[1]?.toLowerCase();
  if (option === undefined) return value;
  if (option === 'persist' && args.length === 2) {
    if (value !== null) db.expireAt(key, null);
  } else if (isExpiryOption(option) && args.length === 3) {
    const atMs = expiryMoment(option, args[2], 'getex');
    if (value !== null) db.expireAt(key, atMs);
  } else throw new RedisError(SYNTAX);
  return value;
}

function add(db: Keyspace, key: string, amount: bigint): Reply {
  const sum = toInt64(read(db, key) ?? '0') + amount;
  if (!inInt64(sum)) throw new RedisError('ERR increment or decrement would overflow');
  update(db, key, sum.toString());
  return sum;
}

function incrementFloat(args: readonly string[], { db }: CommandContext): Reply {
  const key = arg(args, 0);
  const sum = toFloat(read(db, key) ?? '0') + toFloat(arg(args, 1));
  if (!Number.isFinite(sum)) throw new RedisError('ERR increment would produce NaN or Infinity');
  const text = formatFloat(sum);
  update(db, key, text);
  return text;
}

function setAll(args: readonly string[], { db, name }: CommandContext): void {
  for (const [key, text] of pairs(args, 0, name)) db.set(key, new StringValue(text));
}

function setRange(args: readonly string[], { db }: CommandContext): Reply {
  const key = arg(args, 0);
  const offset = toInteger(arg(args, 1));
  const patch = arg(args, 2);
  if (offset < 0) throw new RedisError('ERR offset is out of range');
  const old = read(db, key) ?? '';
  if (patch === '') return old.length;
  if (offset + patch.length > LONGEST)
    throw new RedisError('ERR string exceeds maximum allowed size (proto-max-bulk-len)');
  update(db, key, old.slice(0, offset).padEnd(offset, '\0') + patch + old.slice(offset + patch.length));
  return Math.max(old.length, offset + patch.length);
}

function getRange(args: readonly string[], { db }: CommandContext): Reply {
  const text = read(db, arg(args, 0)) ?? '';
  const { from, to } = clampRange(toInteger(arg(args, 1)), toInteger(arg(args, 2)), text.length);
  return text.slice(from, Math.max(from, to + 1));
}

export const stringCommands: Commands = {
  get: { arity: 2, run: (args, { db }) => read(db, arg(args, 0)) },
  set: { arity: -3, denyOom: true, run: set },
  setex: { arity: 4, denyOom: true, run: setWithExpiry('ex') },
  psetex: { arity: 4, denyOom: true, run: setWithExpiry('px') },
  setnx: {
    arity: 3,
    denyOom: true,
    run: (args, { db }) => {
      if (db.get(arg(args, 0)) !== null) return 0;
      db.set(arg(args, 0), new StringValue(arg(args, 1)));
      return 1;
    },
  },
  getset: {
    arity: 3,
    denyOom: true,
    run: (args, { db }) => {
      const old = read(db, arg(args, 0));
      db.set(arg(args, 0), new StringValue(arg(args, 1)));
      return old;
    },
  },
  getdel: {
    arity: 2,
    run: (args, { db }) => {
      const old = read(db, arg(args, 0));
      db.delete(arg(args, 0));
      return old;
    },
  },
  getex: { arity: -2, run: getex },
  mget: {
    arity: -2,
    run: (args, { db }) =>
      args.map((key) => {
        const value = db.get(key);
        return value?.type === 'string' ? value.text : null;
      }),
  },
  mset: {
    arity: -3,
    denyOom: true,
    run: (args, context) => {
      setAll(args, context);
      return OK;
    },
  },
  msetnx: {
    arity: -3,
    denyOom: true,
    run: (args, context) => {
      if (pairs(args, 0, context.name).some(([key]) => context.db.get(key) !== null)) return 0;
      setAll(args, context);
      return 1;
    },
  },
  append: {
    arity: 3,
    denyOom: true,
    run: (args, { db }) => {
      const text = (read(db, arg(args, 0)) ?? '') + arg(args, 1);
      update(db, arg(args, 0), text);
      return text.length;
    },
  },
  strlen: { arity: 2, run: (args, { db }) => read(db, arg(args, 0))?.length ?? 0 },
  setrange: { arity: 4, denyOom: true, run: setRange },
  getrange: { arity: 4, run: getRange },
  substr: { arity: 4, run: getRange },
  incr: { arity: 2, denyOom: true, run: (args, { db }) => add(db, arg(args, 0), 1n) },
  decr: { arity: 2, denyOom: true, run: (args, { db }) => add(db, arg(args, 0), -1n) },
  incrby: { arity: 3, denyOom: true, run: (args, { db }) => add(db, arg(args, 0), toInt64(arg(args, 1))) },
  decrby: { arity: 3, denyOom: true, run: (args, { db }) => add(db, arg(args, 0), -toInt64(arg(args, 1))) },
  incrbyfloat: { arity: 3, denyOom: true, run: incrementFloat },
};
