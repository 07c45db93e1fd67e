import type { ExperimentResult } from '../../../contract/index.ts';

/** The stretch of time that the figures of a report share, and how it lies on paper. */
export interface TimeScale {
  readonly fromMs: number;
  readonly toMs: number;
  /** When the run began: what times are counted from. */
  readonly zeroMs: number;
  readonly left: number;
  readonly width: number;
  x(atMs: number): number;
}

export function timeScale({ run, charts }: ExperimentResult, left: number, width: number): TimeScale {
  const zeroMs = Date.parse(run.startedAt);
  const endMs = Date.parse(run.endedAt ?? run.startedAt);
  const times = charts.flatMap(({ points }) => [points[0]?.atMs, points.at(-1)?.atMs]).filter((at) => at !== undefined);
  const fromMs = Math.min(zeroMs - 1000, ...times);
  const toMs = Math.max(endMs + 1000, ...times);
  const x = (atMs: number): number =>
    left + ((Math.min(Math.max(atMs, fromMs), toMs) - fromMs) / (toMs - fromMs)) * width;
  return { fromMs, toMs, zeroMs, left, width, x };
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400];

/** Round moments, in seconds from the run's start, at most as many as asked for. */
export function ticks({ fromMs, toMs, zeroMs }: TimeScale, most: number): { atMs: number; label: string }[] {
  const seconds = (toMs - fromMs) / 1000;
  const step = (STEPS_S.find((one) => seconds / one <= most) ?? 86_400) * 1000;
  const first = Math.ceil((fromMs - zeroMs) / step) * step;
  const found: { atMs: number; label: string }[] = [];
  for (let at = first; zeroMs + at <= toMs && found.length <= most + 1; at += step) {
    found.push({ atMs: zeroMs + at, label: tickLabel(at / 1000) });
  }
  return found;
}

function tickLabel(seconds: number): string {
  const sign = seconds < 0 ? '−' : '';
  const s = Math.abs(seconds);
  if (s < 120) return `${sign}${s} s`;
  return `${sign}${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
}
