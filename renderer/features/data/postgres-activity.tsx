import { useState } from 'react';
import type { PostgresPeek } from '../../../main/contract/index.ts';
import {
  type Column,
  EmptyState,
  formatDuration,
  type Sort,
  StateLabel,
  Table,
  type Tone,
  UNKNOWN,
} from '../../ui/index.ts';

type Activity = PostgresPeek['activity'][number];

function toneOf(row: Activity): Tone {
  if (row.blockedBy.length > 0) return 'warn';
  if (row.state === 'active') return 'busy';
  return row.state?.startsWith('idle in transaction') ? 'warn' : 'idle';
}

function wordOf(row: Activity): string {
  if (row.blockedBy.length > 0) return `waits for ${row.blockedBy.join(', ')}`;
  return row.state ?? 'unknown';
}

/** What each connection does now, what it waits for, and who holds that. */
export function PostgresActivity({ rows }: { rows: readonly Activity[] }) {
  const [sort, setSort] = useState<Sort>({ key: 'took', descending: true });
  if (rows.length === 0) {
    return (
      <EmptyState
        icon="database"
        title="Nobody is connected"
        text="Connections of services and people appear here with the statement that they run."
      />
    );
  }
  return (
    <div className="data-table data-scroll">
      <Table<Activity>
        label="Activity"
        columns={COLUMNS}
        rows={rows}
        rowKey={(row) => String(row.pid)}
        rowLabel={(row) => `${row.pid}, ${wordOf(row)}`}
        sort={sort}
        onSort={setSort}
      />
    </div>
  );
}

const COLUMNS: readonly Column<Activity>[] = [
  { key: 'pid', title: 'Pid', width: 76, align: 'right', sortBy: (row) => row.pid, cell: (row) => row.pid },
  {
    key: 'state',
    title: 'State',
    width: 170,
    sortBy: wordOf,
    cell: (row) => <StateLabel tone={toneOf(row)} word={wordOf(row)} />,
  },
  {
    key: 'took',
    title: 'For',
    width: 84,
    align: 'right',
    sortBy: (row) => row.durationMs,
    cell: (row) => (row.durationMs === null ? UNKNOWN : formatDuration(row.durationMs)),
  },
  {
    key: 'who',
    title: 'Who',
    width: '18%',
    sortBy: (row) => `${row.user} ${row.application}`,
    cell: (row) => (
      <span className="truncate">
        {row.user ?? ''} <span className="muted">{row.application}</span>
      </span>
    ),
  },
  {
    key: 'database',
    title: 'Database',
    width: 110,
    sortBy: (row) => row.database,
    cell: (row) => row.database ?? UNKNOWN,
  },
  { key: 'wait', title: 'Waits on', width: 130, sortBy: (row) => row.wait, cell: (row) => row.wait ?? UNKNOWN },
  {
    key: 'query',
    title: 'Statement',
    cell: (row) => (
      <code className="truncate" title={row.query}>
        {row.query}
      </code>
    ),
  },
];
