import type { Timeline, TimelineMark } from '../../../main/contract/index.ts';

export interface Strip {
  readonly fromMs: number;
  readonly toMs: number;
  readonly width: number;
}

export function xOf(strip: Strip, atMs: number): number {
  return ((atMs - strip.fromMs) / (strip.toMs - strip.fromMs)) * strip.width;
}

export function timeAt(strip: Strip, x: number): number {
  const share = Math.min(1, Math.max(0, x / strip.width));
  return strip.fromMs + share * (strip.toMs - strip.fromMs);
}

/** How far back the strip must go to show a stretch of the past: whole multiples of what it shows live. */
export function stripLength(lastMs: number, range: { fromMs: number } | null, nowMs: number): number {
  if (!range) return lastMs;
  return Math.max(1, Math.ceil((nowMs - range.fromMs) / lastMs)) * lastMs;
}

const STEPS_MS = [10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400].map((seconds) => seconds * 1000);
const TICK_PX = 110;

/** Round moments for labels, at least so far apart that these do not touch. Counted from local midnight. */
export function ticks(strip: Strip): number[] {
  const least = ((strip.toMs - strip.fromMs) / Math.max(1, strip.width)) * TICK_PX;
  const step = STEPS_MS.find((one) => one >= least) ?? 86_400_000;
  const midnight = new Date(strip.fromMs).setHours(0, 0, 0, 0);
  const first = midnight + Math.ceil((strip.fromMs - midnight) / step) * step;
  const count = Math.max(0, Math.floor((strip.toMs - first) / step) + 1);
  return Array.from({ length: count }, (_, index) => first + index * step);
}

export interface Shapes {
  readonly line: string;
  readonly area: string;
  /** `few`: under one per cent of the requests, to be drawn faintly. */
  readonly bars: readonly {
    readonly x: number;
    readonly width: number;
    readonly height: number;
    readonly few: boolean;
  }[];
  /** Requests a second at the top. */
  readonly top: number;
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** Line and area of the rate and bars of the errors, on one scale. The newest point, still filling up, is left out. */
export function shapes(strip: Strip, timeline: Timeline, height: number): Shapes {
  const points = timeline.points.filter((point) => point.atMs + timeline.stepMs <= strip.toMs + 1);
  const top = Math.max(1, ...points.map((point) => point.ratePerSecond)) * 1.12;
  const y = (value: number): number => round(height - (value / top) * height);
  const at = (point: { atMs: number }): number => round(xOf(strip, point.atMs + timeline.stepMs / 2));
  const line = points.map((point) => `${at(point)} ${y(point.ratePerSecond)}`).join('L');
  const first = points[0];
  const last = points.at(-1);
  const barWidth = Math.max(1.5, xOf(strip, strip.fromMs + timeline.stepMs) - 1);
  return {
    line: line && `M${line}`,
    area: first && last ? `M${at(first)} ${height}L${line}L${at(last)} ${height}Z` : '',
    bars: points
      .filter((point) => point.errorsPerSecond > 0)
      .map((point) => ({
        x: round(at(point) - barWidth / 2),
        width: round(barWidth),
        height: Math.max(1, round((point.errorsPerSecond / top) * height)),
        few: point.errorsPerSecond < point.ratePerSecond * 0.01,
      })),
    top,
  };
}

export interface MarkGroup {
  readonly x: number;
  readonly marks: readonly TimelineMark[];
}

const GROUP_PX = 9;
const QUIET: readonly TimelineMark['kind'][] = ['healthy'];

const LASTING: readonly TimelineMark['kind'][] = ['fault', 'experiment'];

export interface MarkSpan {
  readonly mark: TimelineMark;
  readonly from: number;
  readonly to: number;
}

/** What lasts (faults, experiments) within the strip, in pixels; what has not ended reaches to the strip's end. */
export function markSpans(strip: Strip, marks: readonly TimelineMark[]): MarkSpan[] {
  return marks
    .filter((mark) => LASTING.includes(mark.kind))
    .filter((mark) => mark.atMs <= strip.toMs && (mark.untilMs ?? strip.toMs) >= strip.fromMs)
    .map((mark) => {
      const from = Math.max(0, xOf(strip, mark.atMs));
      return { mark, from, to: Math.max(from + 2, Math.min(strip.width, xOf(strip, mark.untilMs ?? strip.toMs))) };
    });
}

/** Moments within the strip; those that would overlap are one group. What lasts is drawn apart. */
export function groupMarks(strip: Strip, marks: readonly TimelineMark[]): MarkGroup[] {
  const shown = marks
    .filter(
      (mark) =>
        !LASTING.includes(mark.kind) &&
        mark.untilMs === null &&
        mark.atMs >= strip.fromMs &&
        mark.atMs <= strip.toMs &&
        !QUIET.includes(mark.kind),
    )
    .sort((a, b) => a.atMs - b.atMs);
  const groups: { x: number; marks: TimelineMark[] }[] = [];
  for (const mark of shown) {
    const x = xOf(strip, mark.atMs);
    const last = groups.at(-1);
    if (last && x - last.x < GROUP_PX) last.marks.push(mark);
    else groups.push({ x, marks: [mark] });
  }
  return groups;
}

/** The next range after an arrow key: half a window earlier or later; live again once it reaches now. */
export function stepRange(
  range: { fromMs: number; toMs: number } | null,
  key: 'ArrowLeft' | 'ArrowRight',
  nowMs: number,
): { fromMs: number; toMs: number } | null {
  const { fromMs, toMs } = range ?? { fromMs: nowMs - 60_000, toMs: nowMs };
  const shift = ((toMs - fromMs) / 2) * (key === 'ArrowLeft' ? -1 : 1);
  return toMs + shift > nowMs ? null : { fromMs: fromMs + shift, toMs: toMs + shift };
}
