import type Long from 'long';
import type { MetricBuffer, MetricPoint, SeriesKey } from '../store/metric-buffer.ts';
import { maxSeries } from '../store/metric-buffer.ts';
import type { Resources } from '../store/resources.ts';
import { attributes, toBigInt } from './attribute-values.ts';
import { explicitBuckets } from './exponential-histogram.ts';
import type {
  ExponentialPoint,
  HistogramPoint,
  KeyValue,
  MetricMessage,
  MetricsRequest,
  NumberPoint,
  SummaryPoint,
} from './otlp-messages.ts';
import type { Outcome } from './trace-decoder.ts';

/** What a point measures: the fields that depend on its kind. */
type Measure = Pick<MetricPoint, 'value' | 'count' | 'sum' | 'min' | 'max' | 'bounds' | 'counts'>;
type AnyPoint = NumberPoint | HistogramPoint | ExponentialPoint | SummaryPoint;

const nothing: Measure = { value: null, count: null, sum: null, min: null, max: null, bounds: null, counts: null };
/** DataPointFlags: no value was recorded; the series has ended. */
const noRecordedValue = 1;
const maxLabelsLength = 16_384;

const finite = (value: number | null | undefined): number | null =>
  value !== null && value !== undefined && Number.isFinite(value) ? value : null;

function average(sum: number | null, count: number): number | null {
  return sum === null || count === 0 ? null : sum / count;
}

/** How the kinds of points are read; a text says why a point cannot be kept. */
const measures = {
  number(point: NumberPoint): Measure | string {
    const value = finite(point.value === 'asInt' ? point.asInt.toNumber() : point.asDouble);
    return value === null ? 'a value is not a finite number' : { ...nothing, value };
  },
  histogram(point: HistogramPoint): Measure | string {
    const counts = point.bucketCounts.map((count: Long) => count.toNumber());
    const bounds = [...point.explicitBounds];
    if (counts.length > 0 && counts.length !== bounds.length + 1) {
      return `a histogram has ${counts.length} buckets and ${bounds.length} bounds`;
    }
    const count = point.count.toNumber();
    const sum = finite(point.sum);
    const known = counts.length > 0;
    return {
      ...nothing,
      value: average(sum, count),
      count,
      sum,
      min: finite(point.min),
      max: finite(point.max),
      bounds: known ? bounds : [],
      counts: known ? counts : [count],
    };
  },
  exponential(point: ExponentialPoint): Measure | string {
    const buckets = explicitBuckets(point);
    if (buckets === null) return 'an exponential histogram has too many buckets';
    const count = point.count.toNumber();
    const sum = finite(point.sum);
    return { value: average(sum, count), count, sum, min: finite(point.min), max: finite(point.max), ...buckets };
  },
  summary(point: SummaryPoint): Measure | string {
    const count = point.count.toNumber();
    const sum = finite(point.sum);
    const values = point.quantileValues.filter(({ value }) => Number.isFinite(value));
    return {
      ...nothing,
      value: average(sum, count),
      count,
      sum,
      bounds: values.map(({ quantile }) => quantile),
      counts: values.map(({ value }) => value),
    };
  },
};

interface Flat {
  readonly kind: SeriesKey['kind'];
  readonly temporality: number;
  readonly monotonic: boolean;
  readonly points: readonly AnyPoint[];
  readonly measure: (point: AnyPoint) => Measure | string;
}

/** A metric's points and how to read them; null when it has no data of a known kind. */
function flatten(metric: MetricMessage): Flat | null {
  const as = <P extends AnyPoint>(measure: (point: P) => Measure | string) =>
    measure as (point: AnyPoint) => Measure | string;
  const { gauge, sum, histogram, exponentialHistogram: exponential, summary } = metric;
  if (gauge)
    return { kind: 'gauge', temporality: 0, monotonic: false, points: gauge.dataPoints, measure: as(measures.number) };
  if (sum) {
    const { aggregationTemporality: temporality, isMonotonic: monotonic, dataPoints: points } = sum;
    return { kind: 'sum', temporality, monotonic, points, measure: as(measures.number) };
  }
  if (histogram) {
    const { aggregationTemporality: temporality, dataPoints: points } = histogram;
    return { kind: 'histogram', temporality, monotonic: true, points, measure: as(measures.histogram) };
  }
  if (exponential) {
    const { aggregationTemporality: temporality, dataPoints: points } = exponential;
    return { kind: 'exponential_histogram', temporality, monotonic: true, points, measure: as(measures.exponential) };
  }
  if (summary)
    return {
      kind: 'summary',
      temporality: 0,
      monotonic: true,
      points: summary.dataPoints,
      measure: as(measures.summary),
    };
  return null;
}

function labelsText(list: readonly KeyValue[]): string {
  const sorted = [...list].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return JSON.stringify(attributes(sorted));
}

/** Adds the points of a decoded `ExportMetricsServiceRequest` to the buffer. Throws MalformedError, adding nothing, when values are nested too deep. */
export function decodeMetrics(request: MetricsRequest, resources: Resources, buffer: MetricBuffer): Outcome {
  const outcome: Outcome = { accepted: 0, rejected: 0, reason: '' };
  const points: MetricPoint[] = [];
  const reject = (count: number, reason: string): void => {
    outcome.rejected += count;
    if (outcome.reason === '') outcome.reason = reason;
  };
  for (const { resource, scopeMetrics } of request.resourceMetrics) {
    const sender = resources.intern(JSON.stringify(attributes(resource?.attributes ?? [])));
    for (const { scope, metrics } of scopeMetrics) {
      for (const metric of metrics) {
        const flat = flatten(metric);
        if (flat === null) continue;
        const { name, unit, description } = metric;
        const { kind, temporality, monotonic } = flat;
        const common = {
          name,
          unit,
          description,
          kind,
          temporality,
          monotonic,
          resource: sender.id,
          service: sender.service,
        };
        for (const point of flat.points) {
          const made = toPoint(point, flat, { ...common, scope: scope?.name ?? '' }, buffer);
          if (typeof made === 'string') reject(1, `${name}: ${made}`);
          else if (made !== null) points.push(made);
        }
      }
    }
  }
  for (const point of points) buffer.points.push(point);
  outcome.accepted = points.length;
  return outcome;
}

/** A point as the store has it; null when it says that it has no value; a text when it cannot be kept. */
function toPoint(
  point: AnyPoint,
  flat: Flat,
  series: Omit<SeriesKey, 'labels'>,
  buffer: MetricBuffer,
): MetricPoint | string | null {
  if ((point.flags & noRecordedValue) !== 0) return null;
  if (series.name === '') return 'a metric has no name';
  const timeNs = toBigInt(point.timeUnixNano);
  if (timeNs === 0n || timeNs >= 2n ** 63n) return 'a point has no usable time';
  const measured = flat.measure(point);
  if (typeof measured === 'string') return measured;
  const labels = labelsText(point.attributes);
  if (labels.length > maxLabelsLength) return 'the labels are too long';
  const id = buffer.series({ ...series, labels });
  if (id === null) return `more than ${maxSeries} series in this run`;
  return { series: id, timeNs, startNs: BigInt.asIntN(64, toBigInt(point.startTimeUnixNano)), ...measured };
}
