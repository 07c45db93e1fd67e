import { arg, toInteger } from '../arguments.ts';
import type { CommandContext, Commands } from '../command.ts';
import { compileGlob } from '../glob.ts';
import { parseMemory } from '../options.ts';
import { MapReply, OK, RedisError, type Reply } from '../reply.ts';
import type { Store } from '../store.ts';
import { commands } from './index.ts';

/** The version whose behaviour this follows; clients look at it to know what they may use. */
export const REDIS_VERSION = '7.2.0';

function infoSections(store: Store): Record<string, readonly (readonly [string, string | number])[]> {
  const uptime = Math.floor((Date.now() - store.startedAtMs) / 1000);
  const keyspace = store.databases.flatMap((database, index) => {
    const facts = `keys=${database.size},expires=${database.expiringSize},avg_ttl=0`;
    return database.size > 0 ? [[`db${index}`, facts] as const] : [];
  });
  return {
    Server: [
      ['redis_version', REDIS_VERSION],
      ['redis_mode', 'standalone'],
      ['server_name', 'flotilla-embedded'],
      ['process_id', process.pid],
      ['uptime_in_seconds', uptime],
    ],
    Clients: [
      ['connected_clients', store.clients.size],
      ['blocked_clients', store.blockedClients],
    ],
    Memory: [
      ['used_memory', store.bytes],
      ['used_memory_rss', process.memoryUsage.rss()],
      ['maxmemory', store.maxMemoryBytes],
      ['maxmemory_policy', 'noeviction'],
    ],
    Persistence: [
      ['loading', 0],
      ['aof_enabled', 0],
    ],
    Stats: [
      ['total_connections_received', store.connectionsReceived],
      ['total_commands_processed', store.commandsProcessed],
      ['expired_keys', store.databases.reduce((total, database) => total + database.expiredKeys, 0)],
      ['evicted_keys', 0],
      ['pubsub_channels', store.pubsub.channels().length],
      ['pubsub_patterns', store.pubsub.patternCount],
    ],
    Replication: [
      ['role', 'master'],
      ['connected_slaves', 0],
    ],
    Keyspace: keyspace,
  };
}

function info(args: readonly string[], { store }: CommandContext): Reply {
  const wanted = new Set(args.map((section) => section.toLowerCase()));
  const all = wanted.size === 0 || ['all', 'default', 'everything'].some((word) => wanted.has(word));
  const sections = Object.entries(infoSections(store)).filter(([name]) => all || wanted.has(name.toLowerCase()));
  return sections
    .map(([name, facts]) => `# ${name}\r\n${facts.map(([key, value]) => `${key}:${value}\r\n`).join('')}`)
    .join('\r\n');
}

function settings(store: Store): Record<string, string> {
  return {
    appendonly: 'no',
    databases: String(store.databases.length),
    maxmemory: String(store.maxMemoryBytes),
    'maxmemory-policy': 'noeviction',
    'notify-keyspace-events': '',
    requirepass: store.password ?? '',
    save: '',
    timeout: '0',
  };
}

function config(args: readonly string[], { store }: CommandContext): Reply {
  const what = arg(args, 0).toLowerCase();
  if (what === 'get') {
    const matchers = args.slice(1).map((pattern) => compileGlob(pattern.toLowerCase()));
    const found = Object.entries(settings(store)).filter(([name]) => matchers.some((matches) => matches(name)));
    return new MapReply(found.flat());
  }
  if (what === 'set') return configSet(arg(args, 1).toLowerCase(), arg(args, 2), store);
  if (what === 'resetstat') {
    store.commandsProcessed = 0;
    store.connectionsReceived = 0;
    return OK;
  }
  throw new RedisError(`ERR unknown subcommand '${arg(args, 0)}'. Try CONFIG HELP.`);
}

function configSet(name: string, value: string, store: Store): Reply {
  const refused = (why: string) =>
    new RedisError(`ERR CONFIG SET failed (possibly related to argument '${name}') - ${why}`);
  if (name === 'maxmemory') {
    const bytes = parseMemory(value);
    if (bytes === null) throw refused('argument must be a memory value');
    store.maxMemoryBytes = bytes;
    return OK;
  }
  const current = settings(store)[name];
  if (current === undefined)
    throw new RedisError(`ERR Unknown option or number of arguments for CONFIG SET - '${name}'`);
  // Setting what already holds is how clients make sure of it; anything else would be a promise that is not kept.
  if (current !== value) throw refused("the embedded server can't change it");
  return OK;
}

function command(args: readonly string[]): Reply {
  const what = args[0]?.toLowerCase();
  const describe = (name: string): Reply => {
    const known = Object.hasOwn(commands, name) ? commands[name] : undefined;
    return known ? [name, known.arity, known.denyOom ? ['write', 'denyoom'] : [], 0, 0, 0] : null;
  };
  const names = Object.keys(commands);
  if (what === undefined) return names.map(describe);
  if (what === 'count') return names.length;
  if (what === 'list') return names;
  if (what === 'info') return (args.length > 1 ? args.slice(1).map((name) => name.toLowerCase()) : names).map(describe);
  if (what === 'docs') return new MapReply([]);
  throw new RedisError(`ERR unknown subcommand '${arg(args, 0)}'. Try COMMAND HELP.`);
}

function memory(args: readonly string[], { db }: CommandContext): Reply {
  if (arg(args, 0).toLowerCase() !== 'usage')
    throw new RedisError(`ERR unknown subcommand '${arg(args, 0)}'. Try MEMORY HELP.`);
  return db.bytesOf(arg(args, 1));
}

function time(): Reply {
  const now = Date.now();
  return [String(Math.floor(now / 1000)), String((now % 1000) * 1000)];
}

export const serverCommands: Commands = {
  info: { arity: -1, run: info },
  config: { arity: -2, run: config },
  command: { arity: -1, run: command },
  memory: { arity: -2, run: memory },
  time: { arity: 1, run: time },
  /** There are no replicas to wait for. */
  wait: {
    arity: 3,
    run: (args) => {
      toInteger(arg(args, 0));
      return 0;
    },
  },
};
