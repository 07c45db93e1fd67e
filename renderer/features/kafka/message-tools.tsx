import { type FormEvent, useEffect, useState } from 'react';
import type { KafkaMessageQuery, KafkaTopicDetail } from '../../../main/contract/index.ts';
import { Button, StateShape } from '../../ui/index.ts';
import { DEFAULT_LIMIT, fromLocalInput, LIMITS, type MessageFilters, toLocalInput } from './message-filters.ts';

type Place = 'latest' | 'earliest' | 'offset' | 'time';
type Change = { [Name in keyof MessageFilters]?: string | undefined };

/** Which messages of a topic are shown. Changes take effect as they are made, texts on Enter or when they are left. */
export function MessageTools({
  topic,
  filters,
  start,
  live,
  canLive,
  busy,
  count,
  onChange,
  onRefresh,
}: {
  topic: KafkaTopicDetail;
  filters: MessageFilters;
  /** Where the messages that are shown begin. */
  start: KafkaMessageQuery['from'];
  live: boolean;
  canLive: boolean;
  busy: boolean;
  count: string;
  onChange: (change: MessageFilters) => void;
  onRefresh: () => void;
}) {
  const change = (next: Change): void => onChange(next as MessageFilters);
  const choosePlace = (place: Place): void => {
    const at = {
      latest: undefined,
      earliest: 'earliest',
      offset: `o${topic.partitionList[0]?.earliestOffset ?? '0'}`,
      time: `t${Date.now() - 5 * 60_000}`,
    }[place];
    change({ at, live: undefined });
  };
  return (
    <div className="message-tools">
      <label>
        <span>From</span>
        <select aria-label="From" value={start.at} onChange={(event) => choosePlace(event.target.value as Place)}>
          <option value="latest">the newest</option>
          <option value="earliest">the oldest</option>
          <option value="offset">an offset</option>
          <option value="time">a time</option>
        </select>
      </label>
      {start.at === 'offset' && (
        <TextField
          label="Offset"
          value={start.offset}
          width={96}
          pattern="[0-9]+"
          onCommit={(value) => /^\d{1,19}$/.test(value) && change({ at: `o${value}` })}
        />
      )}
      {start.at === 'time' && (
        <label>
          <span className="visually-hidden">Time</span>
          <input
            type="datetime-local"
            step={1}
            value={toLocalInput(start.timeMs)}
            onChange={(event) => {
              const ms = fromLocalInput(event.target.value);
              if (ms !== null) change({ at: `t${ms}` });
            }}
          />
        </label>
      )}
      <label>
        <span>Partition</span>
        <select
          aria-label="Partition"
          value={filters.partition ?? ''}
          onChange={(event) => change({ partition: event.target.value || undefined })}
        >
          <option value="">all</option>
          {topic.partitionList.map(({ partition }) => (
            <option key={partition} value={partition}>
              {partition}
            </option>
          ))}
        </select>
      </label>
      <TextField
        label="Key"
        value={filters.key ?? ''}
        width={116}
        placeholder="any"
        onCommit={(value) => change({ key: value || undefined })}
      />
      <TextField
        label="Contains"
        value={filters.text ?? ''}
        width={150}
        placeholder="text in key, value, headers"
        onCommit={(value) => change({ text: value || undefined })}
      />
      <label>
        <span>Limit</span>
        <select
          aria-label="Limit"
          value={filters.limit ?? DEFAULT_LIMIT}
          onChange={(event) =>
            change({ limit: Number(event.target.value) === DEFAULT_LIMIT ? undefined : event.target.value })
          }
        >
          {LIMITS.map((limit) => (
            <option key={limit} value={limit}>
              {limit}
            </option>
          ))}
        </select>
      </label>
      <span className="view-count" role="status">
        {count}
      </span>
      <Button
        look={live ? 'primary' : 'normal'}
        aria-pressed={live}
        disabled={!canLive}
        title={
          canLive ? 'Ask for the newest each second' : 'Live shows the newest messages: begin from the newest, now'
        }
        onClick={() => change({ live: live ? undefined : '1' })}
      >
        <StateShape tone={live ? 'ok' : 'idle'} size={9} />
        Live
      </Button>
      <Button icon="restart" busy={busy} onClick={onRefresh}>
        Refresh
      </Button>
    </div>
  );
}

/** A text that takes effect on Enter or when it is left. */
function TextField({
  label,
  value,
  width,
  placeholder,
  pattern,
  onCommit,
}: {
  label: string;
  value: string;
  width: number;
  placeholder?: string;
  pattern?: string;
  onCommit: (value: string) => void;
}) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const commit = (): void => {
    if (text !== value) onCommit(text);
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    commit();
  };
  return (
    <form onSubmit={onSubmit}>
      <label>
        <span>{label}</span>
        <input
          type="text"
          aria-label={label}
          style={{ width }}
          value={text}
          placeholder={placeholder}
          pattern={pattern}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
          onBlur={commit}
        />
      </label>
    </form>
  );
}
