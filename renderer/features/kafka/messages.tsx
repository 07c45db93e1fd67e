import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { KafkaMessage, KafkaTopicDetail } from '../../../main/contract/index.ts';
import { useTheme } from '../../app/theme.ts';
import { useCall } from '../../app/use-call.ts';
import { useTimeRange } from '../../app/use-console-search.ts';
import { Button, cx, EmptyState, formatCount, GridList, Loading, plural } from '../../ui/index.ts';
import { kafkaTopicRoute } from './index.tsx';
import { KafkaProblem } from './kafka-problem.tsx';
import { FILTER_NAMES, inOrder, type MessageFilters, messageId, messageQuery } from './message-filters.ts';
import { MessageCells, MessageDetails } from './message-row.tsx';
import { MessageTools } from './message-tools.tsx';

const LIVE_MS = 1000;

/** The messages of a topic: from where, of which partition, with what in them. */
export function Messages({ topic }: { topic: KafkaTopicDetail }) {
  const filters = kafkaTopicRoute.useSearch();
  const navigate = useNavigate();
  const { range, isLive } = useTimeRange();
  const pastFromMs = 'fromMs' in range ? range.fromMs : null;
  const question = messageQuery(topic.name, filters, pastFromMs);
  const newest = question.from.at === 'latest';
  const polls = filters.live === '1' && newest && isLive;
  const { data, error, refetch, isFetching } = useCall('kafka.messages', question, polls ? { everyMs: LIVE_MS } : {});
  const messages = useMemo(() => inOrder(data?.messages ?? [], newest), [data, newest]);
  const change = (next: MessageFilters): void =>
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) => ({ ...before, ...next }),
      replace: true,
    });
  const clear = (): void => change(Object.fromEntries(FILTER_NAMES.map((name) => [name, undefined])));

  return (
    <div className="messages">
      <MessageTools
        topic={topic}
        filters={filters}
        start={question.from}
        live={polls}
        canLive={newest && isLive}
        busy={isFetching && !polls}
        onChange={change}
        onRefresh={() => void refetch()}
        count={data ? `${plural(messages.length, 'message')} of ${formatCount(data.scanned)} looked at` : ''}
      />
      {data && !data.complete && data.stoppedBy !== 'limit' && messages.length < question.limit && (
        <p className="messages-note" role="status">
          {data.stoppedBy === 'bytes'
            ? 'These messages are so large that no more are shown at once. Begin where they end, or choose a partition.'
            : `The search stopped after ${formatCount(data.scanned)} messages. Begin nearer to what you look for, or choose a partition.`}
        </p>
      )}
      {error ? (
        <KafkaProblem error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Loading what="Reading messages" />
      ) : messages.length === 0 ? (
        <NoMessages topic={topic} filters={filters} onClear={clear} />
      ) : (
        <MessageList
          messages={messages}
          open={filters.message ?? null}
          onOpen={(message) => change({ message: message ?? undefined } as MessageFilters)}
        />
      )}
    </div>
  );
}

function NoMessages({
  topic,
  filters,
  onClear,
}: {
  topic: KafkaTopicDetail;
  filters: MessageFilters;
  onClear: () => void;
}) {
  if (topic.messages === 0) {
    return (
      <EmptyState
        icon="kafka"
        title={`${topic.name} is empty`}
        text="Nothing was written to it yet, or retention has taken what was. Produce writes a message to it."
      />
    );
  }
  const narrowed = filters.at || filters.partition || filters.key || filters.text;
  return (
    <EmptyState
      icon="kafka"
      title="No message matches"
      text="Nothing from there on has that in its key, value or headers. Begin earlier, or search for less."
    >
      {narrowed && <Button onClick={onClear}>Show the newest messages</Button>}
    </EmptyState>
  );
}

function MessageList({
  messages,
  open,
  onOpen,
}: {
  messages: readonly KafkaMessage[];
  open: string | null;
  onOpen: (message: string | null) => void;
}) {
  const theme = useTheme();
  const [active, setActive] = useState<string | null>(null);
  const at = (position: number): KafkaMessage | undefined => messages[position];
  const isOpen = (position: number): boolean => {
    const message = at(position);
    return message !== undefined && messageId(message) === open;
  };
  const toggle = (position: number): void => {
    const message = at(position);
    if (message) onOpen(isOpen(position) ? null : messageId(message));
  };
  const activeIndex = active === null ? -1 : messages.findIndex((message) => messageId(message) === active);
  return (
    <div className="message-list">
      <div className="message-cells message-head" aria-hidden="true">
        <span>Partition @ offset</span>
        <span>Time</span>
        <span>Key</span>
        <span>Value</span>
        <span className="num">Size</span>
        <span />
      </div>
      <GridList<KafkaMessage>
        label="Messages"
        count={messages.length}
        rowAt={at}
        rowHeight={theme === 'stage' ? 34 : 30}
        isTall={isOpen}
        isOpen={isOpen}
        active={activeIndex < 0 ? null : activeIndex}
        onActive={(position) => {
          const message = at(position);
          if (message) setActive(messageId(message));
        }}
        onToggle={toggle}
        onPick={toggle}
        onKey={(event) => {
          if (event.key !== 'Escape' || open === null) return;
          onOpen(null);
          event.preventDefault();
        }}
        rowClass={(_, position) => cx(isOpen(position) && 'message-open')}
        renderRow={(message, position) => (
          <>
            <MessageCells message={message} />
            {isOpen(position) && <MessageDetails message={message} />}
          </>
        )}
      />
    </div>
  );
}
