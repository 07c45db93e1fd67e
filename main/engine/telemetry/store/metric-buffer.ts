import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  LIST,
  listValue,
  UINTEGER,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api';
import type { MetricInfo } from '../../../contract/index.ts';
import { writeRows } from './row-writer.ts';

/** What tells one series of points from another. */
export interface SeriesKey {
  readonly name: string;
  readonly kind: MetricInfo['kind'];
  readonly unit: string;
  readonly description: string;
  /** OTLP's: 0 unspecified, 1 delta, 2 cumulative. */
  readonly temporality: number;
  readonly monotonic: boolean;
  readonly resource: number;
  readonly service: string;
  readonly scope: string;
  /** JSON object, keys in order. */
  readonly labels: string;
}

export interface StoredSeries extends SeriesKey {
  readonly id: number;
}

/** A point of a series; which fields mean something depends on its kind (see the schema). */
export interface MetricPoint {
  readonly series: number;
  readonly timeNs: bigint;
  readonly startNs: bigint;
  readonly value: number | null;
  readonly count: number | null;
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly bounds: readonly number[] | null;
  readonly counts: readonly number[] | null;
}

/** More series than this in one run are refused: a label with an id in it would fill everything. */
export const maxSeries = 50_000;

function keyOf(s: SeriesKey): string {
  return `${s.name}\0${s.kind}\0${s.unit}\0${s.temporality}${s.monotonic ? 1 : 0}\0${s.resource}\0${s.scope}\0${s.labels}`;
}

/** Numbers the metric series of a run and holds the points that are not in the database yet. */
export class MetricBuffer {
  points: MetricPoint[] = [];
  private pendingSeries: StoredSeries[] = [];
  private readonly ids = new Map<string, number>();
  private nextId = 1;

  /** What an existing file holds already. */
  load(known: readonly StoredSeries[]): void {
    for (const series of known) {
      this.ids.set(keyOf(series), series.id);
      this.nextId = Math.max(this.nextId, series.id + 1);
    }
  }

  /** The number of a series, which becomes known if it is not; null when there are too many. */
  series(series: SeriesKey): number | null {
    const key = keyOf(series);
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    if (this.ids.size >= maxSeries) return null;
    const id = this.nextId++;
    this.ids.set(key, id);
    this.pendingSeries.push({ ...series, id });
    return id;
  }

  /** Writes new series and points; they stay here until `written`. */
  async write(connection: DuckDBConnection): Promise<void> {
    const s = this.pendingSeries;
    await writeRows(
      connection,
      'metric_series',
      [UINTEGER, VARCHAR, VARCHAR, VARCHAR, VARCHAR, UTINYINT, BOOLEAN, UINTEGER, VARCHAR, VARCHAR, VARCHAR],
      [
        s.map((x) => x.id),
        s.map((x) => x.name),
        s.map((x) => x.kind),
        s.map((x) => x.unit),
        s.map((x) => x.description),
        s.map((x) => x.temporality),
        s.map((x) => x.monotonic),
        s.map((x) => x.resource),
        s.map((x) => x.service),
        s.map((x) => x.scope),
        s.map((x) => x.labels),
      ],
    );
    const p = this.points;
    const list = (values: readonly number[] | null) => (values === null ? null : listValue(values));
    await writeRows(
      connection,
      'metric_points',
      [UINTEGER, BIGINT, BIGINT, DOUBLE, DOUBLE, DOUBLE, DOUBLE, DOUBLE, LIST(DOUBLE), LIST(DOUBLE)],
      [
        p.map((x) => x.series),
        p.map((x) => x.timeNs),
        p.map((x) => x.startNs),
        p.map((x) => x.value),
        p.map((x) => x.count),
        p.map((x) => x.sum),
        p.map((x) => x.min),
        p.map((x) => x.max),
        p.map((x) => list(x.bounds)),
        p.map((x) => list(x.counts)),
      ],
    );
  }

  written(): void {
    this.pendingSeries = [];
    this.points = [];
  }
}
