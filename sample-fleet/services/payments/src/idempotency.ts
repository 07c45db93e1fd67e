import { createHash } from 'node:crypto';
import { trace } from '@opentelemetry/api';
import { RpcError } from '../../../lib/grpc.ts';
import { counter } from '../../../lib/metrics.ts';
import type { Queryable } from '../../../lib/postgres.ts';

/** After this a claim without an answer belongs to a process that has died; another may take it over. */
const CLAIM_SECONDS = 10;

const replays = counter('payments.idempotent_replays', 'Calls answered from an earlier one with the same key');

/**
 * Runs `work` once for a key. The same key with the same request gives the first answer again; with another request it
 * rejects with ALREADY_EXISTS; while the first is still at work, with ABORTED. When `work` rejects, the key is free again.
 * `work` itself must bear to be repeated: a process may die between its effect and the answer being noted.
 */
export async function once<T extends object>(
  db: Queryable,
  key: string,
  request: object,
  work: () => Promise<T>,
): Promise<T> {
  if (key === '') throw new RpcError('INVALID_ARGUMENT', 'idempotency_key is empty');
  const fingerprint = createHash('sha256').update(JSON.stringify(request)).digest('base64url');
  if (!(await claim(db, key, fingerprint))) return earlierAnswer<T>(db, key, fingerprint);
  try {
    const answer = await work();
    await db.query('UPDATE idempotency_keys SET answer = $2 WHERE key = $1', [key, JSON.stringify(answer)]);
    return answer;
  } catch (error) {
    await db.query('DELETE FROM idempotency_keys WHERE key = $1 AND answer IS NULL', [key]);
    throw error;
  }
}

async function claim(db: Queryable, key: string, fingerprint: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO idempotency_keys (key, fingerprint) VALUES ($1, $2)
     ON CONFLICT (key) DO UPDATE SET claimed_at = now()
       WHERE idempotency_keys.answer IS NULL
         AND idempotency_keys.fingerprint = excluded.fingerprint
         AND idempotency_keys.claimed_at < now() - make_interval(secs => $3)`,
    [key, fingerprint, CLAIM_SECONDS],
  );
  return rowCount === 1;
}

async function earlierAnswer<T>(db: Queryable, key: string, fingerprint: string): Promise<T> {
  const { rows } = await db.query<{ fingerprint: string; answer: T | null }>(
    'SELECT fingerprint, answer FROM idempotency_keys WHERE key = $1',
    [key],
  );
  const [earlier] = rows;
  if (earlier !== undefined && earlier.fingerprint !== fingerprint) {
    throw new RpcError('ALREADY_EXISTS', `the idempotency key ${key} was used for another request`);
  }
  if (earlier === undefined || earlier.answer === null) {
    throw new RpcError('ABORTED', `a call with the idempotency key ${key} is at work, try again`);
  }
  replays.add(1);
  trace.getActiveSpan()?.setAttribute('payments.replayed', true);
  return earlier.answer;
}

/** Forgets keys that nobody repeats any more: whoever retries does so within minutes. */
export async function pruneKeys(db: Queryable): Promise<void> {
  await db.query("DELETE FROM idempotency_keys WHERE claimed_at < now() - interval '1 day'");
}
