import { type ApiParsed, type AttributeValue, FlotillaError, type MetricInfo } from '../../../contract/index.ts';
import { groupBy } from '../../group-by.ts';
import type { QueryConnection, SqlParameter } from '../store/connection.ts';

/** One line of a chart: what a series of the store is, whatever process of the instance sent it. */
export interface SeriesGroup {
  readonly index: number;
  readonly service: string;
  readonly labels: Record<string, string>;
  readonly unit: string;
  readonly kind: MetricInfo['kind'];
  readonly cumulative: boolean;
  readonly monotonic: boolean;
  /** metric_series.id of each process that sent it. */
  readonly ids: readonly number[];
}

/** More lines than this no chart shows; further ones are left out, by label. */
export const mostSeries = 200;

interface SeriesRow {
  id: number;
  kind: MetricInfo['kind'];
  unit: string;
  temporality: number;
  monotonic: boolean;
  service: string;
  instance: string;
  scope: string;
  labels: string;
}

/**
 * The series of a metric that have the wanted service and labels, with what belongs on one line put together: an instance that
 * was started again goes on with its line. Where several instances or scopes send the same labels, a label tells them apart.
 */
export async function seriesGroups(
  db: QueryConnection,
  { name, service, labels }: ApiParsed<'metrics.series'>,
  range: [SqlParameter, SqlParameter],
): Promise<SeriesGroup[]> {
  const rows = await db.all<SeriesRow>(
    `SELECT s.id, s.kind, s.unit, s.temporality, s.monotonic, s.service, coalesce(r.instance, '') AS instance, s.scope, s.labels
     FROM metric_series s LEFT JOIN resources r ON r.id = s.resource
     WHERE s.name = $3 AND ($4::VARCHAR IS NULL OR s.service = $4)
       AND s.id IN (SELECT DISTINCT series FROM metric_points WHERE time_ns >= $1 AND time_ns < $2)
     ORDER BY s.service, s.labels, r.instance, s.scope, s.id`,
    [...range, name, service ?? null],
  );
  const parsed = rows.map((row) => ({ ...row, labels: labelsOf(row.labels) }));
  const wanted = Object.entries(labels);
  const fitting = parsed.filter((row) => wanted.every(([key, value]) => row.labels[key] === value));
  const lines = groupBy(fitting, (row) => JSON.stringify([row.service, row.labels, row.instance, row.scope, row.kind]));
  const alike = groupBy(lines.values(), ([row]) => JSON.stringify([row?.service, row?.labels]));
  const groups: SeriesGroup[] = [];
  for (const same of alike.values()) {
    const apart = distinguishing(same.flatMap(([row]) => (row === undefined ? [] : [row])));
    for (const [row, ...others] of same) {
      if (row === undefined || groups.length === mostSeries) continue;
      groups.push({
        index: groups.length,
        service: row.service,
        labels: { ...row.labels, ...apart(row) },
        unit: row.unit,
        kind: row.kind,
        cumulative: row.temporality === 2,
        monotonic: row.monotonic,
        ids: [row.id, ...others.map((other) => other.id)],
      });
    }
  }
  requireOneKind(groups, name);
  return groups;
}

function labelsOf(json: string): Record<string, string> {
  const labels = JSON.parse(json) as Record<string, AttributeValue>;
  return Object.fromEntries(
    Object.entries(labels).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

function distinguishing(
  rows: readonly { instance: string; scope: string }[],
): (row: { instance: string; scope: string }) => Record<string, string> {
  const instances = new Set(rows.map((row) => row.instance)).size > 1;
  const scopes = new Set(rows.map((row) => row.scope)).size > 1;
  return (row) => ({
    ...(instances ? { 'service.instance.id': row.instance } : {}),
    ...(scopes ? { 'otel.scope.name': row.scope } : {}),
  });
}

function requireOneKind(groups: readonly SeriesGroup[], name: string): void {
  const kinds = [...new Set(groups.map((group) => group.kind))];
  if (kinds.length <= 1) return;
  throw new FlotillaError('BAD_REQUEST', {
    detail: `services send ${name} as different kinds (${kinds.join(', ')}), ask for one service`,
  });
}
