import type { Buckets, ExponentialPoint } from './otlp-messages.ts';

/** More buckets than this no SDK makes (the default is 160), and no chart needs. */
const maxBuckets = 2048;

/**
 * An exponential histogram in the form of one with explicit bounds. Bucket `i` of the positive range counts what lies in
 * (base^i, base^(i+1)], base = 2^(2^-scale); the negative range mirrors it (OpenTelemetry metrics data model,
 * "ExponentialHistogram"). Null when it has more buckets than could be meant.
 */
export function explicitBuckets(point: ExponentialPoint): { bounds: number[]; counts: number[] } | null {
  const negative = point.negative?.bucketCounts.length ?? 0;
  const positive = point.positive?.bucketCounts.length ?? 0;
  if (negative + positive > maxBuckets) return null;
  const bounds: number[] = [];
  const counts: number[] = [];
  const put = (upper: number, count: number): void => {
    // Buckets too narrow for a double to tell apart fall together.
    const last = bounds.at(-1);
    if (last !== undefined && upper <= last) counts[counts.length - 1] = (counts.at(-1) ?? 0) + count;
    else {
      bounds.push(upper);
      counts.push(count);
    }
  };
  const edge = (index: number): number => Math.min(2 ** (index * 2 ** -point.scale), Number.MAX_VALUE);
  const at = (buckets: Buckets | null, index: number): number => buckets?.bucketCounts[index]?.toNumber() ?? 0;
  if (negative > 0) {
    const offset = point.negative?.offset ?? 0;
    put(-edge(offset + negative), 0);
    for (let i = negative - 1; i >= 0; i--) put(-edge(offset + i), at(point.negative, i));
  }
  const offset = point.positive?.offset ?? 0;
  put(positive > 0 ? edge(offset) : Math.max(point.zeroThreshold, 0), point.zeroCount.toNumber());
  for (let i = 0; i < positive; i++) put(edge(offset + i + 1), at(point.positive, i));
  counts.push(0);
  return { bounds, counts };
}
