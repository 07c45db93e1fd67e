import { useState } from 'react';
import type { PostgresPeek, PostgresTable } from '../../../main/contract/index.ts';
import { useCall } from '../../app/use-call.ts';
import {
  type Column,
  EmptyState,
  formatBytes,
  formatCount,
  formatPercent,
  Loading,
  MetricCard,
  numberColumn,
  plural,
  Since,
  type Sort,
  Table,
  Tabs,
} from '../../ui/index.ts';
import { DataProblem } from './data-problem.tsx';
import { PostgresActivity } from './postgres-activity.tsx';
import { PostgresRows } from './postgres-rows.tsx';
import { PostgresStatements } from './postgres-statements.tsx';
import { StoreHead } from './store-head.tsx';
import { useDataSearch } from './use-data-search.ts';

const EVERY_MS = 3000;

/** A PostgreSQL server: its databases' tables, what runs on it, what took most time. */
export function PostgresView({ service }: { service: string }) {
  const { data, error, refetch } = useCall('peek.postgres', { service }, { everyMs: EVERY_MS });
  const [search, change] = useDataSearch();
  if (error) return <DataProblem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading what={`Asking ${service} what it holds`} />;
  const waiting = data.activity.filter((one) => one.blockedBy.length > 0).length;
  const total = data.databases.reduce((sum, one) => sum + one.sizeBytes, 0);
  return (
    <>
      <StoreHead service={service} what={`PostgreSQL ${data.version}`}>
        <MetricCard name="Connections" value={formatCount(data.connections)} unit={`of ${data.maxConnections}`} />
        <MetricCard
          name="Waiting for a lock"
          value={formatCount(waiting)}
          {...(waiting > 0 ? { tone: 'warn' as const } : {})}
        />
        <MetricCard name="Databases" value={formatCount(data.databases.length)} unit={formatBytes(total)} />
        <div className="metric-card">
          <div className="metric-card-name">Running for</div>
          <div className="metric-card-value">
            <Since time={new Date(data.startedAtMs).toISOString()} />
          </div>
        </div>
      </StoreHead>
      <Tabs
        label={service}
        className="data-tabs"
        value={search.view ?? 'tables'}
        onChange={(view) => change({ view: view === 'tables' ? undefined : view }, true)}
        tabs={[
          { value: 'tables', label: 'Tables', content: <Tables service={service} peek={data} /> },
          {
            value: 'activity',
            label: `Activity (${data.activity.length})`,
            content: <PostgresActivity rows={data.activity} />,
          },
          {
            value: 'statements',
            label: 'Slow statements',
            content: <PostgresStatements statements={data.statements} />,
          },
        ]}
      />
    </>
  );
}

function cacheWords(ratio: number | null): string | undefined {
  return ratio === null ? undefined : `${formatPercent(ratio)} of what was read was found in memory`;
}

const nameOf = (table: { schema: string; name: string }): string => `${table.schema}.${table.name}`;

function Tables({ service, peek }: { service: string; peek: PostgresPeek }) {
  const [search, change] = useDataSearch();
  const [sort, setSort] = useState<Sort>({ key: 'size', descending: true });
  // The largest is where a person's data most likely is; the server's own is nearly empty in most fleets.
  const largest = [...peek.databases].sort((a, b) => b.sizeBytes - a.sizeBytes)[0]?.name ?? '';
  const database = peek.databases.some((one) => one.name === search.db) ? (search.db ?? '') : largest;
  const { data, error, refetch } = useCall('peek.postgresTables', { service, database }, { everyMs: EVERY_MS });
  const chosen = data?.find((table) => nameOf(table) === search.item);
  return (
    <div className="data-split">
      <nav className="data-side" aria-label="Databases">
        {peek.databases.map((one) => (
          <button
            type="button"
            key={one.name}
            className="data-side-item"
            aria-current={one.name === database}
            onClick={() => change({ db: one.name, item: undefined })}
          >
            <span className="truncate">{one.name}</span>
            <small title={cacheWords(one.cacheHitRatio)}>
              {formatBytes(one.sizeBytes)} · {plural(one.connections, 'connection')}
            </small>
          </button>
        ))}
      </nav>
      <div className="data-main">
        {error ? (
          <DataProblem error={error} onRetry={() => void refetch()} />
        ) : !data ? (
          <Loading what={`Asking ${database} for its tables`} />
        ) : data.length === 0 ? (
          <EmptyState
            icon="database"
            title={`${database} has no tables`}
            text="They appear here when a service makes one."
          />
        ) : (
          <div className="data-table">
            <Table<PostgresTable>
              label={`Tables of ${database}`}
              columns={TABLE_COLUMNS}
              rows={data}
              rowKey={nameOf}
              rowLabel={nameOf}
              sort={sort}
              onSort={setSort}
              selectedKey={search.item ?? null}
              onSelect={(table) => change({ item: nameOf(table) === search.item ? undefined : nameOf(table) })}
            />
          </div>
        )}
        {chosen && (
          <PostgresRows
            service={service}
            database={database}
            table={chosen}
            onClose={() => change({ item: undefined })}
          />
        )}
      </div>
    </div>
  );
}

const TABLE_COLUMNS: readonly Column<PostgresTable>[] = [
  {
    key: 'name',
    title: 'Table',
    sortBy: nameOf,
    cell: (table) => (
      <>
        {table.schema !== 'public' && <span className="muted">{table.schema}.</span>}
        <strong>{table.name}</strong>
      </>
    ),
  },
  numberColumn('rows', 'Rows', 110, (table) => table.rows, formatCount),
  numberColumn('dead', 'Dead rows', 100, (table) => table.deadRows, formatCount),
  numberColumn('size', 'Size', 96, (table) => table.sizeBytes, formatBytes),
  numberColumn('indexes', 'Indexes', 96, (table) => table.indexBytes, formatBytes),
  {
    key: 'scans',
    title: 'Read whole / by index',
    align: 'right',
    width: 180,
    sortBy: (table) => table.sequentialScans,
    cell: (table) => `${formatCount(table.sequentialScans)} / ${formatCount(table.indexScans)}`,
  },
];
