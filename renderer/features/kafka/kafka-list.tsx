import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { keepShared } from '../../app/use-console-search.ts';
import { type Column, EmptyState, Loading, plural, Segmented, type Sort, Table } from '../../ui/index.ts';
import './kafka.css';
import { KafkaProblem } from './kafka-problem.tsx';

const TABS = [
  { value: 'topics', label: 'Topics' },
  { value: 'groups', label: 'Consumer groups' },
] as const;

interface Listed<Row> {
  readonly tab: 'topics' | 'groups';
  /** What the rows are, one of them in words: `topic`. */
  readonly noun: string;
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  /** Null until the broker answered. */
  readonly rows: readonly Row[] | null;
  readonly rowKey: (row: Row) => string;
  readonly rowLabel: (row: Row) => string;
  readonly firstSort: Sort;
  readonly onOpen: (row: Row) => void;
  readonly error: Error | null;
  readonly onRetry: () => void;
  readonly empty: { readonly title: string; readonly text: string };
  readonly tools?: ReactNode;
}

/** One of the two lists of a broker, topics or groups: the choice between them, a bar of tools, and the rows or why there are none. */
export function KafkaList<Row>(list: Listed<Row>) {
  const navigate = useNavigate();
  const [sort, setSort] = useState(list.firstSort);
  return (
    <div className="kafka">
      <header className="view-tools">
        <Segmented
          label="Kafka"
          value={list.tab}
          segments={TABS}
          onChange={(next) => void navigate({ to: next === 'groups' ? '/kafka/groups' : '/kafka', search: keepShared })}
        />
        {list.tools}
        <span className="view-count">{list.rows ? plural(list.rows.length, list.noun) : ''}</span>
      </header>
      <div className="kafka-list">
        {list.error ? (
          <KafkaProblem error={list.error} onRetry={list.onRetry} />
        ) : !list.rows ? (
          <Loading what={`Asking the broker for its ${list.noun}s`} />
        ) : list.rows.length === 0 ? (
          <EmptyState icon="kafka" title={list.empty.title} text={list.empty.text} />
        ) : (
          <Table<Row>
            label={list.label}
            columns={list.columns}
            rows={list.rows}
            rowKey={list.rowKey}
            rowLabel={list.rowLabel}
            sort={sort}
            onSort={setSort}
            onSelect={list.onOpen}
          />
        )}
      </div>
    </div>
  );
}

/** How often the lists ask, in milliseconds: nothing tells when a broker's numbers move. */
export const LIST_EVERY_MS = 2000;
