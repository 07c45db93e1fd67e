import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { KafkaGroupDetail, KafkaTopicDetail } from '../../../main/contract/index.ts';
import { useCall } from '../../app/use-call.ts';
import { keepShared } from '../../app/use-console-search.ts';
import {
  Button,
  type Column,
  EmptyState,
  formatBytes,
  formatCount,
  formatSpan,
  Loading,
  type Sort,
  StateLabel,
  Table,
  UNKNOWN,
} from '../../ui/index.ts';
import { useTopology } from '../topology/index.tsx';
import { groupTone, stateWord } from './group-state.ts';
import { KafkaProblem } from './kafka-problem.tsx';
import { LagBar } from './lag-bar.tsx';
import { between } from './message-filters.ts';
import { ServiceLinks } from './service-links.tsx';
import { topicLinks } from './topic-links.ts';

type Partition = KafkaTopicDetail['partitionList'][number];

/** The partitions with their offsets and replicas. */
export function Partitions({ topic }: { topic: KafkaTopicDetail }) {
  const [sort, setSort] = useState<Sort>({ key: 'partition', descending: false });
  const navigate = useNavigate();
  const most = Math.max(1, ...topic.partitionList.map((one) => between(one.earliestOffset, one.latestOffset)));
  const columns: readonly Column<Partition>[] = [
    number('partition', 'Partition', (row) => row.partition, undefined, 90),
    {
      key: 'messages',
      title: 'Messages',
      align: 'right',
      width: 220,
      sortBy: (row) => between(row.earliestOffset, row.latestOffset),
      cell: (row) => <LagBar lag={between(row.earliestOffset, row.latestOffset)} most={most} isLag={false} />,
    },
    number(
      'earliest',
      'Earliest offset',
      (row) => Number(row.earliestOffset),
      (row) => row.earliestOffset,
      124,
    ),
    number(
      'latest',
      'Next offset',
      (row) => Number(row.latestOffset),
      (row) => row.latestOffset,
      124,
    ),
    number(
      'size',
      'Size',
      (row) => row.bytes,
      (row) => formatBytes(row.bytes),
      96,
    ),
    number(
      'leader',
      'Leader',
      (row) => row.leader,
      (row) => (row.leader < 0 ? 'none' : `broker ${row.leader}`),
      104,
    ),
    {
      key: 'replicas',
      title: 'In sync',
      cell: (row) => (
        <StateLabel
          tone={row.inSync.length < row.replicas.length ? 'warn' : 'ok'}
          word={`${row.inSync.length} of ${row.replicas.length}`}
        />
      ),
    },
    {
      key: 'browse',
      title: '',
      align: 'right',
      cell: (row) => (
        <Button
          look="quiet"
          onClick={() =>
            void navigate({
              to: '.',
              search: (before: Record<string, unknown>) => ({
                ...before,
                view: undefined,
                at: undefined,
                partition: String(row.partition),
              }),
            })
          }
        >
          Browse
        </Button>
      ),
    },
  ];
  return (
    <Table<Partition>
      label="Partitions"
      columns={columns}
      rows={topic.partitionList}
      rowKey={(row) => String(row.partition)}
      sort={sort}
      onSort={setSort}
    />
  );
}

function number(
  key: string,
  title: string,
  sortBy: (row: Partition) => number | null,
  text: ((row: Partition) => string) | undefined,
  width: number,
): Column<Partition> {
  return { key, title, sortBy, width, align: 'right', cell: text ?? ((row) => sortBy(row)) };
}

/** The groups that read a topic, and the services that are known to by their traces. */
export function Consumers({ topic }: { topic: KafkaTopicDetail }) {
  const { data, error, refetch } = useCall('kafka.groups', undefined, { everyMs: 2000 });
  const { data: topology } = useTopology();
  const links = topicLinks(topology, topic.name);
  if (error) return <KafkaProblem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading what="Asking the broker for its groups" />;
  const groups = data.filter((group) => group.topics.includes(topic.name));
  return (
    <div className="kafka-body">
      <dl className="kafka-pairs">
        <div>
          <dt>Written by</dt>
          <dd>
            <ServiceLinks services={links.producers} />
          </dd>
        </div>
        <div>
          <dt>Read by</dt>
          <dd>
            <ServiceLinks services={links.consumers} />
          </dd>
        </div>
      </dl>
      {groups.length === 0 ? (
        <EmptyState
          icon="kafka"
          title="No group reads this topic"
          text="A group appears here when a consumer with a group id subscribes to it."
        />
      ) : (
        groups.map((group) => <GroupOfTopic key={group.id} id={group.id} topic={topic.name} />)
      )}
    </div>
  );
}

function GroupOfTopic({ id, topic }: { id: string; topic: string }) {
  const { data } = useCall('kafka.group', { group: id }, { everyMs: 2000 });
  if (!data) return <p className="faint">{id}</p>;
  const offsets = data.offsets.filter((one) => one.topic === topic);
  return (
    <section className="kafka-section">
      <h2>
        <Link to="/kafka/groups/$group" params={{ group: id }} search={keepShared}>
          {id}
        </Link>
        <StateLabel tone={groupTone(data)} word={stateWord(data.state)} />
        <span className="muted">lag {formatCount(offsets.reduce((sum, one) => sum + one.lag, 0))}</span>
      </h2>
      <OffsetTable offsets={offsets} members={data.memberList} withTopic={false} />
    </section>
  );
}

type Offset = KafkaGroupDetail['offsets'][number];

/** How far a group has come in each partition, and which member has it. */
export function OffsetTable({
  offsets,
  members,
  withTopic,
}: {
  offsets: readonly Offset[];
  members: KafkaGroupDetail['memberList'];
  withTopic: boolean;
}) {
  const [sort, setSort] = useState<Sort>({ key: withTopic ? 'topic' : 'partition', descending: false });
  const most = Math.max(1, ...offsets.map((one) => one.lag));
  const memberOf = (row: Offset) =>
    members.find((member) =>
      member.assignments.some((one) => one.topic === row.topic && one.partitions.includes(row.partition)),
    );
  const columns: readonly Column<Offset>[] = [
    ...(withTopic
      ? [
          {
            key: 'topic',
            title: 'Topic',
            sortBy: (row: Offset) => `${row.topic} ${row.partition}`,
            cell: (row: Offset) => (
              <Link to="/kafka/topics/$topic" params={{ topic: row.topic }} search={keepShared}>
                {row.topic}
              </Link>
            ),
          },
        ]
      : []),
    {
      key: 'partition',
      title: 'Partition',
      align: 'right',
      width: 90,
      sortBy: (row) => row.partition,
      cell: (row) => row.partition,
    },
    {
      key: 'committed',
      title: 'Committed',
      align: 'right',
      width: 120,
      cell: (row) => row.committed ?? <span className="faint">nothing yet</span>,
    },
    { key: 'latest', title: 'Next offset', align: 'right', width: 120, cell: (row) => row.latest },
    {
      key: 'lag',
      title: 'Lag',
      align: 'right',
      width: 220,
      sortBy: (row) => row.lag,
      cell: (row) => <LagBar lag={row.lag} most={most} />,
    },
    {
      key: 'member',
      title: 'Member',
      cell: (row) => {
        const member = memberOf(row);
        return member ? (
          <span className="truncate" title={member.memberId}>
            {member.clientId} <span className="faint">{member.host}</span>
          </span>
        ) : (
          <span className="faint">{UNKNOWN}</span>
        );
      },
    },
  ];
  return (
    <Table<Offset>
      label="Offsets"
      columns={columns}
      rows={offsets}
      rowKey={(row) => `${row.topic} ${row.partition}`}
      sort={sort}
      onSort={setSort}
    />
  );
}

interface Config {
  readonly name: string;
  readonly value: string;
  readonly isDefault: boolean;
}

/** What a value of the configuration means, where the number alone does not tell. */
function meaning({ name, value }: Config): string {
  const amount = Number(value);
  if (!/^-?\d+$/.test(value)) return '';
  if (name.endsWith('.ms'))
    return amount < 0 ? 'for ever' : amount > Number.MAX_SAFE_INTEGER ? 'never' : formatSpan(amount);
  if (name.endsWith('.bytes')) return amount < 0 ? 'no limit' : formatBytes(amount);
  return '';
}

/** The topic's configuration; what was set for it first. */
export function Configuration({ topic }: { topic: KafkaTopicDetail }) {
  const [sort, setSort] = useState<Sort>({ key: 'origin', descending: false });
  const columns: readonly Column<Config>[] = [
    {
      key: 'name',
      title: 'Name',
      width: '34%',
      sortBy: (row) => row.name,
      cell: (row) => <code className="mono">{row.name}</code>,
    },
    {
      key: 'value',
      title: 'Value',
      cell: (row) => (
        <>
          <code className="mono">{row.value || UNKNOWN}</code> <span className="faint">{meaning(row)}</span>
        </>
      ),
    },
    {
      key: 'origin',
      title: 'Origin',
      width: 140,
      sortBy: (row) => `${row.isDefault ? 1 : 0} ${row.name}`,
      cell: (row) => (row.isDefault ? <span className="faint">default</span> : 'set for this topic'),
    },
  ];
  if (topic.configs.length === 0) {
    return <EmptyState icon="kafka" title="The broker tells nothing of this topic's configuration" />;
  }
  return (
    <Table<Config>
      label="Configuration"
      columns={columns}
      rows={topic.configs}
      rowKey={(row) => row.name}
      sort={sort}
      onSort={setSort}
    />
  );
}
