import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { type Trace, TraceId, toErrorView } from '../../../main/contract/index.ts';
import { useCall } from '../../app/use-call.ts';
import { keepShared } from '../../app/use-console-search.ts';
import {
  Button,
  CopyButton,
  EmptyState,
  ErrorNote,
  formatDateTime,
  formatDuration,
  Icon,
  Loading,
  plural,
} from '../../ui/index.ts';
import { traceRoute } from './index.tsx';
import './traces.css';
import { Waterfall } from './waterfall.tsx';

/** How long a trace may still grow: consumers of its messages come later than its answer. */
const GROWING_MS = 20_000;

/** One trace: who took how long, in what order, and why. */
export function TraceView() {
  const { traceId } = traceRoute.useParams();
  const parsed = TraceId.safeParse(traceId);
  if (!parsed.success) {
    return (
      <EmptyState
        icon="traces"
        title="This is no trace id"
        text={`A trace id is 32 hex digits; the address has ${traceId}.`}
      >
        <Link className="button" to="/traces" search={keepShared}>
          All traces
        </Link>
      </EmptyState>
    );
  }
  return <KnownTrace traceId={parsed.data} />;
}

function KnownTrace({ traceId }: { traceId: TraceId }) {
  const [openedMs] = useState(() => Date.now());
  const growing = Date.now() - openedMs < GROWING_MS;
  const { data, error, refetch } = useCall(
    'traces.get',
    { traceId },
    { keepPrevious: false, ...(growing ? { everyMs: 2000 } : {}) },
  );
  if (data) return <TracePage trace={data} />;
  if (error) return <ErrorNote error={toErrorView(error)} onRetry={() => void refetch()} />;
  return <Loading what="Reading the trace" />;
}

function TracePage({ trace }: { trace: Trace }) {
  const { span = null } = traceRoute.useSearch();
  const navigate = useNavigate();
  const [criticalOnly, setCriticalOnly] = useState(false);
  const errors = useMemo(() => trace.spans.filter((one) => one.status === 'error').length, [trace]);
  const services = useMemo(() => new Set(trace.spans.map((one) => one.service)).size, [trace]);
  const openSpan = (spanId: string | null): void =>
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) => ({ ...before, span: spanId ?? undefined }),
      replace: true,
    });
  return (
    <div className="trace-page">
      <header className="trace-head">
        <Link to="/traces" search={keepShared} className="service-back" aria-label="All traces">
          <Icon name="arrow-left" />
        </Link>
        <h1 className="truncate">
          {trace.root.service} <span className="trace-name">{trace.root.name}</span>
        </h1>
        <p className="trace-facts">
          {formatDuration(trace.durationMs)} · {plural(trace.spans.length, 'span')} · {plural(services, 'service')}
          {errors > 0 && <b className="tone-error"> · {plural(errors, 'error')}</b>}
          <span className="faint"> · {formatDateTime(Date.parse(trace.startTime))}</span>
        </p>
        <span className="trace-id mono faint">
          {trace.traceId}
          <CopyButton text={trace.traceId} what="trace id" />
        </span>
        <Button
          aria-pressed={criticalOnly}
          look={criticalOnly ? 'primary' : 'normal'}
          onClick={() => setCriticalOnly(!criticalOnly)}
          title="Only the spans that the trace's duration is made of"
        >
          Critical path
        </Button>
        <Link
          className="button"
          to="/logs"
          search={(before: Record<string, unknown>) => ({ ...keepShared(before), q: `trace:${trace.traceId}` })}
        >
          Logs
        </Link>
      </header>
      <Waterfall trace={trace} criticalOnly={criticalOnly} openSpan={span} onOpenSpan={openSpan} />
    </div>
  );
}
