import type { ApiOutput, ApiParsed, Timeline } from '../../../contract/index.ts';
import { fixRange } from '../../../contract/index.ts';
import type { QueryConnection, SqlParameter, StoreQuery } from '../store/connection.ts';
import { rpcSql } from '../topology/systems.ts';
import { msToNs, nsToMs, type Steps, stepsOf } from './time.ts';

interface StepRow {
  step: number;
  count: number;
  errors: number;
  p95: number | null;
}

/** How far before the range a parent is looked for: calls that were open when it began. */
export const parentMarginNs = 60_000_000_000n;

/** A call that began at the very end of the range may be answered after it. */
const answerMarginNs = 10_000_000_000n;

/** The last step is left out until a quarter of it has passed: a rate over less jumps. */
const leastOfLastStep = 0.25;

const columns = `((s.start_ns - $1) // $3)::INTEGER AS step, count(*)::DOUBLE AS count,
  count(*) FILTER (s.status = 2)::DOUBLE AS errors, quantile_cont(s.duration_ns, 0.95)::DOUBLE AS p95`;

const servedSql = `SELECT ${columns} FROM spans s
  WHERE s.start_ns >= $1 AND s.start_ns < $2 AND s.kind IN (2, 5) AND s.service = $4 GROUP BY 1`;

/**
 * How long after its end a span's parent may be on its way: callers end later than what they call, and exporters send in
 * batches. Until then a missing parent says nothing.
 */
export const parentDelayNs = 5_000_000_000n;

/** Systems whose calls are requests to a service: RPC, or none for HTTP; not what is sent to a broker or asked of a store. */
const requestSystems = `'', ${rpcSql}`;

/**
 * What entered the fleet, each request once. Where a load generator of the fleet (a service that calls and serves nothing)
 * sent it, its own client span is the request, so that calls which never arrived, or were given up before their answer came,
 * count as the failures that they are and the strip agrees with the edge from the generator. Else the server span is: when it
 * has no parent, when its parent sent no span, or when that is a generator's span of another kind.
 *
 * A generator's call that nobody answered may have been for somebody outside. It counts when other calls to the same address
 * were answered by a service of the fleet, or when all to that address failed, which is how a fleet that is down looks.
 */
export const entriesCte = `WITH serving AS (
    SELECT DISTINCT service FROM spans WHERE start_ns >= $1 AND start_ns < $2 AND kind IN (2, 5)
  ), sent AS (
    SELECT trace_id, span_id, start_ns, duration_ns, status, service, peer, peer_port FROM spans
    WHERE start_ns >= $1 AND start_ns < $2 AND kind = 3 AND system IN (${requestSystems}) AND service NOT IN (FROM serving)
  ), inside AS (
    SELECT DISTINCT service, peer, peer_port FROM sent SEMI JOIN (
      SELECT trace_id, parent_id FROM spans
      WHERE start_ns >= $1 AND start_ns < $2 + ${answerMarginNs} AND kind = 2 AND parent_id <> 0
    ) a ON a.parent_id = sent.span_id AND a.trace_id = sent.trace_id
    UNION SELECT service, peer, peer_port FROM sent GROUP BY ALL HAVING bool_and(status = 2)
  ), requests AS (
    SELECT start_ns, duration_ns, status FROM sent SEMI JOIN inside USING (service, peer, peer_port)
  ), callers AS (
    SELECT trace_id, span_id FROM spans
    WHERE start_ns >= $4 AND start_ns < $2 AND (service IN (FROM serving) OR kind = 3)
  ), served AS (
    SELECT trace_id, parent_id, start_ns, duration_ns, status FROM spans
    WHERE start_ns >= $1 AND start_ns < $2 AND (kind = 2 OR kind = 5 AND parent_id = 0)
      AND (parent_id = 0 OR start_ns + duration_ns < $5)
    UNION ALL
    SELECT trace_id, parent_id, start_ns, duration_ns, status FROM spans new
    SEMI JOIN (SELECT trace_id, span_id FROM spans WHERE start_ns >= $5 - ${parentMarginNs}) p
      ON p.span_id = new.parent_id AND p.trace_id = new.trace_id
    WHERE start_ns >= greatest($1, $5 - ${parentMarginNs}) AND start_ns < $2 AND kind = 2 AND parent_id <> 0
      AND start_ns + duration_ns >= $5
  ), entries AS (
    SELECT start_ns, duration_ns, status FROM served s ANTI JOIN callers c
      ON c.span_id = s.parent_id AND c.trace_id = s.trace_id
    UNION ALL FROM requests
  )`;

const entriesSql = `${entriesCte} SELECT ${columns} FROM entries s GROUP BY 1`;

/** Requests that entered the fleet, or that one service served, by step. */
export const timeline: StoreQuery<ApiParsed<'telemetry.timeline'>, ApiOutput<'telemetry.timeline'>> = async (
  db,
  { range, points, service },
  { nowMs },
) => {
  const steps = stepsOf(fixRange(range, nowMs), points);
  const from = msToNs(steps.firstMs);
  const parameters: SqlParameter[] = [from, msToNs(steps.endMs), msToNs(steps.stepMs)];
  const rows = await (service === undefined
    ? db.all<StepRow>(entriesSql, [...parameters, from - parentMarginNs, msToNs(nowMs) - parentDelayNs])
    : db.all<StepRow>(servedSql, [...parameters, service]));
  return {
    stepMs: steps.stepMs,
    service: service ?? null,
    points: toPoints(rows, steps),
    oldestMs: await oldestMs(db),
  };
};

function toPoints(rows: readonly StepRow[], { firstMs, stepMs, count, endMs }: Steps): Timeline['points'] {
  const byStep = new Map(rows.map((row) => [row.step, row]));
  const points: Timeline['points'] = [];
  for (let step = 0; step < count; step++) {
    const atMs = firstMs + step * stepMs;
    const lastsMs = Math.min(stepMs, endMs - atMs);
    if (lastsMs < stepMs * leastOfLastStep) break;
    const row = byStep.get(step);
    const seconds = lastsMs / 1000;
    points.push({
      atMs,
      ratePerSecond: (row?.count ?? 0) / seconds,
      errorsPerSecond: (row?.errors ?? 0) / seconds,
      p95Ms: row?.p95 == null ? null : row.p95 / 1e6,
    });
  }
  return points;
}

async function oldestMs(db: QueryConnection): Promise<number | null> {
  const [row] = await db.all<{ oldest: bigint | null }>(
    `SELECT least((SELECT min(start_ns) FROM spans), (SELECT min(time_ns) FROM logs)) AS oldest`,
  );
  return row?.oldest == null ? null : nsToMs(row.oldest);
}
