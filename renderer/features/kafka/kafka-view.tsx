import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { KafkaGroup, KafkaTopic } from '../../../main/contract/index.ts';
import { useCall } from '../../app/use-call.ts';
import { keepShared } from '../../app/use-console-search.ts';
import {
  Button,
  type Column,
  EmptyState,
  formatBytes,
  formatCount,
  formatRate,
  Loading,
  plural,
  Segmented,
  type Sort,
  Sparkline,
  StateLabel,
  Table,
  UNKNOWN,
} from '../../ui/index.ts';
import { useTopology } from '../topology/index.tsx';
import { groupTone, stateWord } from './group-state.ts';
import { recordHistory } from './history.ts';
import './kafka.css';
import { KafkaProblem } from './kafka-problem.tsx';
import { LagBar } from './lag-bar.tsx';
import { ServiceLinks } from './service-links.tsx';
import { type TopicLinks, topicLinks } from './topic-links.ts';

const EVERY_MS = 2000;
const TABS = [
  { value: 'topics', label: 'Topics' },
  { value: 'groups', label: 'Consumer groups' },
] as const;

/** What both lists share: the choice between them, and a bar of tools. */
function KafkaFrame({
  tab,
  count,
  tools,
  children,
}: {
  tab: 'topics' | 'groups';
  count: string;
  tools?: ReactNode;
  children: ReactNode;
}) {
  const navigate = useNavigate();
  return (
    <div className="kafka">
      <header className="view-tools">
        <Segmented
          label="Kafka"
          value={tab}
          segments={TABS}
          onChange={(next) => void navigate({ to: next === 'groups' ? '/kafka/groups' : '/kafka', search: keepShared })}
        />
        {tools}
        <span className="view-count">{count}</span>
      </header>
      <div className="kafka-list">{children}</div>
    </div>
  );
}

interface TopicRow {
  readonly topic: KafkaTopic;
  readonly links: TopicLinks;
  readonly rates: readonly number[];
}

/** Every topic of the broker. */
export function TopicsView() {
  const { data, error, refetch, dataUpdatedAt } = useCall('kafka.topics', undefined, { everyMs: EVERY_MS });
  const { data: topology } = useTopology();
  const [internal, setInternal] = useState(false);
  const [sort, setSort] = useState<Sort>({ key: 'topic', descending: false });
  const navigate = useNavigate();
  const shown = data?.filter((topic) => internal || !topic.internal) ?? [];
  const hidden = (data?.length ?? 0) - shown.length;
  const rows = shown.map(
    (topic): TopicRow => ({
      topic,
      links: topicLinks(topology, topic.name),
      rates: recordHistory(`rate ${topic.name}`, topic.ratePerSecond, dataUpdatedAt),
    }),
  );
  const open = ({ topic }: TopicRow): void =>
    void navigate({ to: '/kafka/topics/$topic', params: { topic: topic.name }, search: keepShared });
  return (
    <KafkaFrame
      tab="topics"
      count={data ? plural(shown.length, 'topic') : ''}
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
    >
      {error ? (
        <KafkaProblem error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Loading what="Asking the broker for its topics" />
      ) : rows.length === 0 ? (
        <EmptyState
          icon="kafka"
          title="The broker has no topics yet"
          text="They appear here when a service creates one or writes to it."
        />
      ) : (
        <Table<TopicRow>
          label="Topics"
          columns={TOPIC_COLUMNS}
          rows={rows}
          rowKey={(row) => row.topic.name}
          rowLabel={(row) => row.topic.name}
          sort={sort}
          onSort={setSort}
          onSelect={open}
        />
      )}
    </KafkaFrame>
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
  {
    key: 'partitions',
    title: 'Partitions',
    align: 'right',
    width: 86,
    sortBy: (row) => row.topic.partitions,
    cell: ({ topic }) => topic.partitions,
  },
  {
    key: 'messages',
    title: 'Messages',
    align: 'right',
    width: 92,
    sortBy: (row) => row.topic.messages,
    cell: ({ topic }) => formatCount(topic.messages),
  },
  {
    key: 'size',
    title: 'Size',
    align: 'right',
    width: 84,
    sortBy: (row) => row.topic.bytes,
    cell: ({ topic }) => formatBytes(topic.bytes),
  },
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

interface GroupRow {
  readonly group: KafkaGroup;
  readonly lags: readonly number[];
  readonly most: number;
}

/** Every consumer group, with how far it is behind. */
export function GroupsView() {
  const { data, error, refetch, dataUpdatedAt } = useCall('kafka.groups', undefined, { everyMs: EVERY_MS });
  const [sort, setSort] = useState<Sort>({ key: 'lag', descending: true });
  const navigate = useNavigate();
  const most = Math.max(1, ...(data ?? []).map((group) => group.lag));
  const rows = (data ?? []).map(
    (group): GroupRow => ({
      group,
      lags: recordHistory(`lag ${group.id}`, group.lag, dataUpdatedAt),
      most,
    }),
  );
  return (
    <KafkaFrame tab="groups" count={data ? plural(rows.length, 'group') : ''}>
      {error ? (
        <KafkaProblem error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Loading what="Asking the broker for its groups" />
      ) : rows.length === 0 ? (
        <EmptyState
          icon="kafka"
          title="No consumer group yet"
          text="A group appears here when a service reads a topic with a group id."
        />
      ) : (
        <Table<GroupRow>
          label="Consumer groups"
          columns={GROUP_COLUMNS}
          rows={rows}
          rowKey={(row) => row.group.id}
          rowLabel={(row) => `${row.group.id}, ${stateWord(row.group.state)}, lag ${row.group.lag}`}
          sort={sort}
          onSort={setSort}
          onSelect={({ group }) =>
            void navigate({ to: '/kafka/groups/$group', params: { group: group.id }, search: keepShared })
          }
        />
      )}
    </KafkaFrame>
  );
}

const GROUP_COLUMNS: readonly Column<GroupRow>[] = [
  {
    key: 'group',
    title: 'Group',
    sortBy: (row) => row.group.id,
    cell: ({ group }) => (
      <div className="kafka-name">
        <Link to="/kafka/groups/$group" params={{ group: group.id }} search={keepShared} tabIndex={-1}>
          {group.id}
        </Link>
      </div>
    ),
  },
  {
    key: 'state',
    title: 'State',
    width: 170,
    sortBy: (row) => row.group.state,
    cell: ({ group }) => <StateLabel tone={groupTone(group)} word={stateWord(group.state)} />,
  },
  {
    key: 'members',
    title: 'Members',
    align: 'right',
    width: 86,
    sortBy: (row) => row.group.members,
    cell: ({ group }) => group.members,
  },
  {
    key: 'topics',
    title: 'Reads',
    width: '24%',
    className: 'kafka-cell-links',
    cell: ({ group }) => <span className="truncate muted">{group.topics.join(', ') || UNKNOWN}</span>,
  },
  {
    key: 'lag',
    title: 'Lag',
    align: 'right',
    width: 300,
    sortBy: (row) => row.group.lag,
    cell: ({ group, lags, most }) => (
      <span className="kafka-trend">
        {lags.length > 1 && <Sparkline values={lags} height={18} label={`Lag of ${group.id} since it was opened`} />}
        <LagBar lag={group.lag} most={most} />
      </span>
    ),
  },
];
