import type { QueryConnection, StoreQuery } from '../store/connection.ts';
import { later, msToNs } from './time.ts';
import { entriesCte, parentDelayNs, parentMarginNs } from './timeline.ts';

/** What ended lately: requests that entered the fleet, or that one service served. */
export interface Ended {
  readonly count: number;
  readonly errors: number;
  /** How long it was looked at. */
  readonly seconds: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

export interface EndedAsked {
  readonly seconds: number;
  /** Null: what entered the fleet. */
  readonly service: string | null;
  /** Of a service, only spans with this name. */
  readonly operation?: string | undefined;
}

interface Row {
  count: number;
  errors: number;
  percentiles: number[] | null;
}

/** Exporters send in batches: what ended since the newest span that is here may be on its way, for as long as this. */
const MOST_DELAY_NS = 5_000_000_000n;

const columns = `count(*)::DOUBLE AS count, count(*) FILTER (s.status = 2)::DOUBLE AS errors,
  quantile_cont(s.duration_ns, [0.5, 0.95, 0.99])::DOUBLE[] AS percentiles`;
const inTime = 's.start_ns + s.duration_ns >= $3 AND s.start_ns + s.duration_ns < $2';

const servedSql = `SELECT ${columns} FROM spans s
  WHERE s.start_ns >= $1 AND s.start_ns < $2 AND s.kind IN (2, 5) AND s.service = $4
    AND ($5 = '' OR s.name = $5) AND ${inTime}`;
const enteredSql = `${entriesCte} SELECT ${columns} FROM entries s WHERE ${inTime}`;

/**
 * Requests by when they ended, not by when they began as elsewhere: of what begins now the slow ones have not ended, so a fleet
 * that gets slow would look as it did for as long as it is slow. One that takes more than a minute is not seen.
 */
export const ended: StoreQuery<EndedAsked, Ended> = async (db, { seconds, service, operation }, { nowMs }) => {
  const nowNs = msToNs(nowMs);
  const toNs = await newestEnd(db, nowNs);
  const fromNs = toNs - msToNs(seconds * 1000);
  const beganNs = fromNs - parentMarginNs;
  const [row] = await (service === null
    ? db.all<Row>(enteredSql, [beganNs, toNs, fromNs, beganNs - parentMarginNs, nowNs - parentDelayNs])
    : db.all<Row>(servedSql, [beganNs, toNs, fromNs, service, operation ?? '']));
  const [p50, p95, p99] = (row?.percentiles ?? []).map((ns) => ns / 1e6);
  return {
    count: row?.count ?? 0,
    errors: row?.errors ?? 0,
    seconds,
    p50Ms: p50 ?? null,
    p95Ms: p95 ?? null,
    p99Ms: p99 ?? null,
  };
};

/** The end of the newest span, where it is not long ago; a little after it, as ends are exclusive. */
async function newestEnd(db: QueryConnection, nowNs: bigint): Promise<bigint> {
  const [row] = await db.all<{ newest: bigint | null }>(
    'SELECT max(start_ns + duration_ns) AS newest FROM spans WHERE start_ns >= $1',
    [nowNs - MOST_DELAY_NS - parentMarginNs],
  );
  const newest = (row?.newest ?? 0n) + 1n;
  const capped = newest > nowNs ? nowNs : newest;
  return later(capped, nowNs - MOST_DELAY_NS);
}
