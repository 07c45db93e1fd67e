import type pg from 'pg';
import { endPostgres, type OpenTarget, postgresClient } from '../../../peek/index.ts';
import type { Held } from '../store-applier.ts';

/** How often it is looked whether others gave connections back. */
const LOOK_MS = 100;
/** So many are opened at the same time. */
const AT_ONCE = 16;
/** However many the server has. */
const MOST = 5000;
/** One that stands still must not keep a fault from being taken off. */
const bounded = { query_timeout: 8000 };

// What a superuser can still open; walsenders and workers have places of their own.
const FREE = `SELECT current_setting('max_connections')::int
  - (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS free`;

/** Whether the server can be asked at all. */
export async function checkPostgres(at: OpenTarget): Promise<void> {
  const client = postgresClient(at, at.database, bounded);
  try {
    await client.connect();
    await client.query(FREE);
  } finally {
    await endPostgres(client);
  }
}

/** Opens connections until the server has `leave` left, and takes those that others give back. */
export async function exhaustConnections(at: OpenTarget, leave: number, onLost: () => void): Promise<Held> {
  const held = new Set<pg.Client>();
  const watcher = postgresClient(at, at.database, bounded);
  let isClosed = false;
  let timer: NodeJS.Timeout | null = null;

  const open = async (): Promise<void> => {
    const client = postgresClient(at, at.database);
    client.once('end', () => held.delete(client));
    try {
      await client.connect();
      if (isClosed) await endPostgres(client);
      else held.add(client);
    } catch {
      // The server has none left: that is what is wanted.
      await endPostgres(client);
    }
  };
  const fill = async (): Promise<void> => {
    const { rows } = await watcher.query<{ free: number }>(FREE);
    let wanted = Math.min((rows[0]?.free ?? 0) - leave, MOST - held.size);
    for (; wanted > 0 && !isClosed; wanted -= AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(wanted, AT_ONCE) }, open));
    }
  };
  const look = async (): Promise<void> => {
    await fill().catch(() => undefined);
    if (!isClosed) timer = setTimeout(() => void look(), LOOK_MS);
  };
  const close = async (): Promise<void> => {
    isClosed = true;
    if (timer !== null) clearTimeout(timer);
    await Promise.all([watcher, ...held].map((client) => endPostgres(client)));
  };

  await watcher.connect();
  watcher.once('end', () => isClosed || onLost());
  try {
    await fill();
  } catch (error) {
    await close();
    throw error;
  }
  timer = setTimeout(() => void look(), LOOK_MS);
  return { close };
}
