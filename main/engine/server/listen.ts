import type { FastifyInstance } from 'fastify';

/**
 * Listens on 127.0.0.1, on the wished port if it is free and else on any, and gives the port. The wish is that of the
 * engine before, so that an open page finds the engine again after a restart.
 */
export async function listenLocally(app: FastifyInstance, wishedPort: number): Promise<number> {
  try {
    await app.listen({ host: '127.0.0.1', port: wishedPort });
  } catch (error) {
    if (wishedPort === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    await app.listen({ host: '127.0.0.1', port: 0 });
  }
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
