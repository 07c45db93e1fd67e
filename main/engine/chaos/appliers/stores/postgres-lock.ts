import type pg from 'pg';
import { FlotillaError } from '../../../../contract/index.ts';
import { endPostgres, type OpenTarget, postgresClient } from '../../../peek/index.ts';
import type { Held } from '../store-applier.ts';

/** How long to wait for those that use the table just now. */
const LOCK_MS = 5000;
const TABLES_TOLD = 20;
/** One that stands still must not keep a fault from being taken off. */
const bounded = { query_timeout: 8000 };

const TABLES = `SELECT CASE WHEN schemaname = 'public' THEN tablename ELSE schemaname || '.' || tablename END AS name
  FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1 LIMIT ${TABLES_TOLD}`;

const DATABASES = 'SELECT datname AS name FROM pg_database WHERE NOT datistemplate ORDER BY 1';

/** @throws FlotillaError FAULT_PARAMETER with the databases or tables that there are */
export async function checkTable(at: OpenTarget, database: string, table: string): Promise<void> {
  await withDatabase(at, database, async (client) => void (await quoted(client, table)));
}

/** Holds an exclusive lock on a table. */
export async function lockTable(at: OpenTarget, database: string, table: string, onLost: () => void): Promise<Held> {
  const client = postgresClient(at, database, bounded);
  let isClosed = false;
  const close = async (): Promise<void> => {
    isClosed = true;
    await endPostgres(client);
  };
  try {
    await client.connect();
    const name = await quoted(client, table);
    await client.query(`SET lock_timeout = ${LOCK_MS}; SET idle_in_transaction_session_timeout = 0; BEGIN`);
    await client.query(`LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE`);
  } catch (error) {
    await close();
    throw error;
  }
  client.once('end', () => isClosed || onLost());
  return { close };
}

async function withDatabase(
  at: OpenTarget,
  database: string,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = postgresClient(at, database, bounded);
  try {
    await client.connect();
    await work(client);
  } catch (error) {
    // invalid_catalog_name
    if ((error as { code?: string }).code !== '3D000') throw error;
    throw await unknownDatabase(at, database);
  } finally {
    await endPostgres(client);
  }
}

async function unknownDatabase(at: OpenTarget, database: string): Promise<FlotillaError> {
  const client = postgresClient(at, at.database, bounded);
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string }>(DATABASES);
    return wrong(`there is no database ${database}`, rows);
  } finally {
    await endPostgres(client);
  }
}

/** The table's name as a statement takes it. */
async function quoted(client: pg.Client, table: string): Promise<string> {
  const { rows } = await client.query<{ name: string | null }>('SELECT to_regclass($1)::text AS name', [table]);
  const name = rows[0]?.name;
  if (typeof name === 'string') return name;
  const known = await client.query<{ name: string }>(TABLES);
  throw wrong(`there is no table ${table}`, known.rows);
}

function wrong(detail: string, known: readonly { readonly name: string }[]): FlotillaError {
  const expected = known.length === 0 ? 'one that is there' : `one of ${known.map(({ name }) => name).join(', ')}`;
  return new FlotillaError('FAULT_PARAMETER', { kind: 'postgres-lock', detail, expected });
}
