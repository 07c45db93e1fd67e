import { memo } from 'react';
import type { Attributes, LogRecord } from '../../../main/contract/index.ts';
import { TraceLink } from '../../app/trace-link.tsx';
import { formatClock, formatCount, formatDateTime } from '../../ui/index.ts';
import type { LogDisplay } from './display.ts';
import { highlight } from './highlight.ts';

/** A cell of the grid; a table, which has cells of its own, cannot be virtual. */
const CELL = { role: 'gridcell' } as const;

/** When a line was written, as the reader wants it. */
export function lineTime(time: string, format: LogDisplay['time']): string {
  const ms = Date.parse(time);
  if (format === 'utc') return new Date(ms).toISOString();
  return format === 'date' ? `${formatDateTime(ms)}.${String(ms % 1000).padStart(3, '0')}` : formatClock(ms);
}

const MOST_EXTRAS = 8;

/** The attributes that fit beside a message: `order.id=8f33 attempt=2`. Nested ones are for the unfolded line. */
export function extraText(attributes: Attributes): string {
  let text = '';
  let count = 0;
  for (const name in attributes) {
    const value = attributes[name];
    if (value === null || typeof value === 'object' || value === undefined) continue;
    if (++count > MOST_EXTRAS) break;
    text += `  ${name}=${value}`;
  }
  return text;
}

/** The cells of a line. */
export const LogCells = memo(function LogCells({
  line,
  display,
  color,
  texts,
}: {
  line: LogRecord;
  display: LogDisplay;
  color: string;
  texts: readonly string[];
}) {
  return (
    <div className={`log-cells log-cells-${line.level}`} role="presentation">
      <span className="log-time" {...CELL}>
        {lineTime(line.time, display.time)}
      </span>
      <span className={`log-word log-level-${line.level}`} {...CELL}>
        {line.level.toUpperCase()}
      </span>
      {display.service && (
        <span className="log-service truncate" {...CELL} style={{ color }}>
          {line.service}
        </span>
      )}
      {display.instance && (
        <span className="log-instance truncate" {...CELL}>
          {line.instance}
        </span>
      )}
      <span className="log-message" {...CELL}>
        <Message text={line.message} texts={texts} />
        <span className="log-extra">{extraText(line.attributes)}</span>
      </span>
      <span className="log-trace-cell" {...CELL}>
        {line.traceId && <TraceLink traceId={line.traceId} />}
      </span>
    </div>
  );
});

function Message({ text, texts }: { text: string; texts: readonly string[] }) {
  if (texts.length === 0) return text;
  return highlight(text, texts).map((piece) => (piece.hit ? <mark key={piece.at}>{piece.text}</mark> : piece.text));
}

/** Says how many lines the engine left out here. */
export function SkippedCells({ count }: { count: number }) {
  return (
    <div className="log-skipped" role="presentation">
      <span {...CELL}>
        {formatCount(count)} lines skipped: they came faster than this page takes them. They are stored and can be
        searched.
      </span>
    </div>
  );
}
