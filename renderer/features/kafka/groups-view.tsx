import { Link, useNavigate } from '@tanstack/react-router';
import type { KafkaGroup } from '../../../main/contract/index.ts';
import { useCall } from '../../app/use-call.ts';
import { keepShared } from '../../app/use-console-search.ts';
import { type Column, numberColumn, Sparkline, StateLabel, UNKNOWN } from '../../ui/index.ts';
import { groupTone, stateWord } from './group-state.ts';
import { recordHistory } from './history.ts';
import { KafkaList, LIST_EVERY_MS } from './kafka-list.tsx';
import { LagBar } from './lag-bar.tsx';

interface GroupRow {
  readonly group: KafkaGroup;
  readonly lags: readonly number[];
  readonly most: number;
}

/** Every consumer group, with how far it is behind. */
export function GroupsView() {
  const { data, error, refetch, dataUpdatedAt } = useCall('kafka.groups', undefined, { everyMs: LIST_EVERY_MS });
  const navigate = useNavigate();
  const most = Math.max(1, ...(data ?? []).map((group) => group.lag));
  const rowOf = (group: KafkaGroup): GroupRow => ({
    group,
    lags: recordHistory(`lag ${group.id}`, group.lag, dataUpdatedAt),
    most,
  });
  return (
    <KafkaList<GroupRow>
      tab="groups"
      noun="group"
      label="Consumer groups"
      columns={GROUP_COLUMNS}
      rows={data?.map(rowOf) ?? null}
      rowKey={(row) => row.group.id}
      rowLabel={(row) => `${row.group.id}, ${stateWord(row.group.state)}, lag ${row.group.lag}`}
      firstSort={{ key: 'lag', descending: true }}
      onOpen={({ group }) =>
        void navigate({ to: '/kafka/groups/$group', params: { group: group.id }, search: keepShared })
      }
      error={error}
      onRetry={() => void refetch()}
      empty={{
        title: 'No consumer group yet',
        text: 'A group appears here when a service reads a topic with a group id.',
      }}
    />
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
  numberColumn('members', 'Members', 86, (row) => row.group.members),
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
