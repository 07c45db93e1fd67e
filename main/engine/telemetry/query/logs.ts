import type { ApiOutput, ApiParsed } from '../../../contract/index.ts';
import { parseSearch } from '../../../contract/search/index.ts';
import type { StoreQuery } from '../store/connection.ts';
import { type LogRow, readLogRow } from '../store/log-row.ts';
import { compileSearch, logTable, Parameters } from './search/index.ts';
import { msToNs, rangeNs, stepsOf } from './time.ts';

/** The newest records that fit, in order of time. Pages go by arrival: `beforeSeq` is the least `seq` of the page before. */
export const logsSearch: StoreQuery<ApiParsed<'logs.search'>, ApiOutput<'logs.search'>> = async (
  db,
  input,
  { nowMs },
) => {
  const parameters = new Parameters();
  const [from, to] = rangeNs(input.range, nowMs).parameters.map((end) => parameters.bind(end));
  const before = input.beforeSeq === undefined ? '' : `AND seq < ${parameters.bind(BigInt(input.beforeSeq))}::BIGINT`;
  const condition = compileSearch(parseSearch(input.query), logTable, parameters);
  const rows = await db.all<LogRow>(
    `FROM (
       SELECT seq, time_ns, level, source, service, instance, message, trace_id::VARCHAR AS trace_id, span_id, attributes
       FROM logs WHERE time_ns >= ${from} AND time_ns < ${to} ${before} AND ${condition} ORDER BY seq DESC LIMIT ${input.limit}
     ) ORDER BY time_ns, seq`,
    parameters.values,
  );
  return rows.map(readLogRow);
};

/** How many records fit, by step and severity; steps without any are there with zeros. */
export const logsHistogram: StoreQuery<ApiParsed<'logs.histogram'>, ApiOutput<'logs.histogram'>> = async (
  db,
  input,
  { nowMs },
) => {
  const parameters = new Parameters();
  const range = rangeNs(input.range, nowMs);
  const [from, to] = range.parameters.map((end) => parameters.bind(end));
  const { stepMs, firstMs, count } = stepsOf(range, input.buckets);
  const first = parameters.bind(msToNs(firstMs));
  const step = parameters.bind(msToNs(stepMs));
  const condition = compileSearch(parseSearch(input.query), logTable, parameters);
  const rows = await db.all<{ step: number; total: number; errors: number; warnings: number }>(
    `SELECT ((time_ns - ${first}) // ${step})::INTEGER AS step, count(*)::DOUBLE AS total,
       count(*) FILTER (level >= 4)::DOUBLE AS errors, count(*) FILTER (level = 3)::DOUBLE AS warnings
     FROM logs WHERE time_ns >= ${from} AND time_ns < ${to} AND ${condition} GROUP BY 1`,
    parameters.values,
  );
  const byStep = new Map(rows.map((row) => [row.step, row]));
  const buckets = Array.from({ length: count }, (_, index) => {
    const row = byStep.get(index);
    return {
      atMs: firstMs + index * stepMs,
      total: row?.total ?? 0,
      errors: row?.errors ?? 0,
      warnings: row?.warnings ?? 0,
    };
  });
  return { stepMs, buckets };
};
