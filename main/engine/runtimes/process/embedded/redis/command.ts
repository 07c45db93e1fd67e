import type { Client } from './client.ts';
import type { Keyspace } from './keyspace.ts';
import type { Reply } from './reply.ts';
import type { Store } from './store.ts';

export interface CommandContext {
  readonly store: Store;
  readonly client: Client;
  /** The database that the client has selected. */
  readonly db: Keyspace;
  /** In lower case. */
  readonly name: string;
  /** Within EXEC nothing waits. */
  readonly inTransaction: boolean;
}

export interface Command {
  /** The number of words with the command's own, at least that many when negative: as Redis counts. */
  readonly arity: number;
  /** It may add to memory, so it is refused when the limit is reached. */
  readonly denyOom?: boolean;
  /** It may run before AUTH. */
  readonly noAuth?: boolean;
  /** It may run while a RESP2 client is subscribed. */
  readonly whileSubscribed?: boolean;
  /** It runs at once between MULTI and EXEC. */
  readonly immediate?: boolean;
  /** The arguments without the command's own word. A promise keeps the client's further commands waiting. */
  run(args: readonly string[], context: CommandContext): Reply | Promise<Reply>;
}

export type Commands = Readonly<Record<string, Command>>;
