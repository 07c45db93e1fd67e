import { type FixedRange, fixRange, type TimeRange } from '../../../contract/index.ts';
import type { SqlParameter } from '../store/connection.ts';
import { msToNs } from '../store/time.ts';

export { msToNs, nsToIso } from '../store/time.ts';

const nsPerMs = 1_000_000n;

/** Nanoseconds of the store as milliseconds; exact to well under a microsecond for epoch times. */
export function nsToMs(ns: bigint): number {
  return Number(ns / nsPerMs) + Number(ns % nsPerMs) / 1e6;
}

/** The later of two moments; Math.max takes no bigint. */
export function later(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

/** Orders bigints for sort. */
export function compareNs(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A range as the two parameters of `column >= $1 AND column < $2`, and its ends. */
export function rangeNs(range: TimeRange, nowMs: number): FixedRange & { parameters: [SqlParameter, SqlParameter] } {
  const fixed = fixRange(range, nowMs);
  return { ...fixed, parameters: [msToNs(fixed.fromMs), msToNs(fixed.toMs)] };
}

const niceSteps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000, 86_400_000,
];

/** Steps of equal length on round moments, so that what is drawn stands still while the range moves with the clock. */
export interface Steps {
  readonly stepMs: number;
  /** Start of the first step, at or before the range's start. */
  readonly firstMs: number;
  readonly count: number;
  /** End of the range, exclusive: the last step may be cut short by it. */
  readonly endMs: number;
}

/** Divides a range into at most `most` steps (one more where it does not begin on a round moment). */
export function stepsOf(range: FixedRange, most: number): Steps {
  const wanted = Math.max(range.toMs - range.fromMs, 1) / most;
  const day = 86_400_000;
  const stepMs = niceSteps.find((step) => step >= wanted) ?? Math.ceil(wanted / day) * day;
  const firstMs = Math.floor(range.fromMs / stepMs) * stepMs;
  return { stepMs, firstMs, count: Math.max(1, Math.ceil((range.toMs - firstMs) / stepMs)), endMs: range.toMs };
}
