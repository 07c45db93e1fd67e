import { formatCount } from '../../ui/index.ts';

/** A lag as its share of the largest one, and as a number. */
export function LagBar({ lag, most }: { lag: number; most: number }) {
  return (
    <span className="lag-bar">
      <span className="lag-bar-track" aria-hidden="true">
        <i
          className={lag >= 1000 ? 'lag-bar-much' : undefined}
          style={{ width: `${Math.min(1, lag / most) * 100}%` }}
        />
      </span>
      <span className="lag-bar-number">{formatCount(lag)}</span>
    </span>
  );
}
