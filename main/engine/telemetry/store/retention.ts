import type { Database } from './database.ts';

/** Where pruning begins, and how much of the oldest goes at a time, as parts of the limit and of the rows. */
const highWater = 0.9;
const slice = 0.12;

/** Tables that grow with time, with their time column and a row's rough weight on disk in bytes. */
const tables = [
  { name: 'spans', time: 'start_ns', weight: 110 },
  { name: 'logs', time: 'time_ns', weight: 90 },
  { name: 'metric_points', time: 'time_ns', weight: 40 },
] as const;

async function firstNumber(db: Database, sql: string): Promise<bigint | null> {
  const value = (await db.writer.runAndReadAll(sql)).getRowsJS()[0]?.[0];
  return typeof value === 'bigint' ? value : null;
}

/** The moment before which about a `slice` of what weighs most lies; null when there is nothing. */
async function cutoff(db: Database): Promise<bigint | null> {
  let heaviest: (typeof tables)[number] | null = null;
  let most = 0;
  for (const table of tables) {
    const weight = Number((await firstNumber(db, `SELECT count(*) FROM ${table.name}`)) ?? 0n) * table.weight;
    if (weight <= most) continue;
    most = weight;
    heaviest = table;
  }
  if (heaviest === null) return null;
  const { name, time } = heaviest;
  const sampled = `SELECT quantile_disc(${time}, ${slice}) FROM (SELECT ${time} FROM ${name} USING SAMPLE 20000 ROWS)`;
  return firstNumber(db, sampled);
}

/**
 * Deletes the oldest telemetry until what is stored takes less than the limit (with a margin), and tells whether anything was
 * deleted. Space that becomes free inside the file is used again; the file itself shrinks only at its end.
 */
export async function prune(db: Database, diskBytes: number): Promise<boolean> {
  let pruned = false;
  for (let round = 0; round < 20; round++) {
    if ((await db.usedBytes()) <= diskBytes * highWater) return pruned;
    const before = await cutoff(db);
    if (before === null) return pruned;
    for (const { name, time } of tables) await db.writer.run(`DELETE FROM ${name} WHERE ${time} <= ${before}`);
    await db.checkpoint();
    pruned = true;
  }
  return pruned;
}
