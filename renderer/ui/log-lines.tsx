import type { LogRecord } from '../../main/contract/index.ts';
import './log-lines.css';
import { cx } from './class-names.ts';
import { formatClock } from './format.ts';

/** A few log lines as a terminal would show them: for drawers. Long lists belong into the Logs view. */
export function LogLines({
  lines,
  showService = false,
  wrap = false,
  onOpenTrace,
}: {
  lines: readonly LogRecord[];
  showService?: boolean;
  wrap?: boolean;
  onOpenTrace?: (traceId: string) => void;
}) {
  return (
    <ol className={cx('log-lines', wrap && 'log-lines-wrap')}>
      {lines.map((line) => (
        <li key={line.seq}>
          <span className="faint">{formatClock(Date.parse(line.time))}</span>{' '}
          <span className={`log-level log-level-${line.level}`}>{line.level.toUpperCase()}</span>{' '}
          {showService && <b>{line.service} </b>}
          {line.message}
          {line.traceId && onOpenTrace && (
            <button type="button" className="log-trace" onClick={() => onOpenTrace(line.traceId ?? '')}>
              trace
            </button>
          )}
        </li>
      ))}
    </ol>
  );
}
