import { arg, toInteger } from '../arguments.ts';
import type { CommandContext, Commands } from '../command.ts';
import type { Keyspace } from '../keyspace.ts';
import { RedisError, type Reply, SetReply } from '../reply.ts';
import { SetValue } from '../values.ts';
import { scanCursor, scanOptions } from './scan.ts';

const read = (db: Keyspace, key: string): SetValue | null => db.typed(key, 'set');
const members = (db: Keyspace, key: string): string[] => read(db, key)?.members() ?? [];

function add(db: Keyspace, key: string, added: readonly string[]): number {
  const known = read(db, key);
  const set = known ?? new SetValue();
  const count = added.filter((member) => set.add(member)).length;
  if (known) db.changed(key);
  else if (set.size > 0) db.set(key, set);
  return count;
}

function remove(db: Keyspace, key: string, removed: readonly string[]): number {
  const set = read(db, key);
  if (set === null) return 0;
  const count = removed.filter((member) => set.delete(member)).length;
  if (count > 0) db.changed(key);
  return count;
}

function pick(all: readonly string[]): string | null {
  return all[Math.floor(Math.random() * all.length)] ?? null;
}

/** `count` members, each once; all of them when there are no more. */
function sample(all: readonly string[], count: number): string[] {
  const rest = [...all];
  const picked: string[] = [];
  while (picked.length < count && rest.length > 0) {
    const [member] = rest.splice(Math.floor(Math.random() * rest.length), 1);
    if (member !== undefined) picked.push(member);
  }
  return picked;
}

function pop(args: readonly string[], { db }: CommandContext): Reply {
  const key = arg(args, 0);
  if (args.length === 1) {
    const member = pick(members(db, key));
    if (member !== null) remove(db, key, [member]);
    return member;
  }
  const count = toInteger(arg(args, 1));
  if (count < 0) throw new RedisError('ERR value is out of range, must be positive');
  const popped = sample(members(db, key), count);
  remove(db, key, popped);
  return new SetReply(popped);
}

function randomMember(args: readonly string[], { db }: CommandContext): Reply {
  const all = members(db, arg(args, 0));
  if (args.length === 1) return pick(all);
  const count = toInteger(arg(args, 1));
  if (count >= 0) return sample(all, count);
  // A negative count asks for that many picks, repeats allowed.
  return all.length === 0 ? [] : Array.from({ length: Math.min(-count, 100_000) }, () => pick(all));
}

type Combine = (sets: readonly ReadonlySet<string>[]) => string[];

const union: Combine = (sets) => [...new Set(sets.flatMap((set) => [...set]))];
const intersection: Combine = ([first, ...rest]) =>
  [...(first ?? [])].filter((member) => rest.every((set) => set.has(member)));
const difference: Combine = ([first, ...rest]) =>
  [...(first ?? [])].filter((member) => !rest.some((set) => set.has(member)));

function combine(how: Combine) {
  return (args: readonly string[], { db }: CommandContext): Reply =>
    new SetReply(how(args.map((key) => new Set(members(db, key)))));
}

function combineAndStore(how: Combine) {
  return (args: readonly string[], { db }: CommandContext): Reply => {
    const [target = '', ...keys] = args;
    const result = how(keys.map((key) => new Set(members(db, key))));
    db.delete(target);
    return add(db, target, result);
  };
}

function move(args: readonly string[], { db }: CommandContext): Reply {
  read(db, arg(args, 1));
  if (remove(db, arg(args, 0), [arg(args, 2)]) === 0) return 0;
  add(db, arg(args, 1), [arg(args, 2)]);
  return 1;
}

function scan(args: readonly string[], { db }: CommandContext): Reply {
  scanCursor(arg(args, 1));
  const { matches } = scanOptions(args, 2);
  return ['0', members(db, arg(args, 0)).filter(matches)];
}

export const setCommands: Commands = {
  sadd: { arity: -3, denyOom: true, run: (args, { db }) => add(db, arg(args, 0), args.slice(1)) },
  srem: { arity: -3, run: (args, { db }) => remove(db, arg(args, 0), args.slice(1)) },
  smembers: { arity: 2, run: (args, { db }) => new SetReply(members(db, arg(args, 0))) },
  sismember: { arity: 3, run: (args, { db }) => (read(db, arg(args, 0))?.has(arg(args, 1)) ? 1 : 0) },
  smismember: {
    arity: -3,
    run: (args, { db }) => {
      const set = read(db, arg(args, 0));
      return args.slice(1).map((member) => (set?.has(member) ? 1 : 0));
    },
  },
  scard: { arity: 2, run: (args, { db }) => read(db, arg(args, 0))?.size ?? 0 },
  spop: { arity: -2, run: pop },
  srandmember: { arity: -2, run: randomMember },
  smove: { arity: 4, denyOom: true, run: move },
  sunion: { arity: -2, run: combine(union) },
  sinter: { arity: -2, run: combine(intersection) },
  sdiff: { arity: -2, run: combine(difference) },
  sunionstore: { arity: -3, denyOom: true, run: combineAndStore(union) },
  sinterstore: { arity: -3, denyOom: true, run: combineAndStore(intersection) },
  sdiffstore: { arity: -3, denyOom: true, run: combineAndStore(difference) },
  sscan: { arity: -3, run: scan },
};
