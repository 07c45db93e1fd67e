import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { KafkaTopic } from '../../../main/contract/index.ts';
import { useCall } from '../../app/use-call.ts';
import { keepShared } from '../../app/use-console-search.ts';
import {
  Button,
  type Column,
  formatBytes,
  formatCount,
  formatRate,
  numberColumn,
  Sparkline,
  UNKNOWN,
} from '../../ui/index.ts';
import { useTopology } from '../topology/index.tsx';
import { recordHistory } from './history.ts';
import { KafkaList, LIST_EVERY_MS } from './kafka-list.tsx';
import { ServiceLinks } from './service-links.tsx';
import { type TopicLinks, topicLinks } from './topic-links.ts';

interface TopicRow {
  readonly topic: KafkaTopic;
  readonly links: TopicLinks;
  readonly rates: readonly number[];
}

/** Every topic of the broker. */
export function TopicsView() {
  const { data, error, refetch, dataUpdatedAt } = useCall('kafka.topics', undefined, { everyMs: LIST_EVERY_MS });
  const { data: topology } = useTopology();
  const [internal, setInternal] = useState(false);
  const navigate = useNavigate();
  const shown = data?.filter((topic) => internal || !topic.internal) ?? [];
  const hidden = (data?.length ?? 0) - shown.length;
  const rowOf = (topic: KafkaTopic): TopicRow => ({
    topic,
    links: topicLinks(topology, topic.name),
    rates: recordHistory(`rate ${topic.name}`, topic.ratePerSecond, dataUpdatedAt),
  });
  const open = ({ topic }: TopicRow): void =>
    void navigate({ to: '/kafka/topics/$topic', params: { topic: topic.name }, search: keepShared });
  return (
    <KafkaList<TopicRow>
      tab="topics"
      noun="topic"
      label="Topics"
      columns={TOPIC_COLUMNS}
      rows={data ? shown.map(rowOf) : null}
      rowKey={(row) => row.topic.name}
      rowLabel={(row) => row.topic.name}
      firstSort={{ key: 'topic', descending: false }}
      onOpen={open}
      error={error}
      onRetry={() => void refetch()}
      empty={{
        title: 'The broker has no topics yet',
        text: 'They appear here when a service creates one or writes to it.',
      }}
      tools={
        (internal || hidden > 0) && (
          <Button
            look={internal ? 'primary' : 'normal'}
            aria-pressed={internal}
            onClick={() => setInternal(!internal)}
            title="Topics that Kafka keeps for itself"
          >
            Internal
          </Button>
        )
      }
    />
  );
}

const TOPIC_COLUMNS: readonly Column<TopicRow>[] = [
  {
    key: 'topic',
    title: 'Topic',
    sortBy: (row) => row.topic.name,
    className: 'kafka-cell-name',
    cell: ({ topic }) => (
      <div className="kafka-name">
        <Link to="/kafka/topics/$topic" params={{ topic: topic.name }} search={keepShared} tabIndex={-1}>
          {topic.name}
        </Link>
        <span className="faint truncate" title={topic.description}>
          {topic.description || (topic.internal ? "Kafka's own" : '')}
        </span>
      </div>
    ),
  },
  {
    key: 'producers',
    title: 'Written by',
    width: '15%',
    className: 'kafka-cell-links',
    cell: ({ links }) => <ServiceLinks services={links.producers} />,
  },
  {
    key: 'consumers',
    title: 'Read by',
    width: '17%',
    className: 'kafka-cell-links',
    cell: ({ links }) => <ServiceLinks services={links.consumers} />,
  },
  numberColumn('partitions', 'Partitions', 86, (row) => row.topic.partitions),
  numberColumn('messages', 'Messages', 92, (row) => row.topic.messages, formatCount),
  numberColumn('size', 'Size', 84, (row) => row.topic.bytes, formatBytes),
  {
    key: 'rate',
    title: 'Rate',
    align: 'right',
    width: 158,
    sortBy: (row) => row.topic.ratePerSecond,
    cell: ({ topic, rates }) => (
      <span className="kafka-trend">
        {rates.length > 1 && (
          <Sparkline values={rates} height={18} label={`Rate of ${topic.name} since it was opened`} />
        )}
        <span>{topic.ratePerSecond === null ? UNKNOWN : formatRate(topic.ratePerSecond)}</span>
      </span>
    ),
  },
];
