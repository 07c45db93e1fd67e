import { type KeyboardEvent, type ReactNode, useRef } from 'react';
import './table.css';
import { cx } from './class-names.ts';
import { Icon } from './icon.tsx';
import { nextSort, type Sort, sortRows } from './table-sort.ts';

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** What to sort by; a column without it cannot be sorted. Nulls come last. */
  readonly sortBy?: (row: Row) => string | number | null;
  readonly align?: 'left' | 'right';
  readonly width?: number | string;
  readonly className?: string;
}

/**
 * Rows under sortable headings. Up, Down, Home and End move along the rows, Enter opens one, Space selects it. For up to
 * some hundreds of rows; longer ones belong into VirtualList.
 */
export function Table<Row>({
  label,
  columns,
  rows,
  rowKey,
  rowLabel,
  sort,
  onSort,
  selectedKey,
  onSelect,
  onOpen,
}: {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  rowLabel?: (row: Row) => string;
  sort: Sort;
  onSort: (sort: Sort) => void;
  selectedKey?: string | null;
  onSelect?: (row: Row) => void;
  onOpen?: (row: Row) => void;
}) {
  const body = useRef<HTMLTableSectionElement>(null);
  const sortBy = columns.find((column) => column.key === sort.key)?.sortBy;
  const ordered = sortBy ? sortRows(rows, sortBy, sort.descending) : rows;
  const selectedShown = ordered.some((row) => rowKey(row) === selectedKey);

  const onKeyDown = (event: KeyboardEvent, row: Row): void => {
    if (event.target !== event.currentTarget) return;
    if (event.key === 'Enter' && onOpen) onOpen(row);
    else if ((event.key === ' ' || event.key === 'Enter') && onSelect) onSelect(row);
    else if (!moveFocus(event, body.current)) return;
    event.preventDefault();
  };

  return (
    <table className="table" aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <Heading key={column.key} column={column} sort={sort} onSort={onSort} />
          ))}
        </tr>
      </thead>
      <tbody ref={body}>
        {ordered.map((row, index) => {
          const key = rowKey(row);
          const selected = key === selectedKey;
          return (
            <tr
              key={key}
              data-key={key}
              className={cx(selected && 'table-row-selected', (onSelect || onOpen) && 'table-row-active')}
              aria-selected={onSelect ? selected : undefined}
              aria-label={rowLabel?.(row)}
              tabIndex={selected || (!selectedShown && index === 0) ? 0 : -1}
              onClick={() => onSelect?.(row)}
              onDoubleClick={() => onOpen?.(row)}
              onKeyDown={(event) => onKeyDown(event, row)}
            >
              {columns.map((column) => (
                <td key={column.key} className={cx(column.align === 'right' && 'num', column.className)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Heading<Row>({ column, sort, onSort }: { column: Column<Row>; sort: Sort; onSort: (sort: Sort) => void }) {
  const active = sort.key === column.key;
  return (
    <th
      scope="col"
      className={cx(column.align === 'right' && 'num', column.className)}
      style={{ width: column.width }}
      aria-sort={active ? (sort.descending ? 'descending' : 'ascending') : undefined}
    >
      {column.sortBy ? (
        <button
          type="button"
          className={cx('table-sort', active && 'table-sort-active')}
          onClick={() => onSort(nextSort(sort, column.key, column.align === 'right'))}
        >
          {column.title}
          {active && (
            <span className={cx('table-arrow', !sort.descending && 'table-arrow-up')}>
              <Icon name="chevron-down" />
            </span>
          )}
        </button>
      ) : (
        column.title
      )}
    </th>
  );
}

function moveFocus(event: KeyboardEvent, body: HTMLElement | null): boolean {
  const rows = [...(body?.children ?? [])].filter((child) => child instanceof HTMLElement);
  const at = rows.indexOf(event.currentTarget as HTMLElement);
  const target: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 };
  const to = target[event.key];
  if (to === undefined) return false;
  rows[to]?.focus();
  return true;
}
