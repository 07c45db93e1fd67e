import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { QueryConnection } from './connection.ts';
import { queryConnection } from './query-connection.ts';
import { schema } from './schema.ts';

/** Small enough that a batch of a busy second fills one: full groups go to disk compressed at once, without the log. */
const rowGroupSize = 30_720;
const maxIdleConnections = 4;

/** The file of a run's telemetry in its folder. */
export function storeFile(directory: string): string {
  return join(directory, 'telemetry.duckdb');
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** An open store file: one connection that writes, and a few that read. */
export class Database {
  readonly writer: DuckDBConnection;
  private readonly instance: DuckDBInstance;
  private readonly file: string;
  private idle: DuckDBConnection[] = [];

  private constructor(instance: DuckDBInstance, writer: DuckDBConnection, file: string) {
    this.instance = instance;
    this.writer = writer;
    this.file = file;
  }

  /** Opens the file in `directory`, or makes it. Rejects with DuckDB's error when it is damaged or cannot be written. */
  static async open(directory: string, memoryBytes: number): Promise<Database> {
    await mkdir(directory, { recursive: true });
    const file = storeFile(directory);
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '2',
      memory_limit: `${Math.round(memoryBytes / 1e6)}MB`,
      temp_directory: join(directory, 'telemetry.tmp'),
      max_temp_directory_size: '512MB',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    try {
      const writer = await instance.connect();
      await writer.run(`ATTACH ${quoted(file)} AS run (ROW_GROUP_SIZE ${rowGroupSize})`);
      await writer.run('USE run');
      await writer.run(schema);
      // Searches are people's text: whatever they might make of it, it reads no other file and changes no setting.
      await writer.run('SET enable_external_access = false');
      await writer.run('SET lock_configuration = true');
      return new Database(instance, writer, file);
    } catch (error) {
      instance.closeSync();
      throw error;
    }
  }

  /** Runs `work` with a connection of its own. */
  async read<T>(signal: AbortSignal, work: (db: QueryConnection) => Promise<T>): Promise<T> {
    const connection = this.idle.pop() ?? (await this.connect());
    try {
      return await work(queryConnection(connection, signal));
    } finally {
      if (this.idle.length < maxIdleConnections) this.idle.push(connection);
      else connection.closeSync();
    }
  }

  /** Bytes that the data takes: blocks in use and the log. The file may be larger; free blocks in it are used again. */
  async usedBytes(): Promise<number> {
    const result = await this.writer.runAndReadAll(
      "SELECT used_blocks::DOUBLE * block_size::DOUBLE FROM pragma_database_size() WHERE database_name = 'run'",
    );
    const blocks = Number(result.getRowsJS()[0]?.[0] ?? 0);
    return blocks + (await sizeOf(`${this.file}.wal`));
  }

  /** Moves the log into the file, so that what was deleted becomes free. */
  async checkpoint(): Promise<void> {
    await this.writer.run('CHECKPOINT run');
  }

  close(): void {
    for (const connection of this.idle) connection.closeSync();
    this.idle = [];
    this.writer.closeSync();
    this.instance.closeSync();
  }

  private async connect(): Promise<DuckDBConnection> {
    const connection = await this.instance.connect();
    await connection.run('USE run');
    return connection;
  }
}

/** Puts a file that cannot be opened aside, with its log, and gives its new name. */
export async function putAside(directory: string): Promise<string> {
  const file = storeFile(directory);
  const aside = `${file}.damaged-${Date.now()}`;
  await rename(file, aside);
  await rename(`${file}.wal`, `${aside}.wal`).catch(() => undefined);
  return aside;
}

/** Removes what a run's store left in its folder. */
export async function removeStore(directory: string): Promise<void> {
  const file = storeFile(directory);
  await rm(file, { force: true });
  await rm(`${file}.wal`, { force: true });
  await rm(join(directory, 'telemetry.tmp'), { recursive: true, force: true });
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}
