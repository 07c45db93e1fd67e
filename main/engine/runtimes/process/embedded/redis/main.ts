/**
 * The embedded Redis-protocol server, a program of its own: what the process runtime starts for a Redis image. It keeps
 * everything in memory; its data ends with it. PORT: where to listen on 127.0.0.1 (0: any).
 */
import { readOptions } from './options.ts';
import { startRedisServer } from './server.ts';

function log(level: 'info' | 'warn', msg: string): void {
  console.log(JSON.stringify({ time: new Date().toISOString(), level, msg }));
}

async function main(): Promise<void> {
  const port = Number(process.env.PORT ?? '0');
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`PORT is ${process.env.PORT}, which is no port`);
  const { options, ignored } = readOptions(process.argv.slice(2), process.env);
  const server = await startRedisServer(port, options);
  const stop = () => {
    void server.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (ignored.length > 0) log('warn', `these options have no effect on the embedded server: ${ignored.join(' ')}`);
  log(
    'info',
    `in memory only, up to ${Math.round(options.maxMemoryBytes / 1024 / 1024)} MB; the data ends with this process`,
  );
  console.log(`ready on 127.0.0.1:${server.port}`);
}

main().catch((error: NodeJS.ErrnoException) => {
  const taken = error.code === 'EADDRINUSE' ? `port ${process.env.PORT} is taken` : error.message;
  console.error(`The Redis server did not start: ${taken}.`);
  process.exit(1);
});
