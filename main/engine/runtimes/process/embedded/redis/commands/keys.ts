import { arg, SYNTAX, toInteger } from '../arguments.ts';
import type { CommandContext, Commands } from '../command.ts';
import { compileGlob } from '../glob.ts';
import type { Keyspace } from '../keyspace.ts';
import { OK, RedisError, type Reply, Status } from '../reply.ts';
import { HashValue, ListValue, SetValue, SortedSetValue, StringValue, type Value } from '../values.ts';
import { scanCursor, scanOptions } from './scan.ts';

const NO_KEY = 'ERR no such key';

function remove(args: readonly string[], { db }: CommandContext): Reply {
  return args.filter((key) => db.delete(key)).length;
}

function isAllowed(condition: string | undefined, old: number | null, next: number): boolean {
  switch (condition) {
    case undefined:
      return true;
    case 'nx':
      return old === null;
    case 'xx':
      return old !== null;
    case 'gt':
      return old !== null && next > old;
    case 'lt':
      return old === null || next < old;
    default:
      throw new RedisError(`ERR Unsupported option ${condition}`);
  }
}

function expire(factor: number, isAbsolute: boolean) {
  return (args: readonly string[], { db, name }: CommandContext): Reply => {
    const key = arg(args, 0);
    const amount = toInteger(arg(args, 1)) * factor;
    const atMs = isAbsolute ? amount : Date.now() + amount;
    if (!Number.isSafeInteger(atMs)) throw new RedisError(`ERR invalid expire time in '${name}' command`);
    if (args.length > 3) throw new RedisError(SYNTAX);
    const allowed = isAllowed(args[2]?.toLowerCase(), db.expiresAtMs(key), atMs);
    if (db.get(key) === null || !allowed) return 0;
    db.expireAt(key, atMs);
    return 1;
  };
}

/** What TTL and its kin share: -2 without such a key, -1 when it does not expire. */
function expiry(toReply: (atMs: number) => number) {
  return (args: readonly string[], { db }: CommandContext): Reply => {
    const key = arg(args, 0);
    if (db.get(key) === null) return -2;
    const atMs = db.expiresAtMs(key);
    return atMs === null ? -1 : toReply(atMs);
  };
}

function move(db: Keyspace, from: string, to: string): void {
  const value = db.get(from);
  if (value === null) throw new RedisError(NO_KEY);
  const atMs = db.expiresAtMs(from);
  db.delete(from);
  db.set(to, value);
  if (atMs !== null) db.expireAt(to, atMs);
}

function copyOf(value: Value): Value {
  switch (value.type) {
    case 'string':
      return new StringValue(value.text);
    case 'hash': {
      const copy = new HashValue();
      for (const [field, text] of value.entries()) copy.set(field, text);
      return copy;
    }
    case 'list': {
      const copy = new ListValue();
      copy.replace(value.range(0, -1));
      return copy;
    }
    case 'set': {
      const copy = new SetValue();
      for (const member of value.members()) copy.add(member);
      return copy;
    }
    case 'zset': {
      const copy = new SortedSetValue();
      for (const { member, score } of value.sorted()) copy.set(member, score);
      return copy;
    }
  }
}

function copy(args: readonly string[], { db }: CommandContext): Reply {
  const [from, to] = [arg(args, 0), arg(args, 1)];
  const replaces = args[2]?.toLowerCase() === 'replace';
  if (args.length > (replaces ? 3 : 2)) throw new RedisError(SYNTAX);
  const value = db.get(from);
  if (value === null || (db.get(to) !== null && !replaces)) return 0;
  const atMs = db.expiresAtMs(from);
  db.set(to, copyOf(value));
  if (atMs !== null) db.expireAt(to, atMs);
  return 1;
}

function keys(args: readonly string[], { db }: CommandContext): Reply {
  const matches = compileGlob(arg(args, 0));
  return [...db.keys()].filter(matches);
}

function scan(args: readonly string[], { db }: CommandContext): Reply {
  const { matches, count, type } = scanOptions(args, 1);
  const { next, keys: found } = db.scan(scanCursor(arg(args, 0)), count);
  const wanted = found.filter((key) => matches(key) && (type === null || db.get(key)?.type === type));
  return [String(next), wanted];
}

function flush(database: (context: CommandContext) => readonly Keyspace[]) {
  return (args: readonly string[], context: CommandContext): Reply => {
    const mode = args[0]?.toLowerCase();
    if (args.length > 1 || (mode !== undefined && mode !== 'sync' && mode !== 'async')) throw new RedisError(SYNTAX);
    for (const one of database(context)) one.clear();
    return OK;
  };
}

export const keyCommands: Commands = {
  del: { arity: -2, run: remove },
  unlink: { arity: -2, run: remove },
  exists: { arity: -2, run: (args, { db }) => args.filter((key) => db.get(key) !== null).length },
  touch: { arity: -2, run: (args, { db }) => args.filter((key) => db.get(key) !== null).length },
  expire: { arity: -3, run: expire(1000, false) },
  pexpire: { arity: -3, run: expire(1, false) },
  expireat: { arity: -3, run: expire(1000, true) },
  pexpireat: { arity: -3, run: expire(1, true) },
  ttl: { arity: 2, run: expiry((atMs) => Math.round(Math.max(0, atMs - Date.now()) / 1000)) },
  pttl: { arity: 2, run: expiry((atMs) => Math.max(0, atMs - Date.now())) },
  expiretime: { arity: 2, run: expiry((atMs) => Math.round(atMs / 1000)) },
  pexpiretime: { arity: 2, run: expiry((atMs) => atMs) },
  persist: {
    arity: 2,
    run: (args, { db }) => {
      if (db.expiresAtMs(arg(args, 0)) === null) return 0;
      db.expireAt(arg(args, 0), null);
      return 1;
    },
  },
  type: { arity: 2, run: (args, { db }) => new Status(db.get(arg(args, 0))?.type ?? 'none') },
  keys: { arity: 2, run: keys },
  scan: { arity: -2, run: scan },
  randomkey: {
    arity: 1,
    run: (_, { db }) => {
      const all = [...db.keys()];
      return all[Math.floor(Math.random() * all.length)] ?? null;
    },
  },
  rename: {
    arity: 3,
    run: (args, { db }) => {
      move(db, arg(args, 0), arg(args, 1));
      return OK;
    },
  },
  renamenx: {
    arity: 3,
    run: (args, { db }) => {
      if (db.get(arg(args, 0)) === null) throw new RedisError(NO_KEY);
      if (db.get(arg(args, 1)) !== null) return 0;
      move(db, arg(args, 0), arg(args, 1));
      return 1;
    },
  },
  copy: { arity: -3, denyOom: true, run: copy },
  dbsize: { arity: 1, run: (_, { db }) => db.size },
  flushdb: { arity: -1, run: flush(({ db }) => [db]) },
  flushall: { arity: -1, run: flush(({ store }) => store.databases) },
};
