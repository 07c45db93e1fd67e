import path from 'node:path';
import { Broker } from './broker.ts';
import { readAdvertised, readClientListeners } from './listeners.ts';
import { readSettings } from './settings.ts';

/*
 * The embedded Kafka broker as a program. Environment: PORT (0: any), DATA_DIR (absolute; absent: memory only),
 * KAFKA_ADVERTISED_LISTENER (host:port; absent: 127.0.0.1:PORT), KAFKA_CLIENT_LISTENERS (`readClientListeners`) and the
 * KAFKA_* variables of `readSettings`.
 * It prints `ready on 127.0.0.1:PORT` when it accepts connections, and stops cleanly on SIGTERM.
 */

function fail(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const detail = error instanceof Error ? error.message : String(error);
  const sentence = code === 'EADDRINUSE' ? `port ${portOf(error) ?? process.env.PORT} on 127.0.0.1 is taken` : detail;
  process.stderr.write(`The embedded Kafka broker cannot run: ${sentence}.\n`);
  process.exit(1);
}

function portOf(error: unknown): unknown {
  return error instanceof Error && 'port' in error ? error.port : null;
}

function readPort(): number {
  const text = process.env.PORT ?? '9092';
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`PORT is "${text}", which is no port`);
  return port;
}

function readDataDir(): string | null {
  const folder = process.env.DATA_DIR ?? '';
  if (folder !== '' && !path.isAbsolute(folder))
    throw new Error(`DATA_DIR is "${folder}", but must be an absolute path`);
  return folder === '' ? null : folder;
}

function log(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function run(): Promise<void> {
  const port = readPort();
  const dataDir = readDataDir();
  const advertised = readAdvertised(process.env);
  const clientListeners = readClientListeners(process.env);
  const { settings, ignored } = readSettings(process.env);
  if (ignored.length > 0) log(`these settings have no effect on the embedded broker: ${ignored.join(', ')}`);
  log(
    dataDir === null
      ? 'messages are kept in memory alone and are gone when this broker stops'
      : 'messages are written to files but not synced to disk: for a laptop, not for durability',
  );
  const broker = new Broker({ settings, dataDir, log });
  const bound = await broker.listen({ port, ...(advertised === undefined ? {} : { advertised }) });
  for (const listener of clientListeners) await broker.listen(listener);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    broker.close().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  log(`ready on 127.0.0.1:${bound.port}`);
}

run().catch(fail);
