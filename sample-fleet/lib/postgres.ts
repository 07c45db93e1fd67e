import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import pg from 'pg';
import { connectWithBackoff } from './backoff.ts';
import { log } from './log.ts';

export type Pool = pg.Pool;
/** What queries run on: a pool, or the one connection that a transaction holds. */
export type Queryable = Pick<pg.Pool, 'query'>;

/** One step of a schema. Ids are applied in the order of the array, each once, and never change afterwards. */
export interface Migration {
  id: string;
  sql: string;
}

/** Any constant: the same in every instance, so that only one of them migrates at a time. */
const MIGRATION_LOCK = 7_262_019;

// numeric(…) and bigint as numbers: the shop's amounts are cents, far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** A pool of connections to `databaseUrl`. Nothing is connected before the first query. */
export function createPool(databaseUrl: string, options: { max?: number } = {}): Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: options.max ?? 8,
    connectionTimeoutMillis: 3_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 5_000,
  });
  // An idle connection that the server closes must not end the process; the pool replaces it.
  pool.on('error', (err) => log.warn({ reason: err.message }, 'lost an idle database connection'));
  return pool;
}

/**
 * Waits for the database and brings its schema up to date. Instances that start together take turns by an advisory lock:
 * the first applies the migrations, the others find them done.
 */
export async function migrate(pool: Pool, migrations: Migration[]): Promise<void> {
  const client = await connectWithBackoff('Postgres', () => checkOut(pool));
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query(
      'CREATE TABLE IF NOT EXISTS schema_migrations (id text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
    );
    const { rows } = await client.query<{ id: string }>('SELECT id FROM schema_migrations');
    const applied = new Set(rows.map((row) => row.id));
    for (const migration of migrations.filter(({ id }) => !applied.has(id))) {
      await inTransaction(client, async () => {
        await client.query(migration.sql);
        await client.query('INSERT INTO schema_migrations (id) VALUES ($1)', [migration.id]);
      });
      log.info({ migration: migration.id }, 'migration applied');
    }
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    checkIn(client);
  }
}

/** Runs `work` in one transaction on one connection: committed when it resolves, rolled back when it rejects. */
export async function transaction<T>(pool: Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await checkOut(pool);
  let broken: Error | undefined;
  try {
    return await inTransaction(
      client,
      () => work(client),
      (error) => {
        broken = error;
      },
    );
  } finally {
    checkIn(client, broken);
  }
}

/**
 * A connection of one's own. The pool listens for the errors of idle ones alone; a server that goes away while this one
 * waits for something else would end the process by an error that nobody listens for. The next query on it rejects anyway.
 */
async function checkOut(pool: Pool): Promise<pg.PoolClient> {
  const client = await pool.connect();
  client.on('error', noteLost);
  return client;
}

function checkIn(client: pg.PoolClient, broken?: Error): void {
  client.off('error', noteLost);
  client.release(broken);
}

function noteLost(error: Error): void {
  log.warn({ reason: error.message }, 'lost a database connection in use');
}

async function inTransaction<T>(
  client: pg.PoolClient,
  work: () => Promise<T>,
  onRollbackFailed: (error: Error) => void = () => undefined,
): Promise<T> {
  // BEGIN takes no time and says nothing; in a trace it would only be a line more.
  await context.with(suppressTracing(context.active()), () => client.query('BEGIN'));
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // Where not even ROLLBACK works, the connection is gone and must not return to the pool.
    await client.query('ROLLBACK').catch(onRollbackFailed);
    throw error;
  }
}

/** Whether `error` is Postgres telling that a unique key exists already (SQLSTATE 23505). */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505';
}

/**
 * Whether `error` is Postgres telling that it cannot hold a value (SQLSTATE class 22, and 23502: null). It never will: a
 * consumer that tried such a message again and again would handle none after it.
 */
export function isUnstorable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(22...|23502)$/.test(String(error.code));
}

/** For `Service.ready`: rejects when the database does not answer. */
export function postgresCheck(pool: Pool): () => Promise<unknown> {
  return () => pool.query('SELECT 1');
}
