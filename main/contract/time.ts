import { z } from 'zod';

/** A moment as text: ISO 8601 in UTC, up to nanoseconds (`2026-11-22T13:04:11.208Z`). */
export const IsoTime = z.string();

/**
 * The span of time that a view looks at: `lastMs` ends now and moves with the clock; `fromMs`..`toMs` (epoch
 * milliseconds, end exclusive) stands still.
 */
export const TimeRange = z.union([
  z.object({ lastMs: z.number().int().positive() }),
  z.object({ fromMs: z.number().nonnegative(), toMs: z.number().nonnegative() }),
]);
export type TimeRange = z.infer<typeof TimeRange>;

/** A range with both ends known, epoch milliseconds, end exclusive. */
export interface FixedRange {
  fromMs: number;
  toMs: number;
}

/** Pins a range to the clock: a moving one becomes the fixed one that it covers at `nowMs`. */
export function fixRange(range: TimeRange, nowMs: number): FixedRange {
  return 'lastMs' in range ? { fromMs: nowMs - range.lastMs, toMs: nowMs } : range;
}
