import type { ApiOutput, ApiParsed, MetricInfo } from '../../../contract/index.ts';
import { groupBy } from '../../group-by.ts';
import type { StoreQuery } from '../store/connection.ts';
import { rangeNs } from './time.ts';

/** So many metrics are listed at most, by name. */
const mostMetrics = 5000;

interface MetricRow {
  name: string;
  kind: MetricInfo['kind'];
  unit: string;
  description: string;
  services: string[];
  labels: string[];
}

/** Metrics with a point in the range, by name. */
export const metricsList: StoreQuery<ApiParsed<'metrics.list'>, ApiOutput<'metrics.list'>> = async (
  db,
  { range },
  { nowMs },
) => {
  const rows = await db.all<MetricRow>(
    `SELECT name, kind, max(unit) AS unit, max(description) AS description, list(DISTINCT service) AS services,
       list_distinct(flatten(list(json_keys(labels)))) AS labels
     FROM metric_series
     WHERE id IN (SELECT DISTINCT series FROM metric_points WHERE time_ns >= $1 AND time_ns < $2)
     GROUP BY name, kind ORDER BY name, kind LIMIT ${mostMetrics}`,
    rangeNs(range, nowMs).parameters,
  );
  // Services that disagree on the kind of a metric are told apart nowhere else: the name is listed once, as most have it.
  return [...groupBy(rows, (row) => row.name).values()].map((same) => {
    const [info] = same.toSorted((a, b) => b.services.length - a.services.length) as [MetricRow];
    return {
      ...info,
      services: union(same.map((row) => row.services)),
      labels: union(same.map((row) => row.labels)),
    };
  });
};

function union(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].sort();
}
