import type { CommandContext, Commands } from '../command.ts';
import { runCommand } from '../dispatch.ts';
import { NIL_ARRAY, OK, RedisError, type Reply } from '../reply.ts';

function exec(_: readonly string[], { client }: CommandContext): Reply {
  const { transaction, dirty } = client;
  if (!transaction) throw new RedisError('ERR EXEC without MULTI');
  client.transaction = null;
  client.unwatchAll();
  if (transaction.spoiled) throw new RedisError('EXECABORT Transaction discarded because of previous errors.');
  if (dirty) return NIL_ARRAY;
  return transaction.commands.map((words) => {
    const reply = runCommand(words, client, true);
    return reply instanceof Promise ? null : reply;
  });
}

export const transactionCommands: Commands = {
  multi: {
    arity: 1,
    immediate: true,
    run: (_, { client }) => {
      if (client.transaction) throw new RedisError('ERR MULTI calls can not be nested');
      client.transaction = { commands: [], bytes: 0, spoiled: false };
      return OK;
    },
  },
  exec: { arity: 1, immediate: true, run: exec },
  discard: {
    arity: 1,
    immediate: true,
    run: (_, { client }) => {
      if (!client.transaction) throw new RedisError('ERR DISCARD without MULTI');
      client.transaction = null;
      client.unwatchAll();
      return OK;
    },
  },
  watch: {
    arity: -2,
    immediate: true,
    run: (args, { client }) => {
      if (client.transaction) throw new RedisError('ERR WATCH inside MULTI is not allowed');
      for (const key of args) client.watch(key);
      return OK;
    },
  },
  unwatch: {
    arity: 1,
    run: (_, { client }) => {
      client.unwatchAll();
      return OK;
    },
  },
};
