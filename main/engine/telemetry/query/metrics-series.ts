import { type ApiOutput, type ApiParsed, FlotillaError, type MetricSeries } from '../../../contract/index.ts';
import { groupBy } from '../../group-by.ts';
import type { QueryConnection, SqlParameter, StoreQuery } from '../store/connection.ts';
import { type SeriesGroup, seriesGroups } from './metric-series.ts';
import { histogramQuantile } from './quantile.ts';
import { msToNs, rangeNs, type Steps, stepsOf } from './time.ts';

type Aggregate = ApiParsed<'metrics.series'>['aggregate'];

interface PointRow {
  line: number;
  step: number;
  value: number | null;
}

interface BucketRow {
  line: number;
  step: number;
  bounds: number[];
  counts: number[];
}

const quantiles: Partial<Record<Aggregate, number>> = { p50: 0.5, p95: 0.95, p99: 0.99 };

/** How far before the range the point is looked for that the first one is compared with: exporters send once a minute. */
const baselineMs = 120_000;

/**
 * Series of a metric, at most one point a step: the last value of a gauge or cumulative sum, the sum of a delta sum, the average
 * of a histogram; `avg` the average of a gauge's values; `rate` what was added per second; percentiles of what a histogram
 * counted within the step. A counter that starts again at 0 is noticed by its start time or by its value going down.
 */
export const metricsSeries: StoreQuery<ApiParsed<'metrics.series'>, ApiOutput<'metrics.series'>> = async (
  db,
  input,
  { nowMs },
) => {
  const range = rangeNs(input.range, nowMs);
  const groups = await seriesGroups(db, input, range.parameters);
  const [first] = groups;
  if (first === undefined) return [];
  const steps = stepsOf(range, input.points);
  const source = new PointSource(groups, steps, input.points);
  const rows = await read(db, source, first, input);
  const byLine = groupBy(rows, (row) => row.line);
  return groups.map((group): MetricSeries => {
    const points = (byLine.get(group.index) ?? []).flatMap(({ step, value }) =>
      value === null || !Number.isFinite(value) ? [] : [{ atMs: steps.firstMs + step * steps.stepMs, value }],
    );
    return { name: input.name, service: group.service, labels: group.labels, unit: group.unit, points };
  });
};

function read(
  db: QueryConnection,
  source: PointSource,
  { kind, cumulative, monotonic }: SeriesGroup,
  { name, aggregate }: ApiParsed<'metrics.series'>,
): Promise<PointRow[]> {
  const distribution = kind === 'histogram' || kind === 'exponential_histogram';
  const quantile = quantiles[aggregate];
  if (quantile !== undefined) {
    if (distribution) return percentile(db, source, quantile);
    if (kind === 'summary') return source.perStep(db, `arg_max(counts[list_position(bounds, ${quantile})], time_ns)`);
    throw cannot(aggregate, 'a histogram', name, kind);
  }
  if (aggregate === 'rate') {
    if (kind === 'gauge') throw cannot(aggregate, 'a sum or a histogram', name, kind);
    return source.increases(db, kind === 'sum' ? 'value' : 'count', 'sum(added) / nullif(sum(seconds), 0)', monotonic);
  }
  if (distribution) return source.increases(db, 'count', 'sum(added_sum) / nullif(sum(added), 0)', true);
  if (kind === 'summary') return source.perStep(db, 'arg_max(value, time_ns)');
  if (aggregate === 'avg') return source.perStep(db, 'avg(value)');
  const delta = kind === 'sum' && !cumulative;
  return source.perStep(db, delta ? 'sum(value)' : 'arg_max(value, time_ns)');
}

function cannot(aggregate: string, needs: string, name: string, kind: string): FlotillaError {
  return new FlotillaError('BAD_REQUEST', { detail: `${aggregate} needs ${needs}, and ${name} is of kind ${kind}` });
}

/** The points of the wanted series, line by line. */
class PointSource {
  readonly #parameters: SqlParameter[];
  readonly #lines: string;
  /** A range that begins within a step has one more than was asked for: that first one is left out. */
  readonly #firstStep: number;

  constructor(groups: readonly SeriesGroup[], steps: Steps, most: number) {
    this.#parameters = [msToNs(steps.firstMs), msToNs(steps.endMs), msToNs(steps.stepMs)];
    // Our own numbers, never text of a user.
    const pairs = groups.flatMap((group) => group.ids.map((id) => `(${id}, ${group.index}, ${group.cumulative})`));
    this.#lines = `(VALUES ${pairs.join(', ')}) AS lines(series, line, cumulative)`;
    this.#firstStep = Math.max(steps.count - most, 0);
  }

  /** An aggregate over the points of each step. */
  perStep(db: QueryConnection, aggregate: string): Promise<PointRow[]> {
    return db.all<PointRow>(
      `SELECT line, ((time_ns - $1) // $3)::INTEGER AS step, (${aggregate})::DOUBLE AS value
       FROM metric_points JOIN ${this.#lines} USING (series)
       WHERE time_ns >= $1 AND time_ns < $2 GROUP BY line, step HAVING step >= ${this.#firstStep} ORDER BY line, step`,
      this.#parameters,
    );
  }

  /** An aggregate over what each point added to the one before: `added`, `added_sum`, over `seconds`. */
  increases(
    db: QueryConnection,
    column: 'value' | 'count',
    aggregate: string,
    monotonic: boolean,
  ): Promise<PointRow[]> {
    const went = monotonic ? `${column} < before.${column}` : 'false';
    return db.all<PointRow>(
      `WITH ${this.#withBaseline(`{'${column}': ${column}, 'sum': sum, 'time_ns': time_ns, 'start_ns': start_ns}`)},
       added AS (
         SELECT line, time_ns, ${addedSql(column, went)} AS added, ${addedSql('sum', went)} AS added_sum,
           CASE WHEN before IS NULL OR NOT cumulative AND start_ns > 0 THEN (time_ns - nullif(start_ns, 0)) / 1e9
             ELSE (time_ns - before.time_ns) / 1e9 END AS seconds
         FROM points
       )
       SELECT line, ((time_ns - $1) // $3)::INTEGER AS step, (${aggregate})::DOUBLE AS value
       FROM added WHERE time_ns >= $1 AND added IS NOT NULL AND seconds > 0
       GROUP BY line, step HAVING step >= ${this.#firstStep} ORDER BY line, step`,
      this.#parameters,
    );
  }

  /** What was counted in each bucket of a histogram, by step. A change of bounds begins anew, like a restart. */
  bucketIncreases(db: QueryConnection): Promise<BucketRow[]> {
    const restarted = 'bounds <> before.bounds OR count < before.count';
    return db.all<BucketRow>(
      `WITH ${this.#withBaseline(`{'count': count, 'bounds': bounds, 'counts': counts, 'time_ns': time_ns, 'start_ns': start_ns}`)},
       added AS (
         SELECT line, ((time_ns - $1) // $3)::INTEGER AS step, bounds, unnest(counts) AS counted,
           unnest(CASE WHEN ${comparesWithBefore(restarted)} THEN before.counts ELSE list_transform(counts, lambda c: 0::DOUBLE) END) AS already,
           generate_subscripts(counts, 1) AS position
         FROM points WHERE time_ns >= $1 AND bounds IS NOT NULL AND (before IS NOT NULL OR ${countsFromZero})
       ),
       buckets AS (
         SELECT line, step, bounds, position, sum(greatest(counted - already, 0)) AS counted FROM added
         GROUP BY line, step, bounds, position
       )
       SELECT line, step, bounds, list(counted ORDER BY position) AS counts FROM buckets
       WHERE step >= ${this.#firstStep} GROUP BY line, step, bounds ORDER BY line, step`,
      this.#parameters,
    );
  }

  /** The points, each with the one before it on its line as a struct; those before the range are only there to be compared with. */
  #withBaseline(fields: string): string {
    return `points AS (
      SELECT line, cumulative, time_ns, start_ns, value, count, sum, bounds, counts,
        lag(${fields}) OVER (PARTITION BY line ORDER BY time_ns) AS before
      FROM metric_points JOIN ${this.#lines} USING (series)
      WHERE time_ns >= $1 - ${msToNs(baselineMs)} AND time_ns < $2
    )`;
  }
}

/** The first point of a line counts as a whole when it says that it began to count within the time that is looked at. */
const countsFromZero = `(NOT cumulative OR start_ns >= $1 - ${msToNs(baselineMs)})`;

/** Whether a point counts on from the one before: cumulative, and not started again. */
function comparesWithBefore(wentDown: string): string {
  const restarted = '(start_ns > 0 AND before.start_ns > 0 AND start_ns >= before.time_ns)';
  return `cumulative AND before IS NOT NULL AND NOT ${restarted} AND NOT (${wentDown})`;
}

function addedSql(column: string, wentDown: string): string {
  return `CASE WHEN ${comparesWithBefore(wentDown)} THEN ${column} - before.${column}
    WHEN before IS NOT NULL OR ${countsFromZero} THEN ${column} END`;
}

async function percentile(db: QueryConnection, source: PointSource, quantile: number): Promise<PointRow[]> {
  const rows = await source.bucketIncreases(db);
  return rows.map(({ line, step, bounds, counts }) => ({
    line,
    step,
    value: histogramQuantile(quantile, bounds, counts),
  }));
}
