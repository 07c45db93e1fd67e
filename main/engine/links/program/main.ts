// The links program: a proxy for each edge of a fleet, with faults, controlled by Toxiproxy's HTTP API. It needs Node and
// nothing else, and goes on without the engine: services stay reachable, and faults with a time to live still end.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { controlServer } from './control/control-server.ts';
import { LinkTable } from './link-table.ts';
import { formatAddress } from './listen-address.ts';

const USAGE = 'usage: links [--host HOST] [--port PORT] [--config FILE]';

function options(): { host: string; port: number; config: string | undefined } {
  const { values } = parseArgs({
    options: { host: { type: 'string' }, port: { type: 'string' }, config: { type: 'string' } },
  });
  const port = Number(values.port ?? process.env.LINKS_PORT ?? 8474);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`no such port: ${values.port}`);
  return {
    host: values.host ?? process.env.LINKS_HOST ?? '127.0.0.1',
    port,
    config: values.config ?? process.env.LINKS_CONFIG,
  };
}

async function main(): Promise<void> {
  const { host, port, config } = options();
  const table = new LinkTable();
  const server = controlServer({
    table,
    token: process.env.LINKS_TOKEN || null,
    allowedHosts: new Set([host, ...(process.env.LINKS_ALLOWED_HOSTS ?? '').split(',').filter(Boolean)]),
    id: process.env.LINKS_ID || `links-${process.pid}`,
  });
  if (config) {
    const { error } = await table.populate(JSON.parse(readFileSync(config, 'utf8')));
    if (error) throw error;
  }
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, host, done);
  });
  const stop = (): void => {
    table.close();
    server.close();
    server.closeAllConnections();
    // Nothing is left to wait for: what was open has been closed.
    setImmediate(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  const bound = server.address();
  const address = bound && typeof bound === 'object' ? { host: bound.address, port: bound.port } : { host, port };
  // Who started this may be gone, and its end of the pipe with it.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  // A mistake on one connection must not end all the others.
  process.on('uncaughtException', (error) => console.error(error));
  console.log(`ready on ${formatAddress(address)}`);
}

main().catch((error: unknown) => {
  const isUsage = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') ?? false;
  console.error(error instanceof Error ? error.message : String(error), isUsage ? `\n${USAGE}` : '');
  process.exit(isUsage ? 2 : 1);
});
