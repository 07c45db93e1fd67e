import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { PostgresPeek, PostgresRows, PostgresTable } from '../../contract/index.ts';
import type { OpenTarget } from './target.ts';

const TIMEOUT_MS = 3000;
/** How long a server has for saying goodbye. */
const END_MS = 1000;
const STATEMENTS = 50;
const ACTIVITY = 200;
/** Of a cell that is shown; a table may hold megabytes in one. */
const CELL_CHARACTERS = 500;

/** A client that is not connected yet, with the user that the fleet's file names. */
export function postgresClient(target: OpenTarget, database: string, more: pg.ClientConfig = {}): pg.Client {
  const { host, port, user, password } = target;
  const client = new pg.Client({
    host,
    port,
    user,
    password,
    database,
    application_name: 'flotilla',
    connectionTimeoutMillis: TIMEOUT_MS,
    ...more,
  });
  // A server that ends while we are connected tells so by an event besides failing the query.
  client.on('error', () => {});
  return client;
}

/**
 * Ends a connection also where the server stands still and does not answer its end, as one that is paused: then it is cut, and
 * the server finds that when it goes on.
 */
export async function endPostgres(client: pg.Client): Promise<void> {
  const ended = client.end().catch(() => undefined);
  const late = new AbortController();
  const isLate = delay(END_MS, true, { signal: late.signal }).catch(() => false);
  if ((await Promise.race([ended, isLate])) === true) {
    // The library has no word for it.
    (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream.destroy();
  }
  late.abort();
}

/** A connection for one answer, read-only and bounded in time: nothing that is looked at can be changed by looking. */
async function withClient<T>(
  target: OpenTarget,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = postgresClient(target, database, {
    query_timeout: TIMEOUT_MS,
    statement_timeout: TIMEOUT_MS,
    options: '-c default_transaction_read_only=on',
  });
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

const SERVER = `SELECT current_setting('server_version') AS version,
  extract(epoch FROM pg_postmaster_start_time()) * 1000 AS started,
  current_setting('max_connections')::int AS most,
  (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections`;

const DATABASES = `SELECT d.datname AS name, pg_database_size(d.oid)::float8 AS size, s.numbackends AS connections,
  s.blks_hit::float8 / nullif(s.blks_hit + s.blks_read, 0) AS hit, s.deadlocks::int AS deadlocks
  FROM pg_database d JOIN pg_stat_database s ON s.datid = d.oid
  WHERE NOT d.datistemplate ORDER BY d.datname`;

const ACTIVE = `SELECT pid, datname AS database, usename AS "user", coalesce(application_name, '') AS application, state,
  CASE WHEN state = 'active' OR wait_event_type = 'Lock' THEN wait_event_type || ': ' || wait_event END AS wait,
  pg_blocking_pids(pid) AS blockers,
  CASE WHEN state = 'active' THEN extract(epoch FROM clock_timestamp() - query_start) * 1000
       WHEN state LIKE 'idle in transaction%' THEN extract(epoch FROM clock_timestamp() - state_change) * 1000 END AS took,
  left(coalesce(query, ''), 2000) AS query
  FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
  ORDER BY took DESC NULLS LAST, pid LIMIT ${ACTIVITY}`;

const SLOW = `SELECT d.datname AS database, left(query, 2000) AS query, calls::float8 AS calls, mean_exec_time AS mean,
  max_exec_time AS max, total_exec_time AS total, rows::float8 AS rows
  FROM pg_stat_statements s LEFT JOIN pg_database d ON d.oid = s.dbid
  ORDER BY total_exec_time DESC LIMIT ${STATEMENTS}`;

interface StatementRow {
  database: string | null;
  query: string;
  calls: number;
  mean: number;
  max: number;
  total: number;
  rows: number;
}

async function statements(client: pg.Client): Promise<PostgresPeek['statements']> {
  const found = await client.query<{ loaded: boolean; created: boolean }>(
    `SELECT current_setting('shared_preload_libraries') LIKE '%pg_stat_statements%' AS loaded,
      EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements') AS created`,
  );
  const { loaded = false, created = false } = found.rows[0] ?? {};
  if (!loaded) {
    const reason =
      'The server does not count statements. Start it with -c shared_preload_libraries=pg_stat_statements, then run CREATE EXTENSION pg_stat_statements.';
    return { rows: [], reason };
  }
  if (!created) {
    const reason =
      'The server can count statements; run CREATE EXTENSION pg_stat_statements in this database to see them.';
    return { rows: [], reason };
  }
  const { rows } = await client.query<StatementRow>(SLOW);
  return {
    rows: rows.map(({ mean, max, total, ...rest }) => ({ ...rest, meanMs: mean, maxMs: max, totalMs: total })),
    reason: null,
  };
}

/** Databases with their sizes, connections and what they do, and the statements that took most time. */
export function peekPostgres(target: OpenTarget): Promise<PostgresPeek> {
  return withClient(target, target.database, async (client) => {
    const server = await client.query(SERVER);
    const databases = await client.query(DATABASES);
    const activity = await client.query(ACTIVE);
    const { version, started, most, connections } = server.rows[0];
    return {
      version,
      startedAtMs: Number(started),
      connections,
      maxConnections: most,
      databases: databases.rows.map((row) => ({
        name: row.name,
        sizeBytes: row.size,
        connections: row.connections,
        cacheHitRatio: row.hit,
        deadlocks: row.deadlocks,
      })),
      activity: activity.rows.map(({ took, blockers, ...row }) => ({
        ...row,
        blockedBy: blockers,
        durationMs: took === null ? null : Math.max(0, Number(took)),
      })),
      statements: await statements(client),
    };
  });
}

const TABLES = `SELECT schemaname AS schema, relname AS name, n_live_tup::float8 AS rows, n_dead_tup::float8 AS "deadRows",
  pg_total_relation_size(relid)::float8 AS "sizeBytes", pg_indexes_size(relid)::float8 AS "indexBytes",
  seq_scan::float8 AS "sequentialScans", coalesce(idx_scan, 0)::float8 AS "indexScans"
  FROM pg_stat_user_tables ORDER BY pg_total_relation_size(relid) DESC, schemaname, relname LIMIT 1000`;

/** The tables of a database, largest first, at most 1,000. */
export function postgresTables(target: OpenTarget, database: string): Promise<PostgresTable[]> {
  return withClient(target, database, async (client) => (await client.query<PostgresTable>(TABLES)).rows);
}

/** The first rows that the server finds of a table; values as PostgreSQL writes them, long ones cut. */
export function postgresRows(
  target: OpenTarget,
  table: { database: string; schema: string; name: string; limit: number },
): Promise<PostgresRows> {
  return withClient(target, table.database, async (client) => {
    const name = `${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.name)}`;
    const described = await client.query(`SELECT * FROM ${name} LIMIT 0`);
    const columns = described.fields.map((field) => field.name);
    const cells = columns.map((column) => `left(t.${pg.escapeIdentifier(column)}::text, ${CELL_CHARACTERS})`);
    const { rows } = await client.query<(string | null)[]>({
      text: `SELECT ${cells.join(', ')} FROM ${name} t LIMIT ${table.limit + 1}`,
      rowMode: 'array',
    });
    return { columns, rows: rows.slice(0, table.limit), cut: rows.length > table.limit };
  });
}
