import { Link } from '@tanstack/react-router';
import { memo, useState } from 'react';
import type { DecodedBytes, KafkaMessage } from '../../../main/contract/index.ts';
import { TraceLink } from '../../app/trace-link.tsx';
import { keepShared } from '../../app/use-console-search.ts';
import { CopyButton, formatBytes, formatClock, formatDateTime, Segmented } from '../../ui/index.ts';
import { BYTE_FORMATS, type ByteFormat, formatsOf, oneLine, showBytes } from './bytes-view.ts';

/** A cell of the grid; a table, which has cells of its own, cannot be virtual. */
const CELL = { role: 'gridcell' } as const;

/** The cells of a message. */
export const MessageCells = memo(function MessageCells({ message }: { message: KafkaMessage }) {
  const { traceId } = message;
  return (
    <div className="message-cells" role="presentation">
      <span className="mono" {...CELL}>
        <span className="faint">{message.partition} @</span> {message.offset}
      </span>
      <span className="mono muted" {...CELL} title={formatDateTime(Date.parse(message.timestamp))}>
        {formatClock(Date.parse(message.timestamp))}
      </span>
      <span className="mono truncate" {...CELL}>
        <Preview decoded={message.key} nothing="no key" />
      </span>
      <span className="mono truncate" {...CELL}>
        <Preview decoded={message.value} nothing="no value (a tombstone)" />
      </span>
      <span className="num muted" {...CELL}>
        {formatBytes(message.value.bytes)}
      </span>
      <span className="num" {...CELL}>
        {traceId && <TraceLink traceId={traceId} />}
      </span>
    </div>
  );
});

function Preview({ decoded, nothing }: { decoded: DecodedBytes; nothing: string }) {
  if (decoded.format === 'null') return <i className="faint">{nothing}</i>;
  if (decoded.text === '') return <i className="faint">empty</i>;
  return oneLine(decoded);
}

/** All of a message: key, headers, value, and the trace that it belongs to. */
export function MessageDetails({ message }: { message: KafkaMessage }) {
  const { traceId } = message;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keeps clicks inside from folding the row; keys are not concerned
    // biome-ignore lint/a11y/useKeyWithClickEvents: as above
    <div className="message-details" {...CELL} onClick={(event) => event.stopPropagation()}>
      <div className="message-details-side">
        <Bytes title="Key" decoded={message.key} nothing="It has no key: the producer chose the partition." />
        <section>
          <h3>Headers</h3>
          {message.headers.length === 0 && <p className="faint">None.</p>}
          <dl className="message-headers">
            {message.headers.map((header, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a header may be there twice, and they never move
              <div key={`${header.name} ${index}`}>
                <dt>{header.name}</dt>
                <dd>
                  <span>{header.value}</span>
                  <CopyButton text={header.value} what={header.name} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
        <section>
          <h3>Message</h3>
          <p className="muted">
            partition {message.partition}, offset {message.offset}
            <br />
            {formatDateTime(Date.parse(message.timestamp))}
          </p>
          {traceId && (
            <Link className="button" to="/traces/$traceId" params={{ traceId }} search={keepShared}>
              Open trace
            </Link>
          )}
        </section>
      </div>
      <Bytes title="Value" decoded={message.value} nothing="It has no value: a tombstone, which deletes its key." />
    </div>
  );
}

function Bytes({ title, decoded, nothing }: { title: string; decoded: DecodedBytes; nothing: string }) {
  const formats = formatsOf(decoded);
  const [chosen, setChosen] = useState<ByteFormat | null>(null);
  const format = chosen !== null && formats.includes(chosen) ? chosen : formats[0];
  const text = format === undefined ? '' : showBytes(decoded, format);
  return (
    <section className="message-bytes">
      <header>
        <h3>{title}</h3>
        <span className="faint">
          {decoded.format !== 'null' && formatBytes(decoded.bytes)}
          {decoded.truncated && ', cut here'}
        </span>
        {format !== undefined && (
          <>
            <Segmented
              label={`${title} as`}
              value={format}
              segments={formats.map((value) => ({ value, label: BYTE_FORMATS[value] }))}
              onChange={setChosen}
            />
            <CopyButton text={text} what={title.toLowerCase()} />
          </>
        )}
      </header>
      {format === undefined ? <p className="faint">{nothing}</p> : <pre>{text || ' '}</pre>}
    </section>
  );
}
