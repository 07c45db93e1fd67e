// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed by hand cannot be rows of a table
// biome-ignore-all lint/a11y/useFocusableInteractive: the list has the focus, aria-activedescendant names the row
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, type Ref, useId, useImperativeHandle, useRef } from 'react';
import './virtual-list.css';
import { cx } from './class-names.ts';

export interface VirtualListHandle {
  scrollToIndex(index: number, align?: 'start' | 'center' | 'end' | 'auto'): void;
  /** Whether the end is in sight. */
  isAtEnd(): boolean;
  readonly element: HTMLDivElement | null;
}

/**
 * A long list of which only what is in sight is in the page. Arrow keys, Page Up and Down, Home and End move the active
 * row, Enter opens it; they pass over rows that `skips` names. Rows may have different heights when `measure` is set; `rowHeight` is then the estimate.
 */
export function VirtualList<Row>({
  label,
  rows,
  rowKey,
  rowHeight,
  renderRow,
  measure = false,
  skips,
  activeIndex = -1,
  onActive,
  onOpen,
  onScroll,
  overscan = 12,
  className,
  ref,
}: {
  label: string;
  rows: readonly Row[];
  rowKey: (row: Row, index: number) => string | number;
  rowHeight: number;
  renderRow: (row: Row, index: number, active: boolean) => ReactNode;
  measure?: boolean;
  skips?: (row: Row) => boolean;
  activeIndex?: number;
  onActive?: (index: number, row: Row) => void;
  onOpen?: (index: number, row: Row) => void;
  onScroll?: () => void;
  overscan?: number;
  className?: string;
  ref?: Ref<VirtualListHandle>;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : rowKey(row, index);
    },
    overscan,
  });

  useImperativeHandle(ref, () => ({
    scrollToIndex: (index, align = 'auto') => virtualizer.scrollToIndex(index, { align }),
    isAtEnd: () => {
      const element = scroller.current;
      return !element || element.scrollHeight - element.scrollTop - element.clientHeight < rowHeight;
    },
    get element() {
      return scroller.current;
    },
  }));

  const activate = (wanted: number): void => {
    const step = wanted < activeIndex ? -1 : 1;
    let index = wanted;
    for (let row = rows[index]; row !== undefined && skips?.(row); row = rows[index]) index += step;
    const row = rows[index];
    if (row === undefined) return;
    virtualizer.scrollToIndex(index, { align: 'auto' });
    onActive?.(index, row);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    const last = rows.length - 1;
    const to: Record<string, number> = {
      ArrowDown: Math.min(last, activeIndex + 1),
      ArrowUp: Math.max(0, activeIndex - 1),
      PageDown: Math.min(last, activeIndex + page),
      PageUp: Math.max(0, activeIndex - page),
      Home: 0,
      End: last,
    };
    const target = to[event.key];
    const row = rows[activeIndex];
    if (target !== undefined) activate(target);
    else if (event.key === 'Enter' && row !== undefined && onOpen) onOpen(activeIndex, row);
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      className={cx('virtual-list', className)}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length}
      aria-activedescendant={activeIndex >= 0 ? `${id}-${activeIndex}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={onScroll}
    >
      <div style={{ height: virtualizer.getTotalSize(), position: 'relative' }} role="rowgroup">
        {virtualizer.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the focus and the keys, see onKeyDown
            <div
              key={item.key}
              id={`${id}-${item.index}`}
              role="row"
              aria-selected={item.index === activeIndex}
              aria-rowindex={item.index + 1}
              data-index={item.index}
              ref={measure ? virtualizer.measureElement : undefined}
              className="virtual-list-row"
              style={{ transform: `translateY(${item.start}px)`, height: measure ? undefined : item.size }}
              onClick={() => onActive?.(item.index, row)}
              onDoubleClick={() => onOpen?.(item.index, row)}
            >
              <div role="gridcell" className="virtual-list-cell">
                {renderRow(row, item.index, item.index === activeIndex)}
              </div>
            </div>
          );
        })}
      </div>
    </div>
  );
}
