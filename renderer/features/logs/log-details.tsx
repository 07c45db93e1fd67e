import { Link } from '@tanstack/react-router';
import type { AttributeValue, LogRecord } from '../../../main/contract/index.ts';
import { attributeTerm, fieldTerm, filterBy } from '../../app/search-edit.ts';
import { keepShared, useConsoleSearch, useSetConsoleSearch } from '../../app/use-console-search.ts';
import { Button, CopyButton, copyText, formatDateTime, IconButton, prettyJson } from '../../ui/index.ts';

/** A cell of the grid; a table, which has cells of its own, cannot be virtual. */
const CELL = { role: 'gridcell' } as const;

const plain = (value: AttributeValue): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** All of a line: its whole message, what it carries, and where it leads. */
export function LogDetails({ line }: { line: LogRecord }) {
  const attributes = Object.entries(line.attributes).sort(([a], [b]) => a.localeCompare(b));
  const { traceId } = line;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keeps clicks inside from folding the row; keys are not concerned
    // biome-ignore lint/a11y/useKeyWithClickEvents: as above
    <div className="log-details" {...CELL} onClick={(event) => event.stopPropagation()}>
      <section>
        <div className="log-details-head">
          <h3>Message</h3>
          <CopyButton text={line.message} what="message" />
          <span className="log-details-actions">
            {traceId && (
              <>
                <Link className="button" to="/traces/$traceId" params={{ traceId }} search={keepShared}>
                  Open trace
                </Link>
                <Link
                  className="button"
                  to="/logs"
                  search={(before: Record<string, unknown>) => ({ ...keepShared(before), q: `trace:${traceId}` })}
                >
                  Lines of this trace
                </Link>
              </>
            )}
            <CopyJson line={line} />
          </span>
        </div>
        <pre className="log-details-message">{prettyJson(line.message)}</pre>
      </section>
      <section>
        <h3>Attributes</h3>
        {attributes.length === 0 && <p className="faint">This line carries none.</p>}
        <dl className="log-attributes">
          {attributes.map(([name, value]) => (
            <Attribute
              key={name}
              name={name}
              value={plain(value)}
              term={typeof value === 'object' ? null : attributeTerm(name, plain(value))}
            />
          ))}
        </dl>
      </section>
      <section>
        <h3>Line</h3>
        <dl className="log-attributes">
          <Attribute name="time" value={`${formatDateTime(Date.parse(line.time))} (${line.time})`} term={null} />
          <Attribute name="level" value={line.level} term={fieldTerm('level', line.level)} />
          <Attribute name="service" value={line.service} term={fieldTerm('service', line.service)} />
          <Attribute name="instance" value={line.instance} term={fieldTerm('instance', line.instance)} />
          <Attribute name="source" value={line.source} term={fieldTerm('source', line.source)} />
          {traceId && <Attribute name="trace" value={traceId} term={fieldTerm('trace', traceId)} />}
          {line.spanId && <Attribute name="span" value={line.spanId} term={fieldTerm('span_id', line.spanId)} />}
        </dl>
      </section>
    </div>
  );
}

function CopyJson({ line }: { line: LogRecord }) {
  return (
    <Button look="quiet" icon="copy" onClick={() => void copyText(JSON.stringify(line, null, 2))}>
      JSON
    </Button>
  );
}

function Attribute({ name, value, term }: { name: string; value: string; term: string | null }) {
  const { q = '' } = useConsoleSearch();
  const set = useSetConsoleSearch();
  return (
    <div className="log-attribute">
      <dt>{name}</dt>
      <dd>
        <span>{value}</span>
        <span className="log-attribute-actions">
          {term && (
            <>
              <IconButton
                icon="plus"
                label={`Only lines with ${name} ${value}`}
                onClick={() => set({ q: filterBy(q, term, false) })}
              />
              <IconButton
                icon="minus"
                label={`Without lines with ${name} ${value}`}
                onClick={() => set({ q: filterBy(q, term, true) })}
              />
            </>
          )}
          <CopyButton text={value} what={name} />
        </span>
      </dd>
    </div>
  );
}
