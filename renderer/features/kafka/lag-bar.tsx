import { formatCount } from '../../ui/index.ts';

const MUCH = 1000;

/** A lag (or, as `isLag` says, another number of messages, of which many are no trouble) as its share of the largest, and as a number. */
export function LagBar({ lag, most, isLag = true }: { lag: number; most: number; isLag?: boolean }) {
  return (
    <span className="lag-bar">
      <span className="lag-bar-track" aria-hidden="true">
        <i
          className={isLag && lag >= MUCH ? 'lag-bar-much' : undefined}
          style={{ width: `${Math.min(1, lag / most) * 100}%` }}
        />
      </span>
      <span className="lag-bar-number">{formatCount(lag)}</span>
    </span>
  );
}
