import { useEffect, useState, useSyncExternalStore } from 'react';
import type { TimeRange } from '../../../main/contract/index.ts';
import { useClient } from '../../app/engine-context.tsx';
import { type FeedState, LogFeed } from './log-feed.ts';

/** The feed of the log list for a search and a range. `query` is null while it is not understood: the last result stays. */
export function useLogFeed(
  query: string | null,
  range: TimeRange,
): { feed: LogFeed; state: FeedState; retry: () => void } {
  const client = useClient();
  const [feed] = useState(() => new LogFeed(client));
  const state = useSyncExternalStore(feed.subscribe, feed.state);
  useEffect(() => {
    if (query === null) return;
    feed.open({ query, range });
  }, [feed, query, range]);
  useEffect(() => () => feed.close(), [feed]);
  // What came is on the screen now.
  useEffect(() => feed.shown());
  return { feed, state, retry: () => query !== null && feed.open({ query, range }) };
}
