import { useState } from 'react';
import type { PostgresPeek } from '../../../main/contract/index.ts';
import {
  type Column,
  EmptyState,
  formatCount,
  formatDuration,
  numberColumn,
  type Sort,
  Table,
  UNKNOWN,
} from '../../ui/index.ts';

type Statement = PostgresPeek['statements']['rows'][number];

/** The statements that took most time in total. */
export function PostgresStatements({ statements }: { statements: PostgresPeek['statements'] }) {
  const [sort, setSort] = useState<Sort>({ key: 'total', descending: true });
  if (statements.reason !== null) {
    return <EmptyState icon="database" title="Statements are not counted" text={statements.reason} />;
  }
  if (statements.rows.length === 0)
    return (
      <EmptyState icon="database" title="No statement ran yet" text="They are counted here as services run them." />
    );
  return (
    <div className="data-table data-scroll">
      <Table<Statement>
        label="Slow statements"
        columns={COLUMNS}
        rows={statements.rows}
        rowKey={(row) => `${row.database} ${row.query}`}
        sort={sort}
        onSort={setSort}
      />
    </div>
  );
}

const COLUMNS: readonly Column<Statement>[] = [
  {
    key: 'query',
    title: 'Statement',
    cell: (row) => (
      <code className="truncate" title={row.query}>
        {row.query}
      </code>
    ),
  },
  {
    key: 'database',
    title: 'Database',
    width: 110,
    sortBy: (row) => row.database,
    cell: (row) => row.database ?? UNKNOWN,
  },
  numberColumn('calls', 'Calls', 92, (row) => row.calls, formatCount),
  numberColumn('mean', 'Mean', 92, (row) => row.meanMs, formatDuration),
  numberColumn('max', 'Longest', 92, (row) => row.maxMs, formatDuration),
  numberColumn('total', 'In total', 92, (row) => row.totalMs, formatDuration),
];
