import { type FormEvent, type KeyboardEvent, useState } from 'react';
import type { KafkaTopicDetail } from '../../../main/contract/index.ts';
import { useAct } from '../../app/use-call.ts';
import { Button, Dialog, IconButton, KeyHint } from '../../ui/index.ts';
import { jsonState } from './json-state.ts';

interface Header {
  readonly id: number;
  readonly name: string;
  readonly value: string;
}

/** Writes a message to a topic. What was written last stays, so that the next can be like it. */
export function ProduceDialog({
  topic,
  open,
  onClose,
  onWritten,
}: {
  topic: KafkaTopicDetail;
  open: boolean;
  onClose: () => void;
  onWritten: (place: { partition: number; offset: string }) => void;
}) {
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const [tombstone, setTombstone] = useState(false);
  const [partition, setPartition] = useState('');
  const [headers, setHeaders] = useState<readonly Header[]>([]);
  const act = useAct(
    'kafka.produce',
    ({ partition, offset }) => `Written to partition ${partition} at offset ${offset}.`,
  );
  const nameless = headers.some((header) => header.name === '' && header.value !== '');
  const json = jsonState(value);

  const send = (): void => {
    if (act.isPending || nameless) return;
    act.mutate(
      {
        topic: topic.name,
        key: key === '' ? null : key,
        value: tombstone ? null : value,
        headers: headers.filter((header) => header.name !== '').map(({ name, value }) => ({ name, value })),
        ...(partition === '' ? {} : { partition: Number(partition) }),
      },
      {
        onSuccess: (place) => {
          onClose();
          onWritten(place);
        },
      },
    );
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  };
  const setHeader = (id: number, change: Partial<Header>): void =>
    setHeaders(headers.map((header) => (header.id === id ? { ...header, ...change } : header)));

  return (
    <Dialog open={open} onClose={onClose} title={`Produce to ${topic.name}`} width={620}>
      <form
        className="produce"
        onKeyDown={onKeyDown}
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          send();
        }}
      >
        <div className="produce-row">
          <label className="produce-field">
            <span>Key</span>
            <input
              type="text"
              value={key}
              placeholder="none"
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => setKey(event.target.value)}
            />
          </label>
          <label className="produce-field produce-partition">
            <span>Partition</span>
            <select aria-label="Partition" value={partition} onChange={(event) => setPartition(event.target.value)}>
              <option value="">{key === '' ? 'any' : 'by its key'}</option>
              {topic.partitionList.map((one) => (
                <option key={one.partition} value={one.partition}>
                  {one.partition}
                </option>
              ))}
            </select>
          </label>
        </div>
        <label className="produce-field">
          <span>
            Value
            <span className={json.tone} role="status">
              {tombstone ? '' : json.text}
            </span>
          </span>
          <textarea
            aria-label="Value"
            rows={9}
            value={value}
            disabled={tombstone}
            spellCheck={false}
            placeholder={tombstone ? 'No value: a tombstone' : '{ "orderId": "8f33" }'}
            onChange={(event) => setValue(event.target.value)}
          />
        </label>
        <div className="produce-row produce-options">
          <label>
            <input type="checkbox" checked={tombstone} onChange={(event) => setTombstone(event.target.checked)} /> No
            value (a tombstone, which deletes its key)
          </label>
          <Button
            look="quiet"
            disabled={json.pretty === null || tombstone}
            onClick={() => json.pretty !== null && setValue(json.pretty)}
          >
            Lay out JSON
          </Button>
        </div>
        <fieldset className="produce-headers">
          <legend>Headers</legend>
          {headers.map((header) => (
            <div key={header.id} className="produce-header">
              <input
                type="text"
                aria-label="Header name"
                placeholder="name"
                value={header.name}
                aria-invalid={header.name === '' && header.value !== ''}
                onChange={(event) => setHeader(header.id, { name: event.target.value })}
              />
              <input
                type="text"
                aria-label="Header value"
                placeholder="value"
                value={header.value}
                onChange={(event) => setHeader(header.id, { value: event.target.value })}
              />
              <IconButton
                icon="close"
                label={`Remove header ${header.name}`}
                onClick={() => setHeaders(headers.filter((one) => one.id !== header.id))}
              />
            </div>
          ))}
          <Button
            look="quiet"
            icon="plus"
            onClick={() => setHeaders([...headers, { id: (headers.at(-1)?.id ?? 0) + 1, name: '', value: '' }])}
          >
            Add a header
          </Button>
          {nameless && <p className="tone-error">A header needs a name.</p>}
        </fieldset>
        <footer className="dialog-foot produce-foot">
          <span className="faint">
            <KeyHint keys="Mod+Enter" /> sends
          </span>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" icon="send" busy={act.isPending} disabled={nameless}>
            {act.isPending ? 'Writing …' : 'Produce'}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
