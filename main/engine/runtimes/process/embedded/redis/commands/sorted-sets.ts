import { arg, pairs, SYNTAX, toFloat, toInteger } from '../arguments.ts';
import type { CommandContext, Commands } from '../command.ts';
import type { Keyspace } from '../keyspace.ts';
import { DoubleReply, formatDouble, RedisError, type Reply } from '../reply.ts';
import { clampRange, type Scored, SortedSetValue } from '../values.ts';
import { scanCursor, scanOptions } from './scan.ts';

const read = (db: Keyspace, key: string): SortedSetValue | null => db.typed(key, 'zset');
const sorted = (db: Keyspace, key: string): readonly Scored[] => read(db, key)?.sorted() ?? [];
const ADD_OPTIONS = new Set(['nx', 'xx', 'gt', 'lt', 'ch', 'incr']);

/** Members, each with its score behind it when asked for: pairs in RESP3, flat in RESP2. */
function toReply(items: readonly Scored[], withScores: boolean, { client }: CommandContext): Reply {
  if (!withScores) return items.map(({ member }) => member);
  const pair = items.map(({ member, score }): Reply[] => [member, new DoubleReply(score)]);
  return client.protocol === 3 ? pair : pair.flat();
}

function mayChange(options: ReadonlySet<string>, old: number | null, next: number): boolean {
  if (old === null) return !options.has('xx');
  if (options.has('nx')) return false;
  return !(options.has('gt') && next <= old) && !(options.has('lt') && next >= old);
}

function add(args: readonly string[], { db, name }: CommandContext): Reply {
  const key = arg(args, 0);
  let at = 1;
  const options = new Set<string>();
  while (ADD_OPTIONS.has(args[at]?.toLowerCase() ?? '')) {
    options.add(arg(args, at).toLowerCase());
    at += 1;
  }
  const clashes = options.has('nx') && ['xx', 'gt', 'lt'].some((option) => options.has(option));
  if (clashes || (options.has('gt') && options.has('lt')) || (args.length - at) % 2 !== 0) throw new RedisError(SYNTAX);
  const items = pairs(args, at, name).map(([score, member]) => ({ score: toFloat(score), member }));
  if (options.has('incr') && items.length !== 1)
    throw new RedisError('ERR INCR option supports a single increment-element pair');
  const known = read(db, key);
  const set = known ?? new SortedSetValue();
  let added = 0;
  let changed = 0;
  let last: number | null = null;
  for (const { score, member } of items) {
    const old = set.score(member);
    const next = options.has('incr') ? score + (old ?? 0) : score;
    if (Number.isNaN(next)) throw new RedisError('ERR resulting score is not a number (NaN)');
    last = null;
    if (!mayChange(options, old, next)) continue;
    last = next;
    if (old === null) added += 1;
    else if (old !== next) changed += 1;
    set.set(member, next);
  }
  if (known) db.changed(key);
  else if (set.size > 0) db.set(key, set);
  if (options.has('incr')) return last === null ? null : new DoubleReply(last);
  return options.has('ch') ? added + changed : added;
}

interface Bound {
  readonly score: number;
  readonly exclusive: boolean;
}

function bound(text: string): Bound {
  const exclusive = text.startsWith('(');
  return { score: toFloat(exclusive ? text.slice(1) : text, 'ERR min or max is not a float'), exclusive };
}

function byScore(items: readonly Scored[], min: Bound, max: Bound): Scored[] {
  return items.filter(
    ({ score }) =>
      (min.exclusive ? score > min.score : score >= min.score) &&
      (max.exclusive ? score < max.score : score <= max.score),
  );
}

interface RangeOptions {
  byScore: boolean;
  reverse: boolean;
  withScores: boolean;
  limit: { offset: number; count: number } | null;
}

function rangeOptions(args: readonly string[], from: number, options: RangeOptions): RangeOptions {
  for (let index = from; index < args.length; index += 1) {
    const option = arg(args, index).toLowerCase();
    if (option === 'byscore') options.byScore = true;
    else if (option === 'rev') options.reverse = true;
    else if (option === 'withscores') options.withScores = true;
    else if (option === 'limit') {
      options.limit = { offset: toInteger(arg(args, index + 1)), count: toInteger(arg(args, index + 2)) };
      index += 2;
    } else throw new RedisError(SYNTAX);
  }
  if (options.limit && !options.byScore) {
    throw new RedisError('ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX');
  }
  return options;
}

function range(defaults: Pick<RangeOptions, 'byScore' | 'reverse'>) {
  return (args: readonly string[], context: CommandContext): Reply => {
    const options = rangeOptions(args, 3, { ...defaults, withScores: false, limit: null });
    const all = sorted(context.db, arg(args, 0));
    const ordered = options.reverse ? [...all].reverse() : all;
    let items: readonly Scored[];
    if (options.byScore) {
      const [low, high] = options.reverse ? [arg(args, 2), arg(args, 1)] : [arg(args, 1), arg(args, 2)];
      items = byScore(ordered, bound(low), bound(high));
      if (options.limit) {
        const { offset, count } = options.limit;
        items = offset < 0 ? [] : items.slice(offset, count < 0 ? undefined : offset + count);
      }
    } else {
      const { from, to } = clampRange(toInteger(arg(args, 1)), toInteger(arg(args, 2)), ordered.length);
      items = ordered.slice(from, Math.max(from, to + 1));
    }
    return toReply(items, options.withScores, context);
  };
}

function removeAll(db: Keyspace, key: string, removed: readonly string[]): number {
  const set = read(db, key);
  if (set === null) return 0;
  const count = removed.filter((member) => set.delete(member)).length;
  if (count > 0) db.changed(key);
  return count;
}

function rank(fromEnd: boolean) {
  return (args: readonly string[], { db }: CommandContext): Reply => {
    const all = sorted(db, arg(args, 0));
    const index = all.findIndex(({ member }) => member === arg(args, 1));
    if (index < 0) return null;
    return fromEnd ? all.length - 1 - index : index;
  };
}

function pop(highest: boolean) {
  return (args: readonly string[], context: CommandContext): Reply => {
    const key = arg(args, 0);
    const count = args.length > 1 ? toInteger(arg(args, 1)) : 1;
    if (count < 0) throw new RedisError('ERR value is out of range, must be positive');
    const all = sorted(context.db, key);
    const popped = highest ? [...all].reverse().slice(0, count) : all.slice(0, count);
    removeAll(
      context.db,
      key,
      popped.map(({ member }) => member),
    );
    return args.length > 1
      ? toReply(popped, true, context)
      : popped.flatMap((one) => [one.member, new DoubleReply(one.score)]);
  };
}

function score(args: readonly string[], { db }: CommandContext): Reply {
  const found = read(db, arg(args, 0))?.score(arg(args, 1)) ?? null;
  return found === null ? null : new DoubleReply(found);
}

function scan(args: readonly string[], { db }: CommandContext): Reply {
  scanCursor(arg(args, 1));
  const { matches } = scanOptions(args, 2);
  const items = sorted(db, arg(args, 0)).filter(({ member }) => matches(member));
  return ['0', items.flatMap((item) => [item.member, formatDouble(item.score)])];
}

export const sortedSetCommands: Commands = {
  zadd: { arity: -4, denyOom: true, run: add },
  zincrby: {
    arity: 4,
    denyOom: true,
    run: (args, context) => add([arg(args, 0), 'incr', arg(args, 1), arg(args, 2)], context),
  },
  zrem: { arity: -3, run: (args, { db }) => removeAll(db, arg(args, 0), args.slice(1)) },
  zscore: { arity: 3, run: score },
  zmscore: { arity: -3, run: (args, context) => args.slice(1).map((member) => score([arg(args, 0), member], context)) },
  zcard: { arity: 2, run: (args, { db }) => read(db, arg(args, 0))?.size ?? 0 },
  zcount: {
    arity: 4,
    run: (args, { db }) => byScore(sorted(db, arg(args, 0)), bound(arg(args, 1)), bound(arg(args, 2))).length,
  },
  zrange: { arity: -4, run: range({ byScore: false, reverse: false }) },
  zrevrange: { arity: -4, run: range({ byScore: false, reverse: true }) },
  zrangebyscore: { arity: -4, run: range({ byScore: true, reverse: false }) },
  zrevrangebyscore: { arity: -4, run: range({ byScore: true, reverse: true }) },
  zrank: { arity: 3, run: rank(false) },
  zrevrank: { arity: 3, run: rank(true) },
  zpopmin: { arity: -2, run: pop(false) },
  zpopmax: { arity: -2, run: pop(true) },
  zremrangebyscore: {
    arity: 4,
    run: (args, { db }) => {
      const items = byScore(sorted(db, arg(args, 0)), bound(arg(args, 1)), bound(arg(args, 2)));
      return removeAll(
        db,
        arg(args, 0),
        items.map(({ member }) => member),
      );
    },
  },
  zremrangebyrank: {
    arity: 4,
    run: (args, { db }) => {
      const all = sorted(db, arg(args, 0));
      const { from, to } = clampRange(toInteger(arg(args, 1)), toInteger(arg(args, 2)), all.length);
      return removeAll(
        db,
        arg(args, 0),
        all.slice(from, Math.max(from, to + 1)).map(({ member }) => member),
      );
    },
  },
  zscan: { arity: -3, run: scan },
};
