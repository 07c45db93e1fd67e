import { arg, SYNTAX, toInteger } from '../arguments.ts';
import type { Client } from '../client.ts';
import type { CommandContext, Commands } from '../command.ts';
import { MapReply, OK, RedisError, type Reply, Status } from '../reply.ts';
import { REDIS_VERSION } from './server.ts';

const WRONG_PASSWORD = 'WRONGPASS invalid username-password pair or user is disabled.';
const NO_PASSWORD =
  'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?';

function authenticate(client: Client, user: string, password: string): void {
  if (client.store.password === null || user !== 'default' || password !== client.store.password) {
    throw new RedisError(WRONG_PASSWORD);
  }
  client.authenticated = true;
}

function auth(args: readonly string[], { client, store }: CommandContext): Reply {
  if (args.length > 2) throw new RedisError(SYNTAX);
  if (args.length === 1 && store.password === null) throw new RedisError(NO_PASSWORD);
  const [user, password] = args.length === 2 ? [arg(args, 0), arg(args, 1)] : ['default', arg(args, 0)];
  authenticate(client, user, password);
  return OK;
}

function hello(args: readonly string[], { client }: CommandContext): Reply {
  const version = args[0] === undefined ? client.protocol : Number(args[0]);
  if (version !== 2 && version !== 3) throw new RedisError('NOPROTO unsupported protocol version');
  for (let index = 1; index < args.length; index += 1) {
    const option = arg(args, index).toLowerCase();
    if (option === 'auth') {
      authenticate(client, arg(args, index + 1), arg(args, index + 2));
      index += 2;
    } else if (option === 'setname') {
      client.name = arg(args, index + 1);
      index += 1;
    } else throw new RedisError(`ERR Syntax error in HELLO option '${arg(args, index)}'`);
  }
  if (!client.authenticated) {
    throw new RedisError(
      'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
    );
  }
  client.protocol = version;
  const facts: [string, Reply][] = [
    ['server', 'redis'],
    ['version', REDIS_VERSION],
    ['proto', version],
    ['id', client.id],
    ['mode', 'standalone'],
    ['role', 'master'],
    ['modules', []],
  ];
  return new MapReply(facts.flat());
}

function clientCommand(args: readonly string[], { client, store }: CommandContext): Reply {
  const what = arg(args, 0).toLowerCase();
  switch (what) {
    case 'id':
      return client.id;
    case 'getname':
      return client.name;
    case 'setname':
      if (/[^!-~]/.test(arg(args, 1))) {
        throw new RedisError('ERR Client names cannot contain spaces, newlines or special characters.');
      }
      client.name = arg(args, 1);
      return OK;
    case 'setinfo':
    case 'no-evict':
    case 'no-touch':
      return OK;
    case 'info':
      return `${client.describe()}\n`;
    case 'list':
      return [...store.clients.values()].map((one) => `${one.describe()}\n`).join('');
    default:
      throw new RedisError(`ERR unknown subcommand '${arg(args, 0)}'. Try CLIENT HELP.`);
  }
}

function ping(args: readonly string[], { client }: CommandContext): Reply {
  if (args.length > 1) throw new RedisError("ERR wrong number of arguments for 'ping' command");
  if (client.protocol === 2 && client.subscriptions > 0) return ['pong', args[0] ?? ''];
  return args[0] ?? new Status('PONG');
}

function reset(_: readonly string[], { client, store }: CommandContext): Reply {
  client.transaction = null;
  client.unwatchAll();
  client.unsubscribeAll();
  client.database = 0;
  client.name = '';
  client.protocol = 2;
  client.authenticated = store.password === null;
  return new Status('RESET');
}

export const connectionCommands: Commands = {
  ping: { arity: -1, whileSubscribed: true, run: ping },
  echo: { arity: 2, run: (args) => arg(args, 0) },
  select: {
    arity: 2,
    run: (args, { client, store }) => {
      const index = toInteger(arg(args, 0), 'ERR invalid DB index');
      store.database(index);
      client.database = index;
      return OK;
    },
  },
  auth: { arity: -2, noAuth: true, run: auth },
  hello: { arity: -1, noAuth: true, run: hello },
  client: { arity: -2, run: clientCommand },
  reset: { arity: 1, noAuth: true, whileSubscribed: true, immediate: true, run: reset },
  quit: {
    arity: -1,
    noAuth: true,
    whileSubscribed: true,
    immediate: true,
    run: (_, { client }) => {
      client.end();
      return OK;
    },
  },
};
