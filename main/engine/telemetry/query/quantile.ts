/**
 * A quantile of a histogram by linear interpolation within the bucket that it falls into, as Prometheus' histogram_quantile has
 * it: the first bucket begins at 0 when its bound is positive, and what lies beyond the last bound counts as that bound.
 * `counts` has one entry more than `bounds`. Null without observations or bounds.
 */
export function histogramQuantile(q: number, bounds: readonly number[], counts: readonly number[]): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!(total > 0) || bounds.length === 0) return null;
  const rank = q * total;
  let below = 0;
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index] ?? 0;
    if (below + count < rank || count === 0) {
      below += count;
      continue;
    }
    const upper = bounds[index];
    if (upper === undefined) break;
    const lower = bounds[index - 1] ?? Math.min(0, upper);
    return lower + (upper - lower) * ((rank - below) / count);
  }
  return bounds.at(-1) ?? null;
}
