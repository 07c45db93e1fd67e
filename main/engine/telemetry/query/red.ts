import type { Red } from '../../../contract/index.ts';
import type { QueryConnection } from '../store/connection.ts';
import { nsToMs } from './time.ts';

/** What SQL gives for a RED: counts as DOUBLE, percentiles as a list of nanoseconds, or null without rows. */
export interface RedRow {
  count: number;
  errors: number;
  percentiles: number[] | null;
}

/** The SQL of a RedRow's columns, for an alias of the spans table. */
export const redColumns = (alias: string): string => `count(*)::DOUBLE AS count,
  count(*) FILTER (${alias}.status = 2)::DOUBLE AS errors,
  quantile_cont(${alias}.duration_ns, [0.5, 0.95])::DOUBLE[] AS percentiles`;

export function toRed(row: RedRow, seconds: number): Red {
  const [p50, p95] = row.percentiles ?? [];
  return {
    count: row.count,
    ratePerSecond: row.count / seconds,
    errorRate: row.count === 0 ? 0 : row.errors / row.count,
    p50Ms: p50 === undefined ? null : p50 / 1e6,
    p95Ms: p95 === undefined ? null : p95 / 1e6,
  };
}

/** When the oldest span began, epoch milliseconds; null in an empty store. */
export async function oldestSpanMs(db: QueryConnection): Promise<number | null> {
  const [row] = await db.all<{ oldest: bigint | null }>('SELECT min(start_ns) AS oldest FROM spans');
  return row?.oldest == null ? null : nsToMs(row.oldest);
}

/**
 * How many seconds a rate over the range is divided by: as much of it as there is data for. A fleet that started 10 s ago
 * has 10 s of requests, whatever the range.
 */
export async function coveredSeconds(db: QueryConnection, fromMs: number, toMs: number): Promise<number> {
  const oldest = await oldestSpanMs(db);
  const from = oldest === null ? fromMs : Math.max(fromMs, oldest);
  return Math.max((toMs - from) / 1000, 1);
}
