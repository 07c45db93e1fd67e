import { formatAgo, formatDateTime, formatSpan } from './format.ts';
import { useNow } from './use-now.ts';

/** `12 s ago`, kept current; the exact time is its tooltip. */
export function RelativeTime({ time }: { time: string | number }) {
  const now = useNow();
  const ms = typeof time === 'number' ? time : Date.parse(time);
  return (
    <time dateTime={new Date(ms).toISOString()} title={formatDateTime(ms)}>
      {formatAgo(ms, now)}
    </time>
  );
}

/** `up 14 min` without the word: how long since a time, kept current. */
export function Since({ time }: { time: string }) {
  const now = useNow();
  return (
    <time dateTime={time} title={formatDateTime(Date.parse(time))}>
      {formatSpan(now - Date.parse(time))}
    </time>
  );
}
