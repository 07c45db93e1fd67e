import { createServer } from 'node:net';
import { Client } from './client.ts';
import { encodeReply, RedisError } from './reply.ts';
import { Store, type StoreOptions } from './store.ts';

const MOST_CLIENTS = 2000;

export interface RedisServer {
  readonly port: number;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

/** Listens on 127.0.0.1; port 0 is any free one. Rejects with the system's error when the port cannot be had. */
export function startRedisServer(port: number, options: StoreOptions): Promise<RedisServer> {
  const store = new Store(options);
  const clients = new Map<number, Client>();
  const server = createServer({ noDelay: true }, (socket) => {
    store.connectionsReceived += 1;
    if (clients.size >= MOST_CLIENTS) {
      socket.on('error', () => undefined);
      socket.end(encodeReply(new RedisError('ERR max number of clients reached'), 2), 'latin1');
      return;
    }
    const client = new Client(store.connectionsReceived, socket, store);
    clients.set(client.id, client);
    store.clients.set(client.id, client);
    socket.on('close', () => clients.delete(client.id));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      const close = () =>
        new Promise<void>((closed) => {
          server.close(() => closed());
          for (const client of clients.values()) client.destroy();
          store.close();
        });
      resolve({ port: typeof address === 'object' && address !== null ? address.port : port, close });
    });
  });
}
