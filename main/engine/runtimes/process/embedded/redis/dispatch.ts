import { wrongArity } from './arguments.ts';
import type { Client, Transaction } from './client.ts';
import type { Command } from './command.ts';
import { commands } from './commands/index.ts';
import { QUEUED, RedisError, type Reply } from './reply.ts';

/** Bounds what a client can queue between MULTI and EXEC. */
const MOST_QUEUED = 100_000;
const MOST_QUEUED_BYTES = 64 * 1024 * 1024;

function enqueue(words: readonly string[], transaction: Transaction): Reply {
  const bytes = words.reduce((total, word) => total + word.length, transaction.bytes);
  if (transaction.commands.length >= MOST_QUEUED || bytes > MOST_QUEUED_BYTES) {
    transaction.spoiled = true;
    return new RedisError(`ERR a transaction holds at most ${MOST_QUEUED} commands and 64 MB`);
  }
  transaction.bytes = bytes;
  transaction.commands.push([...words]);
  return QUEUED;
}

/** The command of a request, or the error that Redis gives for it. */
function find(words: readonly string[]): Command | RedisError {
  const [word = '', ...args] = words;
  const name = word.toLowerCase();
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    const shown = args.map((arg) => `'${arg.slice(0, 128)}' `).join('');
    return new RedisError(
      `ERR unknown command '${word.slice(0, 128)}', with args beginning with: ${shown.slice(0, 128)}`,
    );
  }
  const { arity } = command;
  const fits = arity < 0 ? words.length >= -arity : words.length === arity;
  return fits ? command : wrongArity(name);
}

/** Why a command may not run for this client now; null when it may. */
function refusal(command: Command, name: string, client: Client): RedisError | null {
  if (!client.authenticated && !command.noAuth) return new RedisError('NOAUTH Authentication required.');
  if (client.protocol === 2 && client.subscriptions > 0 && !command.whileSubscribed) {
    return new RedisError(
      `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
    );
  }
  return null;
}

/** Runs a request and gives its reply; whatever a command throws becomes an error reply, never the end of the server. */
export function runCommand(words: readonly string[], client: Client, inTransaction = false): Reply | Promise<Reply> {
  const command = find(words);
  const name = (words[0] ?? '').toLowerCase();
  const error = command instanceof RedisError ? command : refusal(command, name, client);
  const { transaction } = client;
  if (error !== null || command instanceof RedisError) {
    if (transaction && !inTransaction) transaction.spoiled = true;
    return error;
  }
  if (transaction && !inTransaction && !command.immediate) {
    return enqueue(words, transaction);
  }
  client.store.commandsProcessed += 1;
  try {
    if (command.denyOom) client.store.checkMemory();
    const context = { store: client.store, client, db: client.db, name, inTransaction };
    const reply = command.run(words.slice(1), context);
    return reply instanceof Promise ? reply.catch(toReply) : reply;
  } catch (thrown) {
    return toReply(thrown);
  }
}

function toReply(thrown: unknown): RedisError {
  if (thrown instanceof RedisError) return thrown;
  return new RedisError(`ERR internal error: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
}
