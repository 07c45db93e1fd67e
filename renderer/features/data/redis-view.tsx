import { type FormEvent, useState } from 'react';
import type { RedisKeys, RedisPeek } from '../../../main/contract/index.ts';
import { useCall } from '../../app/use-call.ts';
import {
  Button,
  type Column,
  EmptyState,
  formatBytes,
  formatCount,
  formatPercent,
  formatRateNumber,
  formatSpan,
  Loading,
  MetricCard,
  numberColumn,
  type Sort,
  Table,
} from '../../ui/index.ts';
import { DataProblem } from './data-problem.tsx';
import { RedisValue } from './redis-value.tsx';
import { StoreHead } from './store-head.tsx';
import { useDataSearch } from './use-data-search.ts';

const EVERY_MS = 3000;
type Key = RedisKeys['keys'][number];

/** A Redis server: memory and clients, its keys, and the value of one. */
export function RedisView({ service }: { service: string }) {
  const { data, error, refetch } = useCall('peek.redis', { service }, { everyMs: EVERY_MS });
  if (error) return <DataProblem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading what={`Asking ${service} what it holds`} />;
  const keys = data.databases.reduce((sum, one) => sum + one.keys, 0);
  const expiring = data.databases.reduce((sum, one) => sum + one.expires, 0);
  const limit = data.maxMemoryBytes === null ? 'without a limit' : `of ${formatBytes(data.maxMemoryBytes)}`;
  return (
    <>
      <StoreHead service={service} what={`Redis ${data.version}`}>
        <MetricCard name="Memory" value={formatBytes(data.usedMemoryBytes)} unit={limit} />
        <MetricCard name="Keys" value={formatCount(keys)} unit={`${formatCount(expiring)} expire`} />
        <MetricCard name="Clients" value={formatCount(data.clients)} />
        {data.opsPerSecond !== null && (
          <MetricCard name="Commands" value={formatRateNumber(data.opsPerSecond)} unit="/s" />
        )}
        {data.hitRatio !== null && (
          <MetricCard name="Reads that found their key" value={formatPercent(data.hitRatio)} />
        )}
        {data.evictedKeys !== null && data.evictedKeys > 0 && (
          <MetricCard name="Evicted for memory" value={formatCount(data.evictedKeys)} tone="warn" />
        )}
      </StoreHead>
      <Keys service={service} peek={data} />
    </>
  );
}

function Keys({ service, peek }: { service: string; peek: RedisPeek }) {
  const [search, change] = useDataSearch();
  const [sort, setSort] = useState<Sort>({ key: 'name', descending: false });
  const wanted = Number(search.db);
  const database = search.db && Number.isInteger(wanted) ? wanted : (peek.databases[0]?.index ?? 0);
  const pattern = search.keys ?? '*';
  // Pages belong to a question: Back and Forward change it, too.
  const question = `${database} ${pattern}`;
  const [pages, setPages] = useState({ question, cursors: ['0'] });
  const cursors = pages.question === question ? pages.cursors : ['0'];
  const setCursors = (next: string[]): void => setPages({ question, cursors: next });
  const cursor = cursors.at(-1) ?? '0';
  const { data, error, refetch } = useCall(
    'peek.redisKeys',
    { service, database, pattern, cursor },
    { everyMs: EVERY_MS },
  );
  const ask = (next: { db?: string; keys?: string | undefined }): void => {
    change({ ...next, item: undefined });
  };
  const chosen = data?.keys.find((key) => key.keyBase64 === search.item);
  return (
    <div className="data-main">
      <div className="data-bar">
        {peek.databases.length > 1 && (
          <label>
            Database{' '}
            <select className="field" value={database} onChange={(event) => ask({ db: event.target.value })}>
              {peek.databases.map((one) => (
                <option key={one.index} value={one.index}>
                  {one.index} ({formatCount(one.keys)} keys)
                </option>
              ))}
            </select>
          </label>
        )}
        <PatternField
          key={pattern}
          pattern={pattern}
          onChange={(keys) => ask({ keys: keys === '*' ? undefined : keys })}
        />
        <span className="data-grow" />
        {cursors.length > 1 && <Button onClick={() => setCursors(cursors.slice(0, -1))}>Page before</Button>}
        {data?.cursor && <Button onClick={() => setCursors([...cursors, data.cursor ?? '0'])}>Next page</Button>}
      </div>
      <div className="data-split data-split-even">
        <div className="data-table data-scroll">
          {error ? (
            <DataProblem error={error} onRetry={() => void refetch()} />
          ) : !data ? (
            <Loading what="Reading keys" />
          ) : data.keys.length === 0 ? (
            <EmptyState
              icon="database"
              title={pattern === '*' ? 'No key in it now' : `No key matches ${pattern}`}
              text={
                data.cursor
                  ? 'None on this page; there may be some on the next.'
                  : '* stands for any text, ? for one character.'
              }
            />
          ) : (
            <Table<Key>
              label="Keys"
              columns={KEY_COLUMNS}
              rows={data.keys}
              rowKey={(key) => key.keyBase64}
              rowLabel={(key) => key.name}
              sort={sort}
              onSort={setSort}
              selectedKey={search.item ?? null}
              onSelect={(key) => change({ item: key.keyBase64 === search.item ? undefined : key.keyBase64 })}
            />
          )}
        </div>
        {search.item !== undefined && (
          <RedisValue
            service={service}
            database={database}
            keyBase64={search.item}
            name={chosen?.name ?? null}
            onClose={() => change({ item: undefined })}
          />
        )}
      </div>
    </div>
  );
}

function PatternField({ pattern, onChange }: { pattern: string; onChange: (pattern: string) => void }) {
  const [text, setText] = useState(pattern);
  const commit = (event: FormEvent): void => {
    event.preventDefault();
    onChange(text.trim() || '*');
  };
  return (
    <form onSubmit={commit} className="data-pattern">
      <label>
        Keys like{' '}
        <input
          type="search"
          className="field"
          value={text}
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
          onBlur={commit}
          placeholder="cart:*"
        />
      </label>
    </form>
  );
}

const KEY_COLUMNS: readonly Column<Key>[] = [
  { key: 'name', title: 'Key', sortBy: (key) => key.name, cell: (key) => <code className="truncate">{key.name}</code> },
  { key: 'type', title: 'Type', width: 76, sortBy: (key) => key.type, cell: (key) => key.type },
  numberColumn('expires', 'Expires in', 96, (key) => key.expiresInMs, formatSpan),
  numberColumn('bytes', 'Memory', 84, (key) => key.bytes, formatBytes),
];
