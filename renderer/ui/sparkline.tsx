import './sparkline.css';
import { areaPath, linePath } from './spark-path.ts';
import type { Tone } from './state-shape.tsx';

/** A small line without axes. `label` says in words what it shows; gaps are null. */
export function Sparkline({
  values,
  label,
  width = 96,
  height = 24,
  tone = 'busy',
  max,
  floor = 0,
}: {
  values: readonly (number | null)[];
  label: string;
  width?: number;
  height?: number;
  tone?: Tone;
  max?: number;
  /** The value at the bottom: for what moves far above zero, such as memory. */
  floor?: number;
}) {
  const box = { width, height, max: max === undefined ? undefined : max - floor };
  const shown = floor === 0 ? values : values.map((value) => (value === null ? null : value - floor));
  return (
    <svg
      className={`sparkline tone-${tone}`}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      style={{ height }}
      role="img"
      aria-label={label}
    >
      <path className="sparkline-area" d={areaPath(shown, box)} />
      <path className="sparkline-line" d={linePath(shown, box)} />
    </svg>
  );
}
