import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { fixRange, type TraceSummary, toErrorView } from '../../../main/contract/index.ts';
import { Arriving } from '../../app/arriving.tsx';
import { AttachNote } from '../../app/attach-note.tsx';
import { useCalmFleet } from '../../app/engine-context.tsx';
import { hasTerm, toggleTerm } from '../../app/search-edit.ts';
import { useCall } from '../../app/use-call.ts';
import { keepShared, useSetConsoleSearch, useTimeRange } from '../../app/use-console-search.ts';
import { useSearchQuery } from '../../app/use-search-query.ts';
import { useServiceColor } from '../../app/use-service-color.ts';
import {
  Button,
  EmptyState,
  ErrorNote,
  formatClock,
  formatDuration,
  Loading,
  plural,
  QueryProblem,
  Segmented,
  StateShape,
  VirtualList,
} from '../../ui/index.ts';
import { DurationPlot } from './duration-plot.tsx';
import { tracesRoute } from './index.tsx';
import './traces.css';

const LIMIT = 200;
const ERRORS = 'status:error';
const SORTS = [
  { value: 'newest', label: 'Newest' },
  { value: 'longest', label: 'Longest' },
] as const;

/** Traces that match the search, as a plot of durations over time and as a list. */
export function TracesView() {
  const { q, problem, understood } = useSearchQuery();
  const { sort = 'newest' } = tracesRoute.useSearch();
  const set = useSetConsoleSearch();
  const navigate = useNavigate();
  const { range, isLive } = useTimeRange();
  const [pointed, setPointed] = useState(false);
  const [keyed, setKeyed] = useState(false);
  const held = pointed || keyed;
  const onlyErrors = hasTerm(q, ERRORS);
  const { data, error, refetch, dataUpdatedAt } = useCall(
    'traces.search',
    { query: understood ?? '', range, limit: LIMIT, sort },
    { live: isLive && !held, enabled: understood !== null },
  );
  const open = (traceId: string): void =>
    void navigate({ to: '/traces/$traceId', params: { traceId }, search: keepShared });
  const setSort = (next: 'newest' | 'longest'): void =>
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) => ({ ...before, sort: next === 'longest' ? next : undefined }),
      replace: true,
    });

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: rows must not move under a pointer that aims at one; keys are not concerned
    <div className="traces" onMouseEnter={() => setPointed(true)} onMouseLeave={() => setPointed(false)}>
      <header className="view-tools">
        <Segmented label="Order" value={sort} segments={SORTS} onChange={setSort} />
        <Button
          look={onlyErrors ? 'primary' : 'normal'}
          aria-pressed={onlyErrors}
          icon="warning"
          onClick={() => set({ q: toggleTerm(q, ERRORS) || undefined })}
        >
          Errors
        </Button>
        {q !== '' && (
          <Button look="quiet" icon="close" onClick={() => set({ q: undefined })}>
            <code>{q}</code>
          </Button>
        )}
        <span className="view-count">
          {data ? (data.length === LIMIT ? `the ${sort} ${LIMIT}` : plural(data.length, 'trace')) : ''}
          {isLive && (held ? ' · held while you are at them' : ' · live')}
        </span>
      </header>
      {problem && <QueryProblem query={q} error={problem} />}
      {understood === null ? (
        <EmptyState
          icon="search"
          title="Nothing was searched yet"
          text="Correct the search at the top, or begin with all."
        >
          <Button onClick={() => set({ q: undefined })}>Show all traces</Button>
        </EmptyState>
      ) : error && !data ? (
        <ErrorNote error={toErrorView(error)} onRetry={() => void refetch()} />
      ) : !data ? (
        <Loading what="Searching traces" />
      ) : data.length === 0 ? (
        <NoTraces query={understood} onClear={() => set({ q: undefined })} />
      ) : (
        <>
          <DurationPlot
            traces={data}
            range={fixRange(range, dataUpdatedAt)}
            isCut={sort === 'newest' && data.length === LIMIT}
            onOpen={open}
          />
          <TraceList traces={data} onOpen={open} onKeys={setKeyed} />
        </>
      )}
    </div>
  );
}

function NoTraces({ query, onClear }: { query: string; onClear: () => void }) {
  const fleet = useCalmFleet();
  return query === '' ? (
    <EmptyState
      icon="traces"
      title="No trace in this time"
      text={
        fleet?.attached
          ? 'Traces appear as soon as services send spans by OTLP.'
          : 'Traces appear as soon as services send spans by OTLP. Is traffic turned up? The dial is at the top.'
      }
    >
      {fleet?.attached && <AttachNote attached={fleet.attached} />}
    </EmptyState>
  ) : (
    <EmptyState
      icon="traces"
      title="No trace matches"
      text={`Nothing in this time matches ${query}. Look further back on the timeline, or search for less.`}
    >
      <Button onClick={onClear}>Show all traces</Button>
    </EmptyState>
  );
}

function TraceList({
  traces,
  onOpen,
  onKeys,
}: {
  traces: readonly TraceSummary[];
  onOpen: (traceId: string) => void;
  /** Whether somebody goes through the rows by keys. */
  onKeys: (keyed: boolean) => void;
}) {
  const [active, setActive] = useState<string | null>(null);
  const color = useServiceColor();
  const longest = Math.max(...traces.map((one) => one.durationMs), 0.001);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears of the focus of the list inside
    <div
      className="trace-list"
      onFocus={(event) => onKeys(event.target.matches(':focus-visible'))}
      onBlur={() => onKeys(false)}
    >
      <div className="trace-row trace-row-head" aria-hidden="true">
        <span>Started</span>
        <span>Root</span>
        <span>Services</span>
        <span className="num">Spans</span>
        <span className="num">Errors</span>
        <span className="num">Duration</span>
        <span />
      </div>
      <VirtualList
        label="Traces"
        rows={traces}
        rowKey={(trace) => trace.traceId}
        rowHeight={34}
        activeIndex={traces.findIndex((trace) => trace.traceId === active)}
        onActive={(_, trace) => {
          setActive(trace.traceId);
          if (trace.traceId === active) onOpen(trace.traceId);
        }}
        onOpen={(_, trace) => onOpen(trace.traceId)}
        renderRow={(trace, _, isActive) => (
          <div className={`trace-row${isActive ? ' trace-row-active' : ''}`}>
            <span className="mono muted">{formatClock(Date.parse(trace.startTime))}</span>
            <button type="button" tabIndex={-1} className="trace-link truncate" onClick={() => onOpen(trace.traceId)}>
              {trace.errors > 0 && <StateShape tone="error" label="Failed" />}
              <b>{trace.root.service}</b> {trace.root.name}
            </button>
            <span className="trace-services truncate">
              {trace.services.map((service) => (
                <span key={service} className="trace-service">
                  <i style={{ background: color(service) }} />
                  {service}
                </span>
              ))}
            </span>
            <span className="num muted">
              {trace.spans}
              <Arriving trace={trace} />
            </span>
            <span className={`num ${trace.errors > 0 ? 'tone-error' : 'muted'}`}>{trace.errors}</span>
            <span className="num">{formatDuration(trace.durationMs)}</span>
            <span className="trace-share" aria-hidden="true">
              <i style={{ width: `${(trace.durationMs / longest) * 100}%` }} />
            </span>
          </div>
        )}
      />
    </div>
  );
}
