/**
 * Durations counted in buckets that grow evenly by ratio, so that the percentiles of several groups together can be told. 16
 * buckets per doubling: a percentile is exact to 2.2 %. Buckets count microseconds + 1, from 0.
 */
export type DurationHistogram = readonly (readonly [bucket: number, count: number])[];

const bucketsPerDoubling = 16;

/** SQL of a duration's bucket, for a column of nanoseconds. */
export const bucketSql = (column: string): string =>
  `floor(log2(${column} / 1000 + 1) * ${bucketsPerDoubling})::SMALLINT`;

export function mergeHistograms(histograms: Iterable<DurationHistogram>): DurationHistogram {
  const counts = new Map<number, number>();
  for (const histogram of histograms) {
    for (const [bucket, count] of histogram) counts.set(bucket, (counts.get(bucket) ?? 0) + count);
  }
  return [...counts].sort(([a], [b]) => a - b);
}

/** The q-quantile in milliseconds, 0 to 1: the middle of the bucket that it falls into; null without durations. */
export function histogramMs(histogram: DurationHistogram, q: number): number | null {
  const total = histogram.reduce((sum, [, count]) => sum + count, 0);
  let below = 0;
  for (const [bucket, count] of histogram) {
    below += count;
    if (below >= q * total && below > 0) return (2 ** ((bucket + 0.5) / bucketsPerDoubling) - 1) / 1000;
  }
  return null;
}
