import { useRef } from 'react';
import type { Histogram } from '../../../main/contract/index.ts';
import { formatCount, formatTimeOfDay, useDragRange, useWidth } from '../../ui/index.ts';

const HEIGHT = 44;

/** How many lines over the range, warnings and errors apart. A click takes a bar's time for the range, a drag a stretch. */
export function LogHistogram({
  histogram,
  onRange,
}: {
  histogram: Histogram | undefined;
  onRange: (fromMs: number, toMs: number) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const buckets = histogram?.buckets ?? [];
  const most = buckets.reduce((max, bucket) => Math.max(max, bucket.total), 0);
  const step = width / Math.max(1, buckets.length);
  const bucketAt = (x: number): number => Math.max(0, Math.min(buckets.length - 1, Math.floor(x / step)));
  const { drag, hover, handlers } = useDragRange(width, (from, to) => {
    const first = buckets[bucketAt(from)];
    const last = buckets[bucketAt(to)];
    if (histogram && first && last) onRange(first.atMs, last.atMs + histogram.stepMs);
  });
  const hovered = hover === null ? undefined : buckets[bucketAt(hover)];
  const total = buckets.reduce((sum, bucket) => sum + bucket.total, 0);
  const errors = buckets.reduce((sum, bucket) => sum + bucket.errors, 0);
  const warnings = buckets.reduce((sum, bucket) => sum + bucket.warnings, 0);

  return (
    <div className="log-histogram">
      <div
        ref={box}
        className="log-histogram-box"
        role="img"
        aria-label={`${formatCount(total)} lines in this time, ${formatCount(warnings)} warnings, ${formatCount(errors)} errors`}
      >
        <svg width={width} height={HEIGHT} aria-hidden="true" {...handlers}>
          <rect className="log-histogram-ground" width={width} height={HEIGHT} />
          {buckets.map((bucket, index) => (
            <Bar key={bucket.atMs} bucket={bucket} x={index * step} width={step} most={most} />
          ))}
          {hovered && !drag && (
            <rect className="log-histogram-hover" x={bucketAt(hover ?? 0) * step} width={step} height={HEIGHT} />
          )}
          {drag && (
            <rect
              className="log-histogram-drag"
              x={Math.min(drag.from, drag.to)}
              width={Math.max(1, Math.abs(drag.to - drag.from))}
              height={HEIGHT}
            />
          )}
        </svg>
        {hovered && (
          <div className="log-histogram-hint" style={{ left: Math.min(Math.max(hover ?? 0, 110), width - 110) }}>
            {formatTimeOfDay(hovered.atMs)} · {formatCount(hovered.total)} lines
            {hovered.warnings > 0 && <span className="tone-warn"> · {formatCount(hovered.warnings)} warnings</span>}
            {hovered.errors > 0 && <span className="tone-error"> · {formatCount(hovered.errors)} errors</span>}
          </div>
        )}
      </div>
      <div className="log-histogram-foot" aria-hidden="true">
        <span>{buckets[0] && formatTimeOfDay(buckets[0].atMs)}</span>
        <span>
          {formatCount(total)} lines ·{' '}
          <span className="log-histogram-key log-histogram-key-warn">{formatCount(warnings)} warnings</span>{' '}
          <span className="log-histogram-key log-histogram-key-error">{formatCount(errors)} errors</span> · most{' '}
          {formatCount(most)} per bar
        </span>
        <span>{histogram && buckets[0] && formatTimeOfDay((buckets.at(-1)?.atMs ?? 0) + histogram.stepMs)}</span>
      </div>
    </div>
  );
}

function Bar({
  bucket,
  x,
  width,
  most,
}: {
  bucket: Histogram['buckets'][number];
  x: number;
  width: number;
  most: number;
}) {
  if (bucket.total === 0) return null;
  const high = (count: number): number => (count === 0 ? 0 : Math.max(1.5, (count / most) * (HEIGHT - 2)));
  const errors = high(bucket.errors);
  const warnings = high(bucket.warnings);
  const rest = high(bucket.total - bucket.errors - bucket.warnings);
  const parts = [
    { name: 'error', height: errors, y: HEIGHT - errors },
    { name: 'warn', height: warnings, y: HEIGHT - errors - warnings },
    { name: 'rest', height: rest, y: HEIGHT - errors - warnings - rest },
  ];
  return parts.map((part) =>
    part.height === 0 ? null : (
      <rect
        key={part.name}
        className={`log-bar-${part.name}`}
        x={x + 0.5}
        y={Math.max(0, part.y)}
        width={Math.max(1, width - 1)}
        height={part.height}
      />
    ),
  );
}
