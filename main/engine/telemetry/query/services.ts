import type { ApiOutput, ApiParsed, ServiceId } from '../../../contract/index.ts';
import type { StoreQuery } from '../store/connection.ts';
import { coveredSeconds, type RedRow, redColumns, toRed } from './red.ts';
import { rangeNs } from './time.ts';

/**
 * RED of what each service serves, from its own side: its server and consumer spans that began in the range. What its callers
 * saw is on the edges (`topologySeen`), from their client spans: it is slower by the way there and back, and has the failures
 * that never reached the service.
 */
export const services: StoreQuery<ApiParsed<'telemetry.services'>, ApiOutput<'telemetry.services'>> = async (
  db,
  { range },
  { nowMs },
) => {
  const { fromMs, toMs, parameters } = rangeNs(range, nowMs);
  const rows = await db.all<RedRow & { service: string }>(
    `SELECT service, ${redColumns('s')} FROM spans s
     WHERE start_ns >= $1 AND start_ns < $2 AND kind IN (2, 5) GROUP BY service ORDER BY service`,
    parameters,
  );
  const seconds = await coveredSeconds(db, fromMs, toMs);
  return rows.map((row) => ({ service: row.service as ServiceId, ...toRed(row, seconds) }));
};
