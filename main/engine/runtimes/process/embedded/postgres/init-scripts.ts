import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import pg from 'pg';
import { type SqlStatement, splitSql } from './sql-statements.ts';

export interface Login {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

type Log = (level: 'info' | 'warn', message: string) => void;

export async function connectTo({ port, user, password, database }: Login): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user, password, database });
  // A connection that breaks makes the query that uses it fail; the event alone would end the program.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Runs the statements of one script on a connection that `\connect` changes. */
class ScriptRun {
  readonly #login: Login;
  readonly #log: Log;
  #client: pg.Client | null = null;
  /** The last query, for `\gexec`, which runs what it gave. */
  #cells: string[] = [];

  constructor(login: Login, log: Log) {
    this.#login = login;
    this.#log = log;
  }

  async statement({ text, kind }: SqlStatement, next: SqlStatement | undefined): Promise<void> {
    if (kind === 'meta') return this.#meta(text);
    if (/^copy\b[^;]*\bfrom\s+stdin\b/i.test(text))
      throw new Error('COPY ... FROM stdin is not supported here; use INSERT');
    this.#client ??= await connectTo(this.#login);
    const isSource = next?.kind === 'meta' && next.text.startsWith('\\gexec');
    const result = await this.#client.query({ text, rowMode: 'array' });
    this.#cells = isSource
      ? (result.rows as unknown[][]).flat().map((cell) => (cell === null ? '' : String(cell)))
      : [];
  }

  async end(): Promise<void> {
    await this.#client?.end();
    this.#client = null;
  }

  async #meta(text: string): Promise<void> {
    const [command = '', ...words] = text.split(/\s+/);
    if (command === '\\c' || command === '\\connect') {
      const unquoted = words.map((word) => word.replace(/^(["'])(.*)\1;?$|;$/, '$2'));
      const [database = this.#login.database, user] = unquoted;
      await this.end();
      this.#client = await connectTo({
        ...this.#login,
        database,
        user: user && user !== '-' ? user : this.#login.user,
      });
    } else if (command === '\\gexec') {
      for (const cell of this.#cells) if (cell !== '') await this.#client?.query(cell);
    } else if (command === '\\echo') this.#log('info', words.join(' '));
    else if (command !== '\\set' || words[0] !== 'ON_ERROR_STOP') {
      throw new Error(`${command} is a command of psql that is not supported here`);
    }
  }
}

async function readScript(file: string): Promise<string> {
  const bytes = await readFile(file);
  return (file.endsWith('.gz') ? await promisify(gunzip)(bytes) : bytes).toString('utf8');
}

async function runScript(file: string, login: Login, log: Log): Promise<void> {
  const statements = splitSql(await readScript(file));
  const run = new ScriptRun(login, log);
  try {
    for (const [index, statement] of statements.entries()) {
      try {
        await run.statement(statement, statements[index + 1]);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new Error(`${file}:${statement.line}: ${why}`);
      }
    }
  } finally {
    await run.end();
  }
}

/**
 * Runs `*.sql` and `*.sql.gz` of a folder in the order of their names, as the public image does with
 * /docker-entrypoint-initdb.d. Other scripts are warned of. Throws an Error with file and line for the first that fails.
 */
export async function runInitScripts(folder: string, login: Login, log: Log): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names.toSorted()) {
    const file = path.join(folder, name);
    if (/\.sql(\.gz)?$/.test(name)) {
      log('info', `running ${name}`);
      await runScript(file, login, log);
    } else if (/\.(sh|sql\.xz|sql\.zst)$/.test(name)) log('warn', `${name} is not run: only .sql and .sql.gz are`);
  }
}
