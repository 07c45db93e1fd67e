import { useEffect, useState } from 'react';
import { isTyping } from '../../app/shortcuts.ts';
import { useCall } from '../../app/use-call.ts';
import { useSetConsoleSearch, useTimeRange } from '../../app/use-console-search.ts';
import { useSearchQuery } from '../../app/use-search-query.ts';
import {
  Button,
  copyText,
  download,
  EmptyState,
  ErrorNote,
  formatCount,
  Icon,
  Loading,
  plural,
  QueryProblem,
  toastDone,
} from '../../ui/index.ts';
import { jsonLines, linesText } from './log-export.ts';
import type { FeedState, LogFeed } from './log-feed.ts';
import { LogHistogram } from './log-histogram.tsx';
import { LogList } from './log-list.tsx';
import { LogTools } from './log-tools.tsx';
import './logs.css';
import { useLogFeed } from './use-log-feed.ts';

const BUCKETS = 120;

/** Log lines that match the search: live, or those of a stretch of the past. */
export function LogsView() {
  const { q, problem, understood } = useSearchQuery();
  const set = useSetConsoleSearch();
  const { range, isLive, setRange, lastMs, goLive } = useTimeRange();
  const { feed, state, retry } = useLogFeed(problem ? null : q, range);
  const { data: histogram } = useCall(
    'logs.histogram',
    { query: understood ?? '', range, buckets: BUCKETS },
    { live: isLive },
  );
  const [selection, setSelection] = useState<readonly [number, number] | null>(null);
  const onQuery = (next: string): void => set({ q: next || undefined });
  const chosenLines = () => feed.rows.lines(...(selection && selection[0] !== selection[1] ? selection : []));

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'f' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (!isLive || document.querySelector('[role="dialog"], [role="menu"]')) return;
      feed.setFollow(!feed.state().follow);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [feed, isLive]);

  const copy = (): void => {
    const lines = chosenLines();
    void copyText(linesText(lines)).then((copied) => copied && toastDone(`Copied ${plural(lines.length, 'line')}.`));
  };

  return (
    <div className="logs">
      <LogTools
        query={q}
        onQuery={onQuery}
        state={state}
        isLive={isLive}
        lines={feed.rows.count}
        selected={selection ? selection[1] - selection[0] + 1 : 0}
        onFollow={(follow) => feed.setFollow(follow)}
        onCopy={copy}
        onExport={() => download('flotilla-logs.jsonl', jsonLines(chosenLines()), 'application/x-ndjson')}
      />
      {problem && <QueryProblem query={q} error={problem} />}
      <LogHistogram histogram={histogram} onRange={setRange} />
      <Lines
        feed={feed}
        state={state}
        query={understood ?? ''}
        misunderstood={problem !== null}
        isLive={isLive}
        onRetry={retry}
        onClear={() => onQuery('')}
        onFurther={() => goLive(Math.min(lastMs * 4, 24 * 3_600_000))}
      >
        <LogList
          feed={feed}
          state={state}
          query={understood ?? ''}
          isLive={isLive}
          onSelection={setSelection}
          onCopy={copy}
        />
      </Lines>
    </div>
  );
}

/** The list, or why there is none. */
function Lines(props: {
  feed: LogFeed;
  state: FeedState;
  query: string;
  misunderstood: boolean;
  isLive: boolean;
  onRetry: () => void;
  onClear: () => void;
  onFurther: () => void;
  children: React.ReactNode;
}) {
  const { feed, state, query, isLive } = props;
  if (feed.rows.count > 0) {
    return (
      <div className="log-lines-box">
        {state.error && <ErrorNote error={state.error} onRetry={props.onRetry} />}
        {props.children}
        {!state.follow && state.fresh > 0 && (
          <button type="button" className="log-fresh" onClick={() => feed.setFollow(true)}>
            <Icon name="down" />
            {formatCount(state.fresh)} new {state.fresh === 1 ? 'line' : 'lines'}
          </button>
        )}
      </div>
    );
  }
  if (state.error) return <ErrorNote error={state.error} onRetry={props.onRetry} />;
  if (state.phase === 'idle' && props.misunderstood) {
    return (
      <EmptyState
        icon="search"
        title="Nothing was searched yet"
        text="Correct the search at the top, or begin with all."
      >
        <Button onClick={props.onClear}>Show all lines</Button>
      </EmptyState>
    );
  }
  if (state.phase !== 'ready') return <Loading what="Searching log lines" />;
  if (query !== '') {
    return (
      <EmptyState
        icon="logs"
        title="No line matches"
        text={`Nothing in this time matches ${query}.${isLive ? ' Lines that do will appear here as they come.' : ''}`}
      >
        <Button onClick={props.onClear}>Clear filter</Button>
        {isLive && <Button onClick={props.onFurther}>Look further back</Button>}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon="logs"
      title={isLive ? 'Nothing was written yet' : 'Nothing was written in this time'}
      text="What services write to their output or send by OTLP appears here. Start a fleet, or turn its traffic up at the top."
    />
  );
}
