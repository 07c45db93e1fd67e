import { arg, SYNTAX, toFloat, toInteger } from '../arguments.ts';
import type { CommandContext, Commands } from '../command.ts';
import type { Keyspace } from '../keyspace.ts';
import { NIL_ARRAY, OK, RedisError, type Reply } from '../reply.ts';
import { clampRange, ListValue } from '../values.ts';

type Side = 'left' | 'right';

const MOST_TIMEOUT_MS = 2 ** 31 - 1;
const read = (db: Keyspace, key: string): ListValue | null => db.typed(key, 'list');

function push(db: Keyspace, key: string, side: Side, items: readonly string[]): number {
  const known = read(db, key);
  const list = known ?? new ListValue();
  for (const item of items) list.push(side, item);
  const length = list.size;
  if (known) db.changed(key);
  else db.set(key, list);
  return length;
}

function pushCommand(side: Side, onlyExisting: boolean) {
  return (args: readonly string[], { db }: CommandContext): Reply => {
    const key = arg(args, 0);
    if (onlyExisting && read(db, key) === null) return 0;
    return push(db, key, side, args.slice(1));
  };
}

function popOne(db: Keyspace, key: string, side: Side): string | null {
  const item = read(db, key)?.pop(side) ?? null;
  if (item !== null) db.changed(key);
  return item;
}

function popCommand(side: Side) {
  return (args: readonly string[], { db }: CommandContext): Reply => {
    const key = arg(args, 0);
    if (args.length === 1) return popOne(db, key, side);
    const count = toInteger(arg(args, 1), 'ERR value is out of range, must be positive');
    if (count < 0) throw new RedisError('ERR value is out of range, must be positive');
    if (args.length > 2) throw new RedisError(SYNTAX);
    const list = read(db, key);
    if (list === null) return NIL_ARRAY;
    const items: string[] = [];
    while (items.length < count && list.size > 0) items.push(list.pop(side) ?? '');
    db.changed(key);
    return items;
  };
}

function sideOf(text: string): Side {
  const side = text.toLowerCase();
  if (side !== 'left' && side !== 'right') throw new RedisError(SYNTAX);
  return side;
}

function moveItem(db: Keyspace, from: string, to: string, fromSide: Side, toSide: Side): Reply {
  read(db, to);
  const item = popOne(db, from, fromSide);
  if (item !== null) push(db, to, toSide, [item]);
  return item;
}

/**
 * Waits until `attempt` gives something, for as long as the timeout says (0: for ever) or the client stays. It is tried
 * again whenever one of the keys changes. Several waiting clients are served in the order of their waiting, as a change
 * tells its listeners in that order.
 */
function waitFor(
  keys: readonly string[],
  timeout: string,
  attempt: () => Reply,
  context: CommandContext,
): Reply | Promise<Reply> {
  const seconds = toFloat(timeout, 'ERR timeout is not a float or out of range');
  if (seconds < 0) throw new RedisError('ERR timeout is negative');
  const first = attempt();
  if (first !== null || context.inTransaction) return first ?? NIL_ARRAY;
  const { db, client, store } = context;
  store.blockedClients += 1;
  return new Promise((resolve, reject) => {
    let isDone = false;
    let isTrying = false;
    const stops = keys.map((key) => db.listen(key, tryAgain));
    const timeoutMs = Math.min(seconds * 1000, MOST_TIMEOUT_MS);
    const timer = seconds === 0 ? null : setTimeout(() => finish(() => resolve(NIL_ARRAY)), timeoutMs);
    const leave = () => finish(() => resolve(NIL_ARRAY));
    client.gone.signal.addEventListener('abort', leave, { once: true });
    function finish(settle: () => void): void {
      isDone = true;
      store.blockedClients -= 1;
      for (const stop of stops) stop();
      if (timer) clearTimeout(timer);
      client.gone.signal.removeEventListener('abort', leave);
      settle();
    }
    function tryAgain(): void {
      // Taking an item is itself a change of the key, which must not make the same client take another.
      if (isDone || isTrying) return;
      isTrying = true;
      try {
        const reply = attempt();
        if (reply !== null) finish(() => resolve(reply));
      } catch (error) {
        finish(() => reject(error));
      }
      isTrying = false;
    }
  });
}

function blockingPop(side: Side) {
  return (args: readonly string[], context: CommandContext): Reply | Promise<Reply> => {
    const keys = args.slice(0, -1);
    const attempt = () => {
      for (const key of keys) {
        const item = popOne(context.db, key, side);
        if (item !== null) return [key, item];
      }
      return null;
    };
    return waitFor(keys, arg(args, args.length - 1), attempt, context);
  };
}

function removeItems(args: readonly string[], { db }: CommandContext): Reply {
  const key = arg(args, 0);
  const count = toInteger(arg(args, 1));
  const item = arg(args, 2);
  const list = read(db, key);
  if (list === null) return 0;
  const items = list.range(0, -1);
  if (count < 0) items.reverse();
  const most = count === 0 ? items.length : Math.abs(count);
  let removed = 0;
  const kept = items.filter((one) => {
    if (one !== item || removed >= most) return true;
    removed += 1;
    return false;
  });
  if (count < 0) kept.reverse();
  list.replace(kept);
  if (removed > 0) db.changed(key);
  return removed;
}

function trim(args: readonly string[], { db }: CommandContext): Reply {
  const key = arg(args, 0);
  const [start, stop] = [toInteger(arg(args, 1)), toInteger(arg(args, 2))];
  const list = read(db, key);
  if (list !== null) {
    list.replace(list.range(start, stop));
    db.changed(key);
  }
  return OK;
}

function setItem(args: readonly string[], { db }: CommandContext): Reply {
  const key = arg(args, 0);
  const list = read(db, key);
  if (list === null) throw new RedisError('ERR no such key');
  const asked = toInteger(arg(args, 1));
  const index = asked < 0 ? list.size + asked : asked;
  if (index < 0 || index >= list.size) throw new RedisError('ERR index out of range');
  list.set(index, arg(args, 2));
  db.changed(key);
  return OK;
}

function insert(args: readonly string[], { db }: CommandContext): Reply {
  const where = arg(args, 1).toLowerCase();
  if (where !== 'before' && where !== 'after') throw new RedisError(SYNTAX);
  const list = read(db, arg(args, 0));
  if (list === null) return 0;
  const items = list.range(0, -1);
  const at = items.indexOf(arg(args, 2));
  if (at < 0) return -1;
  items.splice(where === 'before' ? at : at + 1, 0, arg(args, 3));
  list.replace(items);
  db.changed(arg(args, 0));
  return items.length;
}

function range(args: readonly string[], { db }: CommandContext): Reply {
  const [start, stop] = [toInteger(arg(args, 1)), toInteger(arg(args, 2))];
  const list = read(db, arg(args, 0));
  if (list === null) return [];
  const { from, to } = clampRange(start, stop, list.size);
  return list.range(from, Math.max(to, -1) < from ? from - 1 : to);
}

export const listCommands: Commands = {
  lpush: { arity: -3, denyOom: true, run: pushCommand('left', false) },
  rpush: { arity: -3, denyOom: true, run: pushCommand('right', false) },
  lpushx: { arity: -3, denyOom: true, run: pushCommand('left', true) },
  rpushx: { arity: -3, denyOom: true, run: pushCommand('right', true) },
  lpop: { arity: -2, run: popCommand('left') },
  rpop: { arity: -2, run: popCommand('right') },
  blpop: { arity: -3, run: blockingPop('left') },
  brpop: { arity: -3, run: blockingPop('right') },
  rpoplpush: {
    arity: 3,
    denyOom: true,
    run: (args, { db }) => moveItem(db, arg(args, 0), arg(args, 1), 'right', 'left'),
  },
  lmove: {
    arity: 5,
    denyOom: true,
    run: (args, { db }) => moveItem(db, arg(args, 0), arg(args, 1), sideOf(arg(args, 2)), sideOf(arg(args, 3))),
  },
  llen: { arity: 2, run: (args, { db }) => read(db, arg(args, 0))?.size ?? 0 },
  lrange: { arity: 4, run: range },
  lindex: { arity: 3, run: (args, { db }) => read(db, arg(args, 0))?.at(toInteger(arg(args, 1))) ?? null },
  lrem: { arity: 4, run: removeItems },
  ltrim: { arity: 4, run: trim },
  lset: { arity: 4, denyOom: true, run: setItem },
  linsert: { arity: 5, denyOom: true, run: insert },
};
