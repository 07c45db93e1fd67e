import { arg, formatFloat, inInt64, pairs, toFloat, toInt64 } from '../arguments.ts';
import type { CommandContext, Commands } from '../command.ts';
import type { Keyspace } from '../keyspace.ts';
import { MapReply, OK, RedisError, type Reply } from '../reply.ts';
import { HashValue } from '../values.ts';
import { scanCursor, scanOptions } from './scan.ts';

const read = (db: Keyspace, key: string): HashValue | null => db.typed(key, 'hash');

/** Changes the hash at a key, which is made when there is none. */
function change<T>(db: Keyspace, key: string, apply: (hash: HashValue) => T): T {
  const known = read(db, key);
  const hash = known ?? new HashValue();
  const result = apply(hash);
  if (known) db.changed(key);
  else if (hash.size > 0) db.set(key, hash);
  return result;
}

function setFields(args: readonly string[], { db, name }: CommandContext): number {
  const fields = pairs(args, 1, name);
  return change(db, arg(args, 0), (hash) => fields.filter(([field, value]) => hash.set(field, value)).length);
}

function increment(args: readonly string[], { db }: CommandContext): Reply {
  const [key, field] = [arg(args, 0), arg(args, 1)];
  const amount = toInt64(arg(args, 2));
  const sum = toInt64(read(db, key)?.get(field) ?? '0', 'ERR hash value is not an integer') + amount;
  if (!inInt64(sum)) throw new RedisError('ERR increment or decrement would overflow');
  change(db, key, (hash) => hash.set(field, sum.toString()));
  return sum;
}

function incrementFloat(args: readonly string[], { db }: CommandContext): Reply {
  const [key, field] = [arg(args, 0), arg(args, 1)];
  const old = toFloat(read(db, key)?.get(field) ?? '0', 'ERR hash value is not a float');
  const sum = old + toFloat(arg(args, 2));
  if (!Number.isFinite(sum)) throw new RedisError('ERR increment would produce NaN or Infinity');
  const text = formatFloat(sum);
  change(db, key, (hash) => hash.set(field, text));
  return text;
}

/** All at once, with the cursor at its end: a hash fits in one reply here, as small ones do in Redis. */
function scan(args: readonly string[], { db }: CommandContext): Reply {
  scanCursor(arg(args, 1));
  const { matches } = scanOptions(args, 2);
  const entries = read(db, arg(args, 0))?.entries() ?? [];
  return ['0', entries.filter(([field]) => matches(field)).flat()];
}

export const hashCommands: Commands = {
  hset: { arity: -4, denyOom: true, run: setFields },
  hmset: {
    arity: -4,
    denyOom: true,
    run: (args, context) => {
      setFields(args, context);
      return OK;
    },
  },
  hsetnx: {
    arity: 4,
    denyOom: true,
    run: (args, { db }) => {
      if (read(db, arg(args, 0))?.get(arg(args, 1)) != null) return 0;
      change(db, arg(args, 0), (hash) => hash.set(arg(args, 1), arg(args, 2)));
      return 1;
    },
  },
  hget: { arity: 3, run: (args, { db }) => read(db, arg(args, 0))?.get(arg(args, 1)) ?? null },
  hmget: {
    arity: -3,
    run: (args, { db }) => {
      const hash = read(db, arg(args, 0));
      return args.slice(1).map((field) => hash?.get(field) ?? null);
    },
  },
  hgetall: { arity: 2, run: (args, { db }) => new MapReply((read(db, arg(args, 0))?.entries() ?? []).flat()) },
  hdel: {
    arity: -3,
    run: (args, { db }) =>
      change(db, arg(args, 0), (hash) => args.slice(1).filter((field) => hash.delete(field)).length),
  },
  hlen: { arity: 2, run: (args, { db }) => read(db, arg(args, 0))?.size ?? 0 },
  hkeys: {
    arity: 2,
    run: (args, { db }) =>
      read(db, arg(args, 0))
        ?.entries()
        .map(([field]) => field) ?? [],
  },
  hvals: {
    arity: 2,
    run: (args, { db }) =>
      read(db, arg(args, 0))
        ?.entries()
        .map(([, value]) => value) ?? [],
  },
  hexists: { arity: 3, run: (args, { db }) => (read(db, arg(args, 0))?.get(arg(args, 1)) == null ? 0 : 1) },
  hstrlen: { arity: 3, run: (args, { db }) => read(db, arg(args, 0))?.get(arg(args, 1))?.length ?? 0 },
  hincrby: { arity: 4, denyOom: true, run: increment },
  hincrbyfloat: { arity: 4, denyOom: true, run: incrementFloat },
  hscan: { arity: -3, run: scan },
};
