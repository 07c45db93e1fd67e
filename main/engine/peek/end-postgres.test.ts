import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { endPostgres, postgresClient } from './postgres.ts';

/** AuthenticationOk and ReadyForQuery (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

test('a connection to a server that stands still is ended all the same', async () => {
  // It takes the client in and then says and closes nothing any more.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.once('data', () => socket.write(WELCOME));
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const target = { host: '127.0.0.1', port, user: 'u', password: 'p', database: 'd' } as Parameters<
    typeof postgresClient
  >[0];
  const client = postgresClient(target, 'd');
  await client.connect();
  await endPostgres(client);
  const { stream } = (client as unknown as { connection: { stream: { destroyed: boolean } } }).connection;
  expect(stream.destroyed).toBe(true);
});
