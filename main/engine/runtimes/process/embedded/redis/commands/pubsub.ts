import { arg } from '../arguments.ts';
import type { CommandContext, Commands } from '../command.ts';
import { compileGlob } from '../glob.ts';
import { PushReply, RedisError, Replies, type Reply } from '../reply.ts';

type Kind = 'subscribe' | 'psubscribe';

function subscribe(kind: Kind) {
  return (args: readonly string[], { client, store }: CommandContext): Reply => {
    const names = kind === 'subscribe' ? client.channels : client.patterns;
    const replies = args.map((name) => {
      if (!names.has(name)) {
        names.add(name);
        if (kind === 'subscribe') store.pubsub.subscribe(name, client);
        else store.pubsub.subscribePattern(name, client);
      }
      return new PushReply([kind, name, client.subscriptions]);
    });
    return new Replies(replies);
  };
}

function unsubscribe(kind: Kind) {
  return (args: readonly string[], { client, store }: CommandContext): Reply => {
    const names = kind === 'subscribe' ? client.channels : client.patterns;
    const left = args.length > 0 ? args : [...names];
    const replies = left.map((name) => {
      names.delete(name);
      if (kind === 'subscribe') store.pubsub.unsubscribe(name, client);
      else store.pubsub.unsubscribePattern(name, client);
      return new PushReply([`${kind === 'subscribe' ? '' : 'p'}unsubscribe`, name, client.subscriptions]);
    });
    const none = new PushReply([`${kind === 'subscribe' ? '' : 'p'}unsubscribe`, null, client.subscriptions]);
    return new Replies(replies.length > 0 ? replies : [none]);
  };
}

function pubsub(args: readonly string[], { store }: CommandContext): Reply {
  const what = arg(args, 0).toLowerCase();
  if (what === 'channels') {
    const matches = args[1] === undefined ? () => true : compileGlob(args[1]);
    return store.pubsub.channels().filter(matches);
  }
  if (what === 'numsub')
    return args.slice(1).flatMap((channel): Reply[] => [channel, store.pubsub.subscribersOf(channel)]);
  if (what === 'numpat') return store.pubsub.patternCount;
  throw new RedisError(`ERR unknown subcommand '${arg(args, 0)}'. Try PUBSUB HELP.`);
}

export const pubsubCommands: Commands = {
  subscribe: { arity: -2, whileSubscribed: true, run: subscribe('subscribe') },
  psubscribe: { arity: -2, whileSubscribed: true, run: subscribe('psubscribe') },
  unsubscribe: { arity: -1, whileSubscribed: true, run: unsubscribe('subscribe') },
  punsubscribe: { arity: -1, whileSubscribed: true, run: unsubscribe('psubscribe') },
  publish: { arity: 3, run: (args, { store }) => store.pubsub.publish(arg(args, 0), arg(args, 1)) },
  pubsub: { arity: -2, run: pubsub },
};
