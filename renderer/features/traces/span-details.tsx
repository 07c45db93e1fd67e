import { Link } from '@tanstack/react-router';
import type { Attributes, AttributeValue, Span, Trace } from '../../../main/contract/index.ts';
import { useCall } from '../../app/use-call.ts';
import { keepShared } from '../../app/use-console-search.ts';
import { quoteWord } from '../../app/use-log-tail.ts';
import { CopyButton, formatDuration, Loading, LogLines } from '../../ui/index.ts';

const LOG_LINES = 50;
/** Log lines may be stamped a little before or after the span by another clock. */
const AROUND_MS = 5000;

const text = (value: AttributeValue): string => (typeof value === 'string' ? value : JSON.stringify(value));

function AttributeList({ attributes, of }: { attributes: Attributes; of: string }) {
  const entries = Object.entries(attributes).sort(([a], [b]) => a.localeCompare(b));
  if (entries.length === 0) return <p className="faint">None.</p>;
  return (
    <dl className="attributes" aria-label={of}>
      {entries.map(([name, value]) => (
        <div key={name} className="attribute">
          <dt className="mono">{name}</dt>
          <dd className="mono">
            <Link
              to="/traces"
              search={(before: Record<string, unknown>) => ({
                ...keepShared(before),
                q: `@${name}:${quoteWord(text(value))}`,
              })}
              title="Traces with this value"
            >
              {text(value)}
            </Link>
            <CopyButton text={text(value)} what={name} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What a span says of itself, and what was logged while it ran. */
export function SpanDetails({ trace, span }: { trace: Trace; span: Span }) {
  const fromMs = Date.parse(trace.startTime) - AROUND_MS;
  const toMs = Date.parse(trace.startTime) + span.offsetMs + span.durationMs + AROUND_MS;
  const { data: logs } = useCall('logs.search', {
    query: `span:${span.spanId}`,
    range: { fromMs, toMs },
    limit: LOG_LINES,
  });
  return (
    <div className="span-details">
      <section>
        <h3>Attributes</h3>
        {span.statusMessage && <p className="tone-error">{span.statusMessage}</p>}
        <AttributeList attributes={span.attributes} of={`Attributes of ${span.name}`} />
      </section>
      <section>
        <h3>Span</h3>
        <dl className="attributes">
          <Fact name="kind" value={span.kind} />
          <Fact name="starts at" value={`+${formatDuration(span.offsetMs)}`} />
          <Fact name="took" value={formatDuration(span.durationMs)} />
          <Fact name="status" value={span.status} />
          <Fact name="scope" value={span.scope || '–'} />
          <Fact name="span id" value={span.spanId} copy />
        </dl>
        {span.links.length > 0 && (
          <>
            <h3>Links</h3>
            <ul>
              {span.links.map((link) => (
                <li key={link.spanId}>
                  <Link
                    to="/traces/$traceId"
                    params={{ traceId: link.traceId }}
                    search={(before: Record<string, unknown>) => ({ ...keepShared(before), span: link.spanId })}
                  >
                    <code>{link.traceId.slice(0, 16)}…</code>
                  </Link>
                </li>
              ))}
            </ul>
          </>
        )}
        <details>
          <summary>Resource of {span.service}</summary>
          <AttributeList attributes={trace.resources[span.service] ?? {}} of={`Resource of ${span.service}`} />
        </details>
      </section>
      <section>
        {span.events.length > 0 && (
          <>
            <h3>Events</h3>
            <ul className="span-events">
              {span.events.map((event) => (
                <li key={`${event.name} ${event.offsetMs}`}>
                  <span className="mono faint">+{formatDuration(event.offsetMs)}</span> <b>{event.name}</b>
                  <AttributeList attributes={event.attributes} of={`Attributes of ${event.name}`} />
                </li>
              ))}
            </ul>
          </>
        )}
        <h3>Log lines of this span</h3>
        {!logs ? (
          <Loading what="Reading log lines" />
        ) : logs.length === 0 ? (
          <p className="faint">None was written in this span itself.</p>
        ) : (
          <LogLines lines={logs} wrap />
        )}
      </section>
    </div>
  );
}

function Fact({ name, value, copy = false }: { name: string; value: string; copy?: boolean }) {
  return (
    <div className="attribute">
      <dt>{name}</dt>
      <dd className="mono">
        {value}
        {copy && <CopyButton text={value} what={name} />}
      </dd>
    </div>
  );
}
